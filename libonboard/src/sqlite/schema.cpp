#include "schema.hpp"

#include <SQLiteCpp/Exception.h>

#include <onboard/error.hpp>
#include <onboard/sqlite_storage.hpp>

#include "../migrations.hpp"

namespace onboard::sqlite {

namespace {

// Marks our files, as PRAGMA application_id: "onbd".
constexpr std::int64_t application_id = 0x6f6e6264;

std::int64_t number(Query row)
{
    row.next();
    return row.integer(0);
}

bool is_empty(Connection& connection)
{
    return !connection.query("SELECT 1 FROM sqlite_schema").next();
}

void migrate_from(Connection& connection, std::size_t version)
{
    for (; version < migrations.size(); ++version)
        connection.execute(
            std::string("BEGIN IMMEDIATE;") + migrations[version].sqlite + "PRAGMA user_version = " +
            std::to_string(version + 1) + "; PRAGMA application_id = " + std::to_string(application_id) + "; COMMIT");
}

// Every table and index with the text that made it.
std::vector<std::string> shape_of(Connection& connection)
{
    std::vector<std::string> shape;
    auto rows = connection.query(
        "SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name");
    while (rows.next())
        shape.push_back(rows.text(0) + ": " + rows.text(1));
    return shape;
}

std::vector<std::string> expected_shape()
try {
    SQLite::Database scratch(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    for (auto const& migration : migrations)
        scratch.exec(migration.sqlite);
    std::vector<std::string> shape;
    SQLite::Statement rows(scratch, "SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name");
    while (rows.executeStep())
        shape.push_back(rows.getColumn(0).getString() + ": " + rows.getColumn(1).getString());
    return shape;
} catch (SQLite::Exception const& error) {
    throw_failure(error);
}

}

bool is_ours(Connection& connection)
{
    return number(connection.query("SELECT application_id FROM pragma_application_id")) == application_id;
}

void prepare_schema(Connection& connection, bool migrate)
{
    auto const version = number(connection.query("SELECT user_version FROM pragma_user_version"));
    if (!is_ours(connection) && !is_empty(connection))
        throw StorageFailure("database: this file belongs to another program");
    if (version > static_cast<std::int64_t>(migrations.size()))
        throw StorageFailure(
            "database: its schema " + std::to_string(version) + " is newer than this program's " +
            std::to_string(migrations.size()));
    connection.write_ahead();
    if (version < static_cast<std::int64_t>(migrations.size())) {
        if (!migrate && version > 0)
            throw StorageFailure("database: its schema is older than this program; run `onboard-server migrate`");
        migrate_from(connection, static_cast<std::size_t>(version));
    }
    if (shape_of(connection) != expected_shape())
        throw StorageFailure("database: its tables or indexes were altered by somebody else");
}

}

int onboard::sqlite_schema_version() noexcept
{
    return onboard::migrations.back().number;
}
