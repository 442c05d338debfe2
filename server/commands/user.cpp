#include <algorithm>

#include "server/commands/administer.hpp"
#include "server/commands/person_json.hpp"

namespace onboard::server {
namespace {

using Rows = std::vector<std::vector<std::string>>;

bool looks_like_phone(std::string_view text)
{
    auto const digits = std::ranges::count_if(text, [](char letter) { return letter >= '0' && letter <= '9'; });
    return digits >= 3 && text.find_first_not_of("+0123456789 ()-/.") == std::string_view::npos;
}

// Whom the operator means, or the exit code when that is nobody.
std::variant<Recipient, int> find_person(std::string const& person, Region region, Terminal const& terminal)
{
    if (looks_like_phone(person)) {
        auto phone = PhoneNumber::parse(person, region);
        if (!phone)
            return refuse_command(terminal, "EMAIL-OR-PHONE", phone.error().code);
        return *std::move(phone);
    }
    auto address = EmailAddress::parse(person);
    if (!address)
        return refuse_command(terminal, "EMAIL-OR-PHONE", address.error().code);
    return *std::move(address);
}

// A single change to a person, told in one line.
template <class Change>
int change(
    std::string const& person, Region region, Terminal const& terminal, std::string_view done, Change const& make)
{
    auto const found = find_person(person, region, terminal);
    if (auto const exit_code = std::get_if<int>(&found))
        return *exit_code;

    auto const& who = std::get<Recipient>(found);
    if (auto const changed = make(who); !changed)
        return refuse_command(terminal, "EMAIL-OR-PHONE", changed.error().code);
    terminal.out << text_of(who) << ' ' << done << '\n';
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
    Rows rows{{"id", account.handle}};
    if (account.number)
        rows.push_back({"number", std::to_string(*account.number)});
    if (account.email)
        rows.push_back({"email", account.email->str() + (account.email_verified ? " (confirmed)" : "")});
    if (account.phone)
        rows.push_back({"phone", account.phone->e164()});
    if (account.name) {
        rows.push_back({"first name", account.name->first()});
        if (!account.name->last().empty())
            rows.push_back({"last name", account.name->last()});
    }
    if (account.user_name)
        rows.push_back({"user name", account.user_name->str()});
    if (account.membership)
        rows.push_back({"channel", account.membership->channel.str() + " (PUBLIC)"});
    if (account.membership && account.membership->organisation)
        rows.push_back({"organisation", account.membership->organisation->str()});
    rows.push_back({"language", std::string(code_of(account.language))});
    rows.push_back({"status", std::string(name_of(account.status))});
    rows.push_back({"created", written(account.created_at)});
    rows.push_back({"updated", written(account.updated_at)});
    print_aligned(out, rows);
    for (auto const& [partner, enrolment] : dossier.enrolments)
        print_enrolment(out, partner, enrolment);
    for (auto const& [consent, partner] : dossier.consents)
        out << "agreed to " << onboard::name_of(consent.to) << ", version " << consent.version << ", on "
            << written(consent.given_at) << (partner ? " through " + partner->str() : std::string()) << '\n';
    for (auto const& identity : dossier.identities)
        out << "known to " << identity.issuer << " as " << identity.subject << ", since "
            << written(identity.linked_at) << '\n';
}

}

int perform(Administration& administration, UserShow const& command, Region region, Terminal const& terminal)
{
    auto const found = find_person(command.person, region, terminal);
    if (auto const exit_code = std::get_if<int>(&found))
        return *exit_code;

    auto const dossier = administration.find(std::get<Recipient>(found));
    if (!dossier)
        return refuse_command(terminal, "EMAIL-OR-PHONE", dossier.error().code);
    if (command.listing == Listing::json)
        terminal.out << to_json(*dossier) << '\n';
    else
        print_text(terminal.out, *dossier);
    return 0;
}

int perform(Administration& administration, UserExport const& command, Region region, Terminal const& terminal)
{
    auto const found = find_person(command.person, region, terminal);
    if (auto const exit_code = std::get_if<int>(&found))
        return *exit_code;

    auto const data = administration.disclose(std::get<Recipient>(found));
    if (!data)
        return refuse_command(terminal, "EMAIL-OR-PHONE", data.error().code);
    terminal.out << to_json(*data) << '\n';
    return 0;
}

int perform(Administration& administration, UserBlock const& command, Region region, Terminal const& terminal)
{
    return change(
        command.person, region, terminal, "is blocked.", [&](auto const& who) { return administration.block(who); });
}

int perform(Administration& administration, UserUnblock const& command, Region region, Terminal const& terminal)
{
    return change(
        command.person, region, terminal, "is active.", [&](auto const& who) { return administration.unblock(who); });
}

int perform(Administration& administration, UserDelete const& command, Region region, Terminal const& terminal)
{
    return change(
        command.person, region, terminal, "is deleted.", [&](auto const& who) { return administration.remove(who); });
}

int perform(Administration& administration, UserErase const& command, Region region, Terminal const& terminal)
{
    return change(
        command.person, region, terminal, "is erased.", [&](auto const& who) { return administration.erase(who); });
}

}
