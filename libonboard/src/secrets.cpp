#include <onboard/secrets.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <sodium.h>

#include <onboard/ports.hpp>

namespace onboard {

namespace {

constexpr std::array purposes{
    Purpose::login_link,
    Purpose::session,
    Purpose::partner_token,
    Purpose::selector,
    Purpose::partner_confirmation,
    Purpose::repeated_request,
    Purpose::letter,
    Purpose::form,
    Purpose::password_link,
    Purpose::password,
    Purpose::password_day,
    Purpose::sign_in_client,
    Purpose::cause,
    Purpose::notice,
    Purpose::phone,
    Purpose::auth_code,
    Purpose::email_opt_in,
    Purpose::access_token,
    Purpose::text_client,
    Purpose::text_range,
    Purpose::text_range_day,
    Purpose::text_day,
    Purpose::look_up,
    Purpose::sign_up_email,
    Purpose::phone_proof,
    Purpose::email_proof,
    Purpose::visit,
    Purpose::used_token,
    Purpose::audit};

constexpr std::size_t index_of(Purpose purpose) noexcept
{
    return static_cast<std::size_t>(purpose);
}

unsigned char const* raw(std::byte const* bytes) noexcept
{
    return reinterpret_cast<unsigned char const*>(bytes);
}

unsigned char const* raw(std::string_view text) noexcept
{
    return reinterpret_cast<unsigned char const*>(text.data());
}

std::span<std::byte const> bytes_of(std::string_view text) noexcept
{
    return std::as_bytes(std::span(text));
}

void initialize()
{
    if (sodium_init() < 0)
        throw std::runtime_error("the cryptographic library could not be initialized");
}

constexpr auto base64url = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string encode(std::span<std::byte const> bytes)
{
    std::string text(sodium_base64_encoded_len(bytes.size(), base64url), '\0');
    sodium_bin2base64(text.data(), text.size(), raw(bytes.data()), bytes.size(), base64url);
    text.pop_back();  // the terminating zero
    return text;
}

// Strict: exactly as many bytes as asked for, no other alphabet, no padding, no stray bits at the end.
template <std::size_t size>
std::optional<std::array<std::byte, size>> decode(std::string_view text)
{
    std::array<std::byte, size> bytes;
    std::size_t written = 0;
    auto* const out = reinterpret_cast<unsigned char*>(bytes.data());
    if (sodium_base642bin(out, size, text.data(), text.size(), nullptr, &written, nullptr, base64url) != 0)
        return std::nullopt;
    if (written != size)
        return std::nullopt;
    // The decoder takes some bytes beyond ASCII for letters; one token has one spelling.
    if (encode(bytes) != text)
        return std::nullopt;
    return bytes;
}

// The same for as many bytes as there are.
std::optional<std::string> decode_text(std::string_view text)
{
    std::string bytes(text.size() / 4 * 3 + 2, '\0');
    std::size_t written = 0;
    auto* const out = reinterpret_cast<unsigned char*>(bytes.data());
    if (sodium_base642bin(out, bytes.size(), text.data(), text.size(), nullptr, &written, nullptr, base64url) != 0)
        return std::nullopt;
    bytes.resize(written);
    if (encode(bytes_of(bytes)) != text)
        return std::nullopt;
    return bytes;
}

class File {
public:
    File(std::filesystem::path const& path, int flags, mode_t mode = 0)
        : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, mode))
    {
        if (descriptor_ < 0)
            throw std::runtime_error("secret file " + path.string() + ": " + std::strerror(errno));
    }
    ~File() { ::close(descriptor_); }
    File(File const&) = delete;
    File& operator=(File const&) = delete;

    int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

}

bool same(Digest const& a, Digest const& b) noexcept
{
    return sodium_memcmp(a.bytes().data(), b.bytes().data(), Digest::size) == 0;
}

// One key per purpose for hashing, ready to be copied and continued, and one for encrypting.
struct SecretKey::Keys {
    static constexpr std::size_t count = purposes.size() + 1;

    std::array<crypto_auth_hmacsha256_state, count> hash;
    std::array<std::array<unsigned char, crypto_aead_xchacha20poly1305_ietf_KEYBYTES>, count> seal;

