#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

bool noted(Storage& storage, Digest const& token, Instant until = noon)
{
    return committed(storage, [&](UnitOfWork& work) { return work.used_tokens().note(token, until); });
}

int forgotten(Storage& storage, Instant before, int limit)
{
    return committed(storage, [&](UnitOfWork& work) { return work.used_tokens().forget(before, limit); });
}

TEST_CASE("a token that is good once is new once", "[used tokens]")
{
    auto const storage = open_empty_storage();
    CHECK(noted(*storage, digest_of("one")));
    CHECK_FALSE(noted(*storage, digest_of("one")));
    CHECK_FALSE(noted(*storage, digest_of("one"), noon + 1h));
    CHECK(noted(*storage, digest_of("two")));
    CHECK_FALSE(noted(*storage, digest_of("one"), noon - 1h));
}

TEST_CASE("tokens are told apart by every octet of their digests", "[used tokens]")
{
    auto const storage = open_empty_storage();
    Digest::Bytes bytes{};
    CHECK(noted(*storage, Digest(bytes)));
    for (auto& byte : bytes) {
        byte = std::byte{1};
        CHECK(noted(*storage, Digest(bytes)));
        byte = std::byte{0};
    }
    CHECK_FALSE(noted(*storage, Digest(bytes)));
}

TEST_CASE("a token that comes twice in one unit of work is new once, and the work can go on", "[used tokens]")
{
    auto const storage = open_empty_storage();
    auto work = storage->begin();
    CHECK(work->used_tokens().note(digest_of("one"), noon));
    CHECK_FALSE(work->used_tokens().note(digest_of("one"), noon));
    CHECK(work->used_tokens().note(digest_of("two"), noon));
    work->commit();
    CHECK_FALSE(noted(*storage, digest_of("two")));
}

TEST_CASE("a token that was noted in vain is new, and one that was forgotten in vain is not", "[used tokens]")
{
    auto const storage = open_empty_storage();
    CHECK(storage->begin()->used_tokens().note(digest_of("one"), noon));
    CHECK(noted(*storage, digest_of("one")));
    {
        auto work = storage->begin();
        CHECK(work->used_tokens().forget(noon + 1h, 100) == 1);
        CHECK(work->used_tokens().note(digest_of("one"), noon));
    }
    CHECK_FALSE(noted(*storage, digest_of("one")));
}

TEST_CASE("of many simultaneous callers with one token, one is first", "[used tokens]")
{
    auto const storage = open_empty_storage();
    constexpr int tokens = 20;
    std::atomic<int> firsts = 0;
    together(many_threads, [&](int number) {
        for (int token = 0; token < tokens; ++token)
            firsts += noted(*storage, digest_of(std::to_string(token)), noon + number * 1min);
    });
    CHECK(firsts == tokens);
}

TEST_CASE("whoever comes second with a token goes on, and leaves no trace of what was begun", "[used tokens]")
{
    auto const storage = open_empty_storage();
    std::atomic<int> firsts = 0;
    std::atomic<int> seconds = 0;
    together(many_threads, [&](int number) {
        auto work = storage->begin();
        auto const first = work->used_tokens().note(digest_of("one"), noon);
        work->accounts().insert(account_of("jane" + std::to_string(number) + "@example.com")).value();
        if (first)
            work->commit();
        ++(first ? firsts : seconds);
    });
    CHECK(firsts == 1);
    CHECK(seconds == many_threads - 1);
    int accounts = 0;
    for (int number = 0; number < many_threads; ++number)
        accounts += storage->begin_reading()
                        ->accounts()
                        .find(email("jane" + std::to_string(number) + "@example.com"))
                        .has_value();
    CHECK(accounts == 1);
}

TEST_CASE("tokens are forgotten once their time is over, a bounded number at a time", "[used tokens]")
{
    auto const storage = open_empty_storage();
    for (int number = 0; number < 5; ++number)
        CHECK(noted(*storage, digest_of(std::to_string(number)), noon + number * 1min));
    CHECK(forgotten(*storage, noon, 100) == 0);
    CHECK(forgotten(*storage, noon + 3min, 2) == 2);
    CHECK(forgotten(*storage, noon + 3min, 0) == 0);
    CHECK(forgotten(*storage, noon + 3min, 2) == 1);
    CHECK(forgotten(*storage, noon + 3min, 2) == 0);
    CHECK_FALSE(noted(*storage, digest_of("3")));
    CHECK_FALSE(noted(*storage, digest_of("4")));
    for (auto const* number : {"0", "1", "2"})
        CHECK(noted(*storage, digest_of(number), noon + 10min));
    CHECK(forgotten(*storage, noon + 10min, 100) == 2);
}

}
