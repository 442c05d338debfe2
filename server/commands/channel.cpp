#include <boost/json.hpp>
#include <fmt/format.h>

#include "server/commands/administer.hpp"

namespace onboard::server {

namespace json = boost::json;

int perform(Administration& administration, ChannelAdd const& command, Terminal const& terminal)
{
    auto const name = ChannelName::parse(command.name);
    if (!name)
        return refuse_command(terminal, "NAME must be 1 to 64 letters, digits, dots, dashes and underscores");
    std::vector<OrganisationId> organisations;
    for (auto const& text : command.organisations) {
        auto id = OrganisationId::parse(text);
        if (!id)
            return refuse_command(terminal, "--organisation", id.error().code);
        organisations.push_back(*std::move(id));
    }
    if (auto const added = administration.add_channel(*name, organisations); !added)
        return refuse_command(
            terminal, added.error().code == Errc::channel_exists ? "NAME" : "--organisation", added.error().code);

    auto const count = organisations.size();
    terminal.out << fmt::format(
        "Channel {} is there, with {} more organisation{}.\n", name->str(), count, count == 1 ? "" : "s");
    return 0;
}

int perform(Administration& administration, ChannelList const& command, Terminal const& terminal)
{
    json::array objects;
    std::vector<std::vector<std::string>> rows{{"CHANNEL", "ORGANISATIONS"}};
    for (auto const& root : administration.channels()) {
        std::vector<std::string> ids;
        for (auto const& id : root.organisations)
            ids.push_back(id.str());
        objects.push_back(
            json::object{{"name", root.channel.str()}, {"organisations", json::array(ids.begin(), ids.end())}});
        rows.push_back({root.channel.str(), fmt::format("{}", fmt::join(ids, ","))});
    }

    if (command.listing == Listing::json)
        terminal.out << objects << '\n';
    else
        print_aligned(terminal.out, rows);
    return 0;
}

}
