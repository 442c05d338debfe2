#include "power_loss/computer.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <new>
#include <stdexcept>
#include <utility>

#include <sqlite3.h>

namespace onboard::power_loss {

namespace {

// The one that is switched on.
Computer* running = nullptr;

struct OpenFile {
    sqlite3_file base{};  // what SQLite knows of it, so it comes first
    FileId id{};
    std::string name = {};        // of one that is to be removed when it is closed
    bool syncs_its_name = false;  // the first sync is to make the name safe, too
    bool is_database = false;
};

OpenFile& open_file(sqlite3_file* file)
{
    return *reinterpret_cast<OpenFile*>(file);
}

std::string name_of(char const* path)
{
    return std::filesystem::path(path).filename().string();
}

bool is_lock_file(std::filesystem::path const& path)
{
    return path.string().ends_with("-lock");
}

}

// The functions that SQLite calls. What each has to do is said in SQLite's documentation; what a folder has to be
// synced for is as its own VFS for Unix has it.
class Vfs {
public:
    static sqlite3_vfs& table()
    {
        static sqlite3_vfs vfs = [] {
            auto made = *sqlite3_vfs_find("unix");  // times and full paths
            made.zName = "lossy";
            made.szOsFile = sizeof(OpenFile);
            made.pNext = nullptr;
            made.xOpen = open;
            made.xDelete = remove;
            made.xAccess = look;
            made.xRandomness = randomness;
            made.xSleep = pause;
            return made;
        }();
        return vfs;
    }

private:
    static int open(sqlite3_vfs*, char const* path, sqlite3_file* file, int flags, int* flags_out)
    {
        std::scoped_lock const lock(running->mutex_);
        file->pMethods = nullptr;
        auto const name = path ? name_of(path) : std::string();
        auto const* known = path ? running->disk_.find(name) : nullptr;
        auto const may_be_made = (flags & SQLITE_OPEN_CREATE) != 0;
        if (auto const trouble = running->outcome_of_open(!known && may_be_made); trouble != SQLITE_OK)
            return trouble;
        auto id = known ? *known : running->disk_.next_id();
        if (!known) {
            // The library itself makes the database, and by other means.
            if (!may_be_made && !std::filesystem::exists(path))
                return SQLITE_CANTOPEN;
            running->apply({.kind = Change::Kind::make, .file = id, .name = name});
        }
        auto* const opened = new (file) OpenFile{.id = id};
        if (flags & SQLITE_OPEN_DELETEONCLOSE)
            opened->name = name;
        constexpr int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
        opened->syncs_its_name = may_be_made && (flags & journals);
        opened->is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
        opened->base.pMethods = &methods();
        if (flags_out)
            *flags_out = flags;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs*, char const* path, int sync_folder)
    {
        std::scoped_lock const lock(running->mutex_);
        if (auto const trouble = running->outcome_of(Computer::Call::remove); trouble != SQLITE_OK)
            return trouble;
        auto const name = name_of(path);
        if (!running->disk_.find(name))
            return SQLITE_IOERR_DELETE_NOENT;
        running->apply({.kind = Change::Kind::remove, .name = name});
        if (sync_folder)
            running->apply({.kind = Change::Kind::sync_folder});
        return SQLITE_OK;
    }

    static int look(sqlite3_vfs*, char const* path, int what, int* result)
    {
        std::scoped_lock const lock(running->mutex_);
        if (auto const trouble = running->outcome_of(Computer::Call::look); trouble != SQLITE_OK)
            return trouble;
        auto const* known = running->disk_.find(name_of(path));
        // An empty file does not count as one that exists.
        *result = known && (what != SQLITE_ACCESS_EXISTS || !running->disk_.file(*known).content().empty());
        return SQLITE_OK;
    }

    static int randomness(sqlite3_vfs*, int size, char* bytes)
    {
        std::scoped_lock const lock(running->mutex_);
        std::generate_n(bytes, size, [] { return static_cast<char>(running->dice_.next()); });
        return size;
    }

    static int pause(sqlite3_vfs*, int microseconds) { return microseconds; }  // nothing is worth waiting for

    static int close(sqlite3_file* file)
    {
        std::scoped_lock const lock(running->mutex_);
        auto& closed = open_file(file);
        running->shared_[closed.id].close(file);
        if (!closed.name.empty())
            running->apply({.kind = Change::Kind::remove, .name = closed.name});
        closed.~OpenFile();
        return SQLITE_OK;
    }

    static int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset)
    {
        std::scoped_lock const lock(running->mutex_);
        if (auto const trouble = running->outcome_of(Computer::Call::read); trouble != SQLITE_OK)
            return trouble;
        auto const& content = running->disk_.file(open_file(file).id).content();
        auto const from = std::min(static_cast<std::size_t>(offset), content.size());
        auto const wanted = static_cast<std::size_t>(size);
        auto const there = std::min(wanted, content.size() - from);
        std::memcpy(bytes, content.data() + from, there);
        std::memset(static_cast<char*>(bytes) + there, 0, wanted - there);
        return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
    }

