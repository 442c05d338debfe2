#include <array>
#include <atomic>
#include <csignal>
#include <stdexcept>
#include <thread>

#include <onboard/sqlite_storage.hpp>

#include "conformance/rows.hpp"
#include "sqlite/at_end.hpp"
#include "sqlite/beside.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;
using std::filesystem::path;

// As long as a test may take: nobody gives up.
constexpr SqliteOptions patient{.patience = 10min};

void raise_generation(Storage& storage, AccountId id)
{
    commit(storage, [&](UnitOfWork& work) {
        auto account = *work.accounts().find(id);
        ++account.generation;
        work.accounts().update(account).value();
    });
}

int generation(Storage& storage, AccountId id)
{
    return storage.begin_reading()->accounts().find(id)->generation;
}

std::string address(int thread, int round)
{
    return "person-" + std::to_string(thread) + '-' + std::to_string(round) + "@example.com";
}

bool knows(Storage& storage, std::string_view address)
{
    return storage.begin_reading()->accounts().find(email(address)).has_value();
}

// A letter of a mebibyte, so that a few fill any cache or log.
void add_large_letter(UnitOfWork& work, std::string const& id)
{
    auto large = letter(id);
    large.sealed_secret.resize(1 << 20);
    work.outbox().add(large, noon);
}

// How many transactions there were since, if each that began also ended.
std::uint64_t transactions_since(path const& file, std::uint64_t count)
{
    return (write_count(file) - count) / 2;
}

TEST_CASE("commits of many threads share transactions")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file, patient);
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const before = write_count(file);
    std::uint64_t commits = 0;
    while (transactions_since(file, before) == commits) {
        together(many_threads, [&](int) { raise_generation(*storage, jane); });
        commits += many_threads;
    }
    CHECK(transactions_since(file, before) < commits);
    CHECK(generation(*storage, jane) == 1 + static_cast<int>(commits));
}

TEST_CASE("units of work that share a transaction stand or fall alone")
{
    TemporaryFolder const folder;
    auto const storage = open_sqlite(folder / "onboard.db", patient);
    stored_account(*storage, "taken@example.com");
    constexpr int rounds = 24;
    enum class Fate { kept, abandoned, refused, refused_and_kept };
    auto const fate_of = [](int thread, int round) { return static_cast<Fate>((thread + round) % 4); };

    together(many_threads, [&](int thread) {
        for (int round = 0; round < rounds; ++round) {
            auto const fate = fate_of(thread, round);
            auto work = storage->begin();
            work->accounts().insert(account_of(address(thread, round))).value();
            if (fate == Fate::refused || fate == Fate::refused_and_kept)
                if (work->accounts().insert(account_of("taken@example.com")))
                    throw std::logic_error("an address was given twice");
            if (fate == Fate::kept || fate == Fate::refused_and_kept)
                work->commit();
        }
    });

    auto const reading = storage->begin_reading();
    for (int thread = 0; thread < many_threads; ++thread)
        for (int round = 0; round < rounds; ++round) {
            auto const fate = fate_of(thread, round);
            INFO(address(thread, round));
            CHECK(
                reading->accounts().find(email(address(thread, round))).has_value() ==
                (fate == Fate::kept || fate == Fate::refused_and_kept));
        }
}

TEST_CASE("a commit is seen by readers of all threads when it returns")
{
    TemporaryFolder const folder;
    auto const storage = open_sqlite(folder / "onboard.db", patient);
    constexpr int writers = 4;
    constexpr int rounds = 150;
    std::vector<AccountId> ids;
    for (int writer = 0; writer < writers; ++writer)
        ids.push_back(stored_account(*storage, address(writer, 0)));
    std::array<std::atomic<int>, writers> told{};
    std::atomic<int> writing = writers;
    std::atomic<int> stale = 0;

    together(2 * writers, [&](int number) {
        auto const who = static_cast<std::size_t>(number % writers);
        if (number < writers) {
            AtEnd const end([&] { --writing; });
            for (int round = 1; round <= rounds; ++round) {
                raise_generation(*storage, ids[who]);
                told[who] = round;
                stale += generation(*storage, ids[who]) != 1 + round;
            }
            return;
        }
        while (writing > 0) {
            auto const least = told[who].load();
            stale += generation(*storage, ids[who]) < 1 + least;
        }
    });
    CHECK(stale == 0);
}