    explicit Keys(std::span<std::byte const> secret)
    {
        std::array<unsigned char, crypto_kdf_KEYBYTES> master;
        crypto_generichash(master.data(), master.size(), raw(secret.data()), secret.size(), nullptr, 0);
        for (auto const purpose : purposes) {
            auto const index = index_of(purpose);
            std::array<unsigned char, crypto_auth_hmacsha256_KEYBYTES> key;
            crypto_kdf_derive_from_key(key.data(), key.size(), index, "on-hash", master.data());
            crypto_auth_hmacsha256_init(&hash[index], key.data(), key.size());
            crypto_kdf_derive_from_key(seal[index].data(), seal[index].size(), index, "on-seal", master.data());
            sodium_memzero(key.data(), key.size());
        }
        sodium_memzero(master.data(), master.size());
    }
    ~Keys()
    {
        sodium_memzero(hash.data(), sizeof(hash));
        sodium_memzero(seal.data(), sizeof(seal));
    }
    Keys(Keys const&) = delete;
    Keys& operator=(Keys const&) = delete;
};

SecretKey SecretKey::from_bytes(std::span<std::byte const> bytes)
{
    initialize();
    if (bytes.size() < least_size)
        throw std::invalid_argument("a secret key needs at least 32 bytes");
    if (std::ranges::all_of(bytes, [first = bytes[0]](std::byte byte) { return byte == first; }))
        throw std::invalid_argument("a secret key must be random, and all bytes of this one are equal");
    return SecretKey(std::make_shared<Keys const>(bytes));
}

SecretKey SecretKey::from_file(std::filesystem::path const& path)
{
    File const file(path, O_RDONLY | O_NONBLOCK);  // not to wait at a pipe, which is refused
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0 || !S_ISREG(status.st_mode))
        throw std::runtime_error("secret file " + path.string() + ": is not a regular file");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        throw std::runtime_error("secret file " + path.string() + ": must be open to its owner only (mode 0600)");

    std::vector<std::byte> bytes(4096);
    auto const size = ::read(file.descriptor(), bytes.data(), bytes.size());
    if (size < static_cast<ssize_t>(least_size))
        throw std::runtime_error("secret file " + path.string() + ": must hold at least 32 bytes");
    bytes.resize(static_cast<std::size_t>(size));
    try {
        auto key = from_bytes(bytes);
        sodium_memzero(bytes.data(), bytes.size());
        return key;
    } catch (std::invalid_argument const& error) {
        throw std::runtime_error("secret file " + path.string() + ": " + error.what());
    }
}

SecretKey SecretKey::make_file(std::filesystem::path const& path, Random& random)
{
    {
        File const file(path, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
        std::array<std::byte, least_size> bytes;
        random.fill(bytes);
        auto const written = ::write(file.descriptor(), bytes.data(), bytes.size());
        sodium_memzero(bytes.data(), bytes.size());
        if (written != static_cast<ssize_t>(bytes.size()) || ::fsync(file.descriptor()) != 0) {
            ::unlink(path.c_str());
            throw std::runtime_error("secret file " + path.string() + ": cannot be written");
        }
    }
    return from_file(path);
}

SecretKey SecretKey::from_file_or_new(std::filesystem::path const& path)
{
    std::error_code trouble;
    if (std::filesystem::status(path, trouble).type() != std::filesystem::file_type::not_found)
        return from_file(path);

    // Written aside and then named, so that nobody reads half a key. Where somebody else's came first, theirs counts.
    auto aside = path;
    aside += '.';
    aside += std::to_string(::getpid());
    make_file(aside, system_random());
    std::filesystem::create_hard_link(aside, path, trouble);
    std::filesystem::remove(aside);
    if (trouble && trouble != std::errc::file_exists)
        throw std::runtime_error("secret file " + path.string() + ": " + trouble.message());

    // What is kept under a key is worth nothing if the key's name does not survive a power cut.
    auto const folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    if (::fsync(File(folder, O_RDONLY | O_DIRECTORY).descriptor()) != 0)
        throw std::runtime_error("secret file " + path.string() + ": cannot be made durable");
    return from_file(path);
}

Digest SecretKey::digest(Purpose purpose, std::string_view subject, std::span<std::byte const> secret) const
{
    auto state = keys_->hash[index_of(purpose)];
    std::uint64_t const subject_size = subject.size();  // so that no two pairs of subject and secret read alike
    crypto_auth_hmacsha256_update(
        &state, reinterpret_cast<unsigned char const*>(&subject_size), sizeof(subject_size));
    crypto_auth_hmacsha256_update(&state, raw(subject), subject.size());
    crypto_auth_hmacsha256_update(&state, raw(secret.data()), secret.size());
    Digest::Bytes bytes;
    crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(bytes.data()));
    return Digest(bytes);
}

