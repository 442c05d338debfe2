#include "server/contracts/person_json.hpp"

#include <array>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/http/json_reader.hpp"

namespace onboard::server {

namespace {

namespace json = boost::json;

template <class Text>
json::value text_or_null(std::optional<Text> const& text)
{
    return text ? json::value(text->str()) : json::value(nullptr);
}

std::string upper_code_of(Language language)
{
    std::string code(code_of(language));
    for (auto& letter : code)
        letter = static_cast<char>(letter - 'a' + 'A');
    return code;
}

}

std::string person_json(Person const& person)
{
    auto const& account = person.account;
    static Enrolment const none;
    auto const& enrolment = person.enrolment ? *person.enrolment : none;
    std::array<unsigned char, 4096> first_memory;
    json::monotonic_resource memory(first_memory.data(), first_memory.size());
    json::object user(&memory);
    user["id"] = account.handle;
    user["email"] = account.email ? account.email->str() : "";
    user["firstName"] = account.name ? account.name->first() : "";
    user["lastName"] = account.name ? account.name->last() : "";
    user["language"] = upper_code_of(account.language);
    user["contractType"] =
        enrolment.contract_type ? json::value(name_of(*enrolment.contract_type)) : json::value(nullptr);
    user["partner"] = text_or_null(person.partner);
    user["planCode"] = text_or_null(enrolment.plan);
    user["partner_PersonID"] = text_or_null(enrolment.person_id);
    user["personnelNumber"] = text_or_null(enrolment.personnel_number);
    auto const additional = enrolment.additional_data.empty() ? "null" : enrolment.additional_data;
    return with_raw_member(
        "{}", "user", with_raw_member(json::serialize(user), "partner_additionalData", additional));
}

}
