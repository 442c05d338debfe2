#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include <onboard/moving.hpp>
#include <onboard/postgres_storage.hpp>
#include <onboard/sqlite_storage.hpp>

#include "conformance/rows.hpp"
#include "libonboard/src/tables.hpp"
#include "support/catch.hpp"
#include "support/expiring.hpp"
#include "support/postgres_own_server.hpp"
#include "support/postgres_schema.hpp"
#include "support/postgres_wire.hpp"
#include "support/temporary_folder.hpp"
#include "support/together.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;
using Catch::Matchers::Contains;

// A schema, and storages on it whose connections can be told from all others.
class Site {
public:
    std::unique_ptr<Storage> open(PostgresOptions const& options = {}) const { return open_postgres(url(), options); }
    std::string url() const { return schema.url() + "&application_name=" + name_; }

    // Ends all connections of these storages, and returns when they have ended.
    void end_connections() const
    {
        schema.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = '" + name_ + "'");
    }

    PostgresSchema schema;

private:
    std::string name_ = schema.value("SELECT 'site_of_' || current_schema()");
};

bool knows(Storage& storage, std::string_view address)
{
    return storage.begin_reading()->accounts().find(email(address)).has_value();
}

// Asks until it is so, for ten seconds.
template <class Condition>
bool becomes_true(Condition condition)
{
    auto const give_up_at = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < give_up_at)
        if (condition())
            return true;
    return false;
}

// What kind of failure an action comes to.
enum class Failure { none, conflict, unknown, breakdown };

template <class Action>
Failure failure_of(Action action)
{
    try {
        action();
    } catch (StorageConflict const&) {
        return Failure::conflict;
    } catch (OutcomeUnknown const&) {
        return Failure::unknown;
    } catch (StorageFailure const&) {
        return Failure::breakdown;
    }
    return Failure::none;
}

void rename(UnitOfWork& work, AccountId id, std::string_view last_name)
{
    auto account = *work.accounts().find(id);
    account.name = PersonName::parse("Jane", last_name).value();
    work.accounts().update(account).value();
}

Enrolment known_as(std::string_view id)
{
    return {.person_id = person_id(id)};
}

TEST_CASE("what was committed is there for another storage at once")
{
    Site const site;
    auto const first = site.open();
    auto const second = site.open();
    auto const jane = stored_account(*first, "jane@example.com");
    CHECK(knows(*second, "jane@example.com"));

    commit(*second, [&](UnitOfWork& work) { rename(work, jane, "Roe"); });
    CHECK(first->begin_reading()->accounts().find(jane)->name->last() == "Roe");
}

TEST_CASE("a reader sees one state for as long as it reads")
{
    Site const site;
    auto const storage = site.open();
    auto const reading = storage->begin_reading();
    CHECK_FALSE(reading->accounts().find(email("jane@example.com")));
    stored_account(*storage, "jane@example.com");
    CHECK_FALSE(reading->accounts().find(email("jane@example.com")));
    CHECK(knows(*storage, "jane@example.com"));
}

TEST_CASE("a connection that ends between two statements fails the unit of work, of which nothing is left")
{
    Site const site;
    auto const storage = site.open();
    {
        auto work = storage->begin();
        REQUIRE(work->accounts().insert(account_of("jane@example.com")));
        site.end_connections();
        CHECK(failure_of([&] { work->accounts().find(email("jane@example.com")); }) == Failure::breakdown);
        CHECK(failure_of([&] { work->commit(); }) == Failure::breakdown);
    }
    CHECK_FALSE(knows(*storage, "jane@example.com"));
    stored_account(*storage, "john@example.com");
}

TEST_CASE("a connection that ended before the commit is known to have committed nothing")
{
    Site const site;
    auto const storage = site.open();
    {
        auto work = storage->begin();
        REQUIRE(work->accounts().insert(account_of("jane@example.com")));
        site.end_connections();
        CHECK(failure_of([&] { work->commit(); }) == Failure::breakdown);
    }
    CHECK_FALSE(knows(*storage, "jane@example.com"));
}

TEST_CASE("a connection that ends within the commit leaves the outcome unknown")
{
    Site const site;
    auto const storage = site.open();
    site.schema.execute("CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
                        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
                        "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON accounts DEFERRABLE INITIALLY DEFERRED"
                        " FOR EACH ROW EXECUTE FUNCTION die()");
    {
        auto work = storage->begin();
        REQUIRE(work->accounts().insert(account_of("jane@example.com")));
        CHECK(failure_of([&] { work->commit(); }) == Failure::unknown);
    }
    CHECK_FALSE(knows(*storage, "jane@example.com"));
}

TEST_CASE("a commit whose answer is lost is told as unknown, and may well have happened")
{
    Site const site;
    PostgresWire wire;
    auto const storage = open_postgres(wire.over(site.url()));
    auto work = storage->begin();
    REQUIRE(work->accounts().insert(account_of("jane@example.com")));
    wire.lose_next_answer();
    CHECK(failure_of([&] { work->commit(); }) == Failure::unknown);
    work.reset();
    CHECK(knows(*storage, "jane@example.com"));
}

TEST_CASE("a commit that a constraint stops is a failure, and did not happen")
{
    Site const site;
    auto const storage = site.open();
    site.schema.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
                        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON accounts DEFERRABLE INITIALLY DEFERRED"
                        " FOR EACH ROW EXECUTE FUNCTION refuse()");
    {
        auto work = storage->begin();
        REQUIRE(work->accounts().insert(account_of("jane@example.com")));
        CHECK(failure_of([&] { work->commit(); }) == Failure::breakdown);
    }
    CHECK_FALSE(knows(*storage, "jane@example.com"));
}