Digest SecretKey::digest(Purpose purpose, std::string_view subject, std::string_view secret) const
{
    return digest(purpose, subject, bytes_of(secret));
}

std::string SecretKey::seal(Purpose purpose, std::string_view subject, std::string_view text, Random& random) const
{
    constexpr auto nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    std::string sealed(nonce_size + text.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
    auto* const nonce = reinterpret_cast<unsigned char*>(sealed.data());
    random.fill(std::as_writable_bytes(std::span(sealed.data(), nonce_size)));
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        nonce + nonce_size, nullptr, raw(text), text.size(), raw(subject), subject.size(), nullptr, nonce,
        keys_->seal[index_of(purpose)].data());
    return sealed;
}

std::optional<std::string> SecretKey::open(Purpose purpose, std::string_view subject, std::string_view sealed) const
{
    constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
    if (sealed.size() < nonce_size + tag_size)
        return std::nullopt;
    std::string text(sealed.size() - nonce_size - tag_size, '\0');
    auto const opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
        reinterpret_cast<unsigned char*>(text.data()), nullptr, nullptr, raw(sealed) + nonce_size,
        sealed.size() - nonce_size, raw(subject), subject.size(), raw(sealed), keys_->seal[index_of(purpose)].data());
    if (opened != 0)
        return std::nullopt;
    return text;
}

namespace {

constexpr std::size_t selector_size = sizeof(std::int64_t);

// Row numbers count up, and would tell a partner how many links everybody else was issued.
template <std::size_t size>
std::int64_t masked(std::int64_t selector, std::array<std::byte, size> const& verifier, SecretKey const& key)
{
    std::int64_t mask = 0;
    std::memcpy(&mask, key.digest(Purpose::selector, {}, verifier).bytes().data(), sizeof(mask));
    return selector ^ mask;
}

}

template <Purpose purpose>
Token<purpose> Token<purpose>::make(std::int64_t selector, Verifier const& verifier, SecretKey const& key)
{
    std::array<std::byte, selector_size + verifier_size> bytes;
    auto const hidden = masked(selector, verifier, key);
    std::memcpy(bytes.data(), &hidden, selector_size);
    std::ranges::copy(verifier, bytes.begin() + selector_size);
    return Token(encode(bytes));
}

template <Purpose purpose>
std::optional<typename Token<purpose>::Parts> Token<purpose>::read(std::string_view text, SecretKey const& key)
{
    auto const bytes = decode<selector_size + verifier_size>(text);
    if (!bytes)
        return std::nullopt;
    std::int64_t hidden = 0;
    std::memcpy(&hidden, bytes->data(), selector_size);
    Verifier verifier;
    std::copy(bytes->begin() + selector_size, bytes->end(), verifier.begin());
    return Parts{.selector = masked(hidden, verifier, key), .digest = digest(verifier, key)};
}

template <Purpose purpose>
typename Token<purpose>::Verifier Token<purpose>::draw(Random& random)
{
    Verifier verifier;
    random.fill(verifier);
    return verifier;
}

template <Purpose purpose>
Digest Token<purpose>::digest(Verifier const& verifier, SecretKey const& key)
{
    return key.digest(purpose, {}, verifier);
}