    static int write(sqlite3_file* file, void const* bytes, int size, sqlite3_int64 offset)
    {
        std::scoped_lock const lock(running->mutex_);
        auto const trouble = running->outcome_of(Computer::Call::write);
        auto const written = static_cast<std::size_t>(trouble == SQLITE_OK ? size : size / 2);
        running->apply(
            {.kind = Change::Kind::write,
             .file = open_file(file).id,
             .offset = static_cast<std::size_t>(offset),
             .bytes = std::string(static_cast<char const*>(bytes), written)});
        return trouble;
    }

    static int truncate(sqlite3_file* file, sqlite3_int64 size)
    {
        std::scoped_lock const lock(running->mutex_);
        if (auto const trouble = running->outcome_of(Computer::Call::truncate); trouble != SQLITE_OK)
            return trouble;
        running->apply(
            {.kind = Change::Kind::truncate, .file = open_file(file).id, .offset = static_cast<std::size_t>(size)});
        return SQLITE_OK;
    }

    static int sync(sqlite3_file* file, int)
    {
        std::scoped_lock const lock(running->mutex_);
        auto& synced = open_file(file);
        auto const call = synced.is_database ? Computer::Call::sync_database : Computer::Call::sync;
        if (auto const trouble = running->outcome_of(call); trouble != SQLITE_OK) {
            running->disk_.file(synced.id).fail_to_sync(running->dice_);
            return trouble;
        }
        running->apply({.kind = Change::Kind::sync, .file = synced.id});
        if (std::exchange(synced.syncs_its_name, false))
            running->apply({.kind = Change::Kind::sync_folder});
        return SQLITE_OK;
    }

    static int size(sqlite3_file* file, sqlite3_int64* result)
    {
        std::scoped_lock const lock(running->mutex_);
        if (auto const trouble = running->outcome_of(Computer::Call::look); trouble != SQLITE_OK)
            return trouble;
        *result = static_cast<sqlite3_int64>(running->disk_.file(open_file(file).id).content().size());
        return SQLITE_OK;
    }

    static int lock(sqlite3_file* file, int level)
    {
        std::scoped_lock const lock(running->mutex_);
        if (auto const trouble = running->outcome_of(Computer::Call::lock); trouble != SQLITE_OK)
            return trouble;
        auto& shared = running->shared_[open_file(file).id];
        return shared.lock(file, static_cast<SharedFile::Level>(level)) ? SQLITE_OK : SQLITE_BUSY;
    }

    static int unlock(sqlite3_file* file, int level)
    {
        std::scoped_lock const lock(running->mutex_);
        running->shared_[open_file(file).id].unlock(file, static_cast<SharedFile::Level>(level));
        return SQLITE_OK;
    }

    static int is_reserved(sqlite3_file* file, int* result)
    {
        std::scoped_lock const lock(running->mutex_);
        *result = running->shared_[open_file(file).id].is_reserved();
        return SQLITE_OK;
    }

    static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }

    static int sector_size(sqlite3_file*) { return 4096; }  // as SQLite itself says on Unix, and the next

    static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

    static int map(sqlite3_file* file, int region, int size, int make, void volatile** result)
    {
        std::scoped_lock const lock(running->mutex_);
        *result = nullptr;
        if (auto const trouble = running->outcome_of(Computer::Call::map); trouble != SQLITE_OK)
            return trouble;
        *result = running->shared_[open_file(file).id].map(
            file, static_cast<std::size_t>(region), static_cast<std::size_t>(size), make != 0);
        return SQLITE_OK;
    }

    static int lock_slots(sqlite3_file* file, int first, int count, int flags)
    {
        std::scoped_lock const lock(running->mutex_);
        auto& shared = running->shared_[open_file(file).id];
        auto const slots = static_cast<SharedFile::Slots>(((1U << count) - 1) << first);
        if (flags & SQLITE_SHM_UNLOCK) {
            shared.unlock_slots(file, slots);
            return SQLITE_OK;
        }
        if (auto const trouble = running->outcome_of(Computer::Call::lock); trouble != SQLITE_OK)
            return trouble;
        return shared.lock_slots(file, slots, (flags & SQLITE_SHM_EXCLUSIVE) != 0) ? SQLITE_OK : SQLITE_BUSY;
    }

    static void barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

    static int unmap(sqlite3_file* file, int)
    {
        std::scoped_lock const lock(running->mutex_);
        running->shared_[open_file(file).id].unmap(file);
        return SQLITE_OK;
    }

    static sqlite3_io_methods const& methods()
    {
        static sqlite3_io_methods const methods = [] {
            sqlite3_io_methods made{};
            made.iVersion = 2;  // without mapping the file itself
            made.xClose = close;
            made.xRead = read;
            made.xWrite = write;
            made.xTruncate = truncate;
            made.xSync = sync;
            made.xFileSize = size;
            made.xLock = lock;
            made.xUnlock = unlock;
            made.xCheckReservedLock = is_reserved;
            made.xFileControl = control;
            made.xSectorSize = sector_size;
            made.xDeviceCharacteristics = characteristics;
            made.xShmMap = map;
            made.xShmLock = lock_slots;
            made.xShmBarrier = barrier;
            made.xShmUnmap = unmap;
            return made;
        }();
        return methods;
    }
};

