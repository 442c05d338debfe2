// A library to preload into a program (LD_PRELOAD): counts its syncs, makes each of them slower, or holds them back.
// A file that the program and its watcher both map, named by SLOW_DISK, is the board they talk over; slow_disk.py and
// tests/benchmark read and write it from the other side.
#include <atomic>
#include <cstdint>
#include <ctime>
#include <dlfcn.h>
#include <poll.h>

#include "watched_board.hpp"

namespace {

struct Board {
    std::atomic<std::uint64_t> syncs;    // that have returned
    std::atomic<std::uint64_t> waiting;  // before the closed gate, now
    std::atomic<std::uint64_t> closed;   // the watcher sets it to hold every sync back, and to 0 to let them go
    std::atomic<std::uint64_t> delay;    // microseconds that the watcher adds to every sync
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "processes share the board");

using Sync = int (*)(int);

Board& board()
{
    static auto& watched = onboard::testing::watched_board<Board>("SLOW_DISK");
    return watched;
}

void pass(std::uint64_t microseconds)
{
    constexpr std::uint64_t million = 1'000'000;
    timespec const time{
        static_cast<time_t>(microseconds / million), static_cast<long>(microseconds % million * 1000)};
    ::ppoll(nullptr, 0, &time, nullptr);
}

int sync_later(Sync sync, int descriptor)
{
    auto& shared = board();
    if (shared.closed != 0) {
        ++shared.waiting;
        constexpr std::uint64_t look_again = 500;
        while (shared.closed != 0)
            pass(look_again);
        --shared.waiting;
    }
    if (auto const delay = shared.delay.load(); delay > 0)
        pass(delay);
    auto const result = sync(descriptor);
    ++shared.syncs;
    return result;
}

}

extern "C" int fsync(int descriptor)
{
    static auto const next = reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, "fsync"));
    return sync_later(next, descriptor);
}

extern "C" int fdatasync(int descriptor)
{
    static auto const next = reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, "fdatasync"));
    return sync_later(next, descriptor);
}
