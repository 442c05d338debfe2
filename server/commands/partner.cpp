#include <boost/json.hpp>
#include <fmt/format.h>

#include "server/commands/administer.hpp"

namespace onboard::server {
namespace {

namespace json = boost::json;

std::vector<std::string> names_of(Rights rights)
{
    std::vector<std::string> names;
    for (auto const right : all_rights)
        if (rights.contains(right))
            names.emplace_back(name_of(right));
    return names;
}

void print_once(Terminal const& terminal, PartnerToken const& token)
{
    terminal.out << "Its bearer token, which is shown this once and cannot be read back:\n" << token.reveal() << '\n';
}

json::object to_json(PartnerOverview const& overview)
{
    auto const& partner = overview.partner;
    json::array rights;
    for (auto const& name : names_of(partner.rights))
        rights.emplace_back(name);
    return {
        {"name", partner.name.str()},
        {"rights", std::move(rights)},
        {"linkExisting", name_of(partner.link_existing)},
        {"liveTokens", overview.live_tokens},
        {"createdAt", written(partner.created_at)}};
}

std::vector<std::string> to_row(PartnerOverview const& overview)
{
    auto const& partner = overview.partner;
    return {
        partner.name.str(), fmt::format("{}", fmt::join(names_of(partner.rights), ",")),
        std::string(name_of(partner.link_existing)), std::to_string(overview.live_tokens),
        written(partner.created_at)};
}

}

int perform(Administration& administration, PartnerAdd const& command, Terminal const& terminal)
{
    auto const name = PartnerName::parse(command.name);
    if (!name)
        return refuse_command(terminal, "NAME", name.error().code);

    auto const token =
        administration.add_partner({.name = *name, .rights = command.rights, .link_existing = command.link_existing});
    if (!token)
        return refuse_command(terminal, "NAME", token.error().code);

    terminal.out << "Partner " << name->str() << " was added.\n";
    print_once(terminal, *token);
    return 0;
}

int perform(Administration& administration, PartnerRotate const& command, Terminal const& terminal)
{
    auto const name = PartnerName::parse(command.name);
    auto const token = name ? administration.rotate(*name) : Result<PartnerToken>(name.error());
    if (!token)
        return refuse_command(terminal, "NAME", token.error().code);

    terminal.out << "Partner " << name->str()
                 << " got one more token; the earlier ones work until they are revoked.\n";
    print_once(terminal, *token);
    return 0;
}

int perform(Administration& administration, PartnerRevoke const& command, Terminal const& terminal)
{
    auto const name = PartnerName::parse(command.name);
    if (!name)
        return refuse_command(terminal, "NAME", name.error().code);

    auto const revoked =
        command.tokens == Revoked::oldest ? administration.revoke_oldest(*name) : administration.revoke_all(*name);
    if (!revoked)
        return refuse_command(terminal, "NAME", revoked.error().code);

    terminal.out << *revoked << (*revoked == 1 ? " token was revoked.\n" : " tokens were revoked.\n");
    return 0;
}

int perform(Administration& administration, PartnerList const& command, Terminal const& terminal)
{
    json::array objects;
    std::vector<std::vector<std::string>> rows{{"NAME", "RIGHTS", "LINK-EXISTING", "LIVE TOKENS", "CREATED"}};
    for (auto const& overview : administration.partners()) {
        objects.push_back(to_json(overview));
        rows.push_back(to_row(overview));
    }

    if (command.listing == Listing::json)
        terminal.out << objects << '\n';
    else
        print_aligned(terminal.out, rows);
    return 0;
}

}
