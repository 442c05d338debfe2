#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <onboard/storage.hpp>

#pragma GCC visibility push(default)

namespace onboard {

// How to work with a PostgreSQL database; the defaults are the server's.
struct PostgresOptions {
    // Whether tables may be made in an empty schema.
    bool create = true;

    // Whether an older schema is brought up to date; otherwise opening one throws.
    bool migrate = true;

    // How many connections there are at most, two or more. A quarter of them is kept for readers.
    int connections = 16;

    // How long a unit of work waits for a connection.
    std::chrono::milliseconds patience{5000};

    // How long a statement waits for a lock, and how long it may take in all.
    std::chrono::milliseconds lock_limit{5000};
    std::chrono::milliseconds statement_limit{15'000};

    // How long a unit of work may do nothing until the server ends it, so that a stalled process holds no lock for long.
    std::chrono::milliseconds idle_limit{30'000};

    // How long a new connection may take, for each host of the URL. The URL's own connect_timeout goes before it.
    std::chrono::seconds connect_limit{5};
};

// Storage in a PostgreSQL database, 13 or newer, for any number of processes at once. `url` is a connection URI of
// libpq, "postgresql://host/database"; the tables are in the schema that its search path names first. A commit is
// durable as far as the server promises: connections ask for synchronous_commit=on.
//
// What fails says so in one line and never names a password. A connection that broke is replaced by itself. While the
// server cannot be reached, one unit of work a second finds out and all others fail at once.
//
// Throws StorageFailure if the server cannot be reached, does not write durably (fsync or full_page_writes is off), or
// if what is in the schema is not ours, is newer than this library, or cannot be made.
std::unique_ptr<Storage> open_postgres(std::string const& url, PostgresOptions const& = {});

// The schema this library writes, counted up by each migration.
int postgres_schema_version() noexcept;

}

#pragma GCC visibility pop
