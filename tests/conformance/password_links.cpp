#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

bool spent(Storage& storage, PasswordLinkId id, Instant now)
{
    return committed(storage, [&](UnitOfWork& work) { return work.password_links().spend(id, now); });
}

TEST_CASE("a password link comes back as it was stored", "[password links]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const id = committed(*storage, [&](UnitOfWork& work) {
        return work.password_links().insert(
            {.account = jane,
             .partner = acme,
             .generation = 3,
             .digest = digest_of("this one"),
             .expires_at = noon + 24h});
    });

    auto const found = storage->begin_reading()->password_links().find(id);
    REQUIRE(found);
    CHECK(found->account == jane);
    CHECK(found->partner == acme);
    CHECK(found->generation == 3);
    CHECK(same(found->digest, digest_of("this one")));
    CHECK(found->expires_at == noon + 24h);
    CHECK_FALSE(found->used);
}

TEST_CASE("a password link needs no partner", "[password links]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_password_link(*storage, stored_account(*storage, "jane@example.com"), noon + 24h);
    auto const found = storage->begin_reading()->password_links().find(id);
    REQUIRE(found);
    CHECK_FALSE(found->partner);
    CHECK(found->generation == 1);
    CHECK_FALSE(storage->begin_reading()->password_links().find(PasswordLinkId(4711)));
}

TEST_CASE("a password link may be for an account that never was", "[password links]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_password_link(*storage, AccountId(0), noon + 24h);
    auto const found = storage->begin_reading()->password_links().find(id);
    REQUIRE(found);
    CHECK(found->account == AccountId(0));
}

TEST_CASE("a password link can be spent once", "[password links]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_password_link(*storage, stored_account(*storage, "jane@example.com"), noon + 24h);
    CHECK(spent(*storage, id, noon));
    CHECK_FALSE(spent(*storage, id, noon));
    CHECK(storage->begin_reading()->password_links().find(id)->used);
    CHECK_FALSE(spent(*storage, PasswordLinkId(4711), noon));
}

TEST_CASE("a password link dies at its expiry instant", "[password links]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const early = stored_password_link(*storage, jane, noon + 24h);
    auto const late = stored_password_link(*storage, jane, noon + 24h);
    CHECK(spent(*storage, early, noon + 24h - 1ms));
    CHECK_FALSE(spent(*storage, late, noon + 24h));
    CHECK_FALSE(storage->begin_reading()->password_links().find(late)->used);
}

TEST_CASE("of many simultaneous attempts to spend a password link, one succeeds", "[password links]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_password_link(*storage, stored_account(*storage, "jane@example.com"), noon + 24h);
    std::atomic<int> winners = 0;
    together(many_threads, [&](int) { winners += spent(*storage, id, noon); });
    CHECK(winners == 1);
}

TEST_CASE("a password link that was spent in vain is good again", "[password links]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_password_link(*storage, stored_account(*storage, "jane@example.com"), noon + 24h);
    CHECK(storage->begin()->password_links().spend(id, noon));
    CHECK(spent(*storage, id, noon));
}

TEST_CASE("password links are forgotten once expired, a bounded number at a time", "[password links]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    std::vector<PasswordLinkId> ids;
    for (int number = 0; number < 5; ++number)
        ids.push_back(stored_password_link(*storage, jane, noon + number * 1min));
    auto const forget = [&](Instant before, int limit) {
        return committed(*storage, [&](UnitOfWork& work) { return work.password_links().forget(before, limit); });
    };
    CHECK(forget(noon, 100) == 0);
    CHECK(forget(noon + 3min, 2) == 2);
    CHECK(forget(noon + 3min, 2) == 1);
    CHECK(forget(noon + 3min, 2) == 0);
    CHECK_FALSE(storage->begin_reading()->password_links().find(ids[2]));
    CHECK(storage->begin_reading()->password_links().find(ids[3]));
}

TEST_CASE("the number of a forgotten password link is not given out again", "[password links]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const first = stored_password_link(*storage, jane, noon);
    commit(*storage, [&](UnitOfWork& work) { CHECK(work.password_links().forget(noon + 1h, 10) == 1); });
    CHECK(stored_password_link(*storage, jane, noon) > first);
}

}
