#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

constexpr auto google = "https://accounts.google.com";

bool linked(Storage& storage, LinkedIdentity const& identity)
{
    return committed(storage, [&](UnitOfWork& work) { return work.identities().add(identity); });
}

std::optional<AccountId> owner_of(Storage& storage, std::string_view issuer, std::string_view subject)
{
    return storage.begin_reading()->identities().find(issuer, subject);
}

std::vector<LinkedIdentity> identities_of(Storage& storage, AccountId account)
{
    return storage.begin_reading()->identities().of(account);
}

TEST_CASE("the identities of an account come back as they were linked, by issuer and subject", "[identities]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    CHECK(identities_of(*storage, jane).empty());

    auto later = identity(google, "9", jane);
    later.linked_at = noon + 1ms;
    CHECK(linked(*storage, later));
    CHECK(linked(*storage, identity("\u00e4", "1", jane)));
    CHECK(linked(*storage, identity(google, "8", john)));
    commit(*storage, [&](UnitOfWork& work) {
        CHECK(work.identities().add(identity(google, "10", jane)));
        CHECK(work.identities().add(identity("Z", "1", jane)));
        CHECK(work.identities().find("Z", "1") == jane);
    });

    CHECK(
        identities_of(*storage, jane) ==
        std::vector{identity("Z", "1", jane), identity(google, "10", jane), later, identity("\u00e4", "1", jane)});
    CHECK(identities_of(*storage, john) == std::vector{identity(google, "8", john)});
    CHECK(identities_of(*storage, AccountId(4711)).empty());
    CHECK(owner_of(*storage, google, "10") == jane);
    CHECK(owner_of(*storage, google, "8") == john);
}

TEST_CASE("an identity is known by its very issuer and subject, whatever octets they are", "[identities]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    std::string const octets("a\0b\xff\\x'", 7);
    CHECK(linked(*storage, identity("ab", "c", jane)));
    CHECK(linked(*storage, identity("a", "bc", john)));
    CHECK(linked(*storage, identity("AB", "c", john)));
    CHECK(linked(*storage, identity("ab", octets, john)));
    CHECK(linked(*storage, identity("ab", std::string(255, 'x'), jane)));

    CHECK(owner_of(*storage, "ab", "c") == jane);
    CHECK(owner_of(*storage, "a", "bc") == john);
    CHECK(owner_of(*storage, "AB", "c") == john);
    CHECK(owner_of(*storage, "ab", octets) == john);
    CHECK(owner_of(*storage, "ab", std::string(255, 'x')) == jane);
    for (auto const& other :
         {std::string("C"), std::string("c "), std::string("c\0", 2), std::string("a"), octets.substr(0, 6),
          std::string(254, 'x'), std::string()})
        CHECK_FALSE(owner_of(*storage, "ab", other));
    CHECK(identities_of(*storage, john).back().subject == octets);
}

TEST_CASE("an identity is one account's, and whoever comes second can go on", "[identities]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    CHECK(linked(*storage, identity(google, "1", jane)));

    auto work = storage->begin();
    auto again = identity(google, "1", jane);
    again.linked_at = noon + 1h;
    CHECK_FALSE(work->identities().add(again));
    CHECK_FALSE(work->identities().add(identity(google, "1", john)));
    CHECK(work->identities().add(identity(google, "2", john)));
    CHECK_FALSE(work->identities().add(identity(google, "2", jane)));
    work->commit();

    CHECK(identities_of(*storage, jane) == std::vector{identity(google, "1", jane)});
    CHECK(identities_of(*storage, john) == std::vector{identity(google, "2", john)});
}

TEST_CASE("the identities of an account that were erased are gone, and can be another's", "[identities]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    for (auto const* subject : {"1", "2", "3"})
        CHECK(linked(*storage, identity(google, subject, jane)));
    CHECK(linked(*storage, identity(google, "4", john)));

    commit(*storage, [&](UnitOfWork& work) {
        work.identities().erase(jane);
        work.identities().erase(jane);
        work.identities().erase(AccountId(4711));
        CHECK(work.identities().of(jane).empty());
        CHECK(work.identities().add(identity(google, "1", john)));
    });
    CHECK(identities_of(*storage, jane).empty());
    CHECK_FALSE(owner_of(*storage, google, "2"));
    CHECK(owner_of(*storage, google, "1") == john);
    CHECK(owner_of(*storage, google, "4") == john);
    CHECK(linked(*storage, identity(google, "2", jane)));
}

TEST_CASE("an identity that was linked or erased in vain is as it was", "[identities]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    CHECK(storage->begin()->identities().add(identity(google, "1", jane)));
    CHECK_FALSE(owner_of(*storage, google, "1"));
    CHECK(linked(*storage, identity(google, "1", john)));
    {
        auto work = storage->begin();
        work->identities().erase(john);
        CHECK(work->identities().add(identity(google, "1", jane)));
    }
    CHECK(owner_of(*storage, google, "1") == john);
}

TEST_CASE("of many simultaneous callers that link an identity, one succeeds, and the others go on", "[identities]")
{
    auto const storage = open_empty_storage();
    std::vector<AccountId> people;
    for (int number = 0; number < many_threads; ++number)
        people.push_back(stored_account(*storage, "jane" + std::to_string(number) + "@example.com"));
    std::atomic<int> winners = 0;
    std::atomic<int> went_on = 0;
    together(many_threads, [&](int number) {
        auto const mine = people[static_cast<std::size_t>(number)];
        auto work = storage->begin();
        winners += work->identities().add(identity(google, "1", mine));
        went_on += work->identities().add(identity("mine", std::to_string(number), mine));
        work->commit();
    });
    CHECK(winners == 1);
    CHECK(went_on == many_threads);
    auto const owner = owner_of(*storage, google, "1");
    REQUIRE(owner);
    for (auto const account : people)
        CHECK(identities_of(*storage, account).size() == (account == *owner ? 2u : 1u));
}

TEST_CASE("an account that many make for one identity is one account", "[identities]")
{
    auto const storage = open_empty_storage();
    std::atomic<int> made = 0;
    together(many_threads, [&](int number) {
        auto work = storage->begin();
        auto const account =
            work->accounts().insert(account_of("jane" + std::to_string(number) + "@example.com")).value();
        if (work->identities().add(identity(google, "1", account))) {
            work->commit();
            ++made;
        }
    });
    CHECK(made == 1);
    auto const work = storage->begin_reading();
    CHECK(work->accounts().find(*work->identities().find(google, "1")));
    int accounts = 0;
    for (int number = 0; number < many_threads; ++number)
        accounts += work->accounts().find(email("jane" + std::to_string(number) + "@example.com")).has_value();
    CHECK(accounts == 1);
}

}
