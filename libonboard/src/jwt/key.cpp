#include "key.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base64url.hpp"
#include "strict_json.hpp"

namespace onboard::jwt {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_text = 16384;
constexpr int least_rsa_bits = 2048;
constexpr int most_rsa_bits = 8192;
constexpr BN_ULONG least_exponent = 65537;
constexpr int most_exponent_bits = 64;
constexpr std::size_t coordinate_size = 32;  // RFC 7518, 6.2.1.2 for P-256

unsigned char const* octets(std::string_view text)
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

// Only for what fails if memory or OpenSSL itself is broken, and not for what a stranger may have written.
template <class Handle>
Handle require(Handle handle)
{
    if (!handle)
        throw std::runtime_error("OpenSSL does not do its work");
    return handle;
}

openssl::Number number(std::string_view big_endian)
{
    return require(openssl::Number(BN_bin2bn(octets(big_endian), static_cast<int>(big_endian.size()), nullptr)));
}

bool is_sound(EVP_PKEY* key)
{
    openssl::KeyContext const context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    return context && EVP_PKEY_public_check(context.get()) == 1;
}

std::optional<KeyFault> rsa_fault(EVP_PKEY* key)
{
    auto const bits = EVP_PKEY_get_bits(key);
    if (bits < least_rsa_bits)
        return KeyFault::too_small;
    if (bits > most_rsa_bits)
        return KeyFault::too_large;
    BIGNUM* read = nullptr;
    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &read);
    auto const exponent = require(openssl::Number(read));
    if (!BN_is_odd(exponent.get()) || BN_num_bits(exponent.get()) > most_exponent_bits ||
        BN_get_word(exponent.get()) < least_exponent)
        return KeyFault::exponent_unsafe;
    return std::nullopt;
}

// A curve that is written out is not P-256, whatever it looks like: others have been made of its parts
// (CVE-2020-0601).
bool is_p256(EVP_PKEY* key)
{
    std::array<char, 32> curve{};
    int written_out = 0;
    EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &written_out);
    return written_out == 0 && EVP_PKEY_get_group_name(key, curve.data(), curve.size(), nullptr) == 1 &&
           std::string_view(curve.data()) == SN_X9_62_prime256v1;
}

// The key of an algorithm by its parameters; none if they make no key.
openssl::Key make_key(char const* algorithm, OSSL_PARAM_BLD* builder)
{
    openssl::Parameters const parameters = require(openssl::Parameters(OSSL_PARAM_BLD_to_param(builder)));
    openssl::KeyContext const context =
        require(openssl::KeyContext(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr)));
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return nullptr;
    return openssl::Key(key);
}

openssl::Key make_rsa(std::string_view modulus, std::string_view exponent)
{
    auto const n = number(modulus);
    auto const e = number(exponent);
    auto const builder = require(openssl::ParameterBuilder(OSSL_PARAM_BLD_new()));
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    return make_key("RSA", builder.get());
}

openssl::Key make_p256(std::string_view x, std::string_view y)
{
    auto const point = '\x04' + std::string(x) + std::string(y);  // SEC 1, 2.3.3
    auto const builder = require(openssl::ParameterBuilder(OSSL_PARAM_BLD_new()));
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1, 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    return make_key("EC", builder.get());
}

// A member of a JWK that is octets; nothing if it is absent, empty or not base64url.
std::optional<std::string> octets_of(json::object const& jwk, std::string_view member)
{
    auto const text = text_of(jwk, member);
    auto decoded = text ? from_base64url(*text) : std::nullopt;
    return decoded && !decoded->empty() ? std::move(decoded) : std::nullopt;
}

// Base64urlUInt (RFC 7518, 2): no zeros in front.
std::optional<std::string> number_of(json::object const& jwk, std::string_view member)
{
    auto number = octets_of(jwk, member);
    return number && number->front() != '\0' ? std::move(number) : std::nullopt;
}

Outcome<VerificationKey, KeyFault> read_rsa(json::object const& jwk)
{
    auto const modulus = number_of(jwk, "n");
    auto const exponent = number_of(jwk, "e");
    if (!modulus || !exponent)
        return KeyFault::malformed;
    if (modulus->size() * 8 > most_rsa_bits)
        return KeyFault::too_large;
    return KeyReader::accept(make_rsa(*modulus, *exponent));
}

Outcome<VerificationKey, KeyFault> read_curve(json::object const& jwk)
{
    auto const curve = text_of(jwk, "crv");
    if (!curve)
        return KeyFault::malformed;
    if (*curve != "P-256")
        return KeyFault::kind_unknown;
    auto const x = octets_of(jwk, "x");
    auto const y = octets_of(jwk, "y");
    if (!x || !y || x->size() != coordinate_size || y->size() != coordinate_size)
        return KeyFault::malformed;
    return KeyReader::accept(make_p256(*x, *y));
}

bool lists(json::value const& list, std::string_view text)
{
    auto const* const array = list.if_array();
    return array && std::ranges::any_of(*array, [&](json::value const& element) {
               return element.is_string() && std::string_view(element.get_string()) == text;
           });
}

bool is_for_signatures(json::object const& jwk)
{
    auto const* const operations = jwk.if_contains("key_ops");
    return (!jwk.contains("use") || text_of(jwk, "use") == "sig") && (!operations || lists(*operations, "verify"));
}

// One block of PEM.
struct Block {
    std::string label;
    std::string header;
    std::string contents;
};

