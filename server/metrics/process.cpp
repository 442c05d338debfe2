#include "server/metrics/process.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace onboard::server {

namespace {

std::string content_of(char const* path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

double seconds_of(timeval const& time)
{
    constexpr double microseconds = 1e6;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / microseconds;
}

// When this process began: its age at the boot of the machine, added to the time of that (proc(5)).
double start_time()
{
    constexpr int behind_the_name = 20;  // the start is the 22nd value, and the name, in brackets, the second
    auto const stat = content_of("/proc/self/stat");
    std::istringstream values(stat.substr(stat.rfind(')') + 1));
    std::string value;
    for (int index = 0; index < behind_the_name; ++index)
        values >> value;

    auto const all = content_of("/proc/stat");
    auto const boot = all.find("\nbtime ");
    if (!values || boot == std::string::npos)
        return 0;
    return std::stod(all.substr(boot + 7)) + std::stod(value) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t resident_bytes()
{
    std::istringstream values(content_of("/proc/self/statm"));
    std::uint64_t whole = 0;
    std::uint64_t resident = 0;
    values >> whole >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t open_files()
{
    std::error_code trouble;
    std::filesystem::directory_iterator const all("/proc/self/fd", trouble);
    return trouble ? 0 : static_cast<std::uint64_t>(std::distance(begin(all), end(all)));
}

}

ProcessStatistics process_statistics()
{
    static auto const started = start_time();
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    return {
        .cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
        .started = started,
        .resident_bytes = resident_bytes(),
        .open_files = open_files(),
        .most_open_files = files.rlim_cur};
}

}