TEST_CASE("a statement that nobody waited for fails the commit, and the next unit of work knows nothing of it")
{
    Site const site;
    auto const storage = site.open();
    {
        auto work = storage->begin();
        work->login_links().insert(link_to(AccountId(4711), noon));
        CHECK(failure_of([&] { work->commit(); }) == Failure::breakdown);
    }
    {
        auto abandoned = storage->begin();
        abandoned->login_links().insert(link_to(AccountId(4711), noon));
    }
    stored_account(*storage, "jane@example.com");
    CHECK(knows(*storage, "jane@example.com"));
}

TEST_CASE("a server that is started again costs no unit of work, and one that is down fails fast")
{
    OwnPostgresServer server("restart");
    auto const storage = open_postgres(server.url());
    auto const jane = stored_account(*storage, "jane@example.com");
    {
        std::vector<std::unique_ptr<UnitOfWork const>> readers;
        for (int number = 0; number < 4; ++number) {
            readers.push_back(storage->begin_reading());
            CHECK(readers.back()->accounts().find(jane));
        }
    }

    server.restart();
    for (int number = 0; number < 8; ++number)
        commit(*storage, [&](UnitOfWork& work) { rename(work, jane, "Roe" + std::to_string(number)); });

    server.halt();
    auto const what_fails = [&] {
        try {
            storage->begin();
        } catch (StorageFailure const& failure) {
            return std::string(failure.what());
        }
        return std::string();
    };
    auto const first = what_fails();
    CHECK_FALSE(first.empty());
    CHECK(what_fails() == first);

    server.resume();
    CHECK(becomes_true([&] { return failure_of([&] { knows(*storage, "jane@example.com"); }) == Failure::none; }));
    CHECK(storage->begin_reading()->accounts().find(jane)->name->last() == "Roe7");
}

TEST_CASE("a server that takes no writes any more is left, until one takes them again")
{
    OwnPostgresServer server("failover");
    auto const storage = open_postgres(server.url());
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const write = [&] {
        return failure_of([&] { commit(*storage, [&](UnitOfWork& work) { rename(work, jane, "Roe"); }); });
    };
    auto const told_to = [&](std::string const& setting) {
        server.execute("ALTER SYSTEM SET default_transaction_read_only = " + setting);
        server.execute("SELECT pg_reload_conf()");
    };
    told_to("on");
    CHECK(becomes_true([&] { return write() == Failure::breakdown; }));
    CHECK(write() == Failure::breakdown);
    CHECK(failure_of([&] { knows(*storage, "jane@example.com"); }) == Failure::breakdown);

    told_to("off");
    CHECK(becomes_true([&] { return write() == Failure::none; }));
}

TEST_CASE("a server that does not write durably is refused")
{
    OwnPostgresServer server("durability", "fsync=off");
    CHECK_THROWS_WITH(open_postgres(server.url()), Contains("durably"));
}

TEST_CASE("a role that commits carelessly commits durably for us")
{
    Site const site;
    auto const storage = open_postgres(site.url() + "%20-csynchronous_commit%3Doff");
    site.schema.execute(
        "CREATE TABLE seen (setting text); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;"
        "CREATE TRIGGER note AFTER INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION note()");
    stored_account(*storage, "jane@example.com");
    CHECK(site.schema.value("SELECT setting FROM seen") == "on");
}

TEST_CASE("what cannot be opened is a failure that names no password")
{
    for (auto const* url :
         {"postgresql://me:hush@127.0.0.1:1/nowhere", "postgresql://me:hush%zz@127.0.0.1:1/nowhere", "hush"}) {
        INFO(url);
        try {
            open_postgres(url);
            FAIL_CHECK("it opened");
        } catch (StorageFailure const& failure) {
            CHECK_THAT(failure.what(), !Contains("hush"));
            CHECK_THAT(failure.what(), !Contains("\n"));
        }
    }
}

TEST_CASE("several that open an empty schema together make it once")
{
    Site const site;
    together(4, [&](int) { site.open(); });
    CHECK(site.schema.value("SELECT count(*) FROM onboard_migrations") == std::to_string(postgres_schema_version()));
}

TEST_CASE("a schema that is not for us is refused and left as it is")
{
    Site const site;
    SECTION("one with nothing in it, where nothing may be made")
    {
        CHECK_THROWS_AS(site.open({.create = false}), StorageFailure);
        CHECK(site.schema.value("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()") == "0");
    }
    SECTION("one with somebody else's table")
    {
        site.schema.execute("CREATE TABLE theirs (id integer)");
        CHECK_THROWS_WITH(site.open(), Contains("theirs"));
        CHECK(site.schema.value("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()") == "1");
    }
    SECTION("one that is newer")
    {
        site.open();
        site.schema.execute("INSERT INTO onboard_migrations (number, name) VALUES (99, 'later')");
        CHECK_THROWS_WITH(site.open(), Contains("newer"));
    }
    SECTION("one that lacks a table")
    {
        site.open();
        site.schema.execute("DROP TABLE outbox");
        CHECK_THROWS_WITH(site.open(), Contains("altered"));
    }
    SECTION("one that does not exist")
    {
        auto url = site.url();
        url.replace(url.find("test_"), 5, "none_");
        CHECK_THROWS_WITH(open_postgres(url), Contains("search_path"));
    }
}

TEST_CASE("carriers of two storages get different letters")
{
    Site const site;
    auto const first = site.open();
    auto const second = site.open();
    constexpr int letters = 60;
    commit(*first, [&](UnitOfWork& work) {
        for (int number = 0; number < letters; ++number)
            work.outbox().add(letter(std::to_string(number)), noon);
    });
    std::mutex mutex;
    std::multiset<std::string> carried;
    together(8, [&](int number) {
        auto& storage = number % 2 ? *first : *second;
        for (bool more = true; more;)
            commit(storage, [&](UnitOfWork& work) {
                auto const claimed = work.outbox().claim(Channel::mail, noon, noon + 1min, 3);
                more = !claimed.empty();
                std::scoped_lock const lock(mutex);
                for (auto const& one : claimed)
                    carried.insert(one.claim.letter_id);
            });
    });
    CHECK(carried.size() == letters);
    CHECK(std::set<std::string>(carried.begin(), carried.end()).size() == letters);
}

