#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <onboard/identity.hpp>
#include <onboard/ports.hpp>

#pragma GCC visibility push(default)

// Tokens that others have signed, checked: JSON Web Tokens (RFC 7519) in the compact form of RFC 7515, 7.1, by the
// rules of RFC 8725. Nothing here makes a token, opens a file or a socket, or follows what a token says about its own
// key. Link onboard::jwt.
namespace onboard::jwt {

// A value, or why there is none: Result with a reason of this header's own.
template <class Value, class Reason>
class [[nodiscard]] Outcome {
public:
    Outcome(Value value) : content_(std::in_place_index<0>, std::move(value)) {}
    Outcome(Reason reason) : content_(std::in_place_index<1>, std::move(reason)) {}

    bool has_value() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    // Only of an outcome that has a value.
    Value& operator*() & noexcept { return *std::get_if<0>(&content_); }
    Value const& operator*() const& noexcept { return *std::get_if<0>(&content_); }
    Value&& operator*() && noexcept { return std::move(*std::get_if<0>(&content_)); }
    Value* operator->() noexcept { return std::get_if<0>(&content_); }
    Value const* operator->() const noexcept { return std::get_if<0>(&content_); }

    // Only of an outcome that has none.
    Reason const& error() const noexcept { return *std::get_if<1>(&content_); }

private:
    std::variant<Value, Reason> content_;
};

// How a token is signed: RFC 7518, 3.3 and 3.4. There are no others here; none of them works with a shared secret.
enum class Algorithm : std::uint8_t { rs256 = 1, es256 };

// "RS256", "ES256".
std::string_view name_of(Algorithm) noexcept;

// Why a key, or a set of keys, is not taken.
enum class KeyFault : std::uint8_t {
    malformed = 1,    // not one PEM block of a public key; not a JWK (RFC 7517, RFC 7518, 6)
    secret,           // a private key: keep it where it belongs
    kind_unknown,     // neither RSA nor the curve P-256
    too_small,        // RSA of fewer than 2048 bits (RFC 7518, 3.3)
    too_large,        // RSA of more than 8192 bits, which takes long to check with
    exponent_unsafe,  // RSA with an exponent that is even, below 65537 (FIPS 186-5, A.1.1) or above 64 bits
    invalid,          // a point off the curve; a modulus that is prime or has small factors (NIST SP 800-89, 5.3.3)
    not_for_signatures,  // its `use` or `key_ops` (RFC 7517, 4.2 and 4.3) says that it checks none
    algorithm_differs,   // its `alg` (RFC 7517, 4.4) is not what a key of its kind is for
    set_malformed,       // not a JWK Set (RFC 7517, 5), or longer than 64 KiB
    set_too_large,       // more than 32 keys that could be used
    id_repeated,         // two keys of one kind and one `kid`
    set_empty,           // no key that could be used
};

// The name as programs read it: the enumerator itself, "too_small".
std::string_view name_of(KeyFault) noexcept;

// A public key to check signatures with. The key's own kind decides the algorithm, never a token: RSA is for RS256,
// and P-256 for ES256. Copies are cheap and share one key; safe to use from many threads.
class VerificationKey {
public:
    // Reads one PEM block "PUBLIC KEY" (RFC 7468, 13), as `openssl pkey -pubout` writes it, and nothing beside it.
    static Outcome<VerificationKey, KeyFault> from_pem(std::string_view text);

    // Reads a JWK (RFC 7517). Its members `x5u`, `x5c` and the like are not looked at.
    static Outcome<VerificationKey, KeyFault> from_jwk(std::string_view json);

    Algorithm algorithm() const noexcept;

private:
    struct Key;
    friend class Verifier;
    friend struct KeyReader;

    explicit VerificationKey(std::shared_ptr<Key const> key) : key_(std::move(key)) {}

    std::shared_ptr<Key const> key_;
};

// A key and what its tokens call it in `kid`, if they do.
struct NamedKey {
    VerificationKey key;
    std::optional<std::string> id = {};
};

// The keys of one issuer; of no other, since a token by any of them is believed. Copies are cheap and share the keys.
class KeySet {
public:
    // Reads a JWK Set (RFC 7517, 5). What from_jwk() refuses is passed over, as the standard asks: keys of other
    // kinds, for other uses, or unsafe.
    static Outcome<KeySet, KeyFault> read(std::string_view text);

