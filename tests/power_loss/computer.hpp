#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "power_loss/lossy_disk.hpp"
#include "power_loss/shared_file.hpp"

namespace onboard::power_loss {

// What goes wrong with calls of a kind.
enum class Breakdown : std::uint8_t {
    none,
    io_error,             // whatever touches the disk fails; a write may have got half way
    disk_full,            // so does what needs room
    not_synced,           // a sync fails, and what it should have written may be lost
    database_not_synced,  // the same, of the database file and not of its log
    locked,               // somebody else has every lock
    no_locks,             // the file system cannot lock
    no_shared_memory,     // what processes share of the log cannot be mapped
    no_memory,            // SQLite gets no memory
};

// A computer that runs SQLite, from when it is switched on until it goes: what SQLite calls a VFS. While it lives, it
// is what SQLite of this process uses for everything, so there is one at a time, and whoever uses a database goes
// first.
//
// The content of files is in a LossyDisk. Beside it a real folder has the names, for those parts of the library that
// ask for a file without SQLite; it has the lock file, too.
class Computer {
public:
    Computer(std::filesystem::path folder, LossyDisk, std::uint64_t seed);
    ~Computer();
    Computer(Computer const&) = delete;
    Computer& operator=(Computer const&) = delete;

    LossyDisk disk() const;

    // What was done to the disk since the computer was switched on, one after the other.
    std::vector<Change> tape() const;
    std::size_t tape_length() const;

    // From the `first`th call that this concerns on so many calls fail, until it is repaired.
    void break_down(Breakdown, int first, int calls);
    void repair();

    // How many of the calls that the breakdown concerns there were, and how many failed.
    int calls() const;
    int failed() const;

private:
    friend class Vfs;
    friend class Memory;

    enum class Call : std::uint8_t {
        open,
        remove,
        look,
        read,
        write,
        truncate,
        sync,
        sync_database,
        lock,
        map,
        allocate
    };

    // What SQLite is to be told of a call: SQLITE_OK, or why not.
    int outcome_of(Call);
    int outcome_of_open(bool makes);
    static int failure(Breakdown, Call) noexcept;
    void apply(Change);

    std::filesystem::path folder_;
    std::mutex mutable mutex_;
    LossyDisk disk_;
    Dice dice_;
    std::vector<Change> tape_;
    std::map<FileId, SharedFile> shared_;

    Breakdown breakdown_ = Breakdown::none;
    int first_ = 0;
    int last_ = 0;
    int calls_ = 0;
    int failed_ = 0;
};

}
