#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

TEST_CASE("a key that came before brings back what was answered", "[repeated requests]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    commit(*storage, [&](UnitOfWork& work) {
        CHECK_FALSE(work.repeated_requests().claim(acme, "key", digest_of("body"), noon, noon - 24h));
        work.repeated_requests().answer(acme, "key", "created");
    });

    auto work = storage->begin();
    auto const before = work->repeated_requests().claim(acme, "key", digest_of("other body"), noon + 1h, noon - 23h);
    REQUIRE(before);
    CHECK(same(before->request, digest_of("body")));
    CHECK(before->answer == "created");
}

TEST_CASE("a key belongs to its partner and is compared exactly", "[repeated requests]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const bolt = stored_partner(*storage, "Bolt");
    auto work = storage->begin();
    CHECK_FALSE(work->repeated_requests().claim(acme, "key", digest_of("body"), noon, noon - 24h));
    work->repeated_requests().answer(acme, "key", "created");
    CHECK_FALSE(work->repeated_requests().claim(bolt, "key", digest_of("body"), noon, noon - 24h));
    CHECK_FALSE(work->repeated_requests().claim(acme, "KEY", digest_of("body"), noon, noon - 24h));
    CHECK_FALSE(work->repeated_requests().claim(acme, "key ", digest_of("body"), noon, noon - 24h));
    CHECK(work->repeated_requests().claim(acme, "key", digest_of("body"), noon, noon - 24h));
}

TEST_CASE("a key is new again when its window has passed", "[repeated requests]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const claim = [&](std::string_view body, Instant now) {
        return committed(*storage, [&](UnitOfWork& work) {
            auto before = work.repeated_requests().claim(acme, "key", digest_of(body), now, now - 24h);
            if (!before)
                work.repeated_requests().answer(acme, "key", body);
            return before;
        });
    };
    CHECK_FALSE(claim("first", noon));
    CHECK(claim("second", noon + 24h));
    CHECK_FALSE(claim("second", noon + 24h + 1ms));

    auto const before = claim("third", noon + 25h);
    REQUIRE(before);
    CHECK(same(before->request, digest_of("second")));
    CHECK(before->answer == "second");
}

TEST_CASE("a claim that is abandoned was never made", "[repeated requests]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    CHECK_FALSE(storage->begin()->repeated_requests().claim(acme, "key", digest_of("body"), noon, noon - 24h));
    CHECK_FALSE(storage->begin()->repeated_requests().claim(acme, "key", digest_of("body"), noon, noon - 24h));
}

TEST_CASE("of many simultaneous requests with one key, one is new", "[repeated requests]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    std::atomic<int> claimed = 0;
    std::atomic<int> answered = 0;
    together(many_threads, [&](int) {
        auto work = storage->begin();
        auto const before = work->repeated_requests().claim(acme, "key", digest_of("body"), noon, noon - 24h);
        if (before) {
            answered += before->answer == "created";
            return;
        }
        work->repeated_requests().answer(acme, "key", "created");
        work->commit();
        ++claimed;
    });
    CHECK(claimed == 1);
    CHECK(answered == many_threads - 1);
}

TEST_CASE("keys are forgotten by age, a bounded number at a time", "[repeated requests]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    for (int number = 0; number < 5; ++number)
        commit(*storage, [&](UnitOfWork& work) {
            auto const now = noon + number * 1min;
            work.repeated_requests().claim(acme, std::to_string(number), digest_of("body"), now, now - 24h);
            work.repeated_requests().answer(acme, std::to_string(number), "created");
        });
    auto const forget = [&](Instant before, int limit) {
        return committed(*storage, [&](UnitOfWork& work) { return work.repeated_requests().forget(before, limit); });
    };
    CHECK(forget(noon, 100) == 0);
    CHECK(forget(noon + 3min, 2) == 2);
    CHECK(forget(noon + 3min, 2) == 1);
    CHECK(forget(noon + 3min, 2) == 0);

    auto work = storage->begin();
    CHECK_FALSE(work->repeated_requests().claim(acme, "2", digest_of("body"), noon, noon - 24h));
    CHECK(work->repeated_requests().claim(acme, "3", digest_of("body"), noon, noon - 24h));
}

}
