#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

bool knows(Storage& storage, std::string_view address)
{
    return storage.begin_reading()->accounts().find(email(address)).has_value();
}

// Says so when its scope ends, even by an exception, so that nobody waits in vain.
class SaysWhenDone {
public:
    explicit SaysWhenDone(std::atomic<bool>& done) : done_(done) {}
    ~SaysWhenDone() { done_ = true; }
    SaysWhenDone(SaysWhenDone const&) = delete;
    SaysWhenDone& operator=(SaysWhenDone const&) = delete;

private:
    std::atomic<bool>& done_;
};

auto const janes_phone = phone("+4915112345678");
auto const johns_phone = phone("+31612345678");

// One of everything there is.
void fill(UnitOfWork& work)
{
    auto const acme = work.partners().insert({.name = PartnerName::parse("Acme").value(), .rights = {}}).value();
    work.partners().add_token(acme, digest_of("token"), noon);
    REQUIRE(work.partners().add_plan({.code = PlanCode::parse("BIKE").value(), .partner = acme}, noon));
    auto const jane = work.accounts().insert(account_of("jane@example.com")).value();
    REQUIRE(work.accounts().enrol(acme, jane, {.person_id = person_id("007")}, noon));
    work.login_links().insert(link_to(jane, noon + 5min));
    work.sessions().insert({.account = jane, .digest = digest_of("session"), .opened_at = noon, .seen_at = noon});
    work.codes().add(code_for("jane@example.com", "123456", noon + 5min));
    work.codes().count_tries(Purpose::partner_confirmation, "jane@example.com", noon, 1h, 1);
    work.codes().count_send(Purpose::partner_confirmation, "jane@example.com", noon, {60s, 5, 10});
    work.repeated_requests().claim(acme, "key", digest_of("body"), noon, noon - 24h);
    work.repeated_requests().answer(acme, "key", "created");
    work.password_links().insert(password_link_to(jane, noon + 24h));
    work.passwords().put(jane, "sealed", noon);
    auto john = account_of(johns_phone);
    john.number = 4711;
    john.user_name = user_name("john");
    REQUIRE(work.accounts().insert(john));
    work.auth_codes().put({.account = jane, .partner = acme, .digest = digest_of("auth"), .expires_at = noon});
    work.email_changes().put(
        {.account = jane, .email = email("roe@example.com"), .digest = digest_of("roe"), .expires_at = noon});
    work.consents().add({.account = jane, .version = "1", .partner = acme, .given_at = noon});
    CHECK(work.causes().note(acme, digest_of("cause"), noon, noon, noon));
    REQUIRE(work.organisations().add(channel("kerala"), noon));
    REQUIRE(work.organisations().add(channel("kerala"), organisation("school"), noon));
    REQUIRE(work.token_issuers().add(issuer("https://portal.example")));
    CHECK(work.identities().add(identity("https://id.example", "1", jane)));
    CHECK(work.used_tokens().note(digest_of("used"), noon));
    work.outbox().add(letter("one"), noon);
    work.outbox().add(text_message("two"), noon);
}

// That there is nothing of it, seen by a unit of work that may write.
void check_empty(Storage& storage)
{
    auto work = storage.begin();
    CHECK(work->partners().all().empty());
    CHECK(work->partners().all_plans().empty());
    CHECK_FALSE(work->accounts().find(email("jane@example.com")));
    CHECK(work->codes().alive(Purpose::partner_confirmation, "jane@example.com", noon).empty());
    CHECK(work->outbox().size() == 0);
    auto const tries = work->codes().count_tries(Purpose::partner_confirmation, "jane@example.com", noon, 1h, 1);
    CHECK(tries.used == 1);
    CHECK_FALSE(work->codes().count_send(Purpose::partner_confirmation, "jane@example.com", noon, {60s, 5, 10}));
    CHECK(work->login_links().forget(noon + 48h, 100) == 0);
    CHECK(work->sessions().forget(noon + 48h, 100) == 0);
    CHECK(work->repeated_requests().forget(noon + 48h, 100) == 0);
    CHECK(work->password_links().forget(noon + 48h, 100) == 0);
    CHECK(work->causes().forget(noon + 48h, 100) == 0);
    CHECK(work->outbox().all(100).empty());
    CHECK_FALSE(work->accounts().find(johns_phone));
    CHECK(work->accounts().are_registered({&johns_phone, 1}) == std::vector{false});
    CHECK(work->auth_codes().forget(noon + 48h, 100) == 0);
    CHECK(work->email_changes().forget(noon + 48h, 100) == 0);
    CHECK_FALSE(work->accounts().find(user_name("john")));
    CHECK(work->organisations().all().empty());
    CHECK_FALSE(work->organisations().find(organisation("school")));
    CHECK(work->token_issuers().all().empty());
    CHECK_FALSE(work->identities().find("https://id.example", "1"));
    CHECK(work->used_tokens().forget(noon + 48h, 100) == 0);
    auto john = account_of(johns_phone);
    john.number = 4711;
    john.user_name = user_name("john");
    auto const fresh = work->accounts().insert(john);
    REQUIRE(fresh);
    CHECK_FALSE(work->auth_codes().find(*fresh));
    CHECK_FALSE(work->email_changes().find(*fresh));
    CHECK(work->consents().of(*fresh).empty());
    CHECK(work->identities().of(*fresh).empty());
}

