#pragma once

// The one include of Catch2, be it version 2 or 3, and how our types print in a failure: enough to see what went wrong,
// and no secret. Tokens, codes, digests and keys print as "{?}", which is what Catch2 makes of anything it was not told
// about.
#define CATCH_CONFIG_ENABLE_ALL_STRINGMAKERS

#include <optional>
#include <string>
#include <string_view>

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <onboard/account.hpp>
#include <onboard/error.hpp>
#include <onboard/letters.hpp>
#include <onboard/onboard.hpp>
#include <onboard/person.hpp>
#include <onboard/phone.hpp>
#include <onboard/storage.hpp>

namespace Catch {

template <>
struct StringMaker<onboard::Errc> {
    static std::string convert(onboard::Errc code) { return std::string(name_of(code)); }
};

template <>
struct StringMaker<onboard::Error> {
    static std::string convert(onboard::Error const& error)
    {
        auto text = "refused: " + std::string(name_of(error.code));
        if (!error.field.empty())
            text += ", field " + error.field;
        if (error.attempts_left)
            text += ", attempts left " + std::to_string(*error.attempts_left);
        if (error.retry_after)
            text += ", again after " + std::to_string(error.retry_after->count()) + " s";
        return text;
    }
};

template <class Value>
struct StringMaker<onboard::Result<Value>> {
    static std::string convert(onboard::Result<Value> const& result)
    {
        return result ? Detail::stringify(*result) : Detail::stringify(result.error());
    }
};

template <>
struct StringMaker<onboard::Result<void>> {
    static std::string convert(onboard::Result<void> const& result)
    {
        return result ? "done" : Detail::stringify(result.error());
    }
};

template <>
struct StringMaker<onboard::Instant> {
    static std::string convert(onboard::Instant instant)
    {
        return std::to_string(instant.time_since_epoch().count()) + " ms since 1970";
    }
};

template <>
struct StringMaker<onboard::EmailAddress> {
    static std::string convert(onboard::EmailAddress const& email) { return email.str() + " (" + email.key() + ')'; }
};

template <>
struct StringMaker<onboard::PersonName> {
    static std::string convert(onboard::PersonName const& name) { return name.first() + ' ' + name.last(); }
};

template <>
struct StringMaker<onboard::Region> {
    static std::string convert(onboard::Region region) { return std::string(region.str()); }
};

template <>
struct StringMaker<onboard::PhoneNumber> {
    static std::string convert(onboard::PhoneNumber const& number) { return number.e164(); }
};

template <class Tag>
struct StringMaker<onboard::Identifier<Tag>> {
    static std::string convert(onboard::Identifier<Tag> const& identifier) { return '"' + identifier.str() + '"'; }
};

template <>
struct StringMaker<onboard::Language> {
    static std::string convert(onboard::Language language) { return std::string(onboard::code_of(language)); }
};

template <>
struct StringMaker<onboard::ContractType> {
    static std::string convert(onboard::ContractType type) { return std::string(name_of(type)); }
};

template <>
struct StringMaker<onboard::LinkExisting> {
    static std::string convert(onboard::LinkExisting choice) { return std::string(name_of(choice)); }
};

template <>
struct StringMaker<onboard::LetterKind> {
    static std::string convert(onboard::LetterKind kind) { return std::string(name_of(kind)); }
};

template <>
struct StringMaker<onboard::LetterState> {
    static std::string convert(onboard::LetterState state) { return std::string(name_of(state)); }
};

template <>
struct StringMaker<onboard::Registered> {
    static std::string convert(onboard::Registered registered)
    {
        return registered == onboard::Registered::created ? "created" : "updated";
    }
};

template <>
struct StringMaker<onboard::AccountStatus> {
    static std::string convert(onboard::AccountStatus status)
    {
        switch (status) {
        case onboard::AccountStatus::active: return "active";
        case onboard::AccountStatus::blocked: return "blocked";
        case onboard::AccountStatus::deleted: return "deleted";
        }
        return "?";
    }
};

template <>
struct StringMaker<onboard::Enrolment> {
    static std::string convert(onboard::Enrolment const& enrolment)
    {
        return "plan " + Detail::stringify(enrolment.plan) + ", contract type " +
               Detail::stringify(enrolment.contract_type) + ", person id " + Detail::stringify(enrolment.person_id) +
               ", personnel number " + Detail::stringify(enrolment.personnel_number) + ", additional data " +
               enrolment.additional_data;
    }
};

template <>
struct StringMaker<onboard::Account> {
    static std::string convert(onboard::Account const& account)
    {
        return "account of " + Detail::stringify(account.email) + ", " + Detail::stringify(account.phone) + ", " +
               Detail::stringify(account.status);
    }
};

template <>
struct StringMaker<onboard::Person> {
    static std::string convert(onboard::Person const& person) { return Detail::stringify(person.account); }
};

template <>
struct StringMaker<onboard::LoggedIn> {
    static std::string convert(onboard::LoggedIn const& outcome)
    {
        return Detail::stringify(outcome.registered) + (outcome.confirmation_required ? ", to be confirmed" : "") +
               (outcome.repeated ? ", again" : "");
    }
};

template <>
struct StringMaker<onboard::OpenedSession> {
    static std::string convert(onboard::OpenedSession const& opened)
    {
        return "session of " + Detail::stringify(opened.person);
    }
};

template <>
struct StringMaker<onboard::Session> {
    static std::string convert(onboard::Session const& session)
    {
        return "session of " + Detail::stringify(session.person);
    }
};

template <>
struct StringMaker<onboard::PendingConfirmation> {
    static std::string convert(onboard::PendingConfirmation const& pending)
    {
        return Detail::stringify(pending.partner) + " asks " + Detail::stringify(pending.email);
    }
};

}

namespace onboard::testing {

// Why a call was refused, if it was: CHECK(refusal(outcome) == Errc::link_spent).
template <class Value>
std::optional<Errc> refusal(Result<Value> const& result)
{
    return result ? std::nullopt : std::optional(result.error().code);
}

// The same with everything the refusal says: CHECK(error_of(outcome) == refuse(Errc::plan_unknown, "plan")).
template <class Value>
std::optional<Error> error_of(Result<Value> const& result)
{
    return result ? std::nullopt : std::optional(result.error());
}

}
