#pragma once

#include <memory>

#ifdef ONBOARD_POSTGRES
#include <onboard/postgres_storage.hpp>
#endif
#include <onboard/sqlite_storage.hpp>

#include "benchmark/tool.hpp"

namespace onboard::benchmark {

// The database that --database or --url names, for so many writers in PostgreSQL.
inline std::unique_ptr<Storage> open_database(Options const& options, [[maybe_unused]] int writers)
{
    if (!options.has("url"))
        return open_sqlite(options.text("database"));
#ifdef ONBOARD_POSTGRES
    return open_postgres(options.text("url"), {.connections = writers * 4 / 3 + 1});
#else
    throw std::invalid_argument("this was built without PostgreSQL");
#endif
}

}
