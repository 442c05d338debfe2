#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#pragma GCC visibility push(default)

// Carries everything that one database holds into another of a different kind, row by row, as it is: numbers, digests
// and times stay, and so tokens and links go on working, with the same secret key.
namespace onboard {

// Octets that are not text.
struct CellBytes {
    std::string bytes;

    friend bool operator==(CellBytes const&, CellBytes const&) = default;
};

// What any database keeps in a column: nothing, a number, text, or bytes.
using Cell = std::variant<std::monostate, std::int64_t, std::string, CellBytes>;

// A table, and what a sink has to know before its rows come.
struct TableToMove {
    std::string name;
    std::vector<std::string> columns;
    std::int64_t rows = 0;        // how many will come
    std::int64_t highest_id = 0;  // that was ever given out, to rows that were forgotten as well; zero where none are
};

// Takes rows, table by table. A table comes behind those it refers to.
class RowSink {
public:
    virtual ~RowSink() = default;
    virtual void begin_table(TableToMove const&) = 0;
    virtual void add_row(std::vector<Cell> const&) = 0;  // a cell for each column
    virtual void end_table() = 0;
};

using RowSource = std::function<void(RowSink&)>;

// A table, and how many rows of it were moved.
struct MovedTable {
    std::string name;
    std::int64_t rows = 0;
};

// Reads everything from an SQLite file of the current schema, in one state. Meanwhile nobody else writes to it. Throws
// StorageFailure if a server works on the file. In onboard::sqlite.
void read_sqlite_rows(std::filesystem::path const&, RowSink&);

// Writes everything that a source gives into a PostgreSQL database that holds nothing, and makes its tables first. All
// of it is there afterwards, or nothing. Throws StorageFailure if there is something in the database, or if the rows of a
// table are not as many as were to come; and what the source throws. In onboard::postgres.
std::vector<MovedTable> write_postgres_rows(std::string const& url, RowSource const&);

}

#pragma GCC visibility pop
