#include <onboard/ports.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include <sodium.h>

namespace onboard {

namespace {

class SystemClock : public Clock {
public:
    Instant now() const override
    {
        using std::chrono::milliseconds;
        auto const read = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
        auto const steady = std::chrono::floor<milliseconds>(std::chrono::steady_clock::now());
        auto const offset = read.time_since_epoch().count() - steady.time_since_epoch().count();

        // How far the wall clock was ahead of the one that only runs forward, at most. After a step back time goes on
        // from there, at its usual pace.
        auto furthest = furthest_.load(std::memory_order_relaxed);
        while (offset > furthest && !furthest_.compare_exchange_weak(furthest, offset, std::memory_order_relaxed)) {
        }
        return Instant(steady.time_since_epoch() + milliseconds(std::max(offset, furthest)));
    }

private:
    mutable std::atomic<std::int64_t> furthest_{std::numeric_limits<std::int64_t>::min()};
};

class SystemRandom : public Random {
public:
    SystemRandom()
    {
        if (sodium_init() < 0)
            throw std::runtime_error("the random source of the system is not available");
    }

    void fill(std::span<std::byte> bytes) override { randombytes_buf(bytes.data(), bytes.size()); }
};

}

double guess_risk_per_day(Policy const& policy)
{
    using seconds = std::chrono::duration<double>;
    constexpr double codes_alive = 2;
    auto const guesses_within = [&](seconds time) {
        return policy.code_tries * (1 + std::ceil(time / seconds(policy.code_window)));
    };
    auto const by_codes = policy.codes_per_day * guesses_within(policy.code_life);
    auto const by_guesses = codes_alive * guesses_within(std::chrono::hours(24) + policy.code_life);
    return std::min(1.0, std::min(by_codes, by_guesses) / std::pow(10, policy.code_digits));
}

Clock& system_clock()
{
    static SystemClock clock;
    return clock;
}

Random& system_random()
{
    static SystemRandom random;
    return random;
}

}
