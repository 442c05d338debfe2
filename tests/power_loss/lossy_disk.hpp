#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/dice.hpp"

// A disk that keeps only what it was told to keep. Nothing here knows SQLite.
namespace onboard::power_loss {

using simulation::Dice;

enum class FileId : int {};

// Something that a program does to a disk.
struct Change {
    enum class Kind : std::uint8_t { write = 1, truncate, sync, make, remove, sync_folder };

    Kind kind = Kind::write;
    FileId file{};           // of write, truncate, sync and make
    std::size_t offset = 0;  // of write; the new size of truncate
    std::string bytes = {};  // of write
    std::string name = {};   // of make and remove
};

// One file: what is safe, and the changes since. A change may reach the disk at any time before the next sync, the
// later before the earlier, and a write in pieces: each sector by itself, of which all or nothing of a write is
// there. What a write leaves alone stays as it is, as SQLite counts upon.
class LossyFile {
public:
    static constexpr std::size_t sector = 512;

    LossyFile() = default;
    explicit LossyFile(std::string safe) : now_(safe), safe_(std::move(safe)) {}

    // As whoever reads it sees it.
    std::string const& content() const noexcept { return now_; }

    void write(std::size_t offset, std::string bytes);
    void truncate(std::size_t size);
    void sync();

    // A sync that reports a failure: the kernel takes for written what it could not write, and will not try again.
    // Readers may go on seeing it, or not.
    void fail_to_sync(Dice&);

    // What is there when the power comes back.
    std::string after_power_loss(Dice&) const;

private:
    struct Unsynced {
        bool is_write = true;
        std::size_t offset = 0;
        std::string bytes = {};
    };

    std::string now_;
    std::string safe_;
    std::vector<Unsynced> unsynced_;
};

// Files by their names. A name that was made or removed is safe when the folder was synced, and its content when the
// file was.
class LossyDisk {
public:
    void apply(Change const&);

    // The file of a name, or nullptr.
    FileId const* find(std::string const& name) const;
    LossyFile& file(FileId id) { return files_.at(id); }
    LossyFile const& file(FileId id) const { return files_.at(id); }
    std::map<std::string, FileId> const& names() const noexcept { return names_; }

    // A number that no file has.
    FileId next_id() const noexcept { return FileId(next_id_); }

    // The disk when the power comes back: all that is there is safe.
    LossyDisk after_power_loss(Dice) const;

    // The disk as a program that was killed leaves it to the next one.
    LossyDisk after_kill() const;

private:
    struct Renamed {
        std::string name;
        bool made = false;
        FileId file{};
    };

    static void rename(std::map<std::string, FileId>&, Renamed const&);

    std::map<FileId, LossyFile> files_;
    std::map<std::string, FileId> names_;
    std::map<std::string, FileId> safe_names_;
    std::vector<Renamed> unsynced_;
    int next_id_ = 1;
};

}