    static Outcome<KeySet, KeyFault> of(std::vector<NamedKey>);

    std::size_t size() const noexcept { return keys_->size(); }

    // Whether both are copies of one.
    friend bool operator==(KeySet const&, KeySet const&) = default;

private:
    friend class Verifier;

    explicit KeySet(std::shared_ptr<std::vector<NamedKey> const> keys) : keys_(std::move(keys)) {}

    std::shared_ptr<std::vector<NamedKey> const> keys_;
};

// Why a token is not believed. For logs and tests: whoever presented the token is told the same thing for all of them
// but `keys_unavailable`, which is not their fault.
enum class Reason : std::uint8_t {
    token_too_long = 1,   // more than 8 KiB
    segments_wrong,       // not three texts with dots between them
    encoding_wrong,       // a segment that is not base64url without padding (RFC 7515, 2), as an encoder writes it
    json_wrong,           // a segment that is not a JSON object (RFC 8259), or beyond the limits for one
    member_repeated,      // a segment with two members of one name in an object (RFC 7515, 4; RFC 7519, 4)
    algorithm_refused,    // `alg` is absent, no text, "none", or not one that is expected
    header_refused,       // `crit`, `b64`, `zip` or `enc`, which would change what the token means
    type_wrong,           // `typ` is not what is expected
    key_id_malformed,     // `kid` is not a text of 1 to 256 octets
    key_unnamed,          // no `kid`, and more than one key for its `alg`
    key_unknown,          // no key of this `kid`
    algorithm_differs,    // `alg` is not what the key is for
    signature_malformed,  // not as long as the key's signatures are
    signature_wrong,      // not by this key over this text
    claim_malformed,      // a claim of the wrong type or size
    claim_missing,        // a claim that is required
    claim_refused,        // a claim that tokens of the expected kind do not have
    issuer_wrong,         // `iss`
    audience_wrong,       // `aud` has none of the expected ones
    party_wrong,          // several in `aud`, and `azp` is not one of the expected ones
    expired,              // `exp`
    not_yet_valid,        // `nbf`
    issued_in_future,     // `iat`
    times_contradictory,  // `exp` is not after `iat` and `nbf`
    life_too_long,        // from `iat` or `nbf` to `exp`
    too_old,              // since `iat`
    address_unverified,   // the provider has not verified the person's address
    hosted_domain_wrong,  // not of an organisation that is let in
    keys_unavailable,     // there are no keys to check with, or none as new as the token may need: try again later
};

// The name as programs read it: the enumerator itself, "key_unknown".
std::string_view name_of(Reason) noexcept;

// A refusal, and what it is about: "header", "payload" or "signature", a member of the header, or a claim. Never
// anything that only the token says.
struct Refusal {
    Reason reason;
    std::string about = {};

    friend bool operator==(Refusal const&, Refusal const&) = default;
};

template <class Value>
using Checked = Outcome<Value, Refusal>;

// What a token says that was signed by a key of ours and met every expectation. Only a Verifier makes one. Copies are
// cheap and share the contents.
class Claims {
public:
    std::string const& issuer() const noexcept;                           // `iss`
    std::string const& subject() const noexcept;                          // `sub`: 1 to 255 octets
    std::vector<std::string> const& audiences() const noexcept;           // `aud`: one or more
    std::optional<std::string> const& authorized_party() const noexcept;  // `azp` (OpenID Connect Core 1.0, 2)
    std::optional<std::string> const& id() const noexcept;                // `jti`: 1 to 255 octets
    Instant expires_at() const noexcept;                                  // `exp`
    std::optional<Instant> issued_at() const noexcept;                    // `iat`
    std::optional<Instant> not_before() const noexcept;                   // `nbf`

    // From when on the same expectation refuses the token as expired. Until then its `jti` is worth remembering.
    Instant refused_from() const noexcept;

    // SHA-256 of what was signed: knows a token again that has no `jti`. The token itself will not do, since whoever
    // has one by ES256 can make another signature of its own.
    using Fingerprint = std::array<std::byte, 32>;
    Fingerprint const& fingerprint() const noexcept;

