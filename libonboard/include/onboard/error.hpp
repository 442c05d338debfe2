#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#pragma GCC visibility push(default)

namespace onboard {

// Why the library says no. The list is closed and starts at one, because zero means success to an error code;
// docs/refusals.md says for each when it happens and what the person can do.
enum class Errc : std::uint8_t {
    field_missing = 1,      // a required member is absent
    email_malformed,        // not an address that mail can be sent to
    name_malformed,         // not 1 to 100 printable characters
    language_unknown,       // not one of the supported languages
    contract_type_unknown,  // neither clerk nor worker
    phone_malformed,        // not a telephone number that can be dialled from anywhere
    region_unknown,         // not a country code of ISO 3166-1
    phone_not_served,       // a number of a country, or of a kind, that no text is sent to
    text_malformed,         // an identifier that is too long or not printable
    additional_data_malformed,
    plan_unknown,     // unknown, closed or another partner's: one answer for all three
    person_id_taken,  // the partner uses this person id for somebody else
    email_taken,      // the address belongs to somebody else
    phone_taken,      // the telephone number belongs to somebody else
    user_name_taken,  // the user name belongs to somebody else, or did
    account_blocked,
    account_deleted,
    link_unknown,                  // never issued, or long forgotten
    link_spent,                    // used, expired or withdrawn
    link_expired,                  // of a mailed link: not used in time, and a new one can be had
    confirmation_required,         // the link is good only together with the mailed code
    code_wrong,                    // not the code that was sent, or none is alive
    code_expired,                  // none is alive: never sent, used up, replaced or too old
    contact_unproven,              // nobody has shown lately that the address or the number is theirs
    contact_missing,               // there is neither an address nor a number to reach a new person at
    token_spent,                   // a signed token that is good once came again
    identity_unverified,           // the identity provider does not vouch for the address
    attempts_spent,                // no more tries until `retry_after`
    consent_missing,               // a new person has to agree to the terms and the privacy notice
    auth_code_wrong,               // not the one this person signed in with, or it has expired
    password_malformed,            // not well-formed UTF-8, or with control characters
    password_too_short,            // fewer characters than the policy asks for
    password_too_long,             // more than 256 characters or 1024 octets
    password_too_common,           // among the first that anybody would guess
    sign_in_wrong,                 // no active account with this address and this password: one answer for all
    session_unknown,               // never opened, ended or expired
    partner_token_unknown,         // never issued or revoked
    request_repeated_differently,  // an idempotency key came again with another request
    partner_unknown,
    partner_exists,
    plan_exists,
    person_unknown,
    letter_unknown,
    channel_unknown,
    channel_exists,
    organisation_unknown,
    organisation_exists,
    organisation_elsewhere,  // the organisation is not in this channel
    issuer_unknown,
    issuer_exists,
};

// The name of a refusal as programs read it: the enumerator itself, "email_malformed".
std::string_view name_of(Errc) noexcept;
std::optional<Errc> errc_named(std::string_view) noexcept;

// A refusal: something the caller can do something about. Breakdowns are exceptions.
struct Error {
    Errc code;
    std::string field = {};  // the command's member at fault, if one is
    std::optional<int> attempts_left = {};
    std::optional<std::chrono::seconds> retry_after = {};

    friend bool operator==(Error const&, Error const&) = default;
};

inline Error refuse(Errc code, std::string_view field = {})
{
    return {.code = code, .field = std::string(field)};
}

// Throws std::logic_error with the refusal's name and field.
[[noreturn]] void throw_refusal(Error const&);

// A value, or why there is none. A subset of std::expected (C++23), by the same names: moving to it changes one line.
// Made by returning either; a class that is dropped unread is a warning.
template <class T>
class [[nodiscard]] Result {
public:
    template <class U = T>
    requires(
        std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, Result> &&
        !std::same_as<std::remove_cvref_t<U>, Error>) Result(U&& value)
        : content_(std::in_place_index<0>, std::forward<U>(value))
    {
    }
    Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    // Only of a result that has a value.
    T& operator*() & noexcept { return *std::get_if<0>(&content_); }
    T const& operator*() const& noexcept { return *std::get_if<0>(&content_); }
    T&& operator*() && noexcept { return std::move(*std::get_if<0>(&content_)); }
    T* operator->() noexcept { return std::get_if<0>(&content_); }
    T const* operator->() const noexcept { return std::get_if<0>(&content_); }

    // Only of a result that has none.
    Error const& error() const noexcept { return *std::get_if<1>(&content_); }

    // For tests and examples: throws std::logic_error for a refusal.
    T& value() & { return require(), **this; }
    T const& value() const& { return require(), **this; }
    T&& value() && { return require(), std::move(**this); }

private:
    void require() const
    {
        if (!has_value())
            throw_refusal(error());
    }

    std::variant<T, Error> content_;
};

// Done, or why not.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() noexcept = default;
    Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }
    Error const& error() const noexcept { return *std::get_if<1>(&content_); }
    void value() const
    {
        if (!has_value())
            throw_refusal(error());
    }

private:
    std::variant<std::monostate, Error> content_;
};

// The storage cannot do its work: disk full, connection lost. What was not committed is not there; after a commit()
// that threw, the outcome is unknown.
class StorageFailure : public std::runtime_error {
public:
    using runtime_error::runtime_error;
};

// The storage is busy with somebody else's work. Nothing was done, and the same use case may be run again.
class StorageConflict : public StorageFailure {
public:
    using StorageFailure::StorageFailure;
};

// The connection was lost while a commit was under way: the work may be durable or may never have happened. Whoever knows
// how to ask finds out by looking.
class OutcomeUnknown : public StorageFailure {
public:
    using StorageFailure::StorageFailure;
};

// A letter could not be handed over this time.
class DeliveryFailure : public std::runtime_error {
public:
    using runtime_error::runtime_error;
};

// A letter will not be taken, this time or any other. The text says why, in the words of whoever refused it.
class DeliveryRefused : public DeliveryFailure {
public:
    using DeliveryFailure::DeliveryFailure;
};

// A letter was handed over, and the line was cut before the other side said whether it took it.
class DeliveryUnknown : public DeliveryFailure {
public:
    using DeliveryFailure::DeliveryFailure;
};

}

#pragma GCC visibility pop