TEST_CASE("a carrier waits for no letter that somebody else has in hand")
{
    Site const site;
    auto const storage = site.open({.lock_limit = 20ms});
    commit(*storage, [&](UnitOfWork& work) {
        for (auto const* id : {"one", "two", "three"})
            work.outbox().add(letter(id), noon);
    });
    auto const claimed = [](UnitOfWork& work) {
        auto const letters = work.outbox().claim(Channel::mail, noon, noon + 1min, 1);
        return letters.empty() ? std::string() : letters[0].claim.letter_id;
    };
    auto const first = storage->begin();
    CHECK(claimed(*first) == "one");
    CHECK(committed(*storage, claimed) == "two");
    CHECK(committed(*storage, claimed) == "three");
    CHECK(committed(*storage, claimed).empty());
}

TEST_CASE("whoever forgets waits for no row that somebody else has in hand")
{
    Site const site;
    auto const storage = site.open({.lock_limit = 20ms});
    auto const acme = stored_partner(*storage, "Acme");
    auto const link = stored_password_link(*storage, AccountId(0), noon + 1min);
    stored_password_link(*storage, AccountId(0), noon);
    auto const note = [&](UnitOfWork& work, std::string_view cause, Instant now) {
        return work.causes().note(acme, digest_of(cause), now, now - 1h, now - 24h);
    };
    commit(*storage, [&](UnitOfWork& work) {
        CHECK(note(work, "jane", noon));
        CHECK(note(work, "john", noon));
        for (auto const* id : {"one", "two"})
            work.outbox().add(letter(id), noon);
        for (auto const& one : work.outbox().claim(Channel::mail, noon, noon + 1min, 2))
            CHECK(work.outbox().bury(one.claim, LetterState::dead, noon, "never"));
    });
    std::array const people{
        stored_account(*storage, "jane@example.com"), stored_account(*storage, "john@example.com")};
    auto const promise = [&](UnitOfWork& work, AccountId account, Instant expires_at) {
        work.auth_codes().put(
            {.account = account, .partner = acme, .digest = digest_of("auth"), .expires_at = expires_at});
        work.email_changes().put(
            {.account = account,
             .email = email("roe@example.com"),
             .digest = digest_of("roe"),
             .expires_at = expires_at});
    };
    for (auto const account : people)
        commit(*storage, [&](UnitOfWork& work) { promise(work, account, noon); });
    commit(*storage, [&](UnitOfWork& work) {
        CHECK(work.used_tokens().note(digest_of("used"), noon));
        CHECK(work.used_tokens().note(digest_of("used too"), noon));
    });

    auto const holding = storage->begin();
    CHECK(holding->used_tokens().forget(noon + 3h, 1) == 1);
    promise(*holding, people[0], noon + 48h);
    CHECK(holding->password_links().spend(link, noon));
    CHECK_FALSE(note(*holding, "jane", noon + 2h));
    CHECK(holding->outbox().revive("one", noon));
    commit(*storage, [&](UnitOfWork& work) {
        CHECK(work.password_links().forget(noon + 3h, 100) == 1);
        CHECK(work.causes().forget(noon + 3h, 100) == 1);
        CHECK(work.outbox().forget(noon + 3h, 100) == 1);
        CHECK(work.auth_codes().forget(noon + 3h, 100) == 1);
        CHECK(work.email_changes().forget(noon + 3h, 100) == 1);
        CHECK(work.used_tokens().forget(noon + 3h, 100) == 1);
    });
    holding->commit();
    CHECK(storage->begin_reading()->auth_codes().find(people[0]));
    CHECK(storage->begin_reading()->email_changes().find(people[0]));
}

TEST_CASE("budgets, keys, causes, identities and what is good once are shared by two storages")
{
    constexpr auto purpose = Purpose::partner_confirmation;
    Site const site;
    auto const first = site.open();
    auto const second = site.open();
    auto const acme = stored_partner(*first, "Acme");
    auto const link = stored_link(*first, stored_account(*first, "jane@example.com"), noon + 5min);
    std::atomic<int> sent = 0;
    auto const password_link = stored_password_link(*first, AccountId(0), noon + 24h);
    std::atomic<int> claimed = 0;
    std::atomic<int> noted = 0;
    std::atomic<int> spent = 0;
    std::atomic<int> passwords = 0;
    std::atomic<int> used = 0;
    std::atomic<int> linked = 0;
    auto const jane = first->begin_reading()->accounts().find(email("jane@example.com"))->id;
    together(8, [&](int number) {
        auto& storage = number % 2 ? *first : *second;
        commit(storage, [&](UnitOfWork& work) {
            sent += !work.codes().count_send(purpose, "jane@example.com", noon, {0s, 5, 10});
        });
        commit(storage, [&](UnitOfWork& work) {
            claimed += !work.repeated_requests().claim(acme, "key", digest_of("body"), noon, noon - 24h);
        });
        commit(storage, [&](UnitOfWork& work) {
            noted += work.causes().note(acme, digest_of("cause"), noon, noon, noon);
        });
        commit(storage, [&](UnitOfWork& work) { spent += work.login_links().spend(link, noon); });
        commit(storage, [&](UnitOfWork& work) { passwords += work.password_links().spend(password_link, noon); });
        commit(storage, [&](UnitOfWork& work) { used += work.used_tokens().note(digest_of("used"), noon); });
        commit(storage, [&](UnitOfWork& work) { linked += work.identities().add(identity("issuer", "1", jane)); });
        commit(storage, [&](UnitOfWork& work) {
            work.codes().add(code_for("jane@example.com", std::to_string(number), noon + 5min));
        });
    });
    CHECK(sent == 5);
    CHECK(claimed == 1);
    CHECK(noted == 1);
    CHECK(spent == 1);
    CHECK(passwords == 1);
    CHECK(used == 1);
    CHECK(linked == 1);
    CHECK(first->begin_reading()->codes().alive(purpose, "jane@example.com", noon).size() == 2);
}