TEST_CASE("a writer that gives up leaves nobody's work undone")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const jane = stored_account(*open_sqlite(file), "jane@example.com");
    std::atomic<int> raised = 0;
    {
        auto const storage = open_sqlite(file, {.patience = 20ms});
        constexpr int times_given_up = 40;
        std::atomic<int> given_up = 0;
        std::atomic<int> waiting = 0;  // for their turn; those who have committed cannot give up
        auto const begin = [&] {
            ++waiting;
            try {
                auto work = storage->begin();
                --waiting;
                return work;
            } catch (StorageConflict const&) {
                --waiting;
                ++given_up;
                throw;
            }
        };
        together(many_threads, [&](int number) {
            while (given_up < times_given_up)
                try {
                    auto const work = begin();
                    auto account = *work->accounts().find(jane);
                    ++account.generation;
                    work->accounts().update(account).value();
                    for (auto const before = given_up.load(); number == 0 && waiting > 0 && given_up == before;)
                        std::this_thread::yield();
                    work->commit();
                    ++raised;
                } catch (StorageConflict const&) {
                    // Counted where it happened, and tried again.
                }
        });
        CHECK(generation(*storage, jane) == 1 + raised);
        CHECK_NOTHROW(raise_generation(*storage, jane));
    }
    CHECK(generation(*open_sqlite(file), jane) == 2 + raised);
}

TEST_CASE("a group neither keeps nor takes along what other threads do meanwhile")
{
    TemporaryFolder const folder;
    auto const storage = open_sqlite(folder / "onboard.db", patient);
    constexpr int rounds = 30;
    together(many_threads, [&](int thread) {
        for (int round = 0; round < rounds; ++round) {
            if (thread % 2) {
                stored_account(*storage, address(thread, round));
                if (!knows(*storage, address(thread, round)))
                    throw std::logic_error("a commit returned before it was done");
                continue;
            }
            auto const group = storage->begin_group();
            stored_account(*storage, address(thread, round));
            if (round % 2)  // the others are abandoned
                group->commit();
        }
    });
    for (int thread = 0; thread < many_threads; ++thread)
        for (int round = 0; round < rounds; ++round) {
            INFO(address(thread, round));
            CHECK(knows(*storage, address(thread, round)) == (thread % 2 || round % 2));
        }
}

TEST_CASE("a thread that writes group after group keeps nobody out")
{
    TemporaryFolder const folder;
    auto const storage = open_sqlite(folder / "onboard.db", patient);
    auto const jane = stored_account(*storage, "jane@example.com");
    constexpr int others = 3;
    constexpr int rounds = 20;
    std::atomic<int> writing = others;
    std::atomic<int> groups = 0;
    together(1 + others, [&](int number) {
        if (number > 0) {
            AtEnd const end([&] { --writing; });
            for (int round = 0; round < rounds; ++round)
                raise_generation(*storage, jane);
            return;
        }
        while (writing > 0) {
            auto const group = storage->begin_group();
            raise_generation(*storage, jane);
            group->commit();
            ++groups;
        }
    });
    CHECK(generation(*storage, jane) == 1 + others * rounds + groups);
}

TEST_CASE("a unit of work that waited for a group shares its commit")
{
    TemporaryFolder const folder;
    auto const storage = open_sqlite(folder / "onboard.db", patient);
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const commits_saved = [&, before = storage->statistics()] {
        auto const now = storage->statistics();
        return static_cast<int>(now.units - before.units) - static_cast<int>(now.commits - before.commits);
    };
    std::atomic<bool> over = false;
    constexpr int enough = 10000;
    constexpr int under_way = 1;  // of the other thread's
    together(2, [&](int number) {
        for (int round = 0; round < enough && !over; ++round) {
            auto const group = number == 0 ? storage->begin_group() : nullptr;
            raise_generation(*storage, jane);
            if (group)
                group->commit();
            over = over || commits_saved() > under_way;
        }
        over = true;
    });
    CHECK(commits_saved() > 0);
}

