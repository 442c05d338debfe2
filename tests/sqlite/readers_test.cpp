#include <atomic>
#include <barrier>
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

constexpr SqliteOptions patient{.patience = 10min};
constexpr int rounds = 1000;
constexpr std::size_t mebibyte = 1 << 20;

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

// Writes a mebibyte that stays nowhere but in the log.
void write_much(Storage& storage)
{
    auto large = letter("large", "large@example.com");
    large.sealed_secret.resize(mebibyte);
    commit(storage, [&](UnitOfWork& work) {
        work.outbox().cancel(large.letter.to);
        work.outbox().add(large, noon);
    });
}

// Leaves a state kept in each of so many readers.
void read_in_many_threads(Storage& storage, int readers)
{
    std::barrier all_read(readers);
    together(readers, [&](int) {
        auto const reading = storage.begin_reading();
        reading->outbox().size();
        all_read.arrive_and_wait();
    });
}

// Readers in several threads that read whatever was told last, for as long as they are asked to.
template <class Write>
int stale_readings(Storage& storage, AccountId id, Write write)
{
    constexpr int readers = 3;
    auto const first = generation(storage, id);
    std::atomic<int> told = first;
    std::atomic<bool> writing = true;
    std::atomic<int> stale = 0;
    together(1 + readers, [&](int number) {
        if (number > 0) {
            while (writing) {
                auto const least = told.load();
                stale += generation(storage, id) < least;
            }
            return;
        }
        AtEnd const end([&] { writing = false; });
        for (int round = 1; round <= rounds; ++round) {
            write();
            told = first + round;
        }
    });
    return stale;
}

TEST_CASE("what one thread changes others read at once")
{
    TemporaryFolder const folder;
    auto const storage = open_sqlite(folder / "onboard.db", patient);
    auto const jane = stored_account(*storage, "jane@example.com");
    CHECK(stale_readings(*storage, jane, [&] { raise_generation(*storage, jane); }) == 0);
}

TEST_CASE("what is changed through another storage of the same file is read at once")
{
    TemporaryFolder const folder;
    auto const storage = open_sqlite(folder / "onboard.db", patient);
    auto const other = open_sqlite(folder / "onboard.db", patient);
    auto const jane = stored_account(*storage, "jane@example.com");
    CHECK(stale_readings(*storage, jane, [&] { raise_generation(*other, jane); }) == 0);
}

TEST_CASE("what one process changes another reads at once")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const jane = stored_account(*open_sqlite(file), "jane@example.com");
    auto const take_turns = [&](Line& line, bool begins) {
        auto const storage = open_sqlite(file, patient);
        std::int64_t stale = 0;
        for (int round = begins ? 0 : 1; round < 2 * rounds; round += 2) {
            if (round > 0) {
                auto const told = line.hear();
                stale += generation(*storage, jane) != told;
            }
            raise_generation(*storage, jane);
            stale += generation(*storage, jane) != 2 + round;
            line.say(2 + round);
        }
        return stale;
    };
    AnotherProcess other([&](Line& line) {
        auto const stale = take_turns(line, false);
        line.hear();
        line.say(stale);
    });
    CHECK(take_turns(other.line(), true) == 0);
    CHECK(other.line().hear() == 1 + 2 * rounds);
    other.line().say(0);
    CHECK(other.line().hear() == 0);
}

TEST_CASE("a state that other processes have left behind is not kept")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file);
    auto const jane = stored_account(*storage, "jane@example.com");
    read_in_many_threads(*storage, many_threads);

    // Another process commits, and dies before it can say so.
    auto const before = write_count(file);
    set_write_count(file, before + 1);
    Beside(file).execute("UPDATE accounts SET generation = 2");
    CHECK(generation(*storage, jane) == 2);

    // Until the next one says so, nobody knows whether more was written.
    for (int round = 3; round < 10; ++round) {
        Beside(file).execute("UPDATE accounts SET generation = " + std::to_string(round));
        CHECK(generation(*storage, jane) == round);
    }
    raise_generation(*storage, jane);
    CHECK(write_count(file) == before + 2);
    CHECK(generation(*storage, jane) == 10);
}

TEST_CASE("readers neither wait for a writer nor see what it has not committed")
{
    TemporaryFolder const folder;
    auto const storage = open_sqlite(folder / "onboard.db");
    auto const knows = [&](char const* address) {
        return storage->begin_reading()->accounts().find(email(address)).has_value();
    };
    {
        auto work = storage->begin();
        work->accounts().insert(account_of("jane@example.com")).value();
        CHECK_FALSE(knows("jane@example.com"));
        work->commit();
        CHECK(knows("jane@example.com"));
    }
    {
        auto group = storage->begin_group();
        stored_account(*storage, "john@example.com");
        std::thread([&] { CHECK_FALSE(knows("john@example.com")); }).join();
        group->commit();
    }
    CHECK(knows("john@example.com"));
}

TEST_CASE("a reader sees one state for as long as it reads, however much is written and brought into the file")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file, patient);
    auto const jane = stored_account(*storage, "jane@example.com");
    write_much(*storage);
    auto const reading = storage->begin_reading();
    CHECK(reading->accounts().find(jane)->generation == 1);

    // Past what a checkpoint is worth, and past what the writer stops for.
    while (log_size(file) < longest_log + 20 * mebibyte) {
        write_much(*storage);
        raise_generation(*storage, jane);
        commit(*storage, [&](UnitOfWork& work) { work.outbox().add(letter(std::to_string(log_size(file))), noon); });
    }
    CHECK(reading->accounts().find(jane)->generation == 1);
    CHECK(reading->outbox().size() == 1);
    CHECK_FALSE(reading->accounts().find(email("john@example.com")));
    CHECK(generation(*storage, jane) > 1);
}

TEST_CASE("a reader sees the whole file, whatever size it has by now")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file, patient);
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const letters = [&] { return storage->begin_reading()->outbox().size(); };
    auto const bring_into_file = [&] {
        letters();  // or an older state is kept, which holds it up
        Beside(file).execute("PRAGMA wal_checkpoint(TRUNCATE)");
    };

    for (int round = 1; round <= 3; ++round) {
        auto const before = file_size(file);
        for (int number = 0; number < 4; ++number) {
            auto large = letter(std::to_string(round) + "." + std::to_string(number));
            large.sealed_secret.resize(mebibyte);
            commit(*storage, [&](UnitOfWork& work) { work.outbox().add(large, noon); });
        }
        bring_into_file();
        REQUIRE(file_size(file) > before + 4 * mebibyte);
        CHECK(letters() == 4);

        raise_generation(*storage, jane);
        bring_into_file();
        CHECK(generation(*storage, jane) == 3 * round - 1);

        Beside(file).execute("DELETE FROM outbox; VACUUM");
        raise_generation(*storage, jane);
        bring_into_file();
        REQUIRE(file_size(file) < mebibyte);
        CHECK(letters() == 0);
        raise_generation(*storage, jane);
        CHECK(generation(*storage, jane) == 1 + 3 * round);
    }
}

TEST_CASE("states that are only kept do not keep the log from starting over")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    auto const storage = open_sqlite(file, patient);
    for (std::size_t written = 0; written < 3 * longest_log; written += mebibyte) {
        if (written % (32 * mebibyte) == 0)
            read_in_many_threads(*storage, many_threads);
        write_much(*storage);
        REQUIRE(log_size(file) < longest_log + 3 * mebibyte);
    }
}

}
