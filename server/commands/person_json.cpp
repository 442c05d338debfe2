#include "server/commands/person_json.hpp"

#include <boost/json.hpp>

#include "server/commands/terminal.hpp"

namespace onboard::server {
namespace {

namespace json = boost::json;

// The additional data stands as it was sent, down to the spelling of its numbers; what is no JSON after all, as a text.
std::string raw_json(std::string const& data)
{
    json::error_code trouble;
    json::parse(data, trouble);
    return trouble ? json::serialize(json::value(data)) : data;
}

std::string to_json(PartnerName const& partner, Enrolment const& enrolment)
{
    json::object object{{"partner", partner.str()}};
    if (enrolment.plan)
        object["planCode"] = enrolment.plan->str();
    if (enrolment.contract_type)
        object["contractType"] = onboard::name_of(*enrolment.contract_type);
    if (enrolment.person_id)
        object["partner_PersonID"] = enrolment.person_id->str();
    if (enrolment.personnel_number)
        object["personnelNumber"] = enrolment.personnel_number->str();

    auto text = json::serialize(object);
    if (enrolment.additional_data.empty())
        return text;
    text.pop_back();
    return text + ",\"partner_additionalData\":" + raw_json(enrolment.additional_data) + '}';
}

json::object to_json(Account const& account)
{
    json::object object{{"id", account.handle}};
    if (account.number)
        object["number"] = *account.number;
    if (account.email) {
        object["email"] = account.email->str();
        object["emailVerified"] = account.email_verified;
    }
    if (account.phone)
        object["phone"] = account.phone->e164();
    if (account.name) {
        object["firstName"] = account.name->first();
        object["lastName"] = account.name->last();
    }
    if (account.user_name)
        object["userName"] = account.user_name->str();
    if (account.membership) {
        object["channel"] = account.membership->channel.str();
        object["roles"] = json::array{"PUBLIC"};
        if (account.membership->organisation)
            object["organisation"] = account.membership->organisation->str();
    }
    object["language"] = code_of(account.language);
    object["status"] = name_of(account.status);
    object["createdAt"] = written(account.created_at);
    object["updatedAt"] = written(account.updated_at);
    return object;
}

json::array to_json(std::vector<std::pair<Consent, std::optional<PartnerName>>> const& consents)
{
    json::array list;
    for (auto const& [consent, partner] : consents) {
        json::object object{
            {"to", onboard::name_of(consent.to)},
            {"version", consent.version},
            {"givenAt", written(consent.given_at)}};
        if (partner)
            object["partner"] = partner->str();
        list.push_back(std::move(object));
    }
    return list;
}

json::array to_json(std::vector<LinkedIdentity> const& identities)
{
    json::array list;
    for (auto const& identity : identities)
        list.push_back(json::object{
            {"issuer", identity.issuer}, {"subject", identity.subject}, {"linkedAt", written(identity.linked_at)}});
    return list;
}

// Without the brace at its end, so that more can follow.
std::string open_json(Dossier const& dossier)
{
    auto object = to_json(dossier.account);
    object["consents"] = to_json(dossier.consents);
    object["identities"] = to_json(dossier.identities);
    auto text = json::serialize(object);
    text.pop_back();
    text += ",\"enrolments\":[";
    for (auto const& [partner, enrolment] : dossier.enrolments) {
        if (text.back() != '[')
            text += ',';
        text += to_json(partner, enrolment);
    }
    return text + ']';
}

json::array to_json(std::vector<OutboxEntry> const& letters)
{
    json::array list;
    for (auto const& entry : letters)
        list.push_back(json::object{
            {"kind", onboard::name_of(entry.letter.kind)},
            {"to", text_of(entry.letter.to)},
            {"state", onboard::name_of(entry.state)},
            {"addedAt", written(entry.added_at)}});
    return list;
}

json::array to_json(std::vector<std::pair<AuditEntry, std::optional<PartnerName>>> const& history)
{
    json::array list;
    for (auto const& [entry, partner] : history) {
        json::object object{
            {"at", written(entry.at)}, {"event", onboard::name_of(entry.event)}, {"detail", entry.detail}};
        if (partner)
            object["partner"] = partner->str();
        list.push_back(std::move(object));
    }
    return list;
}

}

std::string_view name_of(AccountStatus status) noexcept
{
    switch (status) {
    case AccountStatus::active: return "active";
    case AccountStatus::blocked: return "blocked";
    case AccountStatus::deleted: return "deleted";
    }
    return "";
}

std::string to_json(Dossier const& dossier)
{
    return open_json(dossier) + '}';
}

std::string to_json(PersonalData const& data)
{
    json::object object{{"hasPassword", data.has_password}};
    if (!data.dossier.account.push_token.empty())
        object["pushToken"] = data.dossier.account.push_token;
    if (data.waiting_email)
        object["waitingEmail"] = data.waiting_email->str();
    object["letters"] = to_json(data.letters);
    object["history"] = to_json(data.history);
    return open_json(data.dossier) + ',' + json::serialize(object).substr(1);
}

}
