#include <algorithm>

#include <boost/json.hpp>

#include "server/commands/administer.hpp"

namespace onboard::server {
namespace {

namespace json = boost::json;
using Rows = std::vector<std::vector<std::string>>;

std::string_view name_of(AccountStatus status)
{
    switch (status) {
    case AccountStatus::active: return "active";
    case AccountStatus::blocked: return "blocked";
    case AccountStatus::deleted: return "deleted";
    }
    return "";
}

bool looks_like_phone(std::string_view text)
{
    auto const digits = std::ranges::count_if(text, [](char letter) { return letter >= '0' && letter <= '9'; });
    return digits >= 3 && text.find_first_not_of("+0123456789 ()-/.") == std::string_view::npos;
}

// Whom the operator means, or the exit code when that is nobody.
std::variant<EmailAddress, int> find_address(std::string const& person, Terminal const& terminal)
{
    // Nobody can be known by a number before there are accounts with one.
    if (looks_like_phone(person))
        return refuse_command(terminal, "no person has that phone number");
    auto const address = EmailAddress::parse(person);
    if (!address)
        return refuse_command(terminal, "EMAIL-OR-PHONE", address.error().code);
    return *address;
}

// A single change to a person, told in one line.
template <class Change>
int change(std::string const& person, Terminal const& terminal, std::string_view done, Change const& make)
{
    auto const found = find_address(person, terminal);
    if (auto const exit_code = std::get_if<int>(&found))
        return *exit_code;

    auto const& address = std::get<EmailAddress>(found);
    if (auto const changed = make(address); !changed)
        return refuse_command(terminal, "EMAIL-OR-PHONE", changed.error().code);
    terminal.out << address.str() << ' ' << done << '\n';
    return 0;
}

void print_enrolment(std::ostream& out, PartnerName const& partner, Enrolment const& enrolment)
{
    Rows rows;
    if (enrolment.plan)
        rows.push_back({"  plan", enrolment.plan->str()});
    if (enrolment.contract_type)
        rows.push_back({"  contract type", std::string(onboard::name_of(*enrolment.contract_type))});
    if (enrolment.person_id)
        rows.push_back({"  person id", enrolment.person_id->str()});
    if (enrolment.personnel_number)
        rows.push_back({"  personnel number", enrolment.personnel_number->str()});
    if (!enrolment.additional_data.empty())
        rows.push_back({"  additional data", enrolment.additional_data});
    out << "enrolled by " << partner.str() << '\n';
    print_aligned(out, rows);
}

void print_text(std::ostream& out, Dossier const& dossier)
{
    auto const& account = dossier.account;
    print_aligned(
        out, {{"id", account.handle},
              {"email", account.email.str()},
              {"first name", account.name.first()},
              {"last name", account.name.last()},
              {"language", std::string(code_of(account.language))},
              {"status", std::string(name_of(account.status))},
              {"created", written(account.created_at)},
              {"updated", written(account.updated_at)}});
    for (auto const& [partner, enrolment] : dossier.enrolments)
        print_enrolment(out, partner, enrolment);
}

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

void print_json(std::ostream& out, Dossier const& dossier)
{
    auto const& account = dossier.account;
    auto text = json::serialize(json::object{
        {"id", account.handle},
        {"email", account.email.str()},
        {"firstName", account.name.first()},
        {"lastName", account.name.last()},
        {"language", code_of(account.language)},
        {"status", name_of(account.status)},
        {"createdAt", written(account.created_at)},
        {"updatedAt", written(account.updated_at)}});
    text.pop_back();
    text += ",\"enrolments\":[";
    for (auto const& [partner, enrolment] : dossier.enrolments) {
        if (text.back() != '[')
            text += ',';
        text += to_json(partner, enrolment);
    }
    out << text << "]}\n";
}

}

int perform(Administration& administration, UserShow const& command, Terminal const& terminal)
{
    auto const found = find_address(command.person, terminal);
    if (auto const exit_code = std::get_if<int>(&found))
        return *exit_code;

    auto const dossier = administration.find(std::get<EmailAddress>(found));
    if (!dossier)
        return refuse_command(terminal, "EMAIL-OR-PHONE", dossier.error().code);
    if (command.listing == Listing::json)
        print_json(terminal.out, *dossier);
    else
        print_text(terminal.out, *dossier);
    return 0;
}

int perform(Administration& administration, UserBlock const& command, Terminal const& terminal)
{
    return change(
        command.person, terminal, "is blocked.", [&](auto const& who) { return administration.block(who); });
}

int perform(Administration& administration, UserUnblock const& command, Terminal const& terminal)
{
    return change(
        command.person, terminal, "is active.", [&](auto const& who) { return administration.unblock(who); });
}

int perform(Administration& administration, UserDelete const& command, Terminal const& terminal)
{
    return change(
        command.person, terminal, "is deleted.", [&](auto const& who) { return administration.remove(who); });
}

}
