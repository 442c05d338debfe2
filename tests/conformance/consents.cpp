#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

void add(Storage& storage, Consent const& consent)
{
    commit(storage, [&](UnitOfWork& work) { work.consents().add(consent); });
}

std::vector<Consent> consents_of(Storage& storage, AccountId account)
{
    return storage.begin_reading()->consents().of(account);
}

TEST_CASE("what a person agreed to comes back as it was, in the order it was added", "[consents]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    std::vector<Consent> const janes{
        {.account = jane, .to = Agreement::terms, .version = "2025-06", .partner = acme, .given_at = noon + 1h},
        {.account = jane, .to = Agreement::privacy, .version = "3 \u00e4 '", .given_at = noon + 1h},
        {.account = jane, .to = Agreement::terms, .version = "2025-05", .partner = acme, .given_at = noon},
        {.account = jane, .to = Agreement::terms, .version = "2025-05", .partner = acme, .given_at = noon}};
    CHECK(consents_of(*storage, jane).empty());

    add(*storage, janes[0]);
    Consent const johns{.account = john, .to = Agreement::privacy, .version = "1", .given_at = noon};
    add(*storage, johns);
    commit(*storage, [&](UnitOfWork& work) {
        for (std::size_t index = 1; index < janes.size(); ++index)
            work.consents().add(janes[index]);
        CHECK(work.consents().of(jane) == janes);
    });

    CHECK(consents_of(*storage, jane) == janes);
    CHECK(consents_of(*storage, john) == std::vector{johns});
    CHECK(consents_of(*storage, AccountId(4711)).empty());
}

TEST_CASE("what a person agreed to outlives everything that is forgotten of them", "[consents]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    Consent const consent{.account = jane, .to = Agreement::terms, .version = "1", .given_at = noon - 48h};
    add(*storage, consent);
    commit(*storage, [&](UnitOfWork& work) {
        auto account = *work.accounts().find(jane);
        account.status = AccountStatus::deleted;
        account.name.reset();
        REQUIRE(work.accounts().update(account));
        work.accounts().release_identifiers(jane);
        work.login_links().forget(noon + 48h, 100);
        work.sessions().forget(noon + 48h, 100);
        work.password_links().forget(noon + 48h, 100);
        work.codes().forget(noon + 48h, 100);
        work.auth_codes().forget(noon + 48h, 100);
        work.email_changes().forget(noon + 48h, 100);
        work.outbox().forget(noon + 48h, 100);
    });
    CHECK(consents_of(*storage, jane) == std::vector{consent});
}

TEST_CASE("an agreement that is abandoned was never given", "[consents]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    storage->begin()->consents().add({.account = jane, .version = "1", .given_at = noon});
    CHECK(consents_of(*storage, jane).empty());
}

TEST_CASE("no agreement is lost under contention", "[consents]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    together(many_threads, [&](int number) {
        for (int round = 0; round < 3; ++round)
            add(*storage, {.account = jane, .version = std::to_string(number), .given_at = noon + round * 1s});
    });
    auto const consents = consents_of(*storage, jane);
    CHECK(consents.size() == 3 * many_threads);
    for (int number = 0; number < many_threads; ++number) {
        auto expected = noon;
        for (auto const& consent : consents)
            if (consent.version == std::to_string(number)) {
                CHECK(consent.given_at == expected);
                expected += 1s;
            }
        CHECK(expected == noon + 3s);
    }
}

}