TEST_CASE("a login that rewrites a person never undoes a block")
{
    Site const site;
    auto const first = site.open();
    auto const second = site.open();
    for (int round = 0; round < 20; ++round) {
        auto const id = stored_account(*first, "jane" + std::to_string(round) + "@example.com");
        together(2, [&](int number) {
            if (number == 0)
                commit(*first, [&](UnitOfWork& work) { rename(work, id, "Roe"); });
            else
                commit(*second, [&](UnitOfWork& work) {
                    auto account = *work.accounts().find(id);
                    account.status = AccountStatus::blocked;
                    work.accounts().update(account).value();
                });
        });
        auto const account = *second->begin_reading()->accounts().find(id);
        CHECK(account.status == AccountStatus::blocked);
        CHECK(account.name->last() == "Roe");
    }
}

TEST_CASE("numbers are never given out twice, whichever storage gives them")
{
    Site const site;
    auto const first = site.open();
    auto const second = site.open();
    auto const jane = stored_account(*first, "jane@example.com");
    constexpr int rounds = 50;
    std::mutex mutex;
    std::set<LoginLinkId> ids;
    std::set<PasswordLinkId> password_ids;
    together(8, [&](int number) {
        auto& storage = number % 2 ? *first : *second;
        for (int round = 0; round < rounds; ++round) {
            auto const id = stored_link(storage, jane, noon);
            auto const password_id = stored_password_link(storage, jane, noon);
            std::scoped_lock const lock(mutex);
            ids.insert(id);
            password_ids.insert(password_id);
        }
    });
    CHECK(ids.size() == 8 * rounds);
    CHECK(password_ids.size() == 8 * rounds);
}

TEST_CASE("two that wait for each other are told apart: one goes on, one may try again")
{
    Site const site;
    auto const storage = site.open();
    std::array const people{
        stored_account(*storage, "jane@example.com"), stored_account(*storage, "john@example.com")};
    std::barrier both(2);
    std::atomic<int> went_on = 0;
    std::atomic<int> conflicts = 0;
    together(2, [&](int number) {
        auto work = storage->begin();
        rename(*work, people[static_cast<std::size_t>(number)], "Roe");
        both.arrive_and_wait();
        auto const outcome = failure_of([&] {
            rename(*work, people[static_cast<std::size_t>(1 - number)], "Poe");
            work->commit();
        });
        went_on += outcome == Failure::none;
        conflicts += outcome == Failure::conflict;
    });
    CHECK(went_on == 1);
    CHECK(conflicts == 1);
}

TEST_CASE("who holds a subject keeps others from it, and from no other subject or purpose")
{
    constexpr auto purpose = Purpose::partner_confirmation;
    Site const site;
    auto const first = site.open();
    auto const second = site.open({.lock_limit = 20ms});
    auto const outcome_of = [&](auto action) { return failure_of([&] { commit(*second, action); }); };
    auto const hold = [](Purpose for_purpose, std::string_view subject) {
        return [=](UnitOfWork& work) { work.codes().hold(for_purpose, subject); };
    };
    {
        auto const holding = first->begin();
        holding->codes().hold(purpose, "jane@example.com");
        CHECK(holding->codes().alive(purpose, "jane@example.com", noon).empty());
        CHECK(outcome_of(hold(purpose, "jane@example.com")) == Failure::conflict);
        CHECK(outcome_of([&](UnitOfWork& work) {
                  work.codes().count_send(purpose, "jane@example.com", noon, {60s, 5, 10});
              }) == Failure::conflict);
        CHECK(outcome_of([&](UnitOfWork& work) {
                  work.codes().add(code_for("jane@example.com", "123456", noon + 5min));
              }) == Failure::conflict);
        CHECK(outcome_of(hold(purpose, "john@example.com")) == Failure::none);
        CHECK(outcome_of(hold(Purpose::phone, "jane@example.com")) == Failure::none);
    }
    CHECK(outcome_of(hold(purpose, "jane@example.com")) == Failure::none);
}

TEST_CASE("sites in schemas of one database do not wait for each other")
{
    constexpr auto purpose = Purpose::phone;
    Site const site;
    Site const neighbour;
    auto const ours = site.open();
    auto const theirs = neighbour.open({.lock_limit = 20ms});
    auto const holding = ours->begin();
    holding->codes().hold(purpose, "+491751234567");
    CHECK(holding->codes().alive(purpose, "+491751234567", noon).empty());
    commit(*theirs, [](UnitOfWork& work) { work.codes().hold(purpose, "+491751234567"); });
}

// Whether somebody waits for a lock.
bool somebody_waits(Site const& site)
{
    return becomes_true([&] {
        return site.schema.value(
                   "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%' || current_schema()"
                   " AND wait_event_type = 'Lock'") == "1";
    });
}

TEST_CASE("a person id that two take at the same moment goes to one, and the other may try again")
{
    Site const site;
    auto const storage = site.open();
    auto const acme = stored_partner(*storage, "Acme");
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    commit(*storage, [&](UnitOfWork& work) {
        work.accounts().enrol(acme, jane, known_as("1"), noon).value();
        work.accounts().enrol(acme, john, known_as("2"), noon).value();
    });
    auto first = storage->begin();
    first->accounts().enrol(acme, jane, known_as("3"), noon).value();
    auto outcome = Failure::none;
    std::thread second([&] {
        outcome = failure_of([&] {
            auto work = storage->begin();
            work->accounts().enrol(acme, john, known_as("3"), noon).value();
        });
    });
    auto const waits = somebody_waits(site);
    first->commit();
    second.join();
    CHECK(waits);
    CHECK(outcome == Failure::conflict);
    CHECK(storage->begin_reading()->accounts().find(acme, person_id("3")) == jane);
}