TEST_CASE("all whose shared transaction fails are told so, and the next one works")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file, patient);
    auto const jane = stored_account(*storage, "jane@example.com");
    std::atomic<int> done = 0;
    {
        FullDisk const full(log_size(file));
        auto const before = write_count(file);
        std::atomic<std::uint64_t> failed = 0;
        while (transactions_since(file, before) == failed)
            together(many_threads, [&](int) {
                try {
                    raise_generation(*storage, jane);
                    ++done;
                } catch (StorageConflict const&) {
                    throw;
                } catch (StorageFailure const&) {
                    ++failed;
                }
            });
        CHECK_THROWS_AS(raise_generation(*storage, jane), StorageFailure);
        auto const group = storage->begin_group();
        raise_generation(*storage, jane);
        CHECK_THROWS_AS(group->commit(), StorageFailure);
    }
    CHECK(done == 0);
    CHECK(generation(*storage, jane) == 1);
    raise_generation(*storage, jane);
    CHECK(generation(*storage, jane) == 2);
    CHECK(Beside(file).value("PRAGMA integrity_check") == "ok");
}

// Some failures make SQLite roll back at once, in the middle of a transaction that others wait to go on with.
TEST_CASE("a transaction that is rolled back under its owner is no trap for those who wait for it")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file, {.patience = 10min, .cache = 64 << 10});
    auto const jane = stored_account(*storage, "jane@example.com");
    constexpr int rounds = 10;
    std::atomic<int> rolled_back = 0;
    std::atomic<int> begun = 0;
    std::atomic<int> raised = 0;
    auto const tell = [&](int round) {
        begun = round;
        begun.notify_all();
    };
    together(1 + many_threads, [&](int number) {
        AtEnd const end([&] {
            if (number == 0)
                tell(rounds);
        });
        for (int round = 1; round <= rounds; ++round) {
            if (number > 0) {
                begun.wait(round - 1);
                auto const work = storage->begin();
                auto account = *work->accounts().find(jane);
                ++account.generation;
                work->accounts().update(account).value();
                try {
                    work->commit();
                    ++raised;
                } catch (StorageFailure const&) {
                    // It shared the next round's transaction.
                }
                continue;
            }
            auto const work = storage->begin();
            tell(round);
            FullDisk const full(log_size(file));
            try {
                add_large_letter(*work, "one");
            } catch (StorageFailure const&) {
                ++rolled_back;
            }
        }
    });
    CHECK(rolled_back == rounds);
    CHECK(raised > 0);
    CHECK(generation(*storage, jane) == 1 + raised);
    CHECK(storage->begin_reading()->outbox().size() == 0);
}

