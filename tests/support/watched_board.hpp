#pragma once

#include <cstdlib>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace onboard::testing {

// The file that a preloaded library and its watcher both map and talk over, named by a variable. Where the variable names
// none, a board that nobody watches.
template <class Board>
Board& watched_board(char const* variable)
{
    static Board nobody_watches{};
    auto const* const path = std::getenv(variable);
    auto const descriptor = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return nobody_watches;
    auto* const mapped = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    ::close(descriptor);
    return mapped == MAP_FAILED ? nobody_watches : *static_cast<Board*>(mapped);
}

}
