#include <boost/json.hpp>
#include <fmt/format.h>

#include "server/commands/administer.hpp"

namespace onboard::server {

namespace json = boost::json;

namespace {

std::string text_of(AuditFlaw const& flaw)
{
    if (flaw.number == 0)
        return std::string(explain(flaw.kind));
    return fmt::format("strand {}, entry {}: {}", flaw.strand, flaw.number, explain(flaw.kind));
}

template <class Id>
std::string number_of(std::optional<Id> id)
{
    return id ? std::to_string(static_cast<std::int64_t>(*id)) : "";
}

template <class Id>
json::value to_json(std::optional<Id> id)
{
    return id ? json::value(static_cast<std::int64_t>(*id)) : json::value(nullptr);
}

json::object to_json(AuditEntry const& entry)
{
    return {
        {"at", written(entry.at)},
        {"event", name_of(entry.event)},
        {"account", to_json(entry.account)},
        {"partner", to_json(entry.partner)},
        {"detail", entry.detail},
        {"strand", entry.strand},
        {"number", entry.number}};
}

}

int perform(Administration& administration, AuditVerify const&, Terminal const& terminal)
{
    auto const report = administration.verify_audit();
    for (auto const& flaw : report.flaws)
        refuse_command(terminal, text_of(flaw));
    if (!report.flaws.empty())
        return 1;
    terminal.out << fmt::format(
        "The audit trail is as it was written: {} {} in {} {}.\n", report.entries,
        report.entries == 1 ? "entry" : "entries", report.strands, report.strands == 1 ? "strand" : "strands");
    return 0;
}

int perform(Administration& administration, AuditList const& command, Terminal const& terminal)
{
    json::array objects;
    std::vector<std::vector<std::string>> rows{{"AT", "EVENT", "ACCOUNT", "PARTNER", "DETAIL"}};
    for (auto const& entry : administration.latest_audit_entries(command.last)) {
        objects.push_back(to_json(entry));
        rows.push_back(
            {written(entry.at), std::string(name_of(entry.event)), number_of(entry.account), number_of(entry.partner),
             entry.detail});
    }

    if (command.listing == Listing::json)
        terminal.out << objects << '\n';
    else
        print_aligned(terminal.out, rows);
    return 0;
}

}
