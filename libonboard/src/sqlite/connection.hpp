#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <onboard/account.hpp>
#include <onboard/secrets.hpp>

namespace onboard::sqlite {

// Says what SQLite complained of, in our terms: StorageConflict for a database that is busy, else StorageFailure.
[[noreturn]] void throw_failure(SQLite::Exception const&);

// Binary text, so that it is bound as a BLOB.
struct Bytes {
    std::string_view bytes;
};

// A prepared statement with its values, while its rows are read. The statement is ready for reuse afterwards.
class Query {
public:
    explicit Query(SQLite::Statement& statement) : statement_(statement) {}
    ~Query() { statement_.tryReset(); }
    Query(Query const&) = delete;
    Query& operator=(Query const&) = delete;

    // Moves to the next row, if there is one.
    bool next();

    // Runs a statement without rows; how many rows it changed.
    int run();

    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    std::string text(int column) const;
    std::string_view bytes(int column) const;  // until the next row
    Instant instant(int column) const;
    Digest digest(int column) const;

    template <class Id>
    Id id(int column) const
    {
        return Id(integer(column));
    }

private:
    SQLite::Statement& statement_;
};

// One connection, set up so that a committed transaction is on the disk and nothing in a file can do more than hold
// data. Statements are prepared once. For one thread at a time.
class Connection {
public:
    enum class Use { writing, reading };

    // Opens a file that exists. Throws StorageFailure if it cannot be opened or the settings do not take.
    Connection(std::filesystem::path const&, Use, std::chrono::milliseconds patience);

    // Keeps the file in a write-ahead log from now on, which is noted in the file itself: to be called when it is
    // known to be ours. Throws StorageFailure if it cannot be done.
    void write_ahead();

    // The statement `sql`, which must live as long as the connection: a literal.
    template <class... Values>
    Query query(std::string_view sql, Values const&... values)
    {
        auto& statement = prepared(sql);
        int index = 0;
        (bind(statement, ++index, values), ...);
        return Query(statement);
    }

    template <class... Values>
    int run(std::string_view sql, Values const&... values)
    {
        return query(sql, values...).run();
    }

    // Runs text of several statements, without values.
    void execute(std::string const& sql);

    std::int64_t last_insert_id() const;
    bool in_transaction() const;

    // A pragma's value, as text.
    std::string pragma(std::string const& name);

private:
    SQLite::Statement& prepared(std::string_view sql);

    static void bind(SQLite::Statement& statement, int index, std::int64_t value) { statement.bind(index, value); }
    static void bind(SQLite::Statement& statement, int index, int value) { statement.bind(index, value); }
    static void bind(SQLite::Statement& statement, int index, std::string_view value)
    {
        statement.bind(index, std::string(value));
    }
    static void bind(SQLite::Statement& statement, int index, std::string const& value)
    {
        statement.bind(index, value);
    }
    static void bind(SQLite::Statement& statement, int index, Bytes value)
    {
        statement.bind(index, value.bytes.data(), static_cast<int>(value.bytes.size()));
    }
    static void bind(SQLite::Statement& statement, int index, Digest const& digest)
    {
        statement.bind(index, digest.bytes().data(), static_cast<int>(Digest::size));
    }
    static void bind(SQLite::Statement& statement, int index, Instant instant)
    {
        statement.bind(index, static_cast<std::int64_t>(instant.time_since_epoch().count()));
    }
    template <class Tag>
    static void bind(SQLite::Statement& statement, int index, Identifier<Tag> const& identifier)
    {
        statement.bind(index, identifier.str());
    }
    template <class Enum>
    requires std::is_enum_v<Enum>
    static void bind(SQLite::Statement& statement, int index, Enum value)
    {
        statement.bind(index, static_cast<std::int64_t>(value));
    }
    template <class Value>
    static void bind(SQLite::Statement& statement, int index, std::optional<Value> const& value)
    {
        if (value)
            bind(statement, index, *value);
        else
            statement.bind(index);
    }

    SQLite::Database database_;
    std::unordered_map<std::string_view, SQLite::Statement> statements_;
};

}
