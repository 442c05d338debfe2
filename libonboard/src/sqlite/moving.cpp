#include <onboard/moving.hpp>

#include <algorithm>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <onboard/sqlite_storage.hpp>

#include "../tables.hpp"
#include "connection.hpp"

namespace onboard {

namespace sqlite {

namespace {

Cell cell_of(SQLite::Column const& column)
{
    if (column.isInteger())
        return column.getInt64();
    if (column.isText())
        return column.getString();
    if (column.isBlob())
        return CellBytes{column.getString()};
    return {};
}

std::int64_t number(SQLite::Database& database, std::string const& sql)
{
    SQLite::Statement statement(database, sql);
    return statement.executeStep() ? statement.getColumn(0).getInt64() : 0;
}

std::vector<std::string> columns_of(SQLite::Statement& statement)
{
    auto const count = statement.getColumnCount();
    std::vector<std::string> columns;
    columns.reserve(static_cast<std::size_t>(count));
    for (int index = 0; index < count; ++index)
        columns.emplace_back(statement.getColumnName(index));
    return columns;
}

std::int64_t highest_id(SQLite::Database& database, std::string const& table, std::vector<std::string> const& columns)
{
    if (columns.front() != "id")
        return 0;
    return std::max(
        number(database, "SELECT coalesce(max(id), 0) FROM " + table),
        number(database, "SELECT last FROM numbers WHERE name = '" + table + "'"));
}

void read_table(SQLite::Database& database, std::string const& table, RowSink& sink)
{
    SQLite::Statement rows(database, "SELECT * FROM " + table);
    auto const columns = columns_of(rows);
    sink.begin_table(
        {.name = table,
         .columns = columns,
         .rows = number(database, "SELECT count(*) FROM " + table),
         .highest_id = highest_id(database, table, columns)});
    std::vector<Cell> cells(columns.size());
    while (rows.executeStep()) {
        for (std::size_t index = 0; index < cells.size(); ++index)
            cells[index] = cell_of(rows.getColumn(static_cast<int>(index)));
        sink.add_row(cells);
    }
    sink.end_table();
}

}

}

void read_sqlite_rows(std::filesystem::path const& path, RowSink& sink)
try {
    // The file is checked, no server can work on it, and nobody else writes, for as long as these live.
    auto const storage = open_sqlite(path, {.create = false, .migrate = false, .sole_server = true});
    auto const writing = storage->begin();

    SQLite::Database database(path.string(), SQLite::OPEN_READONLY);
    database.exec("BEGIN");
    for (auto const table : tables)
        sqlite::read_table(database, std::string(table), sink);
} catch (SQLite::Exception const& error) {
    sqlite::throw_failure(error);
}

}
