#include "server/commands/migrate.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <onboard/moving.hpp>
#include <onboard/sqlite_storage.hpp>

#include "server/commands/open.hpp"
#include "server/settings/rules.hpp"
#include "server/settings/urls.hpp"

#ifdef ONBOARD_POSTGRES
#include <onboard/postgres_storage.hpp>
#endif

namespace onboard::server {
namespace {

std::vector<MovedTable> move_rows(std::filesystem::path const& from, std::string const& to)
{
#ifdef ONBOARD_POSTGRES
    return write_postgres_rows(to, [&](RowSink& sink) { read_sqlite_rows(from, sink); });
#else
    static_cast<void>(from);
    static_cast<void>(to);
    throw std::runtime_error("this program was built without PostgreSQL");
#endif
}

}

int migrate(Settings const& settings, Terminal const& terminal)
{
    open(settings, OpenFor::migrating);
    terminal.out << name_of_database(settings) << " has the current schema, " << schema_of(settings) << ".\n";
    return 0;
}

int move(Migrate const& command, Terminal const& terminal)
{
    Settings from;
    Settings to;
    if (database_rule(from, command.from) || from.database.empty())
        return refuse_command(terminal, "--from: must be sqlite:PATH, the path of a file");
    if (auto const broken = database_rule(to, command.to); broken || to.database_url.empty())
        return refuse_command(terminal, "--to: " + broken.value_or("must be postgresql://HOST/DATABASE"));

    auto const moved = move_rows(from.database, to.database_url);
    std::vector<std::vector<std::string>> rows{{"TABLE", "ROWS"}};
    for (auto const& table : moved)
        rows.push_back({table.name, std::to_string(table.rows)});
    print_aligned(terminal.out, rows);
    terminal.out << fmt::format(
        "Everything in {} is now in {}. The secret file was not moved: it is needed as before, so name it with "
        "ONBOARD_SECRET_FILE.\n",
        name_of_database(from), name_of_database(to));
    return 0;
}

}