TEST_CASE("who registers a telephone number that another is registering waits for what becomes of it")
{
    Site const site;
    auto const storage = site.open();
    auto const committing = GENERATE(true, false);
    auto first = storage->begin();
    first->accounts().insert(account_of(phone("+4915112345678"))).value();
    std::optional<Errc> refused;
    std::thread second([&] {
        auto account = account_of("john@example.com");
        account.phone = phone("+4915112345678");
        auto work = storage->begin();
        refused = refusal(work->accounts().insert(account));
        work->commit();
    });
    auto const waits = somebody_waits(site);
    if (committing)
        first->commit();
    first.reset();
    second.join();
    CHECK(waits);
    CHECK(refused == (committing ? std::optional(Errc::phone_taken) : std::nullopt));
    CHECK(knows(*storage, "john@example.com") == !committing);
    CHECK(storage->begin_reading()->accounts().find(phone("+4915112345678")));
}

TEST_CASE("a telephone number that two change to at the same moment goes to one, and the other may try again")
{
    Site const site;
    auto const storage = site.open();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    auto const change = [](UnitOfWork& work, AccountId id) {
        auto account = *work.accounts().find(id);
        account.phone = phone("+4915112345678");
        work.accounts().update(account).value();
    };
    auto first = storage->begin();
    change(*first, jane);
    auto outcome = Failure::none;
    std::thread second([&] { outcome = failure_of([&] { change(*storage->begin(), john); }); });
    auto const waits = somebody_waits(site);
    first->commit();
    second.join();
    CHECK(waits);
    CHECK(outcome == Failure::conflict);
    CHECK(storage->begin_reading()->accounts().find(phone("+4915112345678"))->id == jane);
}

TEST_CASE("who asks for a user name that another is taking waits for what becomes of it, and can go on")
{
    Site const site;
    auto const storage = site.open();
    auto const committing = GENERATE(true, false);
    auto const account_called = [](std::string_view address, std::string_view name) {
        auto account = account_of(address);
        account.user_name = user_name(name);
        return account;
    };
    auto first = storage->begin();
    first->accounts().insert(account_called("jane@example.com", "asha")).value();
    std::optional<Errc> refused;
    std::thread second([&] {
        auto work = storage->begin();
        refused = refusal(work->accounts().insert(account_called("john@example.com", "asha")));
        if (refused)
            work->accounts().insert(account_called("john@example.com", "asha1")).value();
        work->commit();
    });
    auto const waits = somebody_waits(site);
    if (committing)
        first->commit();
    first.reset();
    second.join();
    CHECK(waits);
    CHECK(refused == (committing ? std::optional(Errc::user_name_taken) : std::nullopt));
    auto const john = storage->begin_reading()->accounts().find(email("john@example.com"));
    REQUIRE(john);
    CHECK(john->user_name == user_name(committing ? "asha1" : "asha"));
    CHECK(knows(*storage, "jane@example.com") == committing);
}

TEST_CASE("a user name that two change to at the same moment goes to one, and the other may try again")
{
    Site const site;
    auto const storage = site.open();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    auto const change = [](UnitOfWork& work, AccountId id) {
        auto account = *work.accounts().find(id);
        account.user_name = user_name("asha");
        work.accounts().update(account).value();
    };
    auto first = storage->begin();
    change(*first, jane);
    auto outcome = Failure::none;
    std::thread second([&] { outcome = failure_of([&] { change(*storage->begin(), john); }); });
    auto const waits = somebody_waits(site);
    first->commit();
    second.join();
    CHECK(waits);
    CHECK(outcome == Failure::conflict);
    CHECK(storage->begin_reading()->accounts().find(user_name("asha"))->id == jane);
}

TEST_CASE("who links an identity that is being erased waits for what becomes of it")
{
    Site const site;
    auto const storage = site.open();
    auto const committing = GENERATE(true, false);
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    commit(*storage, [&](UnitOfWork& work) { CHECK(work.identities().add(identity("issuer", "1", jane))); });
    auto first = storage->begin();
    first->identities().erase(jane);
    CHECK_FALSE(first->identities().find("issuer", "1"));
    auto linked = false;
    std::thread second([&] {
        linked = committed(
            *storage, [&](UnitOfWork& work) { return work.identities().add(identity("issuer", "1", john)); });
    });
    auto const waits = somebody_waits(site);
    if (committing)
        first->commit();
    first.reset();
    second.join();
    CHECK(waits);
    CHECK(linked == committing);
    CHECK(storage->begin_reading()->identities().find("issuer", "1") == (committing ? john : jane));
}

TEST_CASE("who does not get a lock in time is told so, and a group goes on without them")
{
    Site const site;
    auto const first = site.open();
    auto const second = site.open({.lock_limit = 20ms});
    auto const jane = stored_account(*first, "jane@example.com");
    auto const holding = first->begin();
    rename(*holding, jane, "Roe");

    auto group = second->begin_group();
    stored_account(*second, "before@example.com");
    CHECK(failure_of([&] {
              commit(*second, [&](UnitOfWork& work) { rename(work, jane, "Poe"); });
          }) == Failure::conflict);
    stored_account(*second, "after@example.com");
    group->commit();
    CHECK(knows(*first, "before@example.com"));
    CHECK(knows(*first, "after@example.com"));
}