template class Token<Purpose::login_link>;
template class Token<Purpose::session>;
template class Token<Purpose::partner_token>;
template class Token<Purpose::password_link>;
template class Token<Purpose::auth_code>;
template class Token<Purpose::email_opt_in>;

namespace {

constexpr std::string_view partner_token_prefix = "onboard_";
constexpr std::size_t checksum_size = 6;

std::string checksum(std::string_view body)
{
    std::array<std::byte, crypto_hash_sha256_BYTES> hash;
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()), raw(body), body.size());
    return encode(hash).substr(0, checksum_size);
}

}

PartnerToken::PartnerToken(Body const& body)
    : text_(std::string(partner_token_prefix) + body.reveal() + checksum(body.reveal()))
{
}

std::optional<PartnerToken::Body::Parts> PartnerToken::read(std::string_view text, SecretKey const& key)
{
    if (!text.starts_with(partner_token_prefix) || text.size() < partner_token_prefix.size() + checksum_size)
        return std::nullopt;
    text.remove_prefix(partner_token_prefix.size());
    auto const body = text.substr(0, text.size() - checksum_size);
    if (checksum(body) != text.substr(body.size()))
        return std::nullopt;
    return Body::read(body, key);
}

namespace {

// What stands in an access token, and its size once sealed: with a nonce before it and a tag behind.
struct AccessTokenContent {
    std::int64_t token;
    std::int64_t expires_at;
};

constexpr std::size_t sealed_access_token_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES +
                                                 sizeof(AccessTokenContent) +
                                                 crypto_aead_xchacha20poly1305_ietf_ABYTES;

constexpr std::string_view access_token_prefix = "onboard_access_";

}

AccessToken AccessToken::make(Parts const& parts, SecretKey const& key, Random& random)
{
    AccessTokenContent const content{.token = parts.token, .expires_at = parts.expires_at.count()};
    std::string text(sizeof(content), '\0');
    std::memcpy(text.data(), &content, sizeof(content));
    auto const sealed = key.seal(Purpose::access_token, {}, text, random);
    std::array<std::byte, sealed_access_token_size> bytes;
    std::memcpy(bytes.data(), sealed.data(), bytes.size());
    return AccessToken(std::string(access_token_prefix) + encode(bytes));
}

std::optional<AccessToken::Parts> AccessToken::read(std::string_view text, SecretKey const& key)
{
    if (!text.starts_with(access_token_prefix))
        return std::nullopt;
    auto const bytes = decode<sealed_access_token_size>(text.substr(access_token_prefix.size()));
    if (!bytes)
        return std::nullopt;
    auto const opened =
        key.open(Purpose::access_token, {}, {reinterpret_cast<char const*>(bytes->data()), bytes->size()});
    if (!opened)
        return std::nullopt;
    AccessTokenContent content{};
    std::memcpy(&content, opened->data(), sizeof(content));
    return Parts{.token = content.token, .expires_at = std::chrono::milliseconds(content.expires_at)};
}

// Of what is sealed: another version of this library may write down something else, and cannot read this.
constexpr std::string_view visit_version = "1";

VisitToken VisitToken::make(std::string_view content, SecretKey const& key, Random& random)
{
    return VisitToken(encode(bytes_of(key.seal(Purpose::visit, visit_version, content, random))));
}

std::optional<std::string> VisitToken::read(std::string_view text, SecretKey const& key)
{
    auto const sealed = decode_text(text);
    return sealed ? key.open(Purpose::visit, visit_version, *sealed) : std::nullopt;
}

OneTimeCode OneTimeCode::draw(Random& random, int digits)
{
    std::uint64_t bound = 1;
    for (int digit = 0; digit < digits; ++digit)
        bound *= 10;

    // Numbers from the incomplete last stretch would make low codes likelier: draw again.
    auto const fair_end = UINT64_MAX - UINT64_MAX % bound;
    std::uint64_t number = 0;
    do
        random.fill(std::as_writable_bytes(std::span(&number, 1)));
    while (number >= fair_end);

    auto text = std::to_string(number % bound);
    text.insert(0, static_cast<std::size_t>(digits) - text.size(), '0');
    return OneTimeCode(std::move(text));
}

}
