#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

constexpr int things = 20;

// Notes something at a moment: noted anew once it is older than a day, and forgotten once it is older than a month.
bool note(UnitOfWork& work, PartnerId partner, std::string_view cause, Instant now)
{
    return work.causes().note(partner, digest_of(cause), now, now - 24h, now - 30 * 24h);
}

bool noted(Storage& storage, PartnerId partner, std::string_view cause, Instant now)
{
    return committed(storage, [&](UnitOfWork& work) { return note(work, partner, cause, now); });
}

TEST_CASE("what a partner asks for is new once", "[causes]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    CHECK(noted(*storage, acme, "jane", noon));
    CHECK_FALSE(noted(*storage, acme, "jane", noon));
    CHECK_FALSE(noted(*storage, acme, "jane", noon + 1h));
    CHECK(noted(*storage, acme, "john", noon + 1h));
}

TEST_CASE("what another partner asks for is its own", "[causes]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const bolt = stored_partner(*storage, "Bolt");
    CHECK(noted(*storage, acme, "jane", noon));
    CHECK(noted(*storage, bolt, "jane", noon));
    CHECK_FALSE(noted(*storage, acme, "jane", noon));
}

TEST_CASE("what is asked for twice in one unit of work is new once", "[causes]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto work = storage->begin();
    CHECK(note(*work, acme, "jane", noon));
    CHECK_FALSE(note(*work, acme, "jane", noon));
}

TEST_CASE("a cause that is repeated soon is remembered from its first time on", "[causes]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    CHECK(noted(*storage, acme, "jane", noon));
    CHECK_FALSE(noted(*storage, acme, "jane", noon + 24h));
    CHECK(noted(*storage, acme, "jane", noon + 30 * 24h + 1ms));
}

TEST_CASE("a cause that is repeated after a while is remembered from then on", "[causes]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    CHECK(noted(*storage, acme, "jane", noon));
    CHECK_FALSE(noted(*storage, acme, "jane", noon + 24h + 1ms));
    CHECK_FALSE(noted(*storage, acme, "jane", noon + 31 * 24h + 1ms));
    CHECK_FALSE(noted(*storage, acme, "jane", noon + 61 * 24h + 1ms));
}

TEST_CASE("a cause that was forgotten is new, and known from then on", "[causes]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    CHECK(noted(*storage, acme, "jane", noon));
    CHECK(noted(*storage, acme, "jane", noon + 30 * 24h + 1ms));
    CHECK_FALSE(noted(*storage, acme, "jane", noon + 30 * 24h + 1ms));
    CHECK_FALSE(noted(*storage, acme, "jane", noon + 60 * 24h));
}

TEST_CASE("a cause that was noted in vain is new", "[causes]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    CHECK(note(*storage->begin(), acme, "jane", noon));
    CHECK(noted(*storage, acme, "jane", noon));
    CHECK_FALSE(note(*storage->begin(), acme, "jane", noon + 48h));
    CHECK(noted(*storage, acme, "jane", noon + 30 * 24h + 1ms));
}

// How many of many simultaneous requests for each of some things are new.
int new_among_many(Storage& storage, PartnerId partner, Instant now)
{
    std::atomic<int> news = 0;
    together(many_threads, [&](int) {
        for (int thing = 0; thing < things; ++thing)
            news += noted(storage, partner, std::to_string(thing), now);
    });
    return news;
}

TEST_CASE("of many simultaneous requests for one thing, one is new", "[causes]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    CHECK(new_among_many(*storage, acme, noon) == things);
}

TEST_CASE("of many simultaneous requests for what was forgotten, one is new", "[causes]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    for (int thing = 0; thing < things; ++thing)
        CHECK(noted(*storage, acme, std::to_string(thing), noon));
    CHECK(new_among_many(*storage, acme, noon + 31 * 24h) == things);
}

TEST_CASE("of many simultaneous requests for what was noted a while ago, none is new", "[causes]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    for (int thing = 0; thing < things; ++thing)
        CHECK(noted(*storage, acme, std::to_string(thing), noon));
    CHECK(new_among_many(*storage, acme, noon + 20 * 24h) == 0);
    CHECK(new_among_many(*storage, acme, noon + 40 * 24h) == 0);
}

TEST_CASE("causes are forgotten by age, a bounded number at a time", "[causes]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    for (int number = 0; number < 5; ++number)
        CHECK(noted(*storage, acme, std::to_string(number), noon + number * 1min));
    auto const forget = [&](Instant before, int limit) {
        return committed(*storage, [&](UnitOfWork& work) { return work.causes().forget(before, limit); });
    };
    CHECK(forget(noon, 100) == 0);
    CHECK(forget(noon + 3min, 2) == 2);
    CHECK(forget(noon + 3min, 2) == 1);
    CHECK(forget(noon + 3min, 2) == 0);
    CHECK(noted(*storage, acme, "2", noon + 5min));
    CHECK_FALSE(noted(*storage, acme, "3", noon + 5min));
}

}
