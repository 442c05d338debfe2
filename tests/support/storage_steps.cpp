// A library to preload into a server (LD_PRELOAD): counts its steps towards what it keeps, and breaks one of them. At
// that step the server dies as by kill -9, or loses its power and with it all that was not synced, or is refused. The
// board, a file named by STORAGE_STEPS, says which; storage_steps.py writes it from the other side.
//
// Steps are writes, truncations and syncs of an SQLite database and its log; what is sent to PostgreSQL and comes from
// there; and, of a letter or a text, its writing, its sync and its name.
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "watched_board.hpp"

namespace {

using namespace std::string_view_literals;

enum Kind : std::uint64_t { not_a_step = 0, writing = 1, truncating = 2, syncing = 4, message = 8, posting = 16 };
enum class Fate : std::uint64_t { none, dies_before, dies_after, loses_power, is_refused, is_refused_from_now_on };

struct Board {
    std::atomic<std::uint64_t> steps;  // that were counted
    std::atomic<std::uint64_t> fatal;  // the number of the one to break; 0 for none
    std::atomic<std::uint64_t> fate;
    std::atomic<std::uint64_t> kinds;   // which steps count
    std::atomic<std::uint64_t> error;   // what a refused step says, as errno has it
    std::atomic<std::uint64_t> seed;    // decides which unsynced writes a loss of power spares
    std::atomic<std::uint64_t> power;   // whether power may be lost, said before the start
    std::atomic<std::uint64_t> lies;    // syncs that say they are done and did nothing
    std::atomic<std::uint64_t> broken;  // how many steps were
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "processes share the board");

Board& board()
{
    static auto& watched = onboard::testing::watched_board<Board>("STORAGE_STEPS");
    return watched;
}

template <class Function>
Function* next(char const* name)
{
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

auto const real_pwrite = next<ssize_t(int, void const*, std::size_t, off_t)>("pwrite64");
auto const real_write = next<ssize_t(int, void const*, std::size_t)>("write");
auto const real_truncate = next<int(int, off_t)>("ftruncate64");
auto const real_fsync = next<int(int)>("fsync");
auto const real_fdatasync = next<int(int)>("fdatasync");
auto const real_rename = next<int(char const*, char const*)>("rename");
auto const real_send = next<ssize_t(int, void const*, std::size_t, int)>("send");
auto const real_recv = next<ssize_t(int, void*, std::size_t, int)>("recv");

std::string path_of(int descriptor)
{
    std::array<char, 512> path{};
    auto const link = "/proc/self/fd/" + std::to_string(descriptor);
    auto const size = ::readlink(link.c_str(), path.data(), path.size());
    return {path.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

bool is_database(std::string_view path)
{
    return path.ends_with(".db") || path.ends_with(".db-wal") || path.ends_with(".db-journal");
}

bool is_post(std::string_view path)
{
    return path.find("/mail"sv) != path.npos || path.find("/sms"sv) != path.npos;
}

Kind kind_of(int descriptor, Kind of_a_database)
{
    auto const path = path_of(descriptor);
    return is_database(path) ? of_a_database : is_post(path) ? posting : not_a_step;
}

Kind kind_of_socket(int descriptor)
{
    sockaddr_un peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0 || peer.sun_family != AF_UNIX)
        return not_a_step;
    return std::string_view(peer.sun_path).find(".s.PGSQL."sv) == std::string_view::npos ? not_a_step : message;
}

struct Write {
    std::uint64_t at;
    std::string bytes;
};

// A file as the disk has it, and what was written since the last sync.
struct File {
    int descriptor;
    std::string durable;
    std::vector<Write> pending;
    std::uint64_t size;  // that it will have

    void put(Write const& write, std::size_t count)
    {
        durable.resize(std::max(durable.size(), write.at + count));
        durable.replace(write.at, count, write.bytes, 0, count);
    }

    void sync()
    {
        for (auto const& write : pending)
            put(write, write.bytes.size());
        pending.clear();
        durable.resize(size);
    }

    // A disk that said it could not sync has forgotten what it was to write, and its next sync says nothing of it.
    void forget() { pending.clear(); }

    // Of what was written and not synced, any part may be there.
    void lose_power(std::uint64_t& dice)
    {
        for (auto const& write : pending) {
            dice = dice * 6364136223846793005 + 1442695040888963407;
            auto const share = dice >> 62;  // none twice, half, all
            put(write, share == 3 ? write.bytes.size() : share == 2 ? write.bytes.size() / 2 : 0);
        }
        real_pwrite(descriptor, durable.data(), durable.size(), 0);
    }

    // Last, since whoever has mapped the file and reads beyond its end dies of that.
    void cut() const { real_truncate(descriptor, static_cast<off_t>(durable.size())); }
};

// The files of a database whose server may lose its power.
class Files {
public:
    // The mutex is held for as long as the guard lives.
    File* find(int descriptor)
    {
        struct stat status {};
        if (board().power == 0 || !is_database(path_of(descriptor)) || ::fstat(descriptor, &status) != 0)
            return nullptr;
        auto const [found, is_new] = files_.try_emplace(status.st_ino);
        if (is_new)
            found->second = read(descriptor, static_cast<std::size_t>(status.st_size));
        return &found->second;
    }

    void lose_power()
    {
        auto dice = board().seed.load();
        for (auto& [inode, file] : files_)
            file.lose_power(dice);
        for (auto const& [inode, file] : files_)
            file.cut();
    }

    std::mutex mutex;

private:
    static File read(int descriptor, std::size_t size)
    {
        std::string bytes(size, '\0');
        auto const path = path_of(descriptor);
        auto const own = ::open(path.c_str(), O_RDWR | O_CLOEXEC);  // never closed: that would end SQLite's locks
        for (std::size_t got = 0; got < size;) {
            auto const some = ::pread(own, bytes.data() + got, size - got, static_cast<off_t>(got));
            if (some <= 0)
                break;
            got += static_cast<std::size_t>(some);
        }
        return {.descriptor = own, .durable = std::move(bytes), .pending = {}, .size = size};
    }

    std::map<ino_t, File> files_;
};

Files& files()
{
    static auto& all = *new Files;  // other threads write until the very end
    return all;
}

[[noreturn]] void die()
{
    ::kill(::getpid(), SIGKILL);
    for (;;)
        ::pause();
}

[[noreturn]] void lose_power()
{
    files().mutex.lock();  // for good: nobody writes any more
    files().lose_power();
    die();
}

Fate fate_of_next(Kind kind)
{
    auto& shared = board();
    if ((shared.kinds & kind) == 0)
        return Fate::none;
    auto const number = ++shared.steps;
    auto const fate = static_cast<Fate>(shared.fate.load());
    if (shared.fatal == 0 || number < shared.fatal)
        return Fate::none;
    if (number > shared.fatal && fate != Fate::is_refused_from_now_on)
        return Fate::none;
    ++shared.broken;
    return fate;
}

bool is_refusal(Fate fate)
{
    return fate == Fate::is_refused || fate == Fate::is_refused_from_now_on;
}

template <class Act>
auto step(Kind kind, Act act)
{
    auto const fate = fate_of_next(kind);
    if (fate == Fate::dies_before)
        die();
    if (fate == Fate::loses_power)
        lose_power();
    if (is_refusal(fate)) {
        errno = static_cast<int>(board().error);
        return static_cast<decltype(act())>(-1);
    }
    auto const result = act();
    if (fate == Fate::dies_after)
        die();
    return result;
}

ssize_t write_at(int descriptor, void const* bytes, std::size_t size, off_t at)
{
    return step(kind_of(descriptor, writing), [&] {
        std::scoped_lock const lock(files().mutex);
        auto* const file = files().find(descriptor);
        auto const written = real_pwrite(descriptor, bytes, size, at);
        if (file != nullptr && written > 0) {
            auto const from = static_cast<std::uint64_t>(at);
            file->pending.push_back(
                {from, std::string(static_cast<char const*>(bytes), static_cast<std::size_t>(written))});
            file->size = std::max(file->size, from + static_cast<std::uint64_t>(written));
        }
        return written;
    });
}

int truncate_to(int descriptor, off_t size)
{
    return step(kind_of(descriptor, truncating), [&] {
        std::scoped_lock const lock(files().mutex);
        auto* const file = files().find(descriptor);
        auto const result = real_truncate(descriptor, size);
        if (file != nullptr && result == 0)
            file->size = static_cast<std::uint64_t>(size);
        return result;
    });
}

int sync_file(int descriptor, int (*real)(int))
{
    auto const result = step(kind_of(descriptor, syncing), [&] {
        std::scoped_lock const lock(files().mutex);
        if (board().lies != 0)
            return 0;
        auto* const file = files().find(descriptor);
        if (file != nullptr)
            file->sync();
        return file != nullptr ? 0 : real(descriptor);
    });
    if (result != 0) {
        auto const reason = errno;
        std::scoped_lock const lock(files().mutex);
        if (auto* const file = files().find(descriptor))
            file->forget();
        errno = reason;
    }
    return result;
}

}

extern "C" ssize_t pwrite(int descriptor, void const* bytes, std::size_t size, off_t at)
{
    return write_at(descriptor, bytes, size, at);
}

extern "C" ssize_t pwrite64(int descriptor, void const* bytes, std::size_t size, off_t at)
{
    return write_at(descriptor, bytes, size, at);
}

extern "C" int ftruncate(int descriptor, off_t size) noexcept
{
    return truncate_to(descriptor, size);
}

extern "C" int ftruncate64(int descriptor, off_t size) noexcept
{
    return truncate_to(descriptor, size);
}

extern "C" int fsync(int descriptor)
{
    return sync_file(descriptor, real_fsync);
}

extern "C" int fdatasync(int descriptor)
{
    return sync_file(descriptor, real_fdatasync);
}

extern "C" ssize_t write(int descriptor, void const* bytes, std::size_t size)
{
    return step(kind_of(descriptor, not_a_step), [&] { return real_write(descriptor, bytes, size); });
}

extern "C" int rename(char const* from, char const* to) noexcept
{
    return step(is_post(to) ? posting : not_a_step, [&] { return real_rename(from, to); });
}

extern "C" ssize_t send(int descriptor, void const* bytes, std::size_t size, int flags)
{
    return step(kind_of_socket(descriptor), [&] { return real_send(descriptor, bytes, size, flags); });
}

// What came is a step once it is here: whoever dies at it has not looked at it.
extern "C" ssize_t recv(int descriptor, void* bytes, std::size_t size, int flags)
{
    auto const received = real_recv(descriptor, bytes, size, flags);
    return received <= 0 ? received : step(kind_of_socket(descriptor), [&] { return received; });
}
