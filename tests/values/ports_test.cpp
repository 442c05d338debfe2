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

}
