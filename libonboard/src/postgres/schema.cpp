#include "schema.hpp"

#include <algorithm>

#include <onboard/error.hpp>

#include "../migrations.hpp"
#include "../tables.hpp"

namespace onboard::postgres {

namespace {

constexpr std::string_view versions_table = "onboard_migrations";
constexpr int current_version = migrations.back().number;

// As text, since the database has no numbers without a sign.
std::string checksum_of(Migration const& migration)
{
    return std::to_string(onboard::checksum_of(migration.postgres));
}

bool is_ours(std::string_view table)
{
    return table == versions_table || std::ranges::find(tables, table) != tables.end();
}

// The tables and views in our schema, without those that extensions brought.
std::vector<std::string> tables_of(Connection& connection)
{
    auto schema = connection.query("SELECT current_schema()");
    if (!schema.next() || schema.is_null(0))
        throw StorageFailure("database: its search_path names no schema that exists");

    std::vector<std::string> found;
    auto row = connection.query(
        "SELECT relname::text FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(current_schema()))"
        " AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (SELECT FROM pg_depend WHERE"
        " classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e') ORDER BY relname");
    while (row.next())
        found.push_back(row.text(0));
    return found;
}

int recorded_version(Connection& connection)
{
    auto row = connection.query("SELECT coalesce(max(number), 0) FROM onboard_migrations");
    return row.next() ? static_cast<int>(row.integer(0)) : 0;
}

// Says in words which step is not as it was when this database took it.
void refuse_changed_steps(Connection& connection)
{
    auto row = connection.query("SELECT number, checksum FROM onboard_migrations WHERE checksum IS NOT NULL");
    while (row.next())
        for (auto const& migration : migrations)
            if (migration.number == row.integer(0) && checksum_of(migration) != row.text(1))
                throw StorageFailure(
                    "database: step " + std::to_string(migration.number) + " to its schema was not this program's");
}

// Zero if there is nothing yet. Throws for a schema that is not for us.
int version_of(Connection& connection)
{
    auto const found = tables_of(connection);
    auto const version = std::ranges::find(found, versions_table) == found.end() ? 0 : recorded_version(connection);
    if (version > current_version)
        throw StorageFailure(
            "database: its schema " + std::to_string(version) + " is newer than this program's " +
            std::to_string(current_version));
    for (auto const& table : found)
        if (!is_ours(table))
            throw StorageFailure("database: its schema has a table of another program, " + table);
    auto const expected = version == current_version ? tables.size() + 1 : 0;
    if (version == 0 ? !found.empty() : found.size() < expected)
        throw StorageFailure("database: its tables were altered by somebody else");
    return version;
}

void refuse_older(int version, PostgresOptions const& options)
{
    if (version == 0 && !options.create)
        throw StorageFailure("there is nothing in this database yet");
    // NOLINTNEXTLINE(misc-redundant-expression): as long as there is but one version
    if (version > 0 && version < current_version && !options.migrate)
        throw StorageFailure("database: its schema is older than this program; run `onboard-server migrate`");
}

// One step, in a transaction of its own, unless somebody else was faster.
void migrate(Connection& connection, Migration const& migration)
{
    // Others may be at it for long.
    connection.execute(
        "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '10min';"
        "SELECT pg_advisory_xact_lock(hashtextextended('onboard migrations ' || current_schema(), 0))");
    if (version_of(connection) >= migration.number) {
        connection.execute("ROLLBACK");
        return;
    }
    connection.execute(
        "SET LOCAL lock_timeout = '10s'; CREATE TABLE IF NOT EXISTS onboard_migrations (number integer PRIMARY KEY,"
        " name text NOT NULL, done_at timestamptz NOT NULL DEFAULT now());"
        "ALTER TABLE onboard_migrations ADD COLUMN IF NOT EXISTS checksum text;" +
        std::string(migration.postgres) + "; INSERT INTO onboard_migrations (number, name, checksum) VALUES (" +
        std::to_string(migration.number) + ", '" + std::string(migration.name) + "', '" + checksum_of(migration) +
        "')");
    connection.commit();
}

}

void prepare_schema(Connection& connection, PostgresOptions const& options)
{
    auto const version = version_of(connection);
    refuse_older(version, options);
    for (auto const& migration : migrations)
        if (migration.number > version)
            migrate(connection, migration);
    refuse_changed_steps(connection);
}

}

int onboard::postgres_schema_version() noexcept
{
    return postgres::current_version;
}
