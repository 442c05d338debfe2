#pragma once

#include <atomic>
#include <cstdint>

#include <onboard/storage.hpp>

namespace onboard {

// What a storage counts of its work, from any thread.
class WorkCounts {
public:
    void note_unit() noexcept { units_.fetch_add(1, std::memory_order_relaxed); }
    void note_commit() noexcept { commits_.fetch_add(1, std::memory_order_relaxed); }

    StorageStatistics read() const noexcept
    {
        return {.units = units_.load(std::memory_order_relaxed), .commits = commits_.load(std::memory_order_relaxed)};
    }

private:
    std::atomic<std::uint64_t> units_{0};
    std::atomic<std::uint64_t> commits_{0};
};

}