TEST_CASE("groups on different threads do not wait for each other")
{
    Site const site;
    auto const storage = site.open();
    std::barrier both(2);
    together(2, [&](int number) {
        auto group = storage->begin_group();
        stored_account(*storage, "jane" + std::to_string(number) + "@example.com");
        both.arrive_and_wait();
        group->commit();
    });
    CHECK(knows(*storage, "jane0@example.com"));
    CHECK(knows(*storage, "jane1@example.com"));
}

TEST_CASE("a group whose connection ends fails as a whole")
{
    Site const site;
    auto const storage = site.open();
    {
        auto group = storage->begin_group();
        stored_account(*storage, "jane@example.com");
        site.end_connections();
        CHECK(failure_of([&] { stored_account(*storage, "john@example.com"); }) == Failure::breakdown);
        CHECK(failure_of([&] { group->commit(); }) == Failure::breakdown);
    }
    CHECK_FALSE(knows(*storage, "jane@example.com"));
}

TEST_CASE("writers leave connections to readers, and wait for their turn")
{
    Site const site;
    auto const storage = site.open({.connections = 2, .patience = 20ms});
    CHECK(storage->concurrent_writers() == 1);
    {
        auto const writing = storage->begin();
        auto refused = Failure::none;
        std::thread([&] { refused = failure_of([&] { storage->begin(); }); }).join();
        CHECK(refused == Failure::conflict);
        CHECK_FALSE(knows(*storage, "jane@example.com"));
    }
    CHECK_NOTHROW(storage->begin());
}

TEST_CASE("text that looks like SQL is text, and what only a partner understands may be any bytes")
{
    Site const site;
    auto const storage = site.open();
    auto const nasty = std::string("'); DROP TABLE accounts; -- \" ` ? $1 :a @b \\ \\x41 %n");
    auto const acme = stored_partner(*storage, "Acme");
    auto account = account_of("o'hara@example.com");
    account.name = PersonName::parse(nasty, nasty).value();
    auto const id = committed(*storage, [&](UnitOfWork& work) { return work.accounts().insert(account).value(); });
    auto const bytes = std::string("a\0b\xff\\", 5);
    commit(*storage, [&](UnitOfWork& work) {
        REQUIRE(work.accounts().enrol(
            acme, id, {.person_id = person_id(nasty.substr(0, 40)), .additional_data = bytes}, noon));
        CHECK_FALSE(work.repeated_requests().claim(acme, bytes, digest_of("body"), noon, noon - 24h));
    });
    auto const work = storage->begin_reading();
    CHECK(work->accounts().find(id)->name->first() == nasty);
    CHECK(work->accounts().find_enrolment(acme, id)->additional_data == bytes);
}

TEST_CASE("a stored value that is not valid any more is a failure and no surprise")
{
    auto const [why, change] = GENERATE(table<char const*, char const*>(
        {{"a name", "first_name = ''"},
         {"half a name", "last_name = NULL"},
         {"a user name", "user_name = 'Jane Doe'"},
         {"a channel", "channel = 'a channel'"},
         {"an organisation", "channel = 'kerala', organisation = ''"}}));
    INFO(why);
    Site const site;
    auto const storage = site.open();
    stored_account(*storage, "jane@example.com");
    site.schema.execute("UPDATE accounts SET " + std::string(change));
    CHECK_THROWS_AS(storage->begin_reading()->accounts().find(email("jane@example.com")), StorageFailure);
}

// How often a use case waits for the server, once its statements are prepared.
class Waits {
public:
    Waits() : world({}, open_postgres(wire.over(site.url()))), acme(world.partner("Acme")) {}

    template <class Action>
    int of(Action action)
    {
        auto const before = wire.turns();
        action();
        return wire.turns() - before;
    }

    std::string log_in(EmailAddress const& address, std::optional<PersonId> id)
    {
        return world.onboarding
            .log_in(
                {.partner = acme,
                 .plan = "PLAN-Acme"_plan,
                 .email = address,
                 .name = "Jane Doe"_name,
                 .person_id = std::move(id)})
            .value()
            .token.reveal();
    }

    Site site;
    PostgresWire wire;
    World world;
    PartnerId acme;
};

TEST_CASE("a login waits for the server a few times only")
{
    Waits waits;
    auto const first = waits.log_in("first@example.com"_email, person_id("first"));
    REQUIRE(waits.world.onboarding.redeem(first));

    CHECK(waits.of([&] { waits.log_in("second@example.com"_email, person_id("second")); }) <= 4);
    CHECK(waits.of([&] { waits.log_in("third@example.com"_email, std::nullopt); }) <= 3);
    CHECK(waits.of([&] { waits.log_in("second@example.com"_email, person_id("second")); }) <= 5);
    auto const token = waits.log_in("second@example.com"_email, person_id("second"));
    CHECK(waits.of([&] { waits.world.onboarding.redeem(token).value(); }) <= 6);

    auto const session = waits.world.onboarding.open_session(waits.log_in("second@example.com"_email, std::nullopt));
    waits.world.onboarding.session(session->token.reveal()).value();
    // The end of the reading before is on its way, perhaps: nobody waits for that.
    CHECK(waits.of([&] { waits.world.onboarding.session(session->token.reveal()).value(); }) <= 2);
}

// Keeps what it is given, each row as one line.
class Lines : public RowSink {
public:
    void begin_table(TableToMove const& table) override
    {
        name_ = table.name;
        columns_[name_] = table.columns;
    }
    void add_row(std::vector<Cell> const& cells) override
    {
        std::string line;
        for (auto const& cell : cells)
            line += written(cell) + "|";
        rows_[name_].insert(line);
    }
    void end_table() override {}

    std::map<std::string, std::vector<std::string>> columns_;
    std::map<std::string, std::multiset<std::string>> rows_;

private:
    static std::string hex(std::string_view bytes)
    {
        std::string text;
        for (auto const byte : bytes)
            for (auto const half : {static_cast<unsigned char>(byte) >> 4, static_cast<unsigned char>(byte) & 15})
                text += "0123456789abcdef"[half];
        return text;
    }

