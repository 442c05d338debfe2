#include <csignal>
#include <exception>
#include <iostream>
#include <tuple>

#include <sys/stat.h>
#include <unistd.h>

#include "server/commands/administer.hpp"
#include "server/commands/backup.hpp"
#include "server/commands/check_config.hpp"
#include "server/commands/command_line.hpp"
#include "server/commands/migrate.hpp"
#include "server/commands/open.hpp"
#include "server/commands/serve.hpp"

namespace onboard::server {
namespace {

int perform(Backup const& command, Settings const& settings, Terminal const& terminal)
{
    return backup(command, settings, terminal);
}

int perform(Migrate const& command, Settings const& settings, Terminal const& terminal)
{
    return command.from.empty() ? migrate(settings, terminal) : move(command, terminal);
}

int perform(Administrative const& command, Settings const& settings, Terminal const& terminal)
{
    // The first partner may be there before the first start of the server.
    auto const purpose = std::holds_alternative<PartnerAdd>(command) ? OpenFor::beginning : OpenFor::working;
    auto const opened = open(settings, purpose);
    Administration administration({.storage = *opened.storage, .key = opened.key});
    return administer(administration, command, settings.phone_region.value(), terminal);
}

int run(CommandLine const& line, Terminal const& terminal)
{
    SettingSources const sources{
        .flags = line.flags, .environment = environment_from(environ), .config = line.config};
    if (std::holds_alternative<CheckConfig>(line.command))
        return check_config(sources, terminal);

    auto const settings = read_settings(sources);
    if (!settings)
        return refuse_settings(settings.error(), terminal);
    if (std::holds_alternative<Serve>(line.command))
        return serve(*settings, [&] { return read_settings(sources); });
    return std::visit(
        [&](auto const& command) {
            if constexpr (requires { perform(command, *settings, terminal); })
                return perform(command, *settings, terminal);
            else
                return 0;
        },
        line.command);
}

}
}

int main(int argc, char** argv)
{
    using namespace onboard::server;

    // Databases, keys and letters are nobody else's business.
    ::umask(077);
    std::ignore = std::signal(SIGPIPE, SIG_IGN);  // whoever reads our log or a connection may go, and we stay
    std::ignore = std::signal(SIGXFSZ, SIG_IGN);  // a file that has reached its limit is a full disk
    Terminal const terminal{.out = std::cout, .err = std::cerr};
    try {
        auto const parsed = parse_command_line(argc, argv);
        if (auto const nothing = std::get_if<NothingToRun>(&parsed)) {
            terminal.out << nothing->out;
            terminal.err << nothing->err;
            return nothing->exit_code;
        }
        auto const exit_code = run(std::get<CommandLine>(parsed), terminal);
        // A token that was not printed is lost, and whoever asked for it should know.
        if (!std::cout.flush())
            return refuse_command(terminal, "stdout cannot be written");
        return exit_code;
    } catch (std::exception const& breakdown) {
        return refuse_command(terminal, breakdown.what());
    }
}