TEST_CASE("committed work is seen by the next unit of work", "[unit of work]")
{
    auto const storage = open_empty_storage();
    commit(*storage, fill);

    auto const work = storage->begin_reading();
    CHECK(work->partners().all().size() == 1);
    CHECK(work->accounts().find(email("jane@example.com")));
    CHECK(work->codes().alive(Purpose::partner_confirmation, "jane@example.com", noon).size() == 1);
    CHECK(work->outbox().size() == 2);
    CHECK(work->accounts().find(johns_phone));
    auto const jane = work->accounts().find(email("jane@example.com"))->id;
    CHECK(work->auth_codes().find(jane));
    CHECK(work->email_changes().find(jane));
    CHECK(work->consents().of(jane).size() == 1);
    CHECK(work->accounts().find(user_name("john"))->phone == johns_phone);
    CHECK(work->organisations().has(channel("kerala")));
    CHECK(work->organisations().find(organisation("school")) == channel("kerala"));
    CHECK(work->token_issuers().find("https://portal.example"));
    CHECK(work->identities().find("https://id.example", "1") == jane);
    CHECK(work->identities().of(jane).size() == 1);
    CHECK(storage->begin()->accounts().find(email("jane@example.com")));
}

TEST_CASE("a unit of work sees what it has done itself", "[unit of work]")
{
    auto const storage = open_empty_storage();
    auto work = storage->begin();
    fill(*work);
    CHECK(work->partners().all().size() == 1);
    CHECK(work->accounts().find(email("jane@example.com")));
    CHECK(work->accounts().find(johns_phone));
    CHECK(work->accounts().find(user_name("john")));
    CHECK(work->organisations().find(organisation("school")));
    CHECK(work->token_issuers().all().size() == 1);
    CHECK(work->identities().find("https://id.example", "1"));
    CHECK_FALSE(work->used_tokens().note(digest_of("used"), noon));
    CHECK(work->outbox().size() == 2);
    CHECK(work->passwords().find(work->accounts().find(email("jane@example.com"))->id) == "sealed");
    work->outbox().cancel(email("jane@example.com"));
    CHECK(work->outbox().size() == 1);
}

TEST_CASE("uncommitted work leaves no trace", "[unit of work]")
{
    auto const storage = open_empty_storage();
    fill(*storage->begin());
    check_empty(*storage);
}