TEST_CASE("what changes nothing writes nothing")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file, patient);
    auto const acme = stored_partner(*storage, "Acme");
    auto const note = [&](Instant now) {
        return committed(*storage, [&](UnitOfWork& work) {
            return work.causes().note(acme, digest_of("cause"), now, now - 1h, now - 24h);
        });
    };
    CHECK(note(noon));
    auto const jane = stored_account(*storage, "jane@example.com");
    commit(*storage, [&](UnitOfWork& work) {
        CHECK(work.organisations().add(channel("kerala"), noon));
        CHECK(work.organisations().add(channel("kerala"), organisation("school"), noon));
        CHECK(work.token_issuers().add(issuer("portal")));
        CHECK(work.identities().add(identity("issuer", "1", jane)));
        CHECK(work.used_tokens().note(digest_of("used"), noon));
    });
    auto const link = stored_password_link(*storage, AccountId(0), noon);
    auto const before = log_size(file);
    CHECK_FALSE(note(noon + 1h));
    commit(*storage, [&](UnitOfWork& work) {
        CHECK_FALSE(work.password_links().spend(link, noon));
        CHECK_FALSE(work.outbox().extend({.letter_id = "unknown", .attempt = 1, .fence = 1}, noon));
        CHECK(work.outbox().claim(Channel::mail, noon, noon + 1h, 100).empty());
        CHECK(work.outbox().forget(noon, 100) == 0);
        CHECK(work.causes().forget(noon, 100) == 0);
        CHECK_FALSE(work.email_changes().spend(AccountId(4711), digest_of("cause"), noon));
        CHECK(work.email_changes().forget(noon, 100) == 0);
        CHECK(work.auth_codes().forget(noon, 100) == 0);
        work.auth_codes().erase(AccountId(4711));
        CHECK_FALSE(work.organisations().add(channel("kerala"), noon));
        CHECK_FALSE(work.organisations().add(channel("kerala"), organisation("school"), noon));
        CHECK_FALSE(work.token_issuers().add(issuer("portal")));
        CHECK_FALSE(work.token_issuers().remove("another"));
        CHECK_FALSE(work.identities().add(identity("issuer", "1", jane)));
        work.identities().erase(AccountId(4711));
        CHECK_FALSE(work.used_tokens().note(digest_of("used"), noon));
        CHECK(work.used_tokens().forget(noon, 100) == 0);
        work.outbox().cancel(phone("+4915112345678"));
    });
    CHECK(log_size(file) == before);
    CHECK_FALSE(note(noon + 2h));
    CHECK(log_size(file) > before);
}

TEST_CASE("two processes that write at the same time lose nothing")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const jane = stored_account(*open_sqlite(file), "jane@example.com");
    constexpr int threads = 4;
    constexpr int rounds = 25;
    auto const work = [&] {
        auto const storage = open_sqlite(file, patient);
        together(threads, [&](int) {
            for (int round = 0; round < rounds; ++round)
                raise_generation(*storage, jane);
        });
    };
    AnotherProcess other([&](Line&) { work(); });
    work();
    CHECK(other.succeeds());
    CHECK(generation(*open_sqlite(file), jane) == 1 + 2 * threads * rounds);
    CHECK(Beside(file).value("PRAGMA integrity_check") == "ok");
}

TEST_CASE("work that another process was killed in left no trace and no lock")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    AnotherProcess killed([&](Line& line) {
        line.hear();
        auto const theirs = open_sqlite(file);
        stored_account(*theirs, "committed@example.com");
        auto const work = theirs->begin();
        work->accounts().insert(account_of("uncommitted@example.com")).value();
        std::raise(SIGKILL);
    });
    auto const storage = open_sqlite(file, patient);
    killed.line().say(0);
    CHECK_FALSE(killed.succeeds());
    stored_account(*storage, "jane@example.com");
    CHECK(knows(*storage, "committed@example.com"));
    CHECK_FALSE(knows(*storage, "uncommitted@example.com"));
}

TEST_CASE("who cannot write in time is told so and may try again")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const first = open_sqlite(file);
    auto const second = open_sqlite(file, {.patience = 20ms});
    {
        auto const work = first->begin();
        CHECK_THROWS_AS(second->begin(), StorageConflict);
        CHECK_THROWS_AS(second->begin_group(), StorageConflict);
    }
    CHECK_NOTHROW(second->begin());
}

TEST_CASE("a thread that cannot write in time is told so and may try again")
{
    TemporaryFolder const folder;
    auto const storage = open_sqlite(folder / "onboard.db", {.patience = 20ms});
    bool told = false;
    {
        auto const work = storage->begin();
        std::thread([&] {
            try {
                storage->begin();
            } catch (StorageConflict const&) {
                told = true;
            }
        }).join();
    }
    CHECK(told);
    CHECK_NOTHROW(storage->begin());
}

TEST_CASE("a writer that knows nothing of our lock is a conflict too")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file, {.patience = 20ms});
    Beside beside(file);
    beside.execute("BEGIN IMMEDIATE");
    CHECK_THROWS_AS(storage->begin(), StorageConflict);
    beside.execute("ROLLBACK");
    CHECK_NOTHROW(storage->begin());
}

}
