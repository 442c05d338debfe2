#pragma once

#include <sqlite3.h>

namespace onboard::sqlite {

// Keeps a reading connection's file mapped into memory. SQLite unmaps it whenever somebody has written, in case a
// stranger cut the file short meanwhile, and maps it again for the next read: a page fault for each page that is read
// after a write, and a wait for whoever else changes the process's memory, such as a thread that hashes a password. Here
// the mapping stays, which shows what is written as the file does, until the file has another size.
//
// Must outlive the connection.
class KeptMapping {
public:
    KeptMapping() = default;
    KeptMapping(KeptMapping const&) = delete;
    KeptMapping& operator=(KeptMapping const&) = delete;

    // Keeps the mapping of this connection's main file, if it is of a kind that is mapped.
    void keep(sqlite3*);

private:
    static int unfetch(sqlite3_file*, sqlite3_int64 offset, void* page);

    struct Methods : sqlite3_io_methods {
        sqlite3_io_methods const* original = nullptr;
        mutable sqlite3_int64 size = 0;  // of the file when it was mapped
    };

    Methods methods_ = {};
};

}