TEST_CASE("changes and removals that are not committed leave no trace either", "[unit of work]")
{
    auto const storage = open_empty_storage();
    commit(*storage, fill);
    auto const jane = storage->begin_reading()->accounts().find(email("jane@example.com"))->id;
    auto const john = storage->begin_reading()->accounts().find(johns_phone)->id;
    auto const acme = storage->begin_reading()->partners().all()[0].id;
    {
        auto work = storage->begin();
        auto account = *work->accounts().find(jane);
        account.email = email("roe@example.com");
        account.phone = phone("+4915112345678");
        account.number = 4712;
        account.user_name = user_name("janeroe");
        account.membership = Membership{.channel = channel("kerala")};
        account.generation = 9;
        REQUIRE(work->accounts().update(account));
        work->accounts().release_identifiers(jane);
        work->accounts().release_identifiers(john);
        REQUIRE(work->accounts().enrol(acme, jane, {.person_id = person_id("008")}, noon));
        CHECK(work->partners().close_plan(PlanCode::parse("BIKE").value(), noon));
        work->partners().revoke_token(work->partners().live_tokens(acme)[0].id, noon);
        CHECK(work->login_links().forget(noon + 48h, 100) == 1);
        CHECK(work->sessions().forget(noon + 48h, 100) == 1);
        CHECK(work->codes().forget(noon + 48h, 100) > 0);
        CHECK(work->repeated_requests().forget(noon + 48h, 100) == 1);
        CHECK(work->password_links().forget(noon + 48h, 100) == 1);
        work->passwords().erase(jane);
        work->auth_codes().erase(jane);
        CHECK(work->email_changes().spend(jane, digest_of("roe"), noon - 1ms));
        work->consents().add({.account = jane, .version = "2", .given_at = noon});
        CHECK(work->causes().forget(noon + 48h, 100) == 1);
        REQUIRE(work->organisations().add(channel("assam"), noon));
        REQUIRE(work->organisations().add(channel("kerala"), organisation("college"), noon));
        CHECK(work->token_issuers().remove("https://portal.example"));
        work->identities().erase(jane);
        CHECK(work->identities().add(identity("https://id.example", "1", john)));
        CHECK(work->used_tokens().forget(noon + 48h, 100) == 1);
        work->outbox().cancel(email("jane@example.com"));
        work->outbox().cancel(phone("+4915112345678"));
    }
    auto work = storage->begin();
    auto const account = work->accounts().find(email("jane@example.com"));
    REQUIRE(account);
    CHECK(account->generation == 1);
    CHECK_FALSE(account->phone);
    CHECK_FALSE(account->user_name);
    CHECK_FALSE(account->membership);
    CHECK_FALSE(work->accounts().find(user_name("janeroe")));
    CHECK_FALSE(work->accounts().find(phone("+4915112345678")));
    CHECK(work->accounts().find(johns_phone)->id == john);
    CHECK_FALSE(work->accounts().find(email("roe@example.com")));
    CHECK(work->accounts().find(acme, person_id("007")) == jane);
    CHECK_FALSE(work->accounts().find(acme, person_id("008")));
    CHECK(work->partners().find_plan(PlanCode::parse("BIKE").value())->open);
    CHECK(work->partners().live_tokens(acme).size() == 1);
    CHECK(work->login_links().forget(noon + 48h, 100) == 1);
    CHECK(work->sessions().forget(noon + 48h, 100) == 1);
    CHECK(work->codes().alive(Purpose::partner_confirmation, "jane@example.com", noon).size() == 1);
    CHECK(work->codes().count_tries(Purpose::partner_confirmation, "jane@example.com", noon, 1h, 1).used == 2);
    CHECK(work->repeated_requests().forget(noon + 48h, 100) == 1);
    CHECK(work->password_links().forget(noon + 48h, 100) == 1);
    CHECK(work->passwords().find(jane) == "sealed");
    CHECK(work->auth_codes().find(jane));
    CHECK(work->email_changes().find(jane));
    CHECK(work->consents().of(jane).size() == 1);
    CHECK(work->causes().forget(noon + 48h, 100) == 1);
    CHECK(work->organisations().all() == std::vector{RootOrganisation{channel("kerala"), {organisation("school")}}});
    CHECK_FALSE(work->organisations().find(organisation("college")));
    CHECK(work->token_issuers().all() == std::vector{issuer("https://portal.example")});
    CHECK(work->identities().of(jane).size() == 1);
    CHECK(work->identities().of(john).empty());
    CHECK(work->used_tokens().forget(noon + 48h, 100) == 1);
    CHECK(work->outbox().size() == 2);
}

TEST_CASE("a unit of work that reads before it writes survives contention", "[unit of work]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_account(*storage, "jane@example.com");
    constexpr int rounds = 10;
    together(many_threads, [&](int) {
        for (int round = 0; round < rounds; ++round)
            commit(*storage, [&](UnitOfWork& work) {
                auto account = *work.accounts().find(id);
                ++account.generation;
                work.accounts().update(account).value();
            });
    });
    CHECK(storage->begin_reading()->accounts().find(id)->generation == 1 + many_threads * rounds);
}

