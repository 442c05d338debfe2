#include <algorithm>
#include <array>
#include <atomic>
#include <stdexcept>
#include <string>

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

constexpr SqliteOptions patient{.patience = 10min};
constexpr std::size_t mebibyte = 1 << 20;

void raise_generation(UnitOfWork& work, AccountId id)
{
    auto account = *work.accounts().find(id);
    ++account.generation;
    work.accounts().update(account).value();
}

// A letter whose content and address are nobody else's.
PendingLetter large_letter(std::string const& id)
{
    auto large = letter(id, id + "@example.com");
    while (large.sealed_secret.size() < mebibyte)
        large.sealed_secret += id + ';';
    return large;
}

// One of so many letters after the other is written anew, and each time an account raised with it.
void write(Storage& storage, AccountId id, std::string const& name, int round)
{
    constexpr int letters = 4;
    auto const large = large_letter(name + std::to_string(round % letters));
    commit(storage, [&](UnitOfWork& work) {
        work.outbox().cancel(large.letter.to);
        work.outbox().add(large, noon);
        raise_generation(work, id);
    });
}

// How often somebody reads until the others are done. Each time it is a state that was committed.
int read_until(Storage& storage, AccountId id, std::atomic<bool> const& done)
{
    int readings = 0;
    for (int last = 0; !done; ++readings) {
        auto const reading = storage.begin_reading();
        auto const now = reading->accounts().find(id)->generation;
        if (now < last || reading->accounts().find(id)->generation != now)
            throw std::logic_error("a state was not what it should be");
        last = now;
    }
    return readings;
}

// That a closed database is whole, and its letters are.
void check_whole(path const& file)
{
    CHECK(log_size(file) == 0);
    Beside beside(file);
    CHECK(beside.value("PRAGMA integrity_check") == "ok");
    auto const storage = open_sqlite(file, patient);
    auto work = storage->begin();
    for (auto const& [waiting, claim] : work->outbox().claim(Channel::mail, noon, noon + 1h, 1000)) {
        INFO(claim.letter_id);
        CHECK((waiting.sealed_secret == large_letter(claim.letter_id).sealed_secret));
    }
}

TEST_CASE("the log stays short however much is written and read")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    constexpr int rounds = 250;
    AccountId jane{};
    {
        auto const storage = open_sqlite(file, patient);
        jane = stored_account(*storage, "jane@example.com");
        std::uintmax_t longest = 0;
        std::atomic<bool> done = false;
        std::atomic<int> readings = 0;
        together(4, [&](int number) {
            if (number > 0) {
                readings += read_until(*storage, jane, done);
                return;
            }
            AtEnd const end([&] { done = true; });
            for (int round = 0; round < rounds; ++round) {
                write(*storage, jane, "letter-", round);
                longest = std::max(longest, log_size(file));
            }
        });
        CHECK(readings > 0);
        // Of 500 MiB that are written; how many commits pass until nobody reads an old state is up to the scheduler.
        CHECK(longest < 2 * longest_log);
    }
    check_whole(file);
    CHECK(open_sqlite(file)->begin_reading()->accounts().find(jane)->generation == 1 + rounds);
    CHECK(open_sqlite(file)->begin_reading()->outbox().size() == 4);
}

TEST_CASE("the log of many threads that write stays short")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    constexpr int threads = 4;
    constexpr int rounds = 50;
    AccountId jane{};
    {
        auto const storage = open_sqlite(file, patient);
        jane = stored_account(*storage, "jane@example.com");
        std::array<std::uintmax_t, threads> longest{};
        together(threads, [&](int number) {
            auto const name = std::to_string(number) + "-of-";
            for (int round = 0; round < rounds; ++round) {
                write(*storage, jane, name, round);
                auto& seen = longest[static_cast<std::size_t>(number)];
                seen = std::max(seen, log_size(file));
            }
        });
        CHECK(std::ranges::max(longest) < longest_log + (1 + threads) * 2 * mebibyte);
    }
    check_whole(file);
    CHECK(open_sqlite(file)->begin_reading()->accounts().find(jane)->generation == 1 + threads * rounds);
}

TEST_CASE("a closed database has an empty log")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    {
        auto const storage = open_sqlite(file);
        stored_account(*storage, "jane@example.com");
        CHECK(storage->begin_reading()->accounts().find(email("jane@example.com")));
        CHECK(log_size(file) > 0);
    }
    CHECK(log_size(file) == 0);
}

TEST_CASE("whoever closes a database does not wait for those who read it")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file, patient);
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const reading = storage->begin_reading();
    CHECK(reading->accounts().find(jane));
    {
        // Would wait for ten minutes.
        auto const other = open_sqlite(file, patient);
        commit(*other, [&](UnitOfWork& work) { raise_generation(work, jane); });
    }
    CHECK(reading->accounts().find(jane)->generation == 1);
    CHECK(storage->begin_reading()->accounts().find(jane)->generation == 2);
}

TEST_CASE("processes that write, read and checkpoint one database at once keep it whole")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    constexpr int processes = 3;
    constexpr int sittings = 2;
    constexpr int rounds = 30;
    auto const jane = stored_account(*open_sqlite(file), "jane@example.com");
    auto const work = [&](int process) {
        auto const name = std::to_string(process) + "-of-";
        for (int sitting = 0; sitting < sittings; ++sitting) {
            auto const storage = open_sqlite(file, patient);
            std::atomic<bool> done = false;
            together(2, [&](int number) {
                if (number > 0) {
                    read_until(*storage, jane, done);
                    return;
                }
                AtEnd const end([&] { done = true; });
                for (int round = 0; round < rounds; ++round)
                    write(*storage, jane, name, round);
            });
        }
    };
    AnotherProcess first([&](Line&) { work(1); });
    AnotherProcess second([&](Line&) { work(2); });
    work(0);
    CHECK(first.succeeds());
    CHECK(second.succeeds());
    open_sqlite(file).reset();
    check_whole(file);
    CHECK(open_sqlite(file)->begin_reading()->accounts().find(jane)->generation == 1 + processes * sittings * rounds);
    CHECK(open_sqlite(file)->begin_reading()->outbox().size() == processes * 4);
}

}
