#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <onboard/identifier.hpp>
#include <onboard/organisation.hpp>
#include <onboard/person.hpp>
#include <onboard/phone.hpp>
#include <onboard/user_name.hpp>

#pragma GCC visibility push(default)

namespace onboard {

// A moment, in UTC, to the millisecond; the same in every backend.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

// Numbers that a storage gives out, each a type of its own so that none is taken for another. They are never shown
// outside: a person is known there by their handle.
enum class AccountId : std::int64_t {};
enum class PartnerId : std::int64_t {};
enum class PartnerTokenId : std::int64_t {};
enum class LoginLinkId : std::int64_t {};
enum class SessionId : std::int64_t {};
enum class CodeId : std::int64_t {};
enum class PasswordLinkId : std::int64_t {};

// Which bike plan a person gets access to. A malformed code is refused like an unknown one, with plan_unknown.
using PlanCode = Identifier<struct PlanCodeTag>;

// How a partner knows the person; unique per partner. Refused with text_malformed.
using PersonId = Identifier<struct PersonIdTag>;

// A person's number inside their company. Refused with text_malformed.
using PersonnelNumber = Identifier<struct PersonnelNumberTag>;

// How a partner is called by its operator. No colon, so that it can be a user name of HTTP Basic (RFC 7617).
// Refused with text_malformed.
using PartnerName = Identifier<struct PartnerNameTag>;

template <>
Result<PlanCode> PlanCode::parse(std::string_view);
template <>
Result<PersonId> PersonId::parse(std::string_view);
template <>
Result<PersonnelNumber> PersonnelNumber::parse(std::string_view);
template <>
Result<PartnerName> PartnerName::parse(std::string_view);

// Whether a person may come in.
enum class AccountStatus : std::uint8_t {
    active = 1,
    blocked,  // refused everywhere until unblocked
    deleted,  // a tombstone: refused everywhere, and its address and number stay taken
};

// A person, as the library remembers them. There is an email address or a telephone number, or both.
struct Account {
    AccountId id{};      // given out by the storage
    std::string handle;  // what outsiders call this account: a random UUID (RFC 9562, version 4)
    std::optional<EmailAddress> email = {};
    std::optional<PhoneNumber> phone = {};
    std::optional<PersonName> name = {};  // none until somebody tells it
    Language language = Language::english;
    AccountStatus status = AccountStatus::active;

    // Whether the person has shown that mail to the address reaches them.
    bool email_verified = false;

    // What outsiders call an account with a telephone number where they want a number: random, unique, at least one and
    // below 2^53, so that a JSON number holds it.
    std::optional<std::int64_t> number = {};

    // Where notes to the person's own device go; empty if nobody told. Kept for the host, never interpreted.
    std::string push_token = {};

    // What the person is called where names are unique. It stays taken for ever, unless the account is erased.
    std::optional<UserName> user_name = {};

    std::optional<Membership> membership = {};

    // Every link and session remembers the generation it was issued in and dies with it, so that a block or a deletion
    // ends all of them in one write.
    int generation = 1;

    Instant created_at{};
    Instant updated_at{};
};

// "asha1234@kerala": a user name with its channel. None without a user name or without a membership.
std::optional<std::string> login_id(Account const&);

// That an account belongs to somebody whom an identity provider knows.
struct LinkedIdentity {
    std::string issuer;
    std::string subject;
    AccountId account{};
    Instant linked_at{};

    friend bool operator==(LinkedIdentity const&, LinkedIdentity const&) = default;
};

// Whose signed tokens bring people here: the portal of a state.
struct TokenIssuer {
    std::string name;        // as its tokens have it in `iss`: 1 to 255 octets, printable
    std::string public_key;  // PEM, as onboard/jwt.hpp reads it
    ChannelName channel;     // where its people belong
    std::string audience;    // what its tokens have to have in `aud`; empty for the host's own choice
    Instant added_at{};

    friend bool operator==(TokenIssuer const&, TokenIssuer const&) = default;
};

// What a partner told us about a person it brought on board.
struct Enrolment {
    std::optional<PlanCode> plan = {};
    std::optional<ContractType> contract_type = {};
    std::optional<PersonId> person_id = {};
    std::optional<PersonnelNumber> personnel_number = {};
    std::string additional_data = {};  // a JSON object as it was sent, never interpreted; empty if none was

    friend bool operator==(Enrolment const&, Enrolment const&) = default;
};

// What a person agrees to.
enum class Agreement : std::uint8_t { terms = 1, privacy };

// "terms" or "privacy"
std::string_view name_of(Agreement) noexcept;

// That a person agreed to something, as it can be shown later.
struct Consent {
    AccountId account{};
    Agreement to = Agreement::terms;
    std::string version;                    // of the text they agreed to
    std::optional<PartnerId> partner = {};  // through whom, if through somebody
    Instant given_at{};

    friend bool operator==(Consent const&, Consent const&) = default;
};

// What a partner may ask for.
enum class Right : std::uint8_t { partner = 1, sso = 2, sunbird = 4, redeem = 8 };

// What a partner may ask for, all together.
class Rights {
public:
    Rights() = default;
    Rights(std::initializer_list<Right> rights)
    {
        for (auto const right : rights)
            bits_ |= static_cast<std::uint8_t>(right);
    }

    static Rights from_bits(std::uint8_t bits) noexcept
    {
        Rights rights;
        rights.bits_ = bits;
        return rights;
    }
    std::uint8_t bits() const noexcept { return bits_; }
    bool contains(Right right) const noexcept { return (bits_ & static_cast<std::uint8_t>(right)) != 0; }

    friend bool operator==(Rights, Rights) = default;

private:
    std::uint8_t bits_ = 0;
};

// "partner", "sso", "sunbird" or "redeem"
std::string_view name_of(Right) noexcept;

// What happens when a partner logs in a person whom somebody else brought on board.
enum class LinkExisting : std::uint8_t {
    refuse = 1,  // email_taken
    confirm,     // the person enters a code mailed to them before anything is linked or updated
    trust,       // linked at once
};

// "refuse", "confirm" or "trust"
std::string_view name_of(LinkExisting) noexcept;

// Somebody who sends people here, and how their word is taken.
struct Partner {
    PartnerId id{};
    PartnerName name;
    Rights rights;
    LinkExisting link_existing = LinkExisting::confirm;
    Instant created_at{};
};

// A bike plan: a code that belongs to one partner for good, open until it is closed.
struct Plan {
    PlanCode code;
    PartnerId partner{};
    bool open = true;
};

}

#pragma GCC visibility pop
