#include <onboard/ports.hpp>

#include <atomic>

#include <sodium.h>

namespace onboard {

namespace {

class SystemClock : public Clock {
public:
    Instant now() const override
    {
        auto const read = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        auto const now = read.time_since_epoch().count();
        auto latest = latest_.load(std::memory_order_relaxed);
        while (now > latest && !latest_.compare_exchange_weak(latest, now, std::memory_order_relaxed)) {
        }
        return Instant(std::chrono::milliseconds(std::max(now, latest)));
    }

private:
    mutable std::atomic<std::int64_t> latest_{0};
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
