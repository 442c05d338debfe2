#include "server/commands/migrate.hpp"

#include <onboard/sqlite_storage.hpp>

#include "server/commands/open.hpp"

namespace onboard::server {

int migrate(Settings const& settings, Terminal const& terminal)
{
    open(settings, OpenFor::migrating);
    terminal.out << settings.database.string() << " has the current schema, " << sqlite_schema_version() << ".\n";
    return 0;
}

}
