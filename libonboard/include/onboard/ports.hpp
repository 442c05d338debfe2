#pragma once

#include <chrono>
#include <cstddef>
#include <span>

#include <onboard/account.hpp>
#include <onboard/secrets.hpp>

namespace onboard {

class Storage;

class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

// The system's clock, except that within this process it never goes back: a step of the wall clock revives no secret.
Clock& system_clock();

class Random {
public:
    virtual ~Random() = default;

    // Fills with bytes nobody can guess. Throws if there are none.
    virtual void fill(std::span<std::byte>) = 0;
};

// The operating system's random source.
Random& system_random();

// What the host plugs in. Everything referred to must outlive the object it is given to.
struct Ports {
    Storage& storage;
    SecretKey key;
    Clock& clock = system_clock();
    Random& random = system_random();
};

// The numbers. Each default is the one of docs/contracts.md; where a standard sets it, the standard is named.
struct Policy {
    // A login link is good for `now < issued + life`. ASVS 5.0, 6.5.5 and NIST SP 800-63B, 3.1.3.2: at most 10 min.
    std::chrono::seconds login_link_life{300};

    // A session ends when it has not been used for this long, and in any case at its full age
    // (NIST SP 800-63B, reauthentication).
    std::chrono::seconds session_idle{3600};
    std::chrono::seconds session_life{86400};

    // One-time codes: NIST SP 800-63B, 3.1.3.2 asks for at least 6 digits and at most 10 minutes.
    int code_digits = 6;
    std::chrono::seconds code_life{300};

    // Wrong codes that a person may enter, counted per address and purpose over `code_window`, over all codes sent.
    int code_tries = 5;
    std::chrono::seconds code_window{3600};

    // How often a code is sent to one address: not again within the pause, and no more than so many an hour and a day.
    std::chrono::seconds code_pause{60};
    int codes_per_hour = 5;
    int codes_per_day = 10;

    // How long an idempotency key is remembered.
    std::chrono::seconds repeat_window{86400};

    // Whether the address of a deleted account may be used by a new one.
    bool release_deleted = false;
};

}
