#include "server/commands/check_config.hpp"

#include <cmath>

#include <fmt/format.h>

namespace onboard::server {
namespace {

std::vector<std::string> to_row(ShownSetting const& setting)
{
    return {setting.key, setting.value.empty() ? "-" : setting.value, setting.origin};
}

std::string counted(int number, std::string_view one, std::string_view many)
{
    return fmt::format("{} {}", number, number == 1 ? one : many);
}

// The hair's breadth keeps a whole number from being rounded to the one below.
std::string guess_risk(Policy const& policy)
{
    auto const one_in = std::floor((1 + 1e-9) / guess_risk_per_day(policy));
    return fmt::format(
        "guessed codes: at most 1 in {:.0f} per number or address and day ({} an hour, {} a day, {})", one_in,
        counted(policy.code_tries, "guess", "guesses"), counted(policy.codes_per_day, "code", "codes"),
        counted(policy.code_digits, "digit", "digits"));
}

}

int check_config(SettingSources const& sources, Terminal const& terminal)
{
    auto const report = report_settings(sources);

    std::vector<std::vector<std::string>> rows{{"SETTING", "VALUE", "FROM"}};
    for (auto const& setting : report.shown)
        rows.push_back(to_row(setting));
    print_aligned(terminal.out, rows);
    terminal.out << '\n';
    if (report.problems.empty()) {
        terminal.out << guess_risk(policy_of(report.settings)) << '\n';
        return 0;
    }

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
