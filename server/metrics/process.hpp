#pragma once

#include <cstdint>

namespace onboard::server {

// What the kernel knows of this process. What it does not tell is 0.
struct ProcessStatistics {
    double cpu_seconds = 0;
    double started = 0;  // seconds since 1970
    std::uint64_t resident_bytes = 0;
    std::uint64_t open_files = 0;
    std::uint64_t most_open_files = 0;
};

ProcessStatistics process_statistics();

}
