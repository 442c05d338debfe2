#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <onboard/account.hpp>
#include <onboard/secrets.hpp>

#include "audit_end.hpp"
#include "kept_mapping.hpp"
#include "numbers.hpp"

namespace onboard::sqlite {

// Says what SQLite complained of, in our terms: StorageConflict for a database that is busy, else StorageFailure.
[[noreturn]] void throw_failure(SQLite::Exception const&);

// The disk did not keep what it was given. It may have forgotten that it was given it, so to sync again proves nothing.
class SyncFailure : public StorageFailure {
public:
    using StorageFailure::StorageFailure;
};

// The text of a statement: a literal, so that its place in memory stands for it.
class Sql {
public:
    consteval Sql(char const* literal) : text_(literal) {}

    char const* text() const noexcept { return text_; }

private:
    char const* text_;
};

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
// data. Statements are prepared once. It never checkpoints by itself. For one thread at a time.
class Connection {
public:
    enum class Use : std::uint8_t { writing = 1, reading };

    // Opens a file that exists. A reading connection maps it into memory. Throws StorageFailure if it cannot be opened
    // or the settings do not take.
    Connection(std::filesystem::path const&, Use, std::chrono::milliseconds patience);
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    // Keeps the file in a write-ahead log from now on, which is noted in the file itself: to be called when it is
    // known to be ours. Throws StorageFailure if it cannot be done.
    void write_ahead();

    // Texts are not copied: they must live as long as the query.
    template <class... Values>
    Query query(Sql sql, Values&&... values)
    {
        static_assert((!is_temporary_text<Values> && ...), "the text would be gone before the query runs");
        auto& statement = prepared(sql);
        int index = 0;
        (bind(statement, ++index, std::as_const(values)), ...);
        return Query(statement);
    }

    template <class... Values>
    int run(Sql sql, Values const&... values)
    {
        return query(sql, values...).run();
    }

    // Copies the whole database, as this connection sees it, in place of what the target holds.
    void copy_to(SQLite::Database& target);

    // How long SQLite waits for locks from now on.
    void wait_for_locks(std::chrono::milliseconds);

    // Runs text of several statements, without values.
    void execute(std::string const& sql);

    std::int64_t last_insert_id() const;
    Numbers& numbers() noexcept { return numbers_; }
    AuditEnd& audit_end() noexcept { return audit_end_; }
    bool in_transaction() const noexcept;

    // Whether the open transaction changed a partner, a token or a plan.
    bool partners_changed() const noexcept { return partners_changed_; }
    void note_partners_changed(bool changed = true) noexcept { partners_changed_ = changed; }

    // Whether it changed an account.
    bool accounts_changed() const noexcept { return accounts_changed_; }
    void note_accounts_changed(bool changed = true) noexcept { accounts_changed_ = changed; }

    // How long the write-ahead log was after the last commit, in pages.
    int log_pages() const noexcept { return log_pages_; }

    // Returns when what was written to the database file, not to the log, is on the disk.
    void sync_file();

    // A pragma's value, as text.
    std::string pragma(std::string const& name);

private:
    template <class Value>
    static constexpr bool is_temporary_text = std::is_same_v<Value, std::string>;

    SQLite::Statement& prepared(Sql);

    static void bind(SQLite::Statement& statement, int index, std::int64_t value) { statement.bind(index, value); }
    static void bind(SQLite::Statement& statement, int index, int value) { statement.bind(index, value); }
    static void bind(SQLite::Statement&, int index, std::string_view);  // the only one that needs memory
    static void bind(SQLite::Statement& statement, int index, std::string const& value)
    {
        statement.bindNoCopy(index, value);
    }
    static void bind(SQLite::Statement& statement, int index, std::string const* value)
    {
        if (value)
            statement.bindNoCopy(index, *value);
        else
            statement.bind(index);
    }
    static void bind(SQLite::Statement& statement, int index, Bytes value)
    {
        statement.bindNoCopy(index, value.bytes.data(), static_cast<int>(value.bytes.size()));
    }
    static void bind(SQLite::Statement& statement, int index, Digest const& digest)
    {
        statement.bindNoCopy(index, digest.bytes().data(), static_cast<int>(Digest::size));
    }
    static void bind(SQLite::Statement& statement, int index, Instant instant)
    {
        statement.bind(index, static_cast<std::int64_t>(instant.time_since_epoch().count()));
    }
    template <class Tag>
    static void bind(SQLite::Statement& statement, int index, Identifier<Tag> const& identifier)
    {
        statement.bindNoCopy(index, identifier.str());
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

    KeptMapping mapping_;
    SQLite::Database database_;
    Numbers numbers_{*this};
    AuditEnd audit_end_{*this};
    bool partners_changed_ = false;
    bool accounts_changed_ = false;
    int log_pages_ = 0;
    std::unordered_map<char const*, SQLite::Statement> statements_;
};

}
