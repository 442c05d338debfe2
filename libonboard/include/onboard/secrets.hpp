#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <onboard/error.hpp>

#pragma GCC visibility push(default)

namespace onboard {

class Random;

// What a secret is for. Each purpose has a key of its own, so that no secret can be used in another's place.
enum class Purpose : std::uint8_t {
    login_link = 1,
    session,
    partner_token,
    selector,              // masks row numbers inside tokens
    partner_confirmation,  // the code mailed before a second partner is linked
    repeated_request,
    letter,          // secrets inside letters not yet delivered
    form,            // the token in a page's form
    password_link,   // mailed, to set a password
    password,        // the hash of a password, sealed; and guesses of it, by address and hour
    password_day,    // guesses of a password, by address and day
    sign_in_client,  // sign-ins and questions for mail, by client
    cause,           // what a partner asked for, to know it again
    notice,          // letters of one kind to one address
    phone,           // codes texted to a telephone, and guesses of them
    auth_code,       // by which a partner is told about who signed in there
    email_opt_in,    // mailed, to confirm an address
    access_token,    // a partner's, for a while
    text_client,     // texts asked for, by client
    text_range,      // texts that no right code followed, by range of numbers and hour
    text_range_day,  // the same by day
    text_day,        // texts, by day
    look_up,         // numbers a partner asked about, by day
    sign_up_email,   // codes mailed to an address that somebody signs up with, and guesses of them
    phone_proof,     // that a number is somebody's who signs up
    email_proof,     // that an address is
    visit,           // by which somebody whom a portal sent comes back with a code
    used_token,      // signed tokens that are good once
    audit,           // what happened, sealed entry by entry
};

// All that is kept of a secret: a keyed hash over its purpose, its subject and itself.
class Digest {
public:
    static constexpr std::size_t size = 32;
    using Bytes = std::array<std::byte, size>;

    explicit Digest(Bytes const& bytes) noexcept : bytes_(bytes) {}

    Bytes const& bytes() const noexcept { return bytes_; }

private:
    Bytes bytes_;
};

// Whether two digests are equal, in a time that does not depend on where they differ.
bool same(Digest const&, Digest const&) noexcept;

// The library's own secret. A copy of the storage is of no use without it, and it is kept apart from the storage.
// Copies are cheap and share one erased-on-destruction key; safe to use from many threads.
class SecretKey {
public:
    // 256 bits, what the keyed hashes below are built for.
    static constexpr std::size_t least_size = 32;

    // Throws std::invalid_argument for fewer than `least_size` bytes or bytes that are all equal.
    static SecretKey from_bytes(std::span<std::byte const>);

    // Reads a file of raw bytes. Throws std::runtime_error, with the path and the rule, if it is missing, too short,
    // or open to anybody but its owner.
    static SecretKey from_file(std::filesystem::path const&);

    // Makes the file with `least_size` random bytes and mode 0600, and reads it. Throws std::runtime_error if the
    // file exists or cannot be written.
    static SecretKey make_file(std::filesystem::path const&, Random&);

    // Reads the file, or makes it first if it is missing. Of several processes that begin together all go on with the
    // same key. Throws like the two above.
    static SecretKey from_file_or_new(std::filesystem::path const&);

    // HMAC-SHA-256 (RFC 2104) under the purpose's own key.
    Digest digest(Purpose, std::string_view subject, std::span<std::byte const> secret) const;
    Digest digest(Purpose, std::string_view subject, std::string_view secret) const;

    // Encrypts and authenticates (XChaCha20-Poly1305); open() gives nothing back for text that seal() did not make
    // for the same purpose and subject.
    std::string seal(Purpose, std::string_view subject, std::string_view text, Random&) const;
    std::optional<std::string> open(Purpose, std::string_view subject, std::string_view sealed) const;

private:
    struct Keys;
    explicit SecretKey(std::shared_ptr<Keys const> keys) : keys_(std::move(keys)) {}

    std::shared_ptr<Keys const> keys_;
};

// A token as its holder has it: a row number, masked, and 256 random bits. Shown once and kept as a Digest.
// It does not print and does not compare; reveal() belongs on the line that hands it out.
template <Purpose purpose>
class Token {
public:
    static constexpr std::size_t verifier_size = 32;
    using Verifier = std::array<std::byte, verifier_size>;

    // A token for the row `selector`, whose digest is of `verifier`.
    static Token make(std::int64_t selector, Verifier const&, SecretKey const&);

    // 54 characters of base64url without padding (RFC 4648, 5), fit for a URL and a header.
    std::string const& reveal() const noexcept { return text_; }

    // Takes apart what somebody presented. Nothing for any text that make() cannot have produced.
    struct Parts {
        std::int64_t selector;
        Digest digest;
    };
    static std::optional<Parts> read(std::string_view text, SecretKey const&);

    static Verifier draw(Random&);
    static Digest digest(Verifier const&, SecretKey const&);

private:
    explicit Token(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

using LoginToken = Token<Purpose::login_link>;
using SessionToken = Token<Purpose::session>;
using PasswordLinkToken = Token<Purpose::password_link>;
using AuthCode = Token<Purpose::auth_code>;
using OptInToken = Token<Purpose::email_opt_in>;

// A partner's bearer token: `onboard_`, the token, and six characters of checksum by which a leak is recognised.
class PartnerToken {
public:
    using Body = Token<Purpose::partner_token>;

    explicit PartnerToken(Body const&);
    std::string const& reveal() const noexcept { return text_; }

    // Nothing for any text that make() cannot have produced.
    static std::optional<Body::Parts> read(std::string_view text, SecretKey const&);

private:
    std::string text_;
};

// What a partner may call with in place of its own token for a while: which token that is and until when, sealed, so that
// nothing of it is stored. `onboard_access_` and base64url without padding.
class AccessToken {
public:
    // What a token says: whose it is in place of, and until when.
    struct Parts {
        std::int64_t token = 0;                  // the row of the partner's own
        std::chrono::milliseconds expires_at{};  // since 1970 in UTC
    };

    static AccessToken make(Parts const&, SecretKey const&, Random&);
    std::string const& reveal() const noexcept { return text_; }

    // Nothing for any text that make() has not produced. Whether it has expired is the caller's to see.
    static std::optional<Parts> read(std::string_view text, SecretKey const&);

private:
    explicit AccessToken(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

// What somebody holds whom a portal sent and who has yet to enter a code: all that is known of them, sealed, so that
// nothing of it is stored. Base64url without padding.
class VisitToken {
public:
    static VisitToken make(std::string_view content, SecretKey const&, Random&);
    std::string const& reveal() const noexcept { return text_; }

    // Nothing for any text that make() has not produced.
    static std::optional<std::string> read(std::string_view text, SecretKey const&);

private:
    explicit VisitToken(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

// A one-time code for a person to type: decimal digits, leading zeros kept, drawn without bias.
class OneTimeCode {
public:
    static OneTimeCode draw(Random&, int digits);

    std::string const& reveal() const noexcept { return text_; }

private:
    explicit OneTimeCode(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

}

#pragma GCC visibility pop