// The one block that a text is; nothing if it is more or less.
std::optional<Block> read_block(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    if (text.size() > longest_text || !text.starts_with("-----BEGIN "))
        return std::nullopt;
    openssl::Bio const file = require(openssl::Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))));
    char* label = nullptr;
    char* header = nullptr;
    unsigned char* contents = nullptr;
    long size = 0;
    if (PEM_read_bio(file.get(), &label, &header, &contents, &size) != 1)
        return std::nullopt;
    using Text = std::unique_ptr<void, decltype([](void* memory) { OPENSSL_free(memory); })>;
    std::array const owned{Text(label), Text(header), Text(contents)};

    char rest = ' ';
    while (BIO_read(file.get(), &rest, 1) == 1)
        if (blanks.find(rest) == std::string_view::npos)
            return std::nullopt;
    return Block{label, header, std::string(reinterpret_cast<char const*>(contents), static_cast<std::size_t>(size))};
}

// Ready to check signatures of the key's algorithm, over SHA-256.
openssl::KeyContext context_for(EVP_PKEY* key, Algorithm algorithm)
{
    auto context = require(openssl::KeyContext(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)));
    require(EVP_PKEY_verify_init(context.get()) == 1);
    if (algorithm == Algorithm::rs256)
        require(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1);
    require(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1);
    return context;
}

// The two numbers of a signature as OpenSSL wants them, in DER.
std::string to_der(std::string_view signature)
{
    auto r = number(signature.substr(0, signature.size() / 2));
    auto s = number(signature.substr(signature.size() / 2));
    auto const pair = require(openssl::CurveSignature(ECDSA_SIG_new()));
    require(ECDSA_SIG_set0(pair.get(), r.release(), s.release()));
    std::string der(static_cast<std::size_t>(require(std::max(0, i2d_ECDSA_SIG(pair.get(), nullptr)))), '\0');
    auto* end = reinterpret_cast<unsigned char*>(der.data());
    i2d_ECDSA_SIG(pair.get(), &end);
    return der;
}

}

Claims::Fingerprint sha256(std::string_view text)
{
    Claims::Fingerprint hash;
    require(EVP_Digest(
        text.data(), text.size(), reinterpret_cast<unsigned char*>(hash.data()), nullptr, EVP_sha256(), nullptr));
    return hash;
}

bool is_key_id(json::value const& value)
{
    constexpr std::size_t longest = 256;
    auto const* const text = value.if_string();
    return text && !text->empty() && text->size() <= longest;
}

bool VerificationKey::Key::has_signed(Claims::Fingerprint const& hash, std::string_view signature) const
{
    openssl::QuietErrors const quiet;
    auto const context = require(openssl::KeyContext(EVP_PKEY_CTX_dup(ready.get())));
    auto const der = algorithm == Algorithm::es256 ? to_der(signature) : std::string();
    auto const given = algorithm == Algorithm::es256 ? std::string_view(der) : signature;
    return EVP_PKEY_verify(
               context.get(), octets(given), given.size(), reinterpret_cast<unsigned char const*>(hash.data()),
               hash.size()) == 1;
}

Outcome<VerificationKey, KeyFault> KeyReader::accept(openssl::Key key)
{
    if (!key)
        return KeyFault::invalid;
    auto const rsa = EVP_PKEY_is_a(key.get(), "RSA") == 1;
    if (!rsa && !(EVP_PKEY_is_a(key.get(), "EC") == 1 && is_p256(key.get())))
        return KeyFault::kind_unknown;
    if (auto const fault = rsa ? rsa_fault(key.get()) : std::nullopt)
        return *fault;
    if (!is_sound(key.get()))
        return KeyFault::invalid;
    auto const algorithm = rsa ? Algorithm::rs256 : Algorithm::es256;
    auto const signature_size =
        rsa ? static_cast<std::size_t>(EVP_PKEY_get_size(key.get())) : 2 * coordinate_size;  // RFC 7518, 3.3 and 3.4
    return VerificationKey(std::make_shared<VerificationKey::Key const>(
        VerificationKey::Key{context_for(key.get(), algorithm), algorithm, signature_size}));
}

Outcome<VerificationKey, KeyFault> KeyReader::read(json::object const& jwk)
{
    openssl::QuietErrors const quiet;
    auto const kind = text_of(jwk, "kty");
    if (!kind)
        return KeyFault::malformed;
    if (*kind != "RSA" && *kind != "EC")
        return KeyFault::kind_unknown;
    if (jwk.contains("d"))
        return KeyFault::secret;
    if (!is_for_signatures(jwk))
        return KeyFault::not_for_signatures;
    auto key = *kind == "RSA" ? read_rsa(jwk) : read_curve(jwk);
    if (key && jwk.contains("alg") && text_of(jwk, "alg") != name_of(key->algorithm()))
        return KeyFault::algorithm_differs;
    return key;
}

Outcome<VerificationKey, KeyFault> VerificationKey::from_pem(std::string_view text)
{
    openssl::QuietErrors const quiet;
    auto const block = read_block(text);
    if (block && block->label.ends_with("PRIVATE KEY"))
        return KeyFault::secret;
    if (!block || block->label != PEM_STRING_PUBLIC || !block->header.empty())
        return KeyFault::malformed;
    auto const* at = octets(block->contents);
    auto const* const end = at + block->contents.size();
    openssl::Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(block->contents.size())));
    if (!key || at != end)
        return KeyFault::malformed;
    return KeyReader::accept(std::move(key));
}

Outcome<VerificationKey, KeyFault> VerificationKey::from_jwk(std::string_view text)
{
    auto const jwk = text.size() <= longest_text ? read_object(text) : JsonFault::malformed;
    if (!jwk)
        return KeyFault::malformed;
    return KeyReader::read(*jwk);
}

Algorithm VerificationKey::algorithm() const noexcept
{
    return key_->algorithm;
}

}
