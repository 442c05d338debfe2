#include <atomic>
#include <stdexcept>
#include <thread>

#include <onboard/testing.hpp>

#include "jwt/corpus.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::jwt;
using namespace onboard::testing;
using namespace std::chrono_literals;

// A provider's server, which can be told what to answer. The keys of `old_keys` do not have Google's second key.
class KeyServer {
public:
    std::atomic<int> asked = 0;
    std::atomic<bool> down = false;
    std::atomic<bool> old_keys = false;
    std::optional<std::chrono::seconds> life = 1h;
    std::string other_answer = {};
    std::function<void()> before_answer = [] {};

    FetchedKeys answer()
    {
        ++asked;
        before_answer();
        if (down)
            throw std::runtime_error("connection refused");
        if (!other_answer.empty())
            return {other_answer, life};
        return {corpus().issuers.at(old_keys ? "portal" : "google"), life};
    }
};

class Cached {
public:
    KeyServer server;
    FixedClock clock{corpus().now};
    std::vector<std::string> complaints;
    KeyCache cache;

    explicit Cached(KeyCacheTimes times = {})
        : cache(
              [this] { return server.answer(); }, clock, times,
              [this](std::string_view why) { complaints.emplace_back(why); })
    {
    }

    // Why a token of Google's is refused. Only the keys grow older, not the token.
    std::string verify(std::string const& token = corpus().token("another key of the set"))
    {
        static Verifier const verifier(expectation_named("google"));
        return refusal(verifier.verify(token, cache, corpus().now));
    }
};

std::string const& unknown_key()
{
    return corpus().token("kid \"nobody\"");
}

TEST_CASE("keys are fetched when they are needed, and used until their life ends", "[jwt]")
{
    Cached cached;
    CHECK(cached.server.asked == 0);
    CHECK(cached.verify() == "");
    cached.clock.advance(1h - 1ms);
    CHECK(cached.verify() == "");
    CHECK(cached.server.asked == 1);
    cached.clock.advance(1ms);
    CHECK(cached.verify() == "");
    CHECK(cached.server.asked == 2);
}

TEST_CASE("whatever the provider says, a life is neither short nor long", "[jwt]")
{
    auto const [why, said, used] =
        GENERATE(table<char const*, std::optional<std::chrono::seconds>, std::chrono::seconds>(
            {{"nothing", std::nullopt, 5min},
             {"zero", 0s, 5min},
             {"less than zero", -1h, 5min},
             {"a minute", 1min, 5min},
             {"six minutes", 6min, 6min},
             {"a day", 24h, 24h},
             {"a week", 168h, 24h},
             {"for ever", std::chrono::seconds::max(), 24h}}));
    INFO(why);
    Cached cached;
    cached.server.life = said;
    CHECK(cached.cache.keys());
    cached.clock.advance(used - 1ms);
    CHECK(cached.cache.keys());
    CHECK(cached.server.asked == 1);
    cached.clock.advance(1ms);
    CHECK(cached.cache.keys());
    CHECK(cached.server.asked == 2);
}

TEST_CASE("the life of an answer is what HTTP says", "[jwt]")
{
    auto const [cache_control, age, life] =
        GENERATE(table<char const*, char const*, std::optional<std::chrono::seconds>>(
            {{"", "", std::nullopt},
             {"", "10", std::nullopt},
             {"public, must-revalidate", "", std::nullopt},
             {"s-maxage=60, x-max-age=60, max-ages=60, max-age", "", std::nullopt},
             {"public, max-age=22534, must-revalidate, no-transform", "", 22534s},
             {"MAX-AGE=60", "", 60s},
             {",\tmax-age=\"60\" ,", "", 60s},
             {"max-age=60, max-age=600", "", 60s},
             {"max-age=0", "", 0s},
             {"max-age=60", " 59 ", 1s},
             {"max-age=60", "61", 0s},
             {"max-age=60", "soon", 60s},
             {"max-age=60", "-1", 60s},
             {"max-age=60", "99999999999999999999", 0s},
             {"max-age=99999999999999999999", "", 2147483648s},
             {"max-age=", "", 0s},
             {"max-age=\"", "", 0s},
             {"max-age=-1", "", 0s},
             {"max-age=6 0", "", 0s},
             {"max-age=1.5", "", 0s},
             {"max-age=60, No-Store", "", 0s},
             {"no-cache", "", 0s}}));
    INFO(cache_control << "; " << age);
    CHECK(http_life(cache_control, age) == life);
}