TEST_CASE("a unit of work is seen all at once or not at all", "[unit of work]")
{
    auto const storage = open_empty_storage();
    auto const first = stored_account(*storage, "first@example.com");
    auto const second = stored_account(*storage, "second@example.com");
    std::atomic<int> torn = 0;
    std::atomic<bool> done = false;
    together(many_threads, [&](int number) {
        if (number > 0) {
            while (!done) {
                auto const work = storage->begin_reading();
                torn += work->accounts().find(first)->generation != work->accounts().find(second)->generation;
            }
            return;
        }
        SaysWhenDone const writing(done);
        for (int round = 0; round < 20; ++round)
            commit(*storage, [&](UnitOfWork& work) {
                for (auto const id : {first, second}) {
                    auto account = *work.accounts().find(id);
                    ++account.generation;
                    work.accounts().update(account).value();
                }
            });
    });
    CHECK(torn == 0);
}

TEST_CASE("readers see nothing of what is not committed yet, or never will be", "[unit of work]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    std::atomic<int> torn = 0;
    std::atomic<bool> done = false;
    together(many_threads, [&](int number) {
        if (number > 0) {
            while (!done) {
                auto const work = storage->begin_reading();
                auto const issuers = work->token_issuers().all().size();
                torn += work->organisations().all().size() != issuers;
                torn += work->identities().of(jane).size() != issuers;
                torn += work->accounts().find(user_name("abandoned")).has_value();
                torn += work->organisations().has(channel("abandoned"));
                torn += work->token_issuers().find("abandoned").has_value();
                torn += work->identities().find("abandoned", "1").has_value();
            }
            return;
        }
        SaysWhenDone const writing(done);
        for (int round = 0; round < 20; ++round) {
            auto const name = round % 2 ? "abandoned" : "kept" + std::to_string(round);
            auto work = storage->begin();
            auto account = account_of(name + "@example.com");
            account.user_name = user_name(name);
            work->accounts().insert(account).value();
            work->organisations().add(channel(name), noon).value();
            work->organisations().add(channel(name), organisation(name), noon).value();
            work->token_issuers().add(issuer(name)).value();
            work->identities().add(identity(name, "1", jane));
            if (round % 2 == 0)
                work->commit();
        }
    });
    CHECK(torn == 0);
    CHECK(storage->begin_reading()->token_issuers().all().size() == 10);
}

TEST_CASE("units of work of a group are all there when the group has committed", "[groups]")
{
    auto const storage = open_empty_storage();
    {
        auto group = storage->begin_group();
        stored_account(*storage, "jane@example.com");
        stored_account(*storage, "john@example.com");
        group->commit();
    }
    CHECK(knows(*storage, "jane@example.com"));
    CHECK(knows(*storage, "john@example.com"));
}

TEST_CASE("a unit of work sees what others in its group have committed", "[groups]")
{
    auto const storage = open_empty_storage();
    auto group = storage->begin_group();
    stored_account(*storage, "jane@example.com");
    CHECK(refusal(storage->begin()->accounts().insert(account_of("jane@example.com"))) == Errc::email_taken);
    group->commit();
}

TEST_CASE("numbers that a group has registered are registered for the group, abandoned ones for nobody", "[groups]")
{
    auto const storage = open_empty_storage();
    std::array const both{johns_phone, janes_phone};
    auto const registered = [&] { return storage->begin()->accounts().are_registered(both); };
    for (int round = 0; round < 2; ++round) {
        auto const group = storage->begin_group();
        CHECK(registered() == std::vector{false, false});
        {
            auto const abandoned = storage->begin();
            REQUIRE(abandoned->accounts().insert(account_of(johns_phone)));
        }
        CHECK(registered() == std::vector{false, false});
        stored_account(*storage, account_of(janes_phone));
        CHECK(registered() == std::vector{false, true});
    }  // which abandons it
    {
        auto const group = storage->begin_group();
        stored_account(*storage, account_of(johns_phone));
        group->commit();
    }
    CHECK(registered() == std::vector{true, false});
}

