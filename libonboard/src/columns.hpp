#pragma once

#include <optional>

#include <onboard/account.hpp>
#include <onboard/error.hpp>
#include <onboard/letters.hpp>

// Values as columns, for every database whose rows answer text(column), integer(column) and is_null(column). What is in
// the database was valid when it was written; if it no longer reads, the database is not to be trusted.
namespace onboard::columns {

template <class Value>
Value trusted(Result<Value> value)
{
    if (!value)
        throw StorageFailure("database: a stored value is not valid");
    return std::move(*value);
}

template <class Identifier, class Row>
Identifier identifier(Row const& row, int column)
{
    return trusted(Identifier::parse(row.text(column)));
}

template <class Identifier, class Row>
std::optional<Identifier> optional_identifier(Row const& row, int column)
{
    return row.is_null(column) ? std::nullopt : std::optional(identifier<Identifier>(row, column));
}

template <class Row>
EmailAddress email(Row const& row, int column)
{
    return trusted(EmailAddress::parse(row.text(column)));
}

template <class Row>
std::optional<EmailAddress> optional_email(Row const& row, int column)
{
    return row.is_null(column) ? std::nullopt : std::optional(email(row, column));
}

template <class Row>
PhoneNumber phone(Row const& row, int column)
{
    return trusted(PhoneNumber::from_storage(row.text(column)));
}

template <class Row>
std::optional<PhoneNumber> optional_phone(Row const& row, int column)
{
    return row.is_null(column) ? std::nullopt : std::optional(phone(row, column));
}

template <class Row>
Recipient recipient(Row const& row, int column, Channel channel)
{
    return channel == Channel::mail ? Recipient(email(row, column)) : Recipient(phone(row, column));
}

// Of a name in one part, the last part is empty, and not NULL.
template <class Row>
PersonName person_name(Row const& row, int first, int last)
{
    auto const last_name = row.text(last);
    auto const in_one_part = last_name.empty() && !row.is_null(last);
    return trusted(in_one_part ? PersonName::parse(row.text(first)) : PersonName::parse(row.text(first), last_name));
}

template <class Row>
std::optional<PersonName> optional_person_name(Row const& row, int first, int last)
{
    return row.is_null(first) ? std::nullopt : std::optional(person_name(row, first, last));
}

// channel, organisation, from column `first` on
template <class Row>
std::optional<Membership> optional_membership(Row const& row, int first)
{
    if (row.is_null(first))
        return std::nullopt;
    return Membership{
        .channel = identifier<ChannelName>(row, first),
        .organisation = optional_identifier<OrganisationId>(row, first + 1)};
}

// plan, contract_type, person_id, personnel_number, additional_data, from column `first` on
template <class Row>
Enrolment enrolment(Row const& row, int first)
{
    Enrolment enrolment{
        .plan = optional_identifier<PlanCode>(row, first),
        .person_id = optional_identifier<PersonId>(row, first + 2),
        .personnel_number = optional_identifier<PersonnelNumber>(row, first + 3),
        .additional_data = row.text(first + 4)};
    if (!row.is_null(first + 1))
        enrolment.contract_type = static_cast<ContractType>(row.integer(first + 1));
    return enrolment;
}

// For a column that may be NULL: a part of what may not be there, and then null.
template <class Whole>
std::string const* part(std::optional<Whole> const& whole, std::string const& (Whole::*get)() const noexcept)
{
    return whole ? &((*whole).*get)() : nullptr;
}

// The same for the two parts of a membership.
inline std::string const* channel_part(std::optional<Membership> const& membership) noexcept
{
    return membership ? &membership->channel.str() : nullptr;
}

inline std::string const* organisation_part(std::optional<Membership> const& membership) noexcept
{
    return membership ? part(membership->organisation, &OrganisationId::str) : nullptr;
}

// By what a recipient is reached.
inline Channel channel_to(Recipient const& recipient) noexcept
{
    return std::holds_alternative<EmailAddress>(recipient) ? Channel::mail : Channel::text;
}

}
