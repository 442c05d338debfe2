#include <boost/json.hpp>

#include "server/commands/administer.hpp"

namespace onboard::server {

namespace json = boost::json;

int perform(Administration& administration, PlanAdd const& command, Terminal const& terminal)
{
    auto const code = PlanCode::parse(command.code);
    if (!code)
        return refuse_command(terminal, "CODE", Errc::text_malformed);
    auto const partner = PartnerName::parse(command.partner);
    if (!partner)
        return refuse_command(terminal, "--partner", partner.error().code);

    if (auto const added = administration.add_plan(*code, *partner); !added) {
        auto const reason = added.error().code;
        return refuse_command(terminal, reason == Errc::partner_unknown ? "--partner" : "CODE", reason);
    }
    terminal.out << "Plan " << code->str() << " of " << partner->str() << " is open.\n";
    return 0;
}

int perform(Administration& administration, PlanClose const& command, Terminal const& terminal)
{
    auto const code = PlanCode::parse(command.code);
    auto const closed = code ? administration.close_plan(*code) : Result<void>(code.error());
    if (!closed)
        return refuse_command(terminal, "CODE", closed.error().code);

    terminal.out << "Plan " << code->str() << " is closed.\n";
    return 0;
}

int perform(Administration& administration, PlanList const& command, Terminal const& terminal)
{
    json::array objects;
    std::vector<std::vector<std::string>> rows{{"CODE", "PARTNER", "STATE"}};
    for (auto const& [plan, partner] : administration.plans()) {
        objects.push_back(json::object{{"code", plan.code.str()}, {"partner", partner.str()}, {"open", plan.open}});
        rows.push_back({plan.code.str(), partner.str(), plan.open ? "open" : "closed"});
    }

    if (command.listing == Listing::json)
        terminal.out << objects << '\n';
    else
        print_aligned(terminal.out, rows);
    return 0;
}

}
