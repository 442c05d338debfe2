#pragma once

#include <cstddef>

#include <sqlite3.h>

namespace onboard::sqlite {

// Maps a connection's whole file into memory, and keeps it mapped. SQLite itself maps the first two gibibytes, and unmaps
// them whenever another connection has written, in case a stranger cut the file short meanwhile: a page fault for each
// page that is read after a write, and a wait for whoever else changes the process's memory, such as a thread that hashes
// a password. Here the mapping stays, which shows what is written as the file does, until the file has another size.
//
// Must outlive the connection.
class KeptMapping {
public:
    KeptMapping() = default;
    ~KeptMapping();
    KeptMapping(KeptMapping const&) = delete;
    KeptMapping& operator=(KeptMapping const&) = delete;

    // Maps this connection's main file, if it is of a kind that can be mapped. What cannot be mapped is read.
    void keep(sqlite3*);

private:
    struct Methods : sqlite3_io_methods {
        sqlite3_io_methods const* original = nullptr;
        KeptMapping* mapping = nullptr;
    };

    static int fetch(sqlite3_file*, sqlite3_int64 offset, int length, void** page);
    static int unfetch(sqlite3_file*, sqlite3_int64 offset, void* page);

    static KeptMapping& of(sqlite3_file* file) { return *static_cast<Methods const*>(file->pMethods)->mapping; }
    static sqlite3_int64 size_of(sqlite3_file*);

    void map(sqlite3_file*);
    void unmap();

    Methods methods_ = {};
    std::byte* start_ = nullptr;
    sqlite3_int64 size_ = 0;  // of the file when it was mapped
    int pages_in_use_ = 0;
};

}