    // Any claim by name. Nothing if it is absent or of another type. Integers are exact up to 2^53.
    std::optional<std::string> text(std::string_view name) const;
    std::optional<bool> truth(std::string_view name) const;
    std::optional<double> number(std::string_view name) const;

    // Whether there is such a claim, of whatever type.
    bool has(std::string_view name) const;

private:
    struct Content;
    friend class Verifier;

    explicit Claims(std::shared_ptr<Content const> content) : content_(std::move(content)) {}

    std::shared_ptr<Content const> content_;
};

// What a token has to be like. Texts are compared octet for octet.
//
// A token always needs `iss`, `sub`, `aud` and `exp`; of several audiences, `azp` has to be one of ours, too. (With a
// single one `azp` is not looked at: Google's tokens for an application on a telephone name that application in it.)
// Times are whole seconds since 1970, written as digits alone, up to the year 9999: RFC 7519, 2 would allow
// fractions.
struct Expectation {
    std::vector<std::string> issuers = {};    // any of them
    std::vector<std::string> audiences = {};  // ours
    std::vector<Algorithm> algorithms = {};   // RFC 8725, 3.1: the caller's choice

    // RFC 8725, 3.11: the header's `typ` without "application/", with which it may come, and in any case
    // (RFC 7515, 4.1.9).
    std::string type = "JWT";
    bool type_required = false;

    // Claims that have to be there besides, and not be null; and claims that tell another kind of token
    // (RFC 8725, 3.12).
    std::vector<std::string> required = {};
    std::vector<std::string> refused = {};

    // How far the issuer's clock may be from ours: a token is good for `nbf - leeway <= now < exp + leeway`, and
    // `iat - leeway <= now`. At most 5 min. How long ago it was issued is a matter of `oldest` alone.
    std::chrono::seconds leeway{60};

    // The most there may be between `exp` and each of `iat` and `nbf`. If it is set, `iat` is required.
    std::optional<std::chrono::seconds> longest_life = {};

    // A token is refused from `iat + oldest + leeway` on. If it is set, `iat` is required.
    std::optional<std::chrono::seconds> oldest = {};
};

class KeyCache;

// Checks tokens. Safe to use from many threads.
class Verifier {
public:
    // Throws std::invalid_argument if the expectation names no issuer, no audience or no algorithm, or an empty one,
    // or if one of its times is negative or beyond what it may be; a life and an age may be a year.
    explicit Verifier(Expectation);

    // What a token says, if it is by one of these keys and as expected at this moment. The header and the signature
    // are checked before the payload is read at all.
    Checked<Claims> verify(std::string_view token, KeySet const&, Instant now) const;

    // The same with keys that may have to be fetched first: for a token that names an unknown one, once more.
    Checked<Claims> verify(std::string_view token, KeyCache&, Instant now) const;

private:
    struct SignedToken;

    Checked<SignedToken> read(std::string_view token) const;
    Checked<Claims> check(SignedToken const&, KeySet const&, Instant now) const;
    Checked<VerificationKey> choose(SignedToken const&, KeySet const&) const;
    Checked<Claims> read_claims(SignedToken const&) const;

    Expectation expectation_;
};

// The issuer that a token names, to find its keys by. Anybody can write such a token: nothing of it is to be
// believed.
Checked<std::string> unverified_issuer(std::string_view token);

// A key set as a provider publishes it.
struct FetchedKeys {
    std::string text;

    // For how long it is good, if that was said: http_life().
    std::optional<std::chrono::seconds> life = {};
};

// For how long an answer of HTTP is good (RFC 9111, 4.2) by its fields Cache-Control and Age, "" for one that is not
// there: `max-age` less the age, and zero for what is not to be kept or is written wrongly. Nothing if it is not said.
std::optional<std::chrono::seconds> http_life(std::string_view cache_control, std::string_view age);

// How long the keys of a provider are kept, and how often they are asked for.
struct KeyCacheTimes {
    // Whatever the provider says, keys are used for so long at least, and at most, before they are fetched again.
    std::chrono::seconds shortest_life{300};
    std::chrono::seconds longest_life{86400};

    // While that fails, they are used for so long beyond their life.
    std::chrono::seconds stale_bound{86400};

