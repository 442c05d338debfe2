#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace onboard::server {

// Counts failures per client address in windows of a minute. It slows a guesser down and guards nothing by itself, so
// it is kept in memory and forgets when it must.
class Throttle {
public:
    using Clock = std::chrono::steady_clock;

    explicit Throttle(int per_minute) : per_minute_(per_minute) {}

    // Counts one failure; how long to wait if it was one too many.
    std::optional<std::chrono::seconds> fail(std::string_view client, Clock::time_point now);

private:
    struct Window {
        Clock::time_point ends{};
        int failures = 0;
    };

    // Enough for an attack from many addresses, small enough to hold.
    static constexpr std::size_t most_clients = 65536;

    int per_minute_;
    std::mutex mutex_;
    std::unordered_map<std::string, Window> windows_;
};

// What failures of a client are counted under: the address, or the /64 network of an IPv6 address, since one host may
// use all of it.
std::string throttle_key(std::string_view client);

}
