#include <algorithm>
#include <limits>
#include <span>
#include <stdexcept>

#include "ascii.hpp"
#include "claims.hpp"
#include "key.hpp"
#include "strict_json.hpp"
#include "token.hpp"

namespace onboard::jwt {

namespace json = boost::json;

namespace {

using std::chrono::seconds;

constexpr seconds most_leeway = std::chrono::minutes(5);
constexpr seconds most_life = std::chrono::hours(24 * 365);
constexpr std::int64_t last_second = 253402300799;  // of the year 9999, as RFC 3339 writes it
constexpr std::size_t longest_name = 255;           // of a person: OpenID Connect Core 1.0, 2

bool contains(auto const& list, auto const& value)
{
    return std::ranges::find(list, value) != std::ranges::end(list);
}

std::optional<Algorithm> algorithm_named(std::string_view name)
{
    for (auto const algorithm : {Algorithm::rs256, Algorithm::es256})
        if (name == name_of(algorithm))
            return algorithm;
    return std::nullopt;
}

// Whether the header's `typ` is this media type, whose "application/" may be left out (RFC 7515, 4.1.9).
bool is_type(std::string_view given, std::string_view expected)
{
    constexpr std::string_view prefix = "application/";
    if (equal_but_case(given.substr(0, prefix.size()), prefix))
        given.remove_prefix(prefix.size());
    return equal_but_case(given, expected);
}

bool is_type_refused(json::object const& header, Expectation const& expectation)
{
    if (!header.contains("typ"))
        return expectation.type_required;
    auto const type = text_of(header, "typ");
    return !type || !is_type(*type, expectation.type);
}

// What a header tells us (RFC 7515, 4.1). Everything else in it, and all it says about keys, is not looked at.
std::optional<Refusal> refusal_of_header(json::object const& header, Expectation const& expectation)
{
    auto const name = text_of(header, "alg");
    auto const algorithm = name ? algorithm_named(*name) : std::nullopt;
    if (!algorithm || !contains(expectation.algorithms, *algorithm))
        return Refusal{Reason::algorithm_refused, "alg"};
    for (auto const* const member : {"crit", "b64", "zip", "enc"})
        if (header.contains(member))
            return Refusal{Reason::header_refused, member};
    if (is_type_refused(header, expectation))
        return Refusal{Reason::type_wrong, "typ"};
    if (header.contains("kid") && !is_key_id(header.at("kid")))
        return Refusal{Reason::key_id_malformed, "kid"};
    return std::nullopt;
}

// Reads the claims that RFC 7519, 4.1 registers, and remembers the first that is not as it says.
class ClaimReader {
public:
    explicit ClaimReader(json::object const& all) : all_(all) {}

    std::optional<std::string> text(char const* name, std::size_t longest)
    {
        auto const* const claim = all_.if_contains(name);
        if (!claim)
            return std::nullopt;
        auto const* const text = claim->if_string();
        if (!text || text->empty() || text->size() > longest)
            return refuse(name);
        return std::string(*text);
    }

    std::optional<Instant> time(char const* name)
    {
        auto const* const claim = all_.if_contains(name);
        if (!claim)
            return std::nullopt;
        auto const* const second = claim->if_int64();
        if (!second || *second < 0 || *second > last_second)
            return refuse(name);
        return Instant(seconds(*second));
    }

    // One text, or several in an array.
    std::vector<std::string> texts(char const* name)
    {
        auto const* const claim = all_.if_contains(name);
        if (!claim)
            return {};
        std::span const one(claim, 1);
        auto const elements = claim->is_array() ? std::span<json::value const>(claim->get_array()) : one;
        std::vector<std::string> texts;
        for (auto const& element : elements)
            if (auto const* const text = element.if_string())
                texts.emplace_back(*text);
        if (texts.empty() || texts.size() != elements.size())
            refuse(name);
        return texts;
    }

    std::optional<Refusal> const& refusal() const { return refusal_; }

private:
    std::nullopt_t refuse(char const* name)
    {
        if (!refusal_)
            refusal_ = Refusal{Reason::claim_malformed, name};
        return std::nullopt;
    }