// The memory that SQLite works in.
class Memory {
public:
    // To be called before SQLite is used for the first time.
    static void install()
    {
        sqlite3_mem_methods methods{};
        sqlite3_config(SQLITE_CONFIG_GETMALLOC, &beneath);
        methods = beneath;
        methods.xMalloc = [](int size) { return is_there() ? beneath.xMalloc(size) : nullptr; };
        methods.xRealloc = [](void* old, int size) { return is_there() ? beneath.xRealloc(old, size) : nullptr; };
        if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK)
            throw std::logic_error("SQLite was in use before the first computer");
    }

private:
    static bool is_there()
    {
        if (!running)
            return true;
        std::scoped_lock const lock(running->mutex_);
        return running->outcome_of(Computer::Call::allocate) == SQLITE_OK;
    }

    static inline sqlite3_mem_methods beneath{};
};

Computer::Computer(std::filesystem::path folder, LossyDisk disk, std::uint64_t seed)
    : folder_(std::move(folder)), disk_(std::move(disk)), dice_(seed)
{
    if (running)
        throw std::logic_error("two computers at once");
    static std::once_flag installed;
    std::call_once(installed, Memory::install);
    for (auto const& entry : std::filesystem::directory_iterator(folder_))
        if (!is_lock_file(entry.path()))
            std::filesystem::remove(entry.path());
    for (auto const& [name, id] : disk_.names()) {
        std::ofstream(folder_ / name).close();
        std::filesystem::resize_file(folder_ / name, disk_.file(id).content().size());
    }
    running = this;
    sqlite3_vfs_register(&Vfs::table(), 1);
}

Computer::~Computer()
{
    sqlite3_vfs_unregister(&Vfs::table());
    running = nullptr;
}

LossyDisk Computer::disk() const
{
    std::scoped_lock const lock(mutex_);
    return disk_;
}

std::vector<Change> Computer::tape() const
{
    std::scoped_lock const lock(mutex_);
    return tape_;
}

std::size_t Computer::tape_length() const
{
    std::scoped_lock const lock(mutex_);
    return tape_.size();
}

void Computer::break_down(Breakdown breakdown, int first, int calls)
{
    std::scoped_lock const lock(mutex_);
    breakdown_ = breakdown;
    first_ = first;
    last_ = first + calls - 1;
    calls_ = failed_ = 0;
}

void Computer::repair()
{
    std::scoped_lock const lock(mutex_);
    breakdown_ = Breakdown::none;
}

int Computer::calls() const
{
    std::scoped_lock const lock(mutex_);
    return calls_;
}

int Computer::failed() const
{
    std::scoped_lock const lock(mutex_);
    return failed_;
}

int Computer::outcome_of(Call call)
{
    auto const trouble = failure(breakdown_, call);
    if (trouble == SQLITE_OK)
        return SQLITE_OK;
    ++calls_;
    if (calls_ < first_ || calls_ > last_)
        return SQLITE_OK;
    ++failed_;
    return trouble;
}

int Computer::outcome_of_open(bool makes)
{
    return breakdown_ == Breakdown::disk_full && !makes ? SQLITE_OK : outcome_of(Call::open);
}

int Computer::failure(Breakdown breakdown, Call call) noexcept
{
    switch (breakdown) {
    case Breakdown::none: break;
    case Breakdown::io_error:
        switch (call) {
        case Call::open: return SQLITE_CANTOPEN;
        case Call::remove: return SQLITE_IOERR_DELETE;
        case Call::look: return SQLITE_IOERR_FSTAT;
        case Call::read: return SQLITE_IOERR_READ;
        case Call::write: return SQLITE_IOERR_WRITE;
        case Call::truncate: return SQLITE_IOERR_TRUNCATE;
        case Call::sync:
        case Call::sync_database: return SQLITE_IOERR_FSYNC;
        case Call::lock:
        case Call::map:
        case Call::allocate: break;
        }
        break;
    case Breakdown::disk_full:
        if (call == Call::write)
            return SQLITE_FULL;
        if (call == Call::open)
            return SQLITE_CANTOPEN;
        break;
    case Breakdown::not_synced:
        return call == Call::sync || call == Call::sync_database ? SQLITE_IOERR_FSYNC : SQLITE_OK;
    case Breakdown::database_not_synced: return call == Call::sync_database ? SQLITE_IOERR_FSYNC : SQLITE_OK;
    case Breakdown::locked: return call == Call::lock ? SQLITE_BUSY : SQLITE_OK;
    case Breakdown::no_locks: return call == Call::lock ? SQLITE_IOERR_LOCK : SQLITE_OK;
    case Breakdown::no_shared_memory: return call == Call::map ? SQLITE_IOERR_SHMMAP : SQLITE_OK;
    case Breakdown::no_memory: return call == Call::allocate ? SQLITE_NOMEM : SQLITE_OK;
    }
    return SQLITE_OK;
}

void Computer::apply(Change change)
{
    disk_.apply(change);
    tape_.push_back(std::move(change));
}

}
