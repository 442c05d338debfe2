#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include <onboard/storage.hpp>

namespace onboard {

struct SqliteOptions {
    // Whether a file may be made. An existing file is never replaced.
    bool create = true;

    // Whether an older schema is brought up to date; otherwise opening one throws.
    bool migrate = true;

    // Whether this is the one process that serves this file for long. A second one is refused, since servers on one
    // file would only wait for each other. Others may still open it for short work.
    bool sole_server = false;

    // How long begin() waits for another process to let go of the file.
    std::chrono::milliseconds patience{5000};
};

// Storage in one SQLite file: write-ahead log, synchronous=FULL, so that what commit() returned from survives a power
// cut. Any number of threads may read; one connection at a time, over all processes that open the file through this
// function, writes or checkpoints: a lock on `<file>-lock` sees to that, because the SQLite of Debian 12 can corrupt a
// database when a checkpoint meets a writer of another connection.
//
// Throws StorageFailure, saying what is wrong with the file, if it cannot be opened, is not ours, is newer than this
// library, or cannot be made durable.
std::unique_ptr<Storage> open_sqlite(std::filesystem::path const&, SqliteOptions const& = {});

// The schema this library writes, counted up by each migration.
int sqlite_schema_version() noexcept;

}