    // Tokens with unknown keys have the keys fetched again, and a failed attempt is repeated, no sooner than this
    // after the last attempt.
    std::chrono::seconds pause{60};

    // While there are no keys to work with, a failed attempt is repeated after this.
    std::chrono::seconds pause_without_keys{10};
};

// The keys of a provider, fetched when they are needed and kept for as long as they are good. Safe to use from many
// threads: one of them fetches, and the others wait for it only if they have no key, or none for their token.
class KeyCache {
public:
    // Gets the key set. Throws if it cannot, which counts as a failure, as does a text that is no key set. It has to
    // come to an end in time, since others wait for it; and it must not ask the cache.
    using Fetch = std::function<FetchedKeys()>;

    // Is told why a fetch failed. Must not throw.
    using Complaint = std::function<void(std::string_view why)>;

    // Throws std::invalid_argument if one of the times is negative or longer than 30 days, or the shortest life is zero
    // or longer than the longest.
    explicit KeyCache(Fetch, Clock& = system_clock(), KeyCacheTimes = {}, Complaint = {});

    // The keys; nothing if there are none to be had.
    std::optional<KeySet> keys();

    // The keys, for a token whose key is not among these: others if there are, and the same if not. Nothing if the
    // provider was last asked in vain, so that nobody knows.
    std::optional<KeySet> keys_beyond(KeySet const&);

private:
    struct Answer;

    bool within(std::chrono::seconds pause) const;
    std::optional<KeySet> usable_keys() const;
    void fetch(std::unique_lock<std::mutex>&);
    void await_fetch(std::unique_lock<std::mutex>&);
    std::optional<Answer> ask() const noexcept;

    Fetch fetch_;
    Clock& clock_;
    KeyCacheTimes times_;
    Complaint complain_;

    std::mutex mutex_;
    std::condition_variable fetched_;
    std::optional<KeySet> keys_;
    Instant good_until_{};
    std::optional<Instant> asked_at_;  // when the last fetch began
    bool failed_ = false;              // whether it failed
    bool fetching_ = false;
};

// Somebody as an identity provider knows them, and the token that says so. Onboarding::sign_up_with_identity() takes it.
struct VerifiedIdentity : Identity {
    // What the client had put into the token (OpenID Connect Core 1.0, 3.1.2.1). Whoever gave the client a nonce
    // compares them: a token that somebody got elsewhere has another one, or none.
    std::optional<std::string> nonce = {};

    // To take a token but once, remember these until it is refused anyway: its `jti`, or where it has none the
    // fingerprint of Claims.
    std::optional<std::string> token_id = {};
    Claims::Fingerprint fingerprint = {};
    Instant refused_from = {};
};

// Tells who somebody is by a token that they present. Implementations may be called from many threads.
class IdentityProvider {
public:
    virtual ~IdentityProvider() = default;
    virtual Checked<VerifiedIdentity> identify(std::string_view token) = 0;
};

// What there is to know of a provider whose id tokens (OpenID Connect Core 1.0, 2) are to be checked.
struct ProviderRules {
    Expectation tokens = {};

    // Whether a token is refused without an address for which `email_verified` is the JSON value true.
    bool verified_email_required = true;

    // The provider is the authority for the addresses in these domains that it has verified; and, if it hosts
    // organisations, for all that it has verified for one of them, whose domain is in `hd`.
    std::vector<std::string> own_domains = {};
    bool hosts_organisations = false;

    // If there are any, only people of these organisations are let in.
    std::vector<std::string> hosted_domains = {};
};

// Google as it describes itself: RS256, the issuer in both spellings, an hour of age at most, the authority for
// gmail.com and for organisations. Logout tokens (OpenID Connect Back-Channel Logout 1.0) are refused.
ProviderRules google(std::vector<std::string> client_ids);
inline constexpr std::string_view google_keys_url = "https://www.googleapis.com/oauth2/v3/certs";

// Checks id tokens with the keys that `fetch` gets. Throws what Verifier's constructor throws.
std::unique_ptr<IdentityProvider>
open_provider(ProviderRules, KeyCache::Fetch, Clock& = system_clock(), KeyCache::Complaint = {});

}

#pragma GCC visibility pop
