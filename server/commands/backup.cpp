#include "server/commands/backup.hpp"

#include <fmt/format.h>

#include <onboard/sqlite_storage.hpp>

#include "server/commands/open.hpp"

namespace onboard::server {

int backup(Backup const& command, Settings const& settings, Terminal const& terminal)
{
    if (!settings.database_url.empty())
        return refuse_command(terminal, fmt::format("{} is in PostgreSQL: use pg_dump", name_of_database(settings)));
    back_up_sqlite(settings.database, command.file);
    terminal.out << fmt::format(
        "{} is copied to {}. Keep the secret file, too, and somewhere else.\n", name_of_database(settings),
        command.file);
    return 0;
}

}
