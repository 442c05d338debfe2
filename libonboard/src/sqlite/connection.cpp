#include "connection.hpp"

#include <cstring>

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <onboard/error.hpp>

namespace onboard::sqlite {

void throw_failure(SQLite::Exception const& error)
{
    auto const what = std::string("database: ") + error.what();
    auto const kind = error.getErrorCode() & 0xff;  // without the detail of an extended code
    if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED)
        throw StorageConflict(what);
    if (error.getExtendedErrorCode() == SQLITE_IOERR_FSYNC)
        throw SyncFailure(what);
    throw StorageFailure(what);
}

bool Query::next()
try {
    return statement_.executeStep();
} catch (SQLite::Exception const& error) {
    throw_failure(error);
}

int Query::run()
try {
    return statement_.exec();
} catch (SQLite::Exception const& error) {
    throw_failure(error);
}

bool Query::is_null(int column) const
{
    return statement_.getColumn(column).isNull();
}

std::int64_t Query::integer(int column) const
{
    return statement_.getColumn(column).getInt64();
}

std::string Query::text(int column) const
{
    return statement_.getColumn(column).getString();
}

std::string_view Query::bytes(int column) const
{
    auto const value = statement_.getColumn(column);
    auto const* blob = static_cast<char const*>(value.getBlob());
    return {blob, static_cast<std::size_t>(value.getBytes())};
}

Instant Query::instant(int column) const
{
    return Instant(std::chrono::milliseconds(integer(column)));
}

Digest Query::digest(int column) const
{
    auto const stored = bytes(column);
    if (stored.size() != Digest::size)
        throw StorageFailure("database: a digest has the wrong size");
    Digest::Bytes digest;
    std::memcpy(digest.data(), stored.data(), digest.size());
    return Digest(digest);
}

namespace {

int flags_of(Connection::Use use)
{
    // Whoever uses a connection has it to itself, so SQLite need not lock it for every call.
    return SQLite::OPEN_NOMUTEX | (use == Connection::Use::writing ? SQLite::OPEN_READWRITE : SQLite::OPEN_READONLY);
}

void configure(sqlite3* handle, int option, int value)
{
    if (sqlite3_db_config(handle, option, value, nullptr) != SQLITE_OK)
        throw StorageFailure("database: a safety setting was not accepted");
}

}

Connection::Connection(std::filesystem::path const& path, Use use, std::chrono::milliseconds patience)
try : database_(path.string(), flags_of(use), static_cast<int>(patience.count())) {
    auto* const handle = database_.getHandle();
    sqlite3_extended_result_codes(handle, 1);
    configure(handle, SQLITE_DBCONFIG_DEFENSIVE, 1);
    configure(handle, SQLITE_DBCONFIG_DQS_DDL, 0);
    configure(handle, SQLITE_DBCONFIG_DQS_DML, 0);
    configure(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
    configure(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
    configure(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1);
    // Checkpoints happen only under the writer's lock, and closing a connection takes none.
    configure(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
    execute("PRAGMA temp_store = MEMORY");

    if (use == Use::reading) {
        execute("PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA mmap_size = 65536");
        mapping_.keep(handle);  // which makes of that the mapping of the whole file
        return;
    }
    execute("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 67108864");
    auto const note_length = [](void* pages, sqlite3*, char const*, int length) {
        *static_cast<int*>(pages) = length;
        return SQLITE_OK;
    };
    sqlite3_wal_hook(handle, note_length, &log_pages_);  // in place of SQLite's own, which checkpoints
} catch (SQLite::Exception const& error) {
    throw_failure(error);
}

void Connection::write_ahead()
{
    auto const journal = pragma("journal_mode = WAL");
    if (journal != "wal" || pragma("synchronous") != "2")
        throw StorageFailure("database: this file cannot be written durably (write-ahead log with full sync)");
}

void Connection::wait_for_locks(std::chrono::milliseconds patience)
{
    sqlite3_busy_timeout(database_.getHandle(), static_cast<int>(patience.count()));
}

void Connection::execute(std::string const& sql)
try {
    database_.exec(sql);
} catch (SQLite::Exception const& error) {
    throw_failure(error);
}

void Connection::copy_to(SQLite::Database& target)
try {
    SQLite::Backup backup(target, database_);
    constexpr int all_pages = -1;
    if (backup.executeStep(all_pages) != SQLITE_DONE)
        throw StorageConflict("database: it could not be copied while others held it");
} catch (SQLite::Exception const& error) {
    throw_failure(error);
}

std::int64_t Connection::last_insert_id() const
{
    return database_.getLastInsertRowid();
}

bool Connection::in_transaction() const noexcept
{
    return sqlite3_get_autocommit(database_.getHandle()) == 0;
}

void Connection::sync_file()
{
    sqlite3_file* file = nullptr;
    sqlite3_file_control(database_.getHandle(), "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
    if (file == nullptr || file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) != SQLITE_OK)
        throw SyncFailure("database: the file cannot be synced");
}

std::string Connection::pragma(std::string const& name)
try {
    SQLite::Statement statement(database_, "PRAGMA " + name);
    return statement.executeStep() ? statement.getColumn(0).getString() : std::string();
} catch (SQLite::Exception const& error) {
    throw_failure(error);
}

SQLite::Statement& Connection::prepared(Sql sql)
try {
    auto found = statements_.find(sql.text());
    if (found == statements_.end())
        found = statements_.emplace(sql.text(), SQLite::Statement(database_, sql.text())).first;
    return found->second;
} catch (SQLite::Exception const& error) {
    throw_failure(error);
}

void Connection::bind(SQLite::Statement& statement, int index, std::string_view value)
try {
    statement.bind(index, std::string(value));
} catch (SQLite::Exception const& error) {
    throw_failure(error);
}

}
