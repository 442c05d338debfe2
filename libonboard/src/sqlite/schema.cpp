#include "schema.hpp"

#include <array>

#include <onboard/error.hpp>
#include <onboard/sqlite_storage.hpp>

namespace onboard::sqlite {

namespace {

// Marks our files, as PRAGMA application_id: "onbd".
constexpr std::int64_t application_id = 0x6f6e6264;

// Each step brings a database from the version before it. A step that was ever released is never changed.
//
// Rows that come and go with every request are keyed by a number that counts up, so that a group of commits touches the
// last page of the table and not a page each. Times are milliseconds since 1970 in UTC.
constexpr std::array migrations{
    R"sql(
CREATE TABLE partners (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    rights INTEGER NOT NULL,
    link_existing INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE partner_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner INTEGER NOT NULL REFERENCES partners,
    digest BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX partner_tokens_live ON partner_tokens (partner) WHERE revoked_at IS NULL;

CREATE TABLE plans (
    code TEXT PRIMARY KEY,
    partner INTEGER NOT NULL REFERENCES partners,
    created_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    handle TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT UNIQUE,  -- none once the address was released
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    language INTEGER NOT NULL,
    status INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE enrolments (
    account INTEGER NOT NULL REFERENCES accounts,
    partner INTEGER NOT NULL REFERENCES partners,
    plan TEXT,
    contract_type INTEGER,
    person_id TEXT,
    personnel_number TEXT,
    additional_data TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (account, partner)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX enrolments_person_id ON enrolments (partner, person_id) WHERE person_id IS NOT NULL;

CREATE TABLE login_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts,
    partner INTEGER REFERENCES partners,
    generation INTEGER NOT NULL,
    digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE TABLE login_link_proposals (
    link INTEGER PRIMARY KEY REFERENCES login_links ON DELETE CASCADE,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    language INTEGER NOT NULL,
    plan TEXT,
    contract_type INTEGER,
    person_id TEXT,
    personnel_number TEXT,
    additional_data TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts,
    partner INTEGER REFERENCES partners,
    generation INTEGER NOT NULL,
    digest BLOB NOT NULL,
    opened_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    purpose INTEGER NOT NULL,
    subject TEXT NOT NULL,
    binding TEXT NOT NULL,
    digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX codes_subject ON codes (subject, purpose);

CREATE TABLE code_tries (
    subject TEXT NOT NULL,
    purpose INTEGER NOT NULL,
    used INTEGER NOT NULL,
    window_ends INTEGER NOT NULL,
    PRIMARY KEY (subject, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX code_tries_window ON code_tries (window_ends);

CREATE TABLE code_sends (
    id INTEGER PRIMARY KEY,
    subject TEXT NOT NULL,
    purpose INTEGER NOT NULL,
    sent_at INTEGER NOT NULL
) STRICT;
CREATE INDEX code_sends_subject ON code_sends (subject, purpose, sent_at);

CREATE TABLE repeated_requests (
    partner INTEGER NOT NULL REFERENCES partners,
    key TEXT NOT NULL,
    request BLOB NOT NULL,
    answer TEXT NOT NULL,
    claimed_at INTEGER NOT NULL,
    PRIMARY KEY (partner, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX repeated_requests_claimed ON repeated_requests (claimed_at);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    letter_id TEXT NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    language INTEGER NOT NULL,
    first_name TEXT NOT NULL,
    partner TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    sealed_secret BLOB NOT NULL,
    due_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at);
)sql"};

std::int64_t number(Connection& connection, std::string const& pragma)
{
    return std::stoll(connection.pragma(pragma));
}

bool is_empty(Connection& connection)
{
    return !connection.query("SELECT 1 FROM sqlite_schema").next();
}

void migrate_from(Connection& connection, std::size_t version)
{
    for (; version < migrations.size(); ++version)
        connection.execute(
            std::string("BEGIN IMMEDIATE;") + migrations[version] + "PRAGMA user_version = " +
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
{
    SQLite::Database scratch(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    for (auto const* migration : migrations)
        scratch.exec(migration);
    std::vector<std::string> shape;
    SQLite::Statement rows(scratch, "SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name");
    while (rows.executeStep())
        shape.push_back(rows.getColumn(0).getString() + ": " + rows.getColumn(1).getString());
    return shape;
}

}

void prepare_schema(Connection& connection, bool migrate)
{
    auto const version = number(connection, "user_version");
    auto const ours = number(connection, "application_id") == application_id;
    if (!ours && !is_empty(connection))
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
    return static_cast<int>(sqlite::migrations.size());
}
