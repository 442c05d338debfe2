#include <onboard/moving.hpp>

#include <algorithm>
#include <map>
#include <memory>

#include <onboard/error.hpp>

#include "../tables.hpp"
#include "connection.hpp"
#include "schema.hpp"

namespace onboard {

namespace postgres {

namespace {

constexpr Oid bytea = 17;

std::string hex(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "\\\\x";  // COPY wants the backslash twice
    for (auto const byte : bytes) {
        text += digits[static_cast<unsigned char>(byte) >> 4];
        text += digits[static_cast<unsigned char>(byte) & 0xf];
    }
    return text;
}

std::string escaped(std::string_view text)
{
    std::string result;
    for (auto const character : text)
        switch (character) {
        case '\\': result += "\\\\"; break;
        case '\n': result += "\\n"; break;
        case '\r': result += "\\r"; break;
        case '\t': result += "\\t"; break;
        default: result += character;
        }
    return result;
}

// A cell in the text format of COPY.
std::string written(Cell const& cell, bool as_bytes)
{
    if (auto const* number = std::get_if<std::int64_t>(&cell))
        return std::to_string(*number);
    if (auto const* text = std::get_if<std::string>(&cell))
        return as_bytes ? hex(*text) : escaped(*text);
    if (auto const* bytes = std::get_if<CellBytes>(&cell))
        return hex(bytes->bytes);
    return "\\N";
}

// Copies tables over a connection that is out of its pipeline, inside a transaction.
class CopySink : public RowSink {
public:
    CopySink(Connection& connection, PGconn* handle) : connection_(connection), handle_(handle) {}

    void begin_table(TableToMove const& table) override
    {
        if (std::ranges::find(tables, table.name) == tables.end())
            throw StorageFailure("database: there is no table " + table.name + " to move to");
        table_ = table;
        auto const types = column_types();
        std::string columns;
        as_bytes_.clear();
        for (auto const& column : table.columns) {
            auto const type = types.find(column);
            if (type == types.end())
                throw StorageFailure("database: there is no column " + table.name + "." + column + " to move to");
            as_bytes_.push_back(type->second == bytea);
            columns += (columns.empty() ? "" : ", ") + column;
        }
        run("COPY " + table.name + " (" + columns + ") FROM STDIN");
    }

    void add_row(std::vector<Cell> const& cells) override
    {
        constexpr std::size_t enough = 65'536;
        for (std::size_t index = 0; index < cells.size(); ++index)
            buffer_ += (index == 0 ? "" : "\t") + written(cells[index], as_bytes_.at(index));
        buffer_ += '\n';
        if (buffer_.size() > enough)
            flush();
    }

    void end_table() override
    {
        flush();
        if (PQputCopyEnd(handle_, nullptr) != 1)
            connection_.check(nullptr);
        // What ends the copying, and nothing behind it.
        Answer const copied(PQgetResult(handle_));
        connection_.check(copied.get());
        Answer const nothing(PQgetResult(handle_));

        auto const counted = std::stoll(value("SELECT count(*) FROM " + table_.name));
        if (counted != table_.rows)
            throw StorageFailure(
                "database: " + std::to_string(counted) + " of " + std::to_string(table_.rows) + " rows arrived in " +
                table_.name);
        if (table_.highest_id > 0)
            run("SELECT setval(pg_get_serial_sequence('" + table_.name + "', 'id'), " +
                std::to_string(table_.highest_id + 1) + ", false)");
        moved_.push_back({.name = table_.name, .rows = counted});
    }

    std::vector<MovedTable> moved() && { return std::move(moved_); }

private:
    std::map<std::string, Oid> column_types()
    {
        auto const none = run("SELECT * FROM " + table_.name + " LIMIT 0");
        std::map<std::string, Oid> types;
        for (int column = 0; column < PQnfields(none.get()); ++column)
            types[PQfname(none.get(), column)] = PQftype(none.get(), column);
        return types;
    }

    Answer run(std::string const& sql)
    {
        Answer answer(PQexec(handle_, sql.c_str()));
        if (PQresultStatus(answer.get()) != PGRES_COPY_IN)
            connection_.check(answer.get());
        return answer;
    }

    std::string value(std::string const& sql) { return PQgetvalue(run(sql).get(), 0, 0); }

    void flush()
    {
        if (!buffer_.empty() && PQputCopyData(handle_, buffer_.data(), static_cast<int>(buffer_.size())) != 1)
            connection_.check(nullptr);
        buffer_.clear();
    }

    Connection& connection_;
    PGconn* handle_;
    TableToMove table_;
    std::vector<bool> as_bytes_;
    std::string buffer_;
    std::vector<MovedTable> moved_;
};

std::string all_tables()
{
    std::string all;
    for (auto const table : tables)
        all += (all.empty() ? "" : ", ") + std::string(table);
    return all;
}

// Keeps everybody else away from the tables until the transaction ends.
void take_empty_tables(Connection& connection)
{
    connection.execute(
        "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0;"
        "SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE " +
        all_tables() + " IN ACCESS EXCLUSIVE MODE");
    for (auto const table : tables) {
        auto const some = connection.execute("SELECT 1 FROM " + std::string(table) + " LIMIT 1");
        if (PQntuples(some.get()) > 0)
            throw StorageFailure("database: nothing is moved into a database that holds something already");
    }
}

}

}

std::vector<MovedTable> write_postgres_rows(std::string const& url, RowSource const& source)
{
    PostgresOptions const options;
    postgres::Connection connection(url, options);
    postgres::prepare_schema(connection, options);
    postgres::take_empty_tables(connection);
    std::vector<MovedTable> moved;
    connection.by_hand([&](PGconn* handle) {
        postgres::CopySink sink(connection, handle);
        source(sink);
        moved = std::move(sink).moved();
    });
    connection.execute("ANALYZE " + postgres::all_tables());
    connection.commit();
    return moved;
}

}
