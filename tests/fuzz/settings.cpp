#include "fuzz.hpp"

#include <algorithm>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "server/settings/settings.hpp"

using namespace onboard::server;
using onboard::testing::promise;

namespace {

// A file that is nowhere but in memory.
class File {
public:
    explicit File(std::string_view content) : number_(::memfd_create("onboard.toml", 0))
    {
        promise(
            ::write(number_, content.data(), content.size()) == static_cast<ssize_t>(content.size()),
            "it is written");
    }
    ~File() { ::close(number_); }
    File(File const&) = delete;
    File& operator=(File const&) = delete;

    std::string path() const { return "/proc/self/fd/" + std::to_string(number_); }

private:
    int number_;
};

bool is_line(std::string_view text)
{
    return std::ranges::none_of(text, [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; });
}

void check_problems(SettingProblems const& problems)
{
    for (auto const& problem : problems)
        promise(is_line(problem.setting) && is_line(problem.rule), "what is wrong is said on one line");
}

// What may not be, whatever a file says.
void check_settings(Settings const& settings)
{
    promise(settings.listen.loopback || settings.tls() || settings.behind_proxy, "nobody else reads along");
    promise(
        settings.public_url.empty() ? settings.listen.loopback : settings.public_url.starts_with("http"),
        "links lead to a web site");
    promise(settings.otp_digits >= 6 && settings.otp_tries <= 10, "codes are not guessed");
    promise(settings.login_link_life <= std::chrono::minutes(10), "a login link dies soon");
    promise(settings.password_min_length >= 8, "a password has a length");
    promise(settings.login_url.find("{token}") != std::string::npos, "a login link has a token");
    promise(settings.mail_directory.empty() == settings.smtp.has_value(), "letters go one way");
}

// What is shown of settings means the same when it is given by flags.
void give_again(SettingsReport const& report)
{
    SettingSources again;
    for (auto const& setting : report.shown) {
        promise(is_line(setting.value), "a setting is shown on one line");
        if (setting.value.find("***") != std::string::npos)
            return;  // there was a secret, and it is not shown
        if (setting.origin != "default")
            again.flags[setting.key] = setting.value;
    }
    auto const second = report_settings(again);
    promise(second.problems.empty(), "what is shown can be given");
    promise(
        std::ranges::equal(
            report.shown, second.shown, [](auto const& a, auto const& b) { return a.value == b.value; }),
        "and is the same");
}

}

FUZZ(input)
{
    File const file(input);
    auto const report = report_settings({.config = file.path()});
    check_problems(report.problems);
    if (!report.problems.empty())
        return;
    check_settings(report.settings);
    give_again(report);
}