TEST_CASE("members of a group stand or fall alone", "[groups]")
{
    auto const storage = open_empty_storage();
    {
        auto group = storage->begin_group();
        stored_account(*storage, "first@example.com");
        {
            auto abandoned = storage->begin();
            REQUIRE(abandoned->accounts().insert(account_of("abandoned@example.com")));
        }
        {
            auto refused = storage->begin();
            REQUIRE(refused->accounts().insert(account_of("refused@example.com")));
            CHECK_FALSE(refused->accounts().insert(account_of("first@example.com")));
            CHECK(refused->organisations().add(channel("refused"), noon));
            CHECK(refused->token_issuers().add(issuer("refused")));
            CHECK(refused->used_tokens().note(digest_of("refused"), noon));
        }
        stored_account(*storage, "last@example.com");
        group->commit();
    }
    CHECK(knows(*storage, "first@example.com"));
    CHECK_FALSE(knows(*storage, "abandoned@example.com"));
    CHECK_FALSE(knows(*storage, "refused@example.com"));
    CHECK_FALSE(storage->begin_reading()->organisations().has(channel("refused")));
    CHECK_FALSE(storage->begin_reading()->token_issuers().find("refused"));
    CHECK(storage->begin()->used_tokens().note(digest_of("refused"), noon));
    CHECK(knows(*storage, "last@example.com"));
}

TEST_CASE("an abandoned group leaves no trace", "[groups]")
{
    auto const storage = open_empty_storage();
    {
        auto group = storage->begin_group();
        commit(*storage, fill);
    }
    check_empty(*storage);
}

TEST_CASE("a group whose last member is abandoned keeps the others", "[groups]")
{
    auto const storage = open_empty_storage();
    {
        auto group = storage->begin_group();
        stored_account(*storage, "jane@example.com");
        storage->begin()->outbox().add(letter("one"), noon);
        group->commit();
    }
    CHECK(knows(*storage, "jane@example.com"));
    CHECK(storage->begin_reading()->outbox().size() == 0);
}

TEST_CASE("an empty group commits", "[groups]")
{
    auto const storage = open_empty_storage();
    storage->begin_group()->commit();
    stored_account(*storage, "jane@example.com");
    CHECK(knows(*storage, "jane@example.com"));
}

TEST_CASE("after a group its thread writes alone again", "[groups]")
{
    auto const storage = open_empty_storage();
    storage->begin_group()->commit();
    stored_account(*storage, "jane@example.com");
    {
        auto abandoned = storage->begin_group();
        stored_account(*storage, "john@example.com");
    }
    stored_account(*storage, "june@example.com");
    CHECK(knows(*storage, "jane@example.com"));
    CHECK_FALSE(knows(*storage, "john@example.com"));
    CHECK(knows(*storage, "june@example.com"));
}

TEST_CASE("readers see a group all at once or not at all", "[groups]")
{
    auto const storage = open_empty_storage();
    std::atomic<int> torn = 0;
    std::atomic<bool> done = false;
    together(many_threads, [&](int number) {
        if (number > 0) {
            while (!done)
                torn += storage->begin_reading()->outbox().size() % 3 != 0;
            return;
        }
        SaysWhenDone const writing(done);
        for (int round = 0; round < 20; ++round) {
            auto group = storage->begin_group();
            for (int member = 0; member < 3; ++member)
                commit(*storage, [&](UnitOfWork& work) {
                    work.outbox().add(letter(std::to_string(3 * round + member)), noon);
                });
            if (round % 4 != 0)  // the others are abandoned
                group->commit();
        }
    });
    CHECK(torn == 0);
    CHECK(storage->begin_reading()->outbox().size() == 3 * 15);
}

TEST_CASE("writers beside a group wait for it and lose nothing", "[groups]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_account(*storage, "jane@example.com");
    auto const raise = [&] {
        commit(*storage, [&](UnitOfWork& work) {
            auto account = *work.accounts().find(id);
            ++account.generation;
            work.accounts().update(account).value();
        });
    };
    constexpr int rounds = 6;
    together(many_threads, [&](int number) {
        for (int round = 0; round < rounds; ++round) {
            if (number % 2) {
                raise();
                continue;
            }
            auto group = storage->begin_group();
            raise();
            raise();
            group->commit();
        }
    });
    CHECK(storage->begin_reading()->accounts().find(id)->generation == 1 + rounds * (many_threads / 2) * 3);
}

}
