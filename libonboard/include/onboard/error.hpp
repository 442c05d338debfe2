#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace onboard {

// Why the library says no. The list is closed and starts at one, because zero means success to an error code;
// docs/refusals.md says for each when it happens and what the person can do.
enum class Errc : std::uint8_t {
    field_missing = 1,      // a required member is absent or empty
    email_malformed,        // not an address that mail can be sent to
    name_malformed,         // not 1 to 100 printable characters
    language_unknown,       // not one of the supported languages
    contract_type_unknown,  // neither clerk nor worker
    text_malformed,         // an identifier that is too long or not printable
    additional_data_malformed,
    plan_unknown,           // unknown, closed or another partner's: one answer for all three
    person_id_taken,        // the partner uses this person id for somebody else
    email_taken,            // the address belongs to a person whom another partner made
    account_blocked,
    account_deleted,
    link_unknown,           // never issued, or long forgotten
    link_spent,             // used, expired or withdrawn
    confirmation_required,  // the link is good only together with the mailed code
    code_wrong,             // not the code that was sent, or none is alive
    attempts_spent,         // no more tries until `retry_after`
    session_unknown,        // never opened, ended or expired
    partner_token_unknown,  // never issued or revoked
    request_repeated_differently,  // an idempotency key came again with another request
    partner_unknown,
    partner_exists,
    plan_exists,
    person_unknown,
};

// The name of a refusal as programs read it: the enumerator itself, "email_malformed".
std::string_view name_of(Errc) noexcept;

// A refusal: something the caller can do something about. Breakdowns are exceptions.
struct Error {
    Errc code;
    std::string field = {};  // the command's member at fault, if one is
    std::optional<int> attempts_left = {};
    std::optional<std::chrono::seconds> retry_after = {};

    friend bool operator==(Error const&, Error const&) = default;
};

template <class T>
using Result = boost::system::result<T, Error>;

inline Error refuse(Errc code, std::string_view field = {})
{
    return {.code = code, .field = std::string(field)};
}

// Found by Boost.System when value() is called on a refusal. That is for tests and examples; it throws
// std::logic_error with the refusal's name and field.
[[noreturn]] void throw_exception_from_error(Error const&, boost::source_location const&);

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

// A letter could not be handed over this time.
class DeliveryFailure : public std::runtime_error {
public:
    using runtime_error::runtime_error;
};

}
