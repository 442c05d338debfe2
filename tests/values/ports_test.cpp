#include <set>
#include <string>

#include <onboard/ports.hpp>
#include <onboard/testing.hpp>

#include "support/catch.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;

std::string drawn(Random& random, std::size_t size)
{
    std::string bytes(size, '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    return bytes;
}

TEST_CASE("the system's clock does not go back", "[ports]")
{
    auto before = system_clock().now();
    for (int reading = 0; reading < 1000; ++reading) {
        auto const now = system_clock().now();
        CHECK(now >= before);
        before = now;
    }
    CHECK(std::chrono::abs(std::chrono::system_clock::now() - before) < std::chrono::minutes(1));
}

TEST_CASE("the system's random source does not repeat itself", "[ports]")
{
    std::set<std::string> draws;
    for (int draw = 0; draw < 1000; ++draw)
        draws.insert(drawn(system_random(), 16));
    CHECK(draws.size() == 1000);
}

TEST_CASE("the fixed clock stands still until it is moved", "[ports]")
{
    FixedClock clock;
    auto const start = clock.now();
    CHECK(clock.now() == start);
    clock.advance(std::chrono::minutes(5));
    CHECK(clock.now() == start + std::chrono::minutes(5));
    clock.set(start);
    CHECK(clock.now() == start);
}

TEST_CASE("scripted randomness repeats itself and can be told what to draw", "[ports]")
{
    ScriptedRandom one(7);
    ScriptedRandom same(7);
    ScriptedRandom other(8);
    auto const first = drawn(one, 100);
    CHECK(first == drawn(same, 100));
    CHECK(first != drawn(other, 100));
    CHECK(first != drawn(one, 100));

    one.script({std::byte{'a'}, std::byte{'b'}, std::byte{'c'}});
    CHECK(drawn(one, 2) == "ab");
    CHECK(drawn(one, 2).front() == 'c');
}

TEST_CASE("the risk of a guessed code is that of the guesses which the limits leave", "[ports]")
{
    using std::chrono::seconds;
    auto const [why, digits, life, tries, window, per_day, risk] =
        GENERATE(table<char const*, int, int, int, int, int, double>({
            {"by default, ten codes meet two windows of five guesses", 6, 300, 5, 3600, 10, 1e-4},
            {"two digits more", 8, 300, 5, 3600, 10, 1e-6},
            {"one code, one guess a window", 6, 300, 1, 3600, 1, 2e-6},
            {"a life as long as a window touches two", 6, 3600, 5, 3600, 10, 1e-4},
            {"a life longer than a window touches three", 6, 3601, 5, 3600, 10, 1.5e-4},
            {"a life of two windows touches three", 6, 600, 5, 300, 10, 1.5e-4},
            {"however many codes, 26 windows of guesses meet two each", 6, 300, 5, 3600, 1000000, 2.6e-4},
            {"no guesses", 6, 300, 0, 3600, 10, 0.0},
            {"no codes", 6, 300, 5, 3600, 0, 0.0},
            {"more guesses than codes there are", 1, 300, 5, 3600, 10, 1.0},
            {"windows without length limit nothing", 6, 300, 5, 0, 10, 1.0},
        }));
    INFO(why);
    Policy policy;
    policy.code_digits = digits;
    policy.code_life = seconds(life);
    policy.code_tries = tries;
    policy.code_window = seconds(window);
    policy.codes_per_day = per_day;

    CHECK(guess_risk_per_day(policy) == Approx(risk).epsilon(1e-9));
}

}
