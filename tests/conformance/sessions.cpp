#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

SessionId stored_session(Storage& storage, AccountId account, Instant opened_at)
{
    return committed(storage, [&](UnitOfWork& work) {
        return work.sessions().insert(
            {.account = account, .digest = digest_of("session"), .opened_at = opened_at, .seen_at = opened_at});
    });
}

TEST_CASE("a session comes back as it was stored", "[sessions]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const id = committed(*storage, [&](UnitOfWork& work) {
        return work.sessions().insert(
            {.account = jane,
             .partner = acme,
             .generation = 4,
             .digest = digest_of("this one"),
             .opened_at = noon,
             .seen_at = noon + 1min});
    });

    auto const found = storage->begin_reading()->sessions().find(id);
    REQUIRE(found);
    CHECK(found->account == jane);
    CHECK(found->partner == acme);
    CHECK(found->generation == 4);
    CHECK(same(found->digest, digest_of("this one")));
    CHECK(found->opened_at == noon);
    CHECK(found->seen_at == noon + 1min);
    CHECK_FALSE(found->ended);
    CHECK_FALSE(storage->begin_reading()->sessions().find(SessionId(4711)));
}

TEST_CASE("a session is found with its person and what its partner says of them", "[sessions]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const bolt = stored_partner(*storage, "Bolt");
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const insert = [&](std::optional<PartnerId> partner) {
        return committed(*storage, [&](UnitOfWork& work) {
            return work.sessions().insert(
                {.account = jane,
                 .partner = partner,
                 .digest = digest_of("session"),
                 .opened_at = noon,
                 .seen_at = noon});
        });
    };
    Enrolment const told{.person_id = person_id("J1"), .additional_data = R"({"site":"Ghent"})"};
    commit(*storage, [&](UnitOfWork& work) { REQUIRE(work.accounts().enrol(acme, jane, told, noon)); });

    auto const by_acme = storage->begin_reading()->person_of(insert(acme));
    REQUIRE(by_acme);
    CHECK(by_acme->session.account == jane);
    CHECK(by_acme->session.partner == acme);
    CHECK(same(by_acme->session.digest, digest_of("session")));
    CHECK(by_acme->account.id == jane);
    CHECK(by_acme->account.email->str() == "jane@example.com");
    CHECK(by_acme->partner->str() == "Acme");
    CHECK(by_acme->enrolment == told);

    auto const by_bolt = storage->begin_reading()->person_of(insert(bolt));
    REQUIRE(by_bolt);
    CHECK(by_bolt->partner->str() == "Bolt");
    CHECK_FALSE(by_bolt->enrolment);

    auto const by_nobody = storage->begin_reading()->person_of(insert(std::nullopt));
    REQUIRE(by_nobody);
    CHECK_FALSE(by_nobody->partner);
    CHECK_FALSE(by_nobody->enrolment);
    CHECK_FALSE(storage->begin_reading()->person_of(SessionId(4711)));
}

TEST_CASE("the last use of a session moves forward only", "[sessions]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_session(*storage, stored_account(*storage, "jane@example.com"), noon);
    commit(*storage, [&](UnitOfWork& work) {
        work.sessions().touch(id, noon + 2min);
        work.sessions().touch(id, noon + 1min);
        work.sessions().touch(SessionId(4711), noon);
    });
    CHECK(storage->begin_reading()->sessions().find(id)->seen_at == noon + 2min);
}

TEST_CASE("of many simultaneous uses of a session the last one counts", "[sessions]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_session(*storage, stored_account(*storage, "jane@example.com"), noon);
    together(many_threads, [&](int number) {
        commit(*storage, [&](UnitOfWork& work) { work.sessions().touch(id, noon + number * 1min); });
    });
    CHECK(storage->begin_reading()->sessions().find(id)->seen_at == noon + (many_threads - 1) * 1min);
}

TEST_CASE("an ended session stays ended", "[sessions]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_session(*storage, stored_account(*storage, "jane@example.com"), noon);
    commit(*storage, [&](UnitOfWork& work) { work.sessions().end(id); });
    commit(*storage, [&](UnitOfWork& work) {
        work.sessions().end(id);
        work.sessions().touch(id, noon + 1min);
        work.sessions().end(SessionId(4711));
    });
    CHECK(storage->begin_reading()->sessions().find(id)->ended);
}

TEST_CASE("sessions are forgotten by age, a bounded number at a time", "[sessions]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    std::vector<SessionId> ids;
    for (int number = 0; number < 5; ++number)
        ids.push_back(stored_session(*storage, jane, noon + number * 1min));
    auto const forget = [&](Instant before, int limit) {
        return committed(*storage, [&](UnitOfWork& work) { return work.sessions().forget(before, limit); });
    };
    CHECK(forget(noon, 100) == 0);
    CHECK(forget(noon + 3min, 2) == 2);
    CHECK(forget(noon + 3min, 2) == 1);
    CHECK(forget(noon + 3min, 2) == 0);
    CHECK_FALSE(storage->begin_reading()->sessions().find(ids[2]));
    CHECK(storage->begin_reading()->sessions().find(ids[3]));
}

TEST_CASE("the number of a forgotten session is not given out again", "[sessions]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const first = stored_session(*storage, jane, noon);
    commit(*storage, [&](UnitOfWork& work) { CHECK(work.sessions().forget(noon + 1h, 10) == 1); });
    CHECK(stored_session(*storage, jane, noon) > first);
}

}