    // Text and bytes alike, since a database may keep one as the other.
    static std::string written(Cell const& cell)
    {
        if (auto const* number = std::get_if<std::int64_t>(&cell))
            return std::to_string(*number);
        if (auto const* text = std::get_if<std::string>(&cell))
            return hex(*text);
        if (auto const* bytes = std::get_if<CellBytes>(&cell))
            return hex(bytes->bytes);
        return "none";
    }

    std::string name_;
};

// The same lines, as PostgreSQL tells them.
std::multiset<std::string>
lines_in(PostgresSchema const& schema, std::string const& table, std::vector<std::string> const& columns)
{
    std::string line;
    for (auto const& column : columns)
        line += (line.empty() ? "" : " || ") + std::string("coalesce(CASE pg_typeof(") + column +
                ")::text WHEN 'bytea' THEN encode(" + column +
                "::text::bytea, 'hex') WHEN 'text' THEN encode(convert_to(" + column +
                "::text, 'UTF8'), 'hex') ELSE " + column + "::text END, 'none') || '|'";
    auto const all = schema.value("SELECT coalesce(string_agg(" + line + ", E'\\n'), '') FROM " + table);
    std::multiset<std::string> lines;
    std::istringstream stream(all);
    for (std::string one; std::getline(stream, one);)
        lines.insert(one);
    return lines;
}

// A file in which a little of everything has happened, and something was forgotten.
void fill(std::filesystem::path const& file)
{
    World world({}, open_sqlite(file));
    auto const acme = world.partner("Acme", LinkExisting::trust);
    auto const bolt = world.partner("Bolt", LinkExisting::confirm);
    for (int number = 0; number < 40; ++number) {
        auto const address = EmailAddress::parse("jane" + std::to_string(number) + "@example.com").value();
        auto const link = world.login_link(address, acme);
        if (number % 2)
            world.onboarding.open_session(link).value();
    }
    world.login_link("jane1@example.com"_email, bolt);  // a proposal, a code, a send and a letter
    auto john = account_of(phone("+31612345678"));
    john.number = 4711;
    john.push_token = "token\\N";
    john.user_name = user_name("john");
    john.membership = Membership{.channel = channel("kerala"), .organisation = organisation("sch\u00f6l \\N")};
    stored_account(*world.storage, john);
    world.administration.remove("jane2@example.com"_email).value();
    auto const nasty = PersonName::parse("J\u00e4ne \\N", "back\\slash \\x41").value();
    world.onboarding
        .log_in(
            {.partner = acme,
             .email = "odd@example.com"_email,
             .name = nasty,
             .additional_data = "{\"a\":\t\"\\n\"}\n"})
        .value();
    commit(*world.storage, [&](UnitOfWork& work) {
        auto const jane = work.accounts().find("jane1@example.com"_email)->id;
        work.codes().count_tries(Purpose::partner_confirmation, "jane1@example.com", noon, 1h, 1);
        work.repeated_requests().claim(acme, "key", digest_of("body"), noon, noon - 24h);
        work.repeated_requests().answer(acme, "key", "created");
        work.login_links().insert(link_to(jane, noon));
        work.password_links().insert(password_link_to(jane, noon));
        work.password_links().insert(password_link_to(AccountId(0), noon));
        work.passwords().put(jane, std::string("sealed\0\xff", 8), noon);
        work.auth_codes().put({.account = jane, .partner = acme, .digest = digest_of("auth"), .expires_at = noon});
        work.email_changes().put(
            {.account = jane, .email = email("roe@example.com"), .digest = digest_of("roe"), .expires_at = noon});
        for (auto const* version : {"1", "2", "3"})
            work.consents().add({.account = jane, .version = version, .given_at = noon});
        work.causes().note(acme, digest_of("cause"), noon, noon, noon);
        auto asha = account_of("asha@example.com");
        asha.name = PersonName::parse("Asha").value();
        auto link = link_to(work.accounts().insert(asha).value(), noon);
        link.proposal = Proposal{.name = *asha.name, .enrolment = {}};
        work.login_links().insert(link);
        work.organisations().add(channel("assam"), noon).value();
        work.organisations().add(channel("kerala"), noon).value();
        work.organisations().add(channel("kerala"), organisation("sch\u00f6l \\N"), noon).value();
        auto portal = issuer("https://portal.example/\\N");
        portal.audience = std::string("\0\xff\t\\", 4);
        work.token_issuers().add(portal).value();
        work.identities().add(identity("issuer\\N", std::string("\0\xff\n", 3), jane));
        work.used_tokens().note(digest_of("used"), noon);
        work.outbox().add(text_message("text"), noon);
        work.outbox().add(letter("buried"), noon);
        auto const oldest = work.outbox().claim(Channel::mail, noon, noon + 8s, 1).at(0);
        CHECK(work.outbox().bury(oldest.claim, LetterState::dead, noon, std::string("550 \xe4\0\t\\\n", 9)));
    });
}

void check_same_organisations(UnitOfWork const& after, UnitOfWork const& before)
{
    CHECK(after.organisations().all() == before.organisations().all());
    CHECK(after.organisations().all().size() == 2);
    CHECK(after.token_issuers().all() == before.token_issuers().all());
    CHECK(after.token_issuers().all().size() == 1);
}