TEST_CASE("times that would have keys fetched without end, or kept for ever, are none", "[jwt]")
{
    auto const make = [](KeyCacheTimes times) { KeyCache([] { return FetchedKeys{}; }, system_clock(), times); };
    CHECK_NOTHROW(make({}));
    CHECK_NOTHROW(make({.shortest_life = 720h, .longest_life = 720h, .stale_bound = 0s, .pause = 0s}));
    CHECK_THROWS_AS(make({.shortest_life = 0s}), std::invalid_argument);
    CHECK_THROWS_AS(make({.shortest_life = 301s, .longest_life = 300s}), std::invalid_argument);
    CHECK_THROWS_AS(make({.longest_life = 721h}), std::invalid_argument);
    CHECK_THROWS_AS(make({.stale_bound = 721h}), std::invalid_argument);
    CHECK_THROWS_AS(make({.stale_bound = -1s}), std::invalid_argument);
    CHECK_THROWS_AS(make({.pause = -1s}), std::invalid_argument);
    CHECK_THROWS_AS(make({.pause_without_keys = std::chrono::seconds::max()}), std::invalid_argument);
}

TEST_CASE(
    "while the provider is away its keys are used for a day beyond their life, and then there are none", "[jwt]")
{
    Cached cached;
    CHECK(cached.verify() == "");
    cached.server.down = true;
    cached.clock.advance(1h);
    CHECK(cached.verify() == "");
    CHECK(cached.complaints == std::vector<std::string>{"connection refused"});
    cached.clock.advance(24h - 1ms);
    CHECK(cached.verify() == "");
    cached.clock.advance(1ms);
    CHECK(cached.verify() == "keys_unavailable");

    cached.server.down = false;
    cached.clock.advance(1min);
    CHECK(cached.verify() == "");
}

TEST_CASE("an outage of a day loses nobody", "[jwt]")
{
    Cached cached;
    CHECK(cached.verify() == "");
    cached.server.down = true;
    int refused = 0;
    for (auto minute = 0; minute < 24 * 60; ++minute) {
        cached.clock.advance(1min);
        refused += !cached.verify().empty();
    }
    CHECK(refused == 0);
    CHECK(cached.server.asked <= 1 + 23 * 60 + 1);
}

TEST_CASE(
    "a provider that does not answer is asked again after a minute, or sooner if there is nothing to work with",
    "[jwt]")
{
    Cached cached;
    cached.server.down = true;
    CHECK(cached.verify() == "keys_unavailable");
    cached.clock.advance(10s - 1ms);
    CHECK(cached.verify() == "keys_unavailable");
    CHECK(cached.server.asked == 1);
    cached.clock.advance(1ms);
    CHECK(cached.verify() == "keys_unavailable");
    CHECK(cached.server.asked == 2);
    cached.server.down = false;
    cached.clock.advance(10s);
    CHECK(cached.verify() == "");
    CHECK(cached.server.asked == 3);

    cached.server.down = true;
    cached.clock.advance(1h);
    CHECK(cached.verify() == "");
    CHECK(cached.server.asked == 4);
    cached.clock.advance(1min - 1ms);
    CHECK(cached.verify() == "");
    CHECK(cached.server.asked == 4);
    cached.clock.advance(1ms);
    CHECK(cached.verify() == "");
    CHECK(cached.server.asked == 5);
}

TEST_CASE("what is no key set is no answer", "[jwt]")
{
    auto const [answer, complaint] = GENERATE(table<std::string, std::string>(
        {{"<html>not found</html>", "what came is no key set: set_malformed"},
         {"{\"keys\":[]}", "what came is no key set: set_empty"},
         {std::string(10 << 20, ' '), "what came is no key set: set_malformed"}}));
    Cached cached;
    CHECK(cached.verify() == "");
    cached.server.other_answer = answer;
    cached.clock.advance(1h);
    CHECK(cached.verify() == "");
    CHECK(cached.complaints == std::vector{complaint});

    Cached cold;
    cold.server.other_answer = answer;
    CHECK(cold.verify() == "keys_unavailable");
}

TEST_CASE("a fetch may fail in any way", "[jwt]")
{
    Cached cached;
    cached.server.before_answer = [] { throw 7; };
    CHECK(cached.verify() == "keys_unavailable");
    CHECK(cached.complaints == std::vector<std::string>{"for an unknown reason"});
    cached.server.before_answer = [] {};
    cached.clock.advance(10s);
    CHECK(cached.verify() == "");

    FixedClock clock;
    KeyCache silent([]() -> FetchedKeys { throw std::runtime_error("no"); }, clock);
    CHECK_FALSE(silent.keys());
}

TEST_CASE("unknown keys have the set fetched again once a minute", "[jwt]")
{
    Cached cached;
    CHECK(cached.verify(unknown_key()) == "key_unknown kid");  // fetched just now
    CHECK(cached.server.asked == 1);
    for (int time = 0; time < 10000; ++time)
        if (cached.verify(unknown_key()) != "key_unknown kid")
            FAIL("taken");
    cached.clock.advance(1min - 1ms);
    CHECK(cached.verify(unknown_key()) == "key_unknown kid");
    CHECK(cached.server.asked == 1);
    cached.clock.advance(1ms);
    CHECK(cached.verify(unknown_key()) == "key_unknown kid");
    CHECK(cached.server.asked == 2);
    CHECK(cached.verify(unknown_key()) == "key_unknown kid");
    CHECK(cached.server.asked == 2);
}

