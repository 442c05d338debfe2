#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

EmailChange change_to(AccountId account, std::string_view address, Instant expires_at = noon + 24h)
{
    return {.account = account, .email = email(address), .digest = digest_of(address), .expires_at = expires_at};
}

void put(Storage& storage, EmailChange const& change)
{
    commit(storage, [&](UnitOfWork& work) { work.email_changes().put(change); });
}

std::optional<EmailChange> found(Storage& storage, AccountId account)
{
    return storage.begin_reading()->email_changes().find(account);
}

// Whether the change to this address was used up.
bool spent(Storage& storage, AccountId account, std::string_view address, Instant now = noon)
{
    return committed(
        storage, [&](UnitOfWork& work) { return work.email_changes().spend(account, digest_of(address), now); });
}

TEST_CASE("an address that waits for its opt-in comes back as it was told", "[email changes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, account_of(phone("+4915112345678")));
    CHECK_FALSE(found(*storage, jane));
    commit(*storage, [&](UnitOfWork& work) {
        work.email_changes().put(
            {.account = jane,
             .email = email("J\u00e4ne.Roe@Example.com"),
             .digest = digest_of("this one"),
             .expires_at = noon + 1ms});
        CHECK(work.email_changes().find(jane));
    });

    auto const change = found(*storage, jane);
    REQUIRE(change);
    CHECK(change->account == jane);
    CHECK(change->email.str() == "J\u00e4ne.Roe@example.com");
    CHECK(same(change->digest, digest_of("this one")));
    CHECK(change->expires_at == noon + 1ms);
}

TEST_CASE("an address that waits is not taken, and several people may wait for it", "[email changes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    put(*storage, change_to(jane, "roe@example.com"));
    put(*storage, change_to(john, "ROE@example.com"));
    CHECK(found(*storage, jane)->email == found(*storage, john)->email);
    CHECK_FALSE(storage->begin_reading()->accounts().find(email("roe@example.com")));
    CHECK_NOTHROW(stored_account(*storage, "roe@example.com"));
}

TEST_CASE("for a person one address waits, the last that was told", "[email changes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    put(*storage, change_to(jane, "first@example.com"));
    put(*storage, change_to(jane, "second@example.com", noon + 48h));

    auto const change = found(*storage, jane);
    REQUIRE(change);
    CHECK(change->email == email("second@example.com"));
    CHECK(change->expires_at == noon + 48h);
    CHECK_FALSE(spent(*storage, jane, "first@example.com"));
    CHECK(spent(*storage, jane, "second@example.com", noon + 47h));
}

TEST_CASE("an address is confirmed once, by its own digest and for its own person", "[email changes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    put(*storage, change_to(jane, "roe@example.com"));
    put(*storage, change_to(john, "poe@example.com"));

    CHECK_FALSE(spent(*storage, jane, "poe@example.com"));
    CHECK_FALSE(spent(*storage, john, "roe@example.com"));
    CHECK_FALSE(spent(*storage, AccountId(4711), "roe@example.com"));
    CHECK(spent(*storage, jane, "roe@example.com"));
    CHECK_FALSE(spent(*storage, jane, "roe@example.com"));
    CHECK_FALSE(found(*storage, jane));
    CHECK(found(*storage, john));
}

TEST_CASE("an address that waits dies at its expiry instant", "[email changes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    put(*storage, change_to(jane, "roe@example.com"));
    CHECK_FALSE(spent(*storage, jane, "roe@example.com", noon + 24h));
    CHECK(spent(*storage, jane, "roe@example.com", noon + 24h - 1ms));
}

TEST_CASE("of many simultaneous attempts to confirm an address, one succeeds", "[email changes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    put(*storage, change_to(jane, "roe@example.com"));
    std::atomic<int> winners = 0;
    together(many_threads, [&](int number) {
        winners += spent(*storage, jane, number % 3 == 0 ? "wrong@example.com" : "roe@example.com");
    });
    CHECK(winners == 1);
    CHECK_FALSE(found(*storage, jane));
}

TEST_CASE("an address that is confirmed while another takes its place is one of the two", "[email changes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    for (int round = 0; round < 10; ++round) {
        put(*storage, change_to(jane, "first@example.com"));
        std::atomic<int> winners = 0;
        together(4, [&](int number) {
            if (number == 0)
                put(*storage, change_to(jane, "second@example.com"));
            else
                winners += spent(*storage, jane, "first@example.com");
        });
        CHECK(winners <= 1);
        REQUIRE(found(*storage, jane));
        CHECK(found(*storage, jane)->email == email("second@example.com"));
    }
}

TEST_CASE("an address that was put, confirmed, erased or forgotten in vain waits as before", "[email changes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    storage->begin()->email_changes().put(change_to(jane, "vain@example.com"));
    CHECK_FALSE(found(*storage, jane));
    put(*storage, change_to(jane, "roe@example.com"));
    storage->begin()->email_changes().put(change_to(jane, "vain@example.com"));
    CHECK(storage->begin()->email_changes().spend(jane, digest_of("roe@example.com"), noon));
    storage->begin()->email_changes().erase(jane);
    CHECK(storage->begin()->email_changes().forget(noon + 48h, 100) == 1);
    CHECK(spent(*storage, jane, "roe@example.com"));
}

TEST_CASE("an address whose wait was ended is gone, and another may wait", "[email changes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    put(*storage, change_to(jane, "roe@example.com"));
    put(*storage, change_to(john, "poe@example.com"));
    commit(*storage, [&](UnitOfWork& work) {
        work.email_changes().erase(jane);
        work.email_changes().erase(jane);
        CHECK_FALSE(work.email_changes().find(jane));
    });
    CHECK_FALSE(spent(*storage, jane, "roe@example.com"));
    put(*storage, change_to(jane, "roe@example.com"));
    CHECK(spent(*storage, jane, "roe@example.com"));
    CHECK(spent(*storage, john, "poe@example.com"));
}

TEST_CASE("addresses that waited in vain are forgotten, a bounded number at a time", "[email changes]")
{
    auto const storage = open_empty_storage();
    std::vector<AccountId> people;
    for (int number = 0; number < 5; ++number) {
        people.push_back(stored_account(*storage, "jane" + std::to_string(number) + "@example.com"));
        put(*storage, change_to(people.back(), "roe@example.com", noon + number * 1min));
    }
    auto const forget = [&](Instant before, int limit) {
        return committed(*storage, [&](UnitOfWork& work) { return work.email_changes().forget(before, limit); });
    };
    CHECK(forget(noon, 100) == 0);
    CHECK(forget(noon + 3min, 2) == 2);
    CHECK(forget(noon + 3min, 2) == 1);
    CHECK(forget(noon + 3min, 2) == 0);
    CHECK_FALSE(found(*storage, people[2]));
    CHECK(found(*storage, people[3]));
}

}
