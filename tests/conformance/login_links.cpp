#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

bool spent(Storage& storage, LoginLinkId id, Instant now)
{
    return committed(storage, [&](UnitOfWork& work) { return work.login_links().spend(id, now); });
}

TEST_CASE("a login link comes back as it was stored", "[login links]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const jane = stored_account(*storage, "jane@example.com");
    LoginLink link{
        .account = jane,
        .partner = acme,
        .generation = 3,
        .digest = digest_of("this one"),
        .expires_at = noon + 5min};
    link.proposal = Proposal{
        .name = PersonName::parse("Jane", "Roe").value(),
        .language = Language::french,
        .enrolment = {
            .plan = PlanCode::parse("BIKE").value(),
            .contract_type = ContractType::clerk,
            .person_id = person_id("007"),
            .personnel_number = PersonnelNumber::parse("P-1").value(),
            .additional_data = R"({"shoe":42})"}};
    auto const id = committed(*storage, [&](UnitOfWork& work) { return work.login_links().insert(link); });

    auto const found = storage->begin_reading()->login_links().find(id);
    REQUIRE(found);
    CHECK(found->account == jane);
    CHECK(found->partner == acme);
    CHECK(found->generation == 3);
    CHECK(same(found->digest, digest_of("this one")));
    CHECK(found->expires_at == noon + 5min);
    CHECK_FALSE(found->used);
    REQUIRE(found->proposal);
    CHECK(found->proposal->name == link.proposal->name);
    CHECK(found->proposal->language == Language::french);
    CHECK(found->proposal->enrolment == link.proposal->enrolment);
}

TEST_CASE("what is proposed of a name in one part comes back in one part", "[login links]")
{
    auto const storage = open_empty_storage();
    auto link = link_to(stored_account(*storage, "asha@example.com"), noon + 5min);
    link.proposal = Proposal{.name = PersonName::parse("Asha").value(), .enrolment = {}};
    auto const id = committed(*storage, [&](UnitOfWork& work) { return work.login_links().insert(link); });
    auto const found = storage->begin_reading()->login_links().find(id);
    REQUIRE(found->proposal);
    CHECK(found->proposal->name == link.proposal->name);
}

TEST_CASE("a login link needs neither a partner nor a proposal", "[login links]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_link(*storage, stored_account(*storage, "jane@example.com"), noon + 5min);
    auto const found = storage->begin_reading()->login_links().find(id);
    REQUIRE(found);
    CHECK_FALSE(found->partner);
    CHECK_FALSE(found->proposal);
    CHECK(found->generation == 1);
    CHECK_FALSE(storage->begin_reading()->login_links().find(LoginLinkId(4711)));
}

TEST_CASE("a login link can be spent once", "[login links]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_link(*storage, stored_account(*storage, "jane@example.com"), noon + 5min);
    CHECK(spent(*storage, id, noon));
    CHECK_FALSE(spent(*storage, id, noon));
    CHECK(storage->begin_reading()->login_links().find(id)->used);
    CHECK_FALSE(spent(*storage, LoginLinkId(4711), noon));
}

TEST_CASE("a login link dies at its expiry instant", "[login links]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const early = stored_link(*storage, jane, noon + 5min);
    auto const late = stored_link(*storage, jane, noon + 5min);
    CHECK(spent(*storage, early, noon + 5min - 1ms));
    CHECK_FALSE(spent(*storage, late, noon + 5min));
    CHECK_FALSE(storage->begin_reading()->login_links().find(late)->used);
}

TEST_CASE("of many simultaneous attempts to spend a login link, one succeeds", "[login links]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_link(*storage, stored_account(*storage, "jane@example.com"), noon + 5min);
    std::atomic<int> winners = 0;
    together(many_threads, [&](int) { winners += spent(*storage, id, noon); });
    CHECK(winners == 1);
}

TEST_CASE("a login link that was spent in vain is good again", "[login links]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_link(*storage, stored_account(*storage, "jane@example.com"), noon + 5min);
    CHECK(storage->begin()->login_links().spend(id, noon));
    CHECK(spent(*storage, id, noon));
}

TEST_CASE(
    "login links are forgotten once expired, a bounded number at a time, with what was proposed", "[login links]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    std::vector<LoginLinkId> ids;
    for (int number = 0; number < 5; ++number) {
        auto link = link_to(jane, noon + number * 1min);
        link.proposal = Proposal{.name = PersonName::parse("Jane", "Roe").value(), .enrolment = {}};
        ids.push_back(committed(*storage, [&](UnitOfWork& work) { return work.login_links().insert(link); }));
    }
    auto const forget = [&](Instant before, int limit) {
        return committed(*storage, [&](UnitOfWork& work) { return work.login_links().forget(before, limit); });
    };
    CHECK(forget(noon, 100) == 0);
    CHECK(forget(noon + 3min, 2) == 2);
    CHECK(forget(noon + 3min, 2) == 1);
    CHECK(forget(noon + 3min, 2) == 0);

    auto const work = storage->begin_reading();
    CHECK_FALSE(work->login_links().find(ids[2]));
    CHECK(work->login_links().find(ids[3]));
    CHECK(work->login_links().find(ids[4])->proposal);
}

TEST_CASE("what was proposed about a person is forgotten when they have gone, and nothing else", "[login links]")
{
    auto const storage = open_empty_storage();
    auto const insert = [&](AccountId account) {
        auto link = link_to(account, noon + 5min);
        link.proposal = Proposal{.name = PersonName::parse("Jane", "Roe").value(), .enrolment = {}};
        return committed(*storage, [&](UnitOfWork& work) { return work.login_links().insert(link); });
    };
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const janes = insert(jane);
    auto const johns = insert(stored_account(*storage, "john@example.com"));

    storage->begin()->login_links().forget_proposals(jane);
    CHECK(storage->begin_reading()->login_links().find(janes)->proposal);
    commit(*storage, [&](UnitOfWork& work) { work.login_links().forget_proposals(jane); });

    auto const work = storage->begin_reading();
    REQUIRE(work->login_links().find(janes));
    CHECK_FALSE(work->login_links().find(janes)->proposal);
    CHECK(work->login_links().find(johns)->proposal);
}

TEST_CASE("the number of a forgotten login link is not given out again", "[login links]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const first = stored_link(*storage, jane, noon);
    commit(*storage, [&](UnitOfWork& work) { CHECK(work.login_links().forget(noon + 1h, 10) == 1); });
    CHECK(stored_link(*storage, jane, noon) > first);
}

}