TEST_CASE("a site that moves has every row as it was, and gives out no number again")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    fill(file);
    Lines before;
    read_sqlite_rows(file, before);
    Site const site;

    auto const moved = write_postgres_rows(site.url(), [&](RowSink& sink) { read_sqlite_rows(file, sink); });

    std::int64_t rows = 0;
    for (auto const& [table, columns] : before.columns_) {
        INFO(table);
        CHECK(lines_in(site.schema, table, columns) == before.rows_[table]);
        CHECK_FALSE(before.rows_[table].empty());
    }
    for (auto const& table : moved) {
        CHECK(static_cast<std::size_t>(table.rows) == before.rows_[table.name].size());
        rows += table.rows;
    }
    CHECK(rows > 100);

    auto const sqlite = open_sqlite(file);
    auto const postgres = site.open();
    auto const jane = *postgres->begin_reading()->accounts().find(email("jane1@example.com"));
    CHECK(stored_link(*postgres, jane.id, noon) >= stored_link(*sqlite, jane.id, noon));
    CHECK(stored_password_link(*postgres, jane.id, noon) >= stored_password_link(*sqlite, jane.id, noon));
    CHECK(stored_account(*postgres, "new@example.com") >= stored_account(*sqlite, "new@example.com"));
    auto const john = postgres->begin_reading()->accounts().find(phone("+31612345678"));
    REQUIRE(john);
    CHECK(john->number == 4711);
    CHECK_FALSE(john->email);
    CHECK_FALSE(john->name);
    CHECK(john->user_name == user_name("john"));
    CHECK(login_id(*john) == "john@kerala");
    CHECK(
        postgres->begin_reading()->accounts().find(email("asha@example.com"))->name ==
        PersonName::parse("Asha").value());
    check_same_organisations(*postgres->begin_reading(), *sqlite->begin_reading());
    CHECK(postgres->begin_reading()->identities().of(jane.id) == sqlite->begin_reading()->identities().of(jane.id));
    commit(*postgres, [&](UnitOfWork& work) {
        work.consents().add({.account = jane.id, .version = "4", .given_at = noon});
        CHECK(work.consents().of(jane.id).size() == 4);
        CHECK(work.consents().of(jane.id).back().version == "4");
        CHECK(work.outbox().claim(Channel::text, noon, noon + 8s, 100).size() == 1);
        CHECK_FALSE(work.used_tokens().note(digest_of("used"), noon));
        CHECK(work.used_tokens().note(digest_of("unused"), noon));
        CHECK_FALSE(work.identities().add(identity("issuer\\N", std::string("\0\xff\n", 3), john->id)));
        CHECK(refusal(work.organisations().add(channel("kerala"), noon)) == Errc::channel_exists);
    });
}

TEST_CASE("numbers of rows that were forgotten before a move stay taken")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    LoginLinkId forgotten{};
    {
        auto const sqlite = open_sqlite(file);
        auto const jane = stored_account(*sqlite, "jane@example.com");
        for (int number = 0; number < 100; ++number)
            forgotten = stored_link(*sqlite, jane, noon);
        commit(*sqlite, [](UnitOfWork& work) { CHECK(work.login_links().forget(noon + 1h, 1000) == 100); });
    }
    Site const site;
    write_postgres_rows(site.url(), [&](RowSink& sink) { read_sqlite_rows(file, sink); });
    auto const storage = site.open();
    auto const jane = storage->begin_reading()->accounts().find(email("jane@example.com"))->id;
    CHECK(stored_link(*storage, jane, noon) > forgotten);
}

TEST_CASE("nothing is moved where it cannot be moved whole")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    stored_account(*open_sqlite(file), "jane@example.com");
    Site const site;
    auto const move = [&] {
        return failure_of(
            [&] { write_postgres_rows(site.url(), [&](RowSink& sink) { read_sqlite_rows(file, sink); }); });
    };
    SECTION("into a database that holds something")
    {
        stored_partner(*site.open(), "Acme");
        CHECK(move() == Failure::breakdown);
    }
    SECTION("from a file that a server works on")
    {
        auto const server = open_sqlite(file, {.sole_server = true});
        CHECK(move() == Failure::breakdown);
    }
    SECTION("from a file that is not there")
    {
        CHECK_THROWS_AS(
            write_postgres_rows(site.url(), [&](RowSink& sink) { read_sqlite_rows(folder / "none.db", sink); }),
            StorageFailure);
    }
    SECTION("from a source that ends early")
    {
        CHECK_THROWS_AS(
            write_postgres_rows(
                site.url(),
                [&](RowSink& sink) {
                    sink.begin_table(
                        {.name = "partners",
                         .columns = {"id", "name", "rights", "link_existing", "created_at"},
                         .rows = 2});
                    sink.add_row(
                        {std::int64_t{1}, std::string("Acme"), std::int64_t{1}, std::int64_t{1}, std::int64_t{1}});
                    sink.end_table();
                }),
            StorageFailure);
        CHECK(site.open()->begin_reading()->partners().all().empty());
    }
    CHECK_FALSE(knows(*site.open(), "jane@example.com"));
}

TEST_CASE("every table is of what lasts, or is empty in the end, a bounded number of rows at a time")
{
    Site const site;
    World world(quick_hashing(), site.open());
    store_what_expires(*world.storage, world.clock.now());
    auto const count = [&](std::string_view table) {
        return std::stoi(site.schema.value("SELECT count(*) FROM " + std::string(table)));
    };
    std::vector<std::string_view> expiring;
    std::ranges::copy_if(tables, std::back_inserter(expiring), [](std::string_view table) {
        return std::ranges::find(lasting_tables, table) == lasting_tables.end();
    });
    for (auto const table : expiring) {
        INFO(table);
        CHECK(count(table) > 0);  // or this shows nothing
    }

    world.clock.advance(24h * 90);
    constexpr int most_in_a_turn = 12 * 500;
    for (int forgotten = world.onboarding.tidy(); forgotten > 0; forgotten = world.onboarding.tidy())
        CHECK(forgotten <= most_in_a_turn);
    for (auto const table : expiring) {
        INFO(table);
        CHECK(count(table) == 0);
    }
    CHECK(count("accounts") == 1);
    CHECK(count("partners") == 1);
}

}