    json::object const& all_;
    std::optional<Refusal> refusal_;
};

std::optional<Refusal> refusal_of_presence(json::object const& all, Expectation const& expectation)
{
    for (auto const& name : expectation.required)
        if (auto const* const claim = all.if_contains(name); !claim || claim->is_null())
            return Refusal{Reason::claim_missing, name};
    for (auto const& name : expectation.refused)
        if (all.contains(name))
            return Refusal{Reason::claim_refused, name};
    return std::nullopt;
}

std::optional<Refusal> refusal_of_names(Claims const& claims, Expectation const& expectation)
{
    auto const is_ours = [&](std::string const& name) { return contains(expectation.audiences, name); };
    auto const& party = claims.authorized_party();
    if (!contains(expectation.issuers, claims.issuer()))
        return Refusal{Reason::issuer_wrong, "iss"};
    if (std::ranges::none_of(claims.audiences(), is_ours))
        return Refusal{Reason::audience_wrong, "aud"};
    if (claims.audiences().size() > 1 && !(party && is_ours(*party)))
        return Refusal{Reason::party_wrong, "azp"};
    return std::nullopt;
}

std::optional<Refusal> refusal_of_times(Claims const& claims, Expectation const& expectation, Instant now)
{
    auto const issued = claims.issued_at();
    auto const begins = claims.not_before();
    auto const ends = claims.expires_at();
    auto const is_longer = [&](std::optional<Instant> start) {
        return start && ends - *start > expectation.longest_life;
    };
    if (now >= ends + expectation.leeway)
        return Refusal{Reason::expired, "exp"};
    if (begins && now < *begins - expectation.leeway)
        return Refusal{Reason::not_yet_valid, "nbf"};
    if (issued && now < *issued - expectation.leeway)
        return Refusal{Reason::issued_in_future, "iat"};
    if ((issued && ends <= *issued) || (begins && ends <= *begins))
        return Refusal{Reason::times_contradictory, "exp"};
    if (expectation.longest_life && (is_longer(issued) || is_longer(begins)))
        return Refusal{Reason::life_too_long, "exp"};
    if (expectation.oldest && now >= *issued + *expectation.oldest + expectation.leeway)
        return Refusal{Reason::too_old, "iat"};
    return std::nullopt;
}

void require(bool truth, char const* rule)
{
    if (!truth)
        throw std::invalid_argument(std::string("tokens cannot be checked: ") + rule);
}

bool is_life(std::optional<seconds> life)
{
    return !life || (*life > seconds::zero() && *life <= most_life);
}

void check_expectation(Expectation const& expectation)
{
    auto const names_something = [](std::vector<std::string> const& names) {
        return !names.empty() && !contains(names, "");
    };
    require(names_something(expectation.issuers), "no issuer is named");
    require(names_something(expectation.audiences), "no audience is named");
    require(!expectation.algorithms.empty(), "no algorithm is named");
    require(!expectation.type.empty(), "no type is named");
    require(
        expectation.leeway >= seconds::zero() && expectation.leeway <= most_leeway,
        "the leeway is negative or more than 300 s");
    require(is_life(expectation.longest_life), "the longest life is not between one second and a year");
    require(is_life(expectation.oldest), "the greatest age is not between one second and a year");
}

// An expectation with what is always required.
Expectation completed(Expectation expectation)
{
    std::vector<std::string> always{"iss", "sub", "aud", "exp"};
    if (expectation.longest_life || expectation.oldest)
        always.emplace_back("iat");
    expectation.required.insert(expectation.required.begin(), always.begin(), always.end());
    return expectation;
}

}

// A token whose header is as expected, before its signature is checked.
struct Verifier::SignedToken {
    Claims::Fingerprint fingerprint;
    std::string_view payload;
    std::string signature;
    Algorithm algorithm;
    std::optional<std::string> key_id;
};

Verifier::Verifier(Expectation expectation) : expectation_(completed(std::move(expectation)))
{
    check_expectation(expectation_);
}

Checked<Verifier::SignedToken> Verifier::read(std::string_view token) const
{
    auto const segments = take_apart(token);
    if (!segments)
        return segments.error();
    auto const header = read_segment(segments->header, "header");
    if (!header)
        return header.error();
    if (auto const refusal = refusal_of_header(*header, expectation_))
        return *refusal;
    auto signature = decode(segments->signature, "signature");
    if (!signature)
        return signature.error();
    auto const key_id = text_of(*header, "kid");
    return SignedToken{
        .fingerprint = sha256(segments->signed_text),
        .payload = segments->payload,
        .signature = std::move(*signature),
        .algorithm = *algorithm_named(*text_of(*header, "alg")),
        .key_id = key_id ? std::optional<std::string>(*key_id) : std::nullopt};
}

// A set has at most one key of a name and an algorithm. A token that names none is by the only one of its algorithm.
Checked<VerificationKey> Verifier::choose(SignedToken const& token, KeySet const& keys) const
{
    auto named = false;
    VerificationKey const* chosen = nullptr;
    for (auto const& candidate : *keys.keys_) {
        if (token.key_id && candidate.id != token.key_id)
            continue;
        named = true;
        if (candidate.key.algorithm() != token.algorithm)
            continue;
        if (chosen)
            return Refusal{Reason::key_unnamed, "kid"};
        chosen = &candidate.key;
    }
    if (chosen)
        return *chosen;
    return named ? Refusal{Reason::algorithm_differs, "alg"} : Refusal{Reason::key_unknown, "kid"};
}

Checked<Claims> Verifier::check(SignedToken const& token, KeySet const& keys, Instant now) const
{
    auto const key = choose(token, keys);
    if (!key)
        return key.error();
    if (token.signature.size() != key->key_->signature_size)
        return Refusal{Reason::signature_malformed, "signature"};
    if (!key->key_->has_signed(token.fingerprint, token.signature))
        return Refusal{Reason::signature_wrong, "signature"};

    auto claims = read_claims(token);
    if (!claims)
        return claims;
    if (auto const refusal = refusal_of_names(*claims, expectation_))
        return *refusal;
    if (auto const refusal = refusal_of_times(*claims, expectation_, now))
        return *refusal;
    return claims;
}

Checked<Claims> Verifier::read_claims(SignedToken const& token) const
{
    constexpr auto any_length = std::numeric_limits<std::size_t>::max();
    auto payload = read_segment(token.payload, "payload");
    if (!payload)
        return payload.error();
    ClaimReader reader(*payload);
    Claims::Content content{
        .issuer = reader.text("iss", any_length).value_or(""),
        .subject = reader.text("sub", longest_name).value_or(""),
        .audiences = reader.texts("aud"),
        .authorized_party = reader.text("azp", any_length),
        .id = reader.text("jti", longest_name),
        .expires_at = reader.time("exp").value_or(Instant()),
        .issued_at = reader.time("iat"),
        .not_before = reader.time("nbf")};
    if (reader.refusal())
        return *reader.refusal();
    if (auto const refusal = refusal_of_presence(*payload, expectation_))
        return *refusal;
    content.refused_from = content.expires_at + expectation_.leeway;
    content.fingerprint = token.fingerprint;
    content.all = std::move(*payload);
    return Claims(std::make_shared<Claims::Content const>(std::move(content)));
}

Checked<Claims> Verifier::verify(std::string_view token, KeySet const& keys, Instant now) const
{
    auto const read_token = read(token);
    if (!read_token)
        return read_token.error();
    return check(*read_token, keys, now);
}

Checked<Claims> Verifier::verify(std::string_view token, KeyCache& cache, Instant now) const
{
    auto const read_token = read(token);
    if (!read_token)
        return read_token.error();
    auto const keys = cache.keys();
    if (!keys)
        return Refusal{Reason::keys_unavailable};
    auto claims = check(*read_token, *keys, now);
    if (claims || claims.error().reason != Reason::key_unknown)
        return claims;
    auto const others = cache.keys_beyond(*keys);
    if (!others)
        return Refusal{Reason::keys_unavailable};
    return *others == *keys ? claims : check(*read_token, *others, now);
}

Checked<std::string> unverified_issuer(std::string_view token)
{
    auto const segments = take_apart(token);
    if (!segments)
        return segments.error();
    auto const payload = read_segment(segments->payload, "payload");
    if (!payload)
        return payload.error();
    auto const issuer = text_of(*payload, "iss");
    if (!issuer)
        return Refusal{payload->contains("iss") ? Reason::claim_malformed : Reason::claim_missing, "iss"};
    return std::string(*issuer);
}

}