TEST_CASE("a new key is found when its first token comes", "[jwt]")
{
    Cached cached;
    cached.server.old_keys = true;
    CHECK(cached.verify() == "key_unknown kid");
    cached.server.old_keys = false;
    CHECK(cached.verify() == "key_unknown kid");
    cached.clock.advance(1min);
    CHECK(cached.verify() == "");
    CHECK(cached.server.asked == 2);

    // The fresh set has its own life.
    cached.clock.advance(1h - 1ms);
    CHECK(cached.verify() == "");
    CHECK(cached.server.asked == 2);
}

TEST_CASE("keys that are newer than somebody's are no reason to fetch", "[jwt]")
{
    Cached cached;
    auto const first = cached.cache.keys();
    REQUIRE(first);
    cached.clock.advance(1min);
    auto const second = cached.cache.keys_beyond(*first);
    REQUIRE(second);
    CHECK(*second != *first);
    CHECK(cached.server.asked == 2);
    cached.clock.advance(1min);
    CHECK(cached.cache.keys_beyond(*first) == second);
    CHECK(cached.server.asked == 2);
}

TEST_CASE("a key that is gone is gone when the set is fetched", "[jwt]")
{
    Cached cached;
    CHECK(cached.verify() == "");
    cached.server.old_keys = true;
    cached.clock.advance(1h);
    CHECK(cached.verify() == "key_unknown kid");
}

TEST_CASE("while nobody can ask, an unknown key may be a new one", "[jwt]")
{
    Cached cached;
    CHECK(cached.verify() == "");
    cached.server.down = true;
    cached.clock.advance(1min);
    CHECK(cached.verify(unknown_key()) == "keys_unavailable");
    CHECK(cached.verify(unknown_key()) == "keys_unavailable");
    CHECK(cached.server.asked == 2);
    CHECK(cached.verify() == "");
    cached.server.down = false;
    cached.clock.advance(1min);
    CHECK(cached.verify(unknown_key()) == "key_unknown kid");
}

TEST_CASE("a text that is no token, or not by a key of the kind, asks nobody", "[jwt]")
{
    Cached cached;
    cached.server.down = true;
    CHECK(cached.verify("x") == "segments_wrong");
    CHECK(cached.verify(corpus().token("alg \"none\"")) == "algorithm_refused alg");
    CHECK(cached.verify(corpus().token("kid [\"first\"]")) == "key_id_malformed kid");
    CHECK(cached.server.asked == 0);
}

TEST_CASE("of many threads without keys one fetches, and all have them", "[jwt]")
{
    constexpr int threads = 64;
    auto const down = GENERATE(false, true);
    Cached cached;
    cached.server.down = down;
    std::atomic<int> begun = 0;
    cached.server.before_answer = [&] {
        while (begun < threads)
            std::this_thread::yield();
    };
    std::atomic<int> served = 0;
    together(threads, [&](int) {
        ++begun;
        served += cached.cache.keys().has_value();
    });
    CHECK(served == (down ? 0 : threads));
    CHECK(cached.server.asked == 1);
}

TEST_CASE("of many threads with a new key one fetches, and all find it", "[jwt]")
{
    constexpr int threads = 64;
    Cached cached;
    cached.server.old_keys = true;
    CHECK(cached.verify() == "key_unknown kid");
    cached.clock.advance(1min);
    cached.server.old_keys = false;
    std::atomic<int> begun = 0;
    cached.server.before_answer = [&] {
        while (begun < threads)
            std::this_thread::yield();
    };
    std::atomic<int> served = 0;
    together(threads, [&](int) {
        ++begun;
        served += cached.verify().empty();
    });
    CHECK(served == threads);
    CHECK(cached.server.asked == 2);
}

TEST_CASE("while one thread fetches, the others work with what there is", "[jwt]")
{
    Cached cached;
    CHECK(cached.verify() == "");
    cached.clock.advance(1h);
    std::atomic<bool> asked = false;
    std::atomic<bool> served = false;
    cached.server.before_answer = [&] {
        asked = true;
        while (!served)
            std::this_thread::yield();
    };
    together(2, [&](int number) {
        if (number == 0) {
            cached.cache.keys();
        } else {
            while (!asked)
                std::this_thread::yield();
            served = cached.cache.keys().has_value();
        }
    });
    CHECK(served);
    CHECK(cached.server.asked == 2);
}

TEST_CASE("many threads, a provider that comes and goes, and a clock that moves", "[jwt]")
{
    Cached cached;
    std::atomic<int> wrong = 0;
    together(8, [&](int number) {
        for (int time = 0; time < 200; ++time) {
            if (number == 0) {
                cached.server.down = time % 3 == 0;
                cached.clock.advance(7min);
            } else {
                auto const outcome = cached.verify();
                wrong += !(outcome.empty() || outcome == "keys_unavailable");
                auto const unknown = cached.verify(unknown_key());
                wrong += !(unknown == "key_unknown kid" || unknown == "keys_unavailable");
            }
        }
    });
    CHECK(wrong == 0);
}

}
