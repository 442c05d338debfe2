#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <onboard/courier.hpp>
#include <onboard/ports.hpp>

#pragma GCC visibility push(default)

// For a host's tests, and ours: time that stands still, randomness that repeats itself, letters that can be read.
// Link onboard::testing.
namespace onboard::testing {

// Shows the moment it was set to. Safe to read and move from many threads.
class FixedClock : public Clock {
public:
    explicit FixedClock(Instant now = Instant(std::chrono::hours(24 * 365 * 50))) : now_(now) {}

    Instant now() const override;
    // Back as well as on.
    void set(Instant);
    void advance(std::chrono::milliseconds);

private:
    mutable std::mutex mutex_;
    Instant now_;
};

// The same bytes in the same order for the same seed; and bytes of one's choice first, if given. Never for production.
class ScriptedRandom : public Random {
public:
    explicit ScriptedRandom(std::uint64_t seed = 1) : state_(seed) {}

    void fill(std::span<std::byte>) override;

    // The next bytes to be drawn, before the generator's own.
    void script(std::vector<std::byte>);

private:
    std::mutex mutex_;
    std::uint64_t state_;
    std::vector<std::byte> script_;
};

// Keeps every letter, with its secret. Refuses as many letters as it is told to.
class RecordingMailer : public Mailer {
public:
    // A letter, and the secret it was about.
    struct Sent {
        Letter letter;
        std::string secret;
    };

    void send(Letter const&, std::string_view secret) override;

    std::vector<Sent> sent() const;
    // The next so many letters fail with DeliveryFailure.
    void refuse_next(int letters);

private:
    mutable std::mutex mutex_;
    std::vector<Sent> sent_;
    int refusals_ = 0;
};

// A key for tests: the same every time.
SecretKey test_key();

}

#pragma GCC visibility pop
