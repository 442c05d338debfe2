#include "server/contracts/partner_person.hpp"

#include <array>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "server/http/json_reader.hpp"

namespace onboard::server::partner {

namespace {

constexpr std::size_t longest_additional_data = 16384;

// The member names, in the spelling of user.login's document first.
constexpr Spellings plan_code{"bikePlanCode", "BikePlanCode"};
constexpr Spellings first_name{"firstName", "FirstName"};
constexpr Spellings last_name{"lastName", "LastName"};
constexpr Spellings email{"email", "Email"};
constexpr Spellings language{"language", "Language"};
constexpr Spellings contract_type{"contractType", "ContractType"};
constexpr Spellings person_id{"partner_PersonID", "partner_EmployeeID"};
constexpr Spellings personnel_number{"personnelNumber", "PersonnelNumber"};
constexpr Spellings additional_data{"partner_additionalData"};

// This wire knows three of the library's languages.
Result<Language> parse_partner_language(std::string_view text)
{
    auto language_given = parse_language(text);
    if (language_given && *language_given == Language::german)
        return refuse(Errc::language_unknown, "language");
    return language_given;
}

// One part of a name by the rule for names.
Result<std::string> parse_name_part(std::string_view text)
{
    auto const name = PersonName::parse(text, "x");
    if (!name)
        return name.error();
    return name->first();
}

std::string read_additional_data(Fields& person, std::string_view text)
{
    if (!person.optional_object(additional_data))
        return {};
    auto const raw = raw_member(text, additional_data.first());
    if (raw.size() > longest_additional_data)
        person.note(additional_data.first(), name_of(Errc::additional_data_malformed));
    return std::string(raw);
}

}

std::optional<NewPerson> read_person(Fields& person, std::string_view text)
{
    auto plan = person.required(plan_code, PlanCode::parse);
    auto const first = person.required(first_name, parse_name_part);
    auto const last = person.required(last_name, parse_name_part);
    auto address = person.required(email, EmailAddress::parse);
    auto const spoken = person.required(language, parse_partner_language);
    auto const contract = person.optional(contract_type, parse_contract_type);
    auto id = person.optional(person_id, PersonId::parse);
    auto personnel = person.optional(personnel_number, PersonnelNumber::parse);
    auto additional = read_additional_data(person, text);
    if (!person.ok())
        return std::nullopt;
    return NewPerson{
        .plan = std::move(*plan),
        .email = std::move(*address),
        .name = *PersonName::parse(*first, *last),
        .language = *spoken,
        .contract_type = contract,
        .person_id = std::move(id),
        .personnel_number = std::move(personnel),
        .additional_data = std::move(additional)};
}

receiver::WireName names_in(boost::json::object const& person)
{
    static constexpr std::array<std::pair<std::string_view, Spellings>, 6> names{
        {{"plan", plan_code},
         {"first_name", first_name},
         {"last_name", last_name},
         {"email", email},
         {"person_id", person_id},
         {"personnel_number", personnel_number}}};
    Fields const fields(person);
    std::map<std::string, std::string, std::less<>> spelled{{"idempotency_key", "Idempotency-Key"}};
    for (auto const& [ours, theirs] : names)
        spelled.emplace(ours, fields.spelling(theirs));
    return [spelled = std::move(spelled)](std::string_view field) {
        auto const found = spelled.find(field);
        return found == spelled.end() ? std::string(field) : found->second;
    };
}

}
