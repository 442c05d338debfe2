#include "server/commands/check_config.hpp"

#include <fmt/format.h>

namespace onboard::server {
namespace {

std::vector<std::string> to_row(ShownSetting const& setting)
{
    return {
        setting.key, setting.value.empty() ? "-" : setting.value,
        setting.origin + (setting.has_effect ? "" : "; no effect in this version")};
}

}

int check_config(SettingSources const& sources, Terminal const& terminal)
{
    auto const report = report_settings(sources);

    std::vector<std::vector<std::string>> rows{{"SETTING", "VALUE", "FROM"}};
    for (auto const& setting : report.shown)
        rows.push_back(to_row(setting));
    print_aligned(terminal.out, rows);
    if (report.problems.empty())
        return 0;

    terminal.out << '\n';
    std::string names;
    for (auto const& problem : report.problems) {
        terminal.out << "bad: " << problem.setting << ": " << problem.rule << '\n';
        names += (names.empty() ? "" : ", ") + problem.setting;
    }
    return refuse_command(terminal, fmt::format("bad settings: {}", names));
}

int refuse_settings(SettingProblems const& problems, Terminal const& terminal)
{
    for (auto const& problem : problems)
        refuse_command(terminal, fmt::format("{}: {}", problem.setting, problem.rule));
    return 1;
}

}
