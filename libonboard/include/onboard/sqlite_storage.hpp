#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include <onboard/storage.hpp>

#pragma GCC visibility push(default)

namespace onboard {

// How to work with an SQLite file.
struct SqliteOptions {
    // Whether a file may be made. An existing file is never replaced.
    bool create = true;

    // Whether an older schema is brought up to date; otherwise opening one throws.
    bool migrate = true;

    // Whether this is the one process that serves this file for long. A second one is refused, since servers on one
    // file would only wait for each other. Others may still open it for short work.
    bool sole_server = false;

    // How long begin() waits for others, threads or processes, to let go of the file.
    std::chrono::milliseconds patience{5000};

    // How much of the file the writing connection keeps in memory, in octets. Taken as it is needed. More is not faster:
    // the operating system keeps the file as well, and SQLite walks through all of its own pages after each commit that
    // split one (sqlite3PcacheTruncate).
    std::int64_t cache = 8 << 20;
};

// Storage in one SQLite file: write-ahead log, synchronous=FULL, so that what commit() returned from survives a power
// cut. Any number of threads may read; one connection at a time, over all processes that open the file through this
// function, writes or checkpoints: a lock on `FILE-lock` sees to that, because the SQLite of Debian 12 can corrupt a
// database when a checkpoint meets a writer of another connection.
//
// Throws StorageFailure, saying what is wrong with the file, if it cannot be opened, is not ours, is newer than this
// library, or cannot be made durable.
std::unique_ptr<Storage> open_sqlite(std::filesystem::path const&, SqliteOptions const& = {});

// Copies a database into a new file, one state of it as it is now, and returns when the copy is on the disk. Others go on
// working meanwhile, in this process or another. The copy has mode 0600, and appears whole or not at all. Throws
// StorageFailure if there is a file of that name, or if the copy cannot be made.
void back_up_sqlite(std::filesystem::path const& database, std::filesystem::path const& copy);

// SQLite counts the memory it uses, under a lock that all threads of a process share. A process that does not ask for the
// sum saves that lock by calling this before anything in it uses SQLite; later it does nothing.
void leave_sqlite_memory_uncounted() noexcept;

// The schema this library writes, counted up by each migration.
int sqlite_schema_version() noexcept;

}

#pragma GCC visibility pop
