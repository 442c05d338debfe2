#include <chrono>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <onboard/sqlite_storage.hpp>

#include "conformance/rows.hpp"
#include "power_loss/judge.hpp"
#include "power_loss/rehearsal.hpp"
#include "support/catch.hpp"

namespace {

using namespace onboard;
using namespace onboard::power_loss;

// A breakdown lasts for one call, or until the computer is repaired.
constexpr int until_repaired = 1'000'000;

struct Kind {
    char const* name;
    Breakdown breakdown;
    int every = 1;  // of so many calls one is tried
};

constexpr Kind kinds[] = {
    {"the disk fails", Breakdown::io_error},
    {"the disk is full", Breakdown::disk_full},
    {"a sync fails", Breakdown::not_synced},
    {"somebody else has the locks", Breakdown::locked},
    {"locks fail", Breakdown::no_locks},
    {"the memory of the log cannot be had", Breakdown::no_shared_memory},
    {"memory cannot be had", Breakdown::no_memory, 101},
};

LossyDisk const& used_disk()
{
    static auto const disk = [] {
        auto const recording = record({}, {morning()});
        return disk_after(recording);
    }();
    return disk;
}

// Lets each call that a breakdown concerns be the first that fails, by turns, or one in so many. `attempt` returns
// how many did. One call alone is tried with ONBOARD_BROKEN_CALL=<its number>.
template <class Attempt>
void break_calls(int every, Attempt const& attempt)
{
    if (auto const* chosen = std::getenv("ONBOARD_BROKEN_CALL")) {
        attempt(std::atoi(chosen));
        return;
    }
    int first = 1;
    while (true) {
        INFO("again with ONBOARD_BROKEN_CALL=" << first);
        if (attempt(first) == 0)
            break;
        first += every;
    }
    CHECK(first > 1);
}

// What was not told truly, if anything.
std::optional<std::string> breach_of(Performance const& performance, Rehearsal& rehearsal, int seed)
try {
    if (!performance.goes_on)
        throw Breach("the storage does not recover");
    if (!rehearsal.explains(performance.rows, performance.failed))
        throw Breach("what was told as failed or as done does not explain the rows");
    judge(
        performance.disk.after_power_loss(Dice(static_cast<std::uint64_t>(seed))),
        {.rows = {performance.rows}, .used = performance.used}, static_cast<std::uint64_t>(seed));
    return {};
} catch (Breach const& breach) {
    return breach.what();
}

TEST_CASE("whatever breaks down is told truly and leaves nothing half done")
{
    auto const [name, breakdown, every] = GENERATE(from_range(std::begin(kinds), std::end(kinds)));
    auto const calls = GENERATE(1, until_repaired);
    INFO(name << (calls == 1 ? " once" : " until it is repaired"));
    CHECK(perform(used_disk(), noon(), {}).used.size() == 2);
    Rehearsal rehearsal(used_disk(), noon());
    break_calls(every, [&](int first) {
        auto const performance =
            perform(used_disk(), noon(), {.breakdown = breakdown, .first = first, .calls = calls});
        CHECK(breach_of(performance, rehearsal, first) == std::nullopt);
        return performance.broken;
    });
}

TEST_CASE("whatever breaks down while a database is made, it is made when it is opened again")
{
    auto const [name, breakdown, every] = GENERATE(from_range(std::begin(kinds), std::end(kinds)));
    auto const calls = GENERATE(1, until_repaired);
    INFO(name << (calls == 1 ? " once" : " until it is repaired"));
    auto const fresh = record({}, {Acts()}).units.front().rows;
    break_calls(every, [&](int first) {
        testing::TemporaryFolder const folder;
        LossyDisk disk;
        int broken = 0;
        {
            Computer computer(folder.path(), {}, 1);
            computer.break_down(breakdown, first, calls);
            try {
                open_sqlite(folder / database);
            } catch (StorageFailure const&) {
                // As whoever starts the service is told.
            }
            broken = computer.failed();
            computer.repair();
            CHECK_NOTHROW(open_sqlite(folder / database));
            disk = computer.disk();
        }
        CHECK_NOTHROW(judge(disk.after_power_loss(Dice(1)), {.rows = {fresh}, .used = {}}, 1));
        return broken;
    });
}

TEST_CASE("whatever breaks down while a database is opened or closed, nothing is lost")
{
    auto const [name, breakdown, every] = GENERATE(from_range(std::begin(kinds), std::end(kinds)));
    auto const calls = GENERATE(1, until_repaired);
    INFO(name << (calls == 1 ? " once" : " until it is repaired"));
    auto const recording = record(used_disk(), {noon()}, 10);
    auto const rows = recording.units.back().rows;
    auto const disk = disk_after(recording, recording.units.back().told);  // with a log
    break_calls(every, [&](int first) {
        testing::TemporaryFolder const folder;
        std::optional<Computer> computer(std::in_place, folder.path(), disk, 1);
        computer->break_down(breakdown, first, calls);
        try {
            auto const storage = open_sqlite(folder / database);
            storage->begin_reading()->partners().all();  // keeps a reader
        } catch (StorageFailure const&) {
            // As whoever starts the service is told.
        }
        auto const broken = computer->failed();
        auto const left = computer->disk();
        computer.reset();
        CHECK_NOTHROW(judge(left.after_power_loss(Dice(1)), {.rows = {rows}, .used = {}}, 1));
        return broken;
    });
}

// Adds letters of a mebibyte until the log has started over more than once, whatever fails meanwhile. The ids of those that
// were told as kept.
std::vector<std::string> fill(Storage& storage)
{
    constexpr int letters = 130;
    std::vector<std::string> kept;
    for (int number = 0; number < letters; ++number) {
        auto large = conformance::letter("letter-" + std::to_string(number), "jane@example.com");
        large.sealed_secret.assign(1 << 20, static_cast<char>('a' + number % 26));
        try {
            auto work = storage.begin();
            work->outbox().add(large, conformance::noon);
            work->commit();
            kept.push_back("letter-" + std::to_string(number));
        } catch (StorageFailure const&) {
            // As whoever asked for the letter is told.
        }
    }
    return kept;
}

// Those that are there and whole.
std::set<std::string> letters_of(Storage& storage)
{
    std::set<std::string> found;
    auto work = storage.begin();
    for (auto const& [waiting, claim] :
         work->outbox().claim(Channel::mail, conformance::noon, conformance::noon + std::chrono::hours(1), 1000))
        if (waiting.sealed_secret.size() == 1 << 20 &&
            waiting.sealed_secret.find_first_not_of(waiting.sealed_secret.front()) == std::string::npos)
            found.insert(claim.letter_id);
    return found;
}

TEST_CASE("what a disk lost of the database file, when it failed to sync it, is copied from the log again")
{
    break_calls(1, [&](int first) {
        testing::TemporaryFolder const folder;
        std::optional<Computer> computer(
            std::in_place, folder.path(), LossyDisk(), static_cast<std::uint64_t>(first));
        std::vector<std::string> kept;
        computer->break_down(Breakdown::database_not_synced, first, 1);
        try {
            auto const storage = open_sqlite(folder / database);
            kept = fill(*storage);
        } catch (StorageFailure const&) {
            // As whoever starts the service is told.
        }
        auto const broken = computer->failed();
        auto const left = computer->disk().after_power_loss(Dice(static_cast<std::uint64_t>(first)));
        computer.emplace(folder.path(), left, 1);
        {
            auto const storage = open_sqlite(folder / database);
            auto const found = letters_of(*storage);
            for (auto const& id : kept)
                CHECK(found.contains(id));
        }
        computer.reset();
        return broken;
    });
}

TEST_CASE("a storage that tells a failed commit as done is found")
{
    auto const breakdown = GENERATE(Breakdown::io_error, Breakdown::disk_full, Breakdown::not_synced);
    Rehearsal rehearsal(used_disk(), noon());
    int found = 0;
    break_calls(1, [&](int first) {
        auto const performance =
            perform(used_disk(), noon(), {.breakdown = breakdown, .first = first, .usual = Fate::fails_unheard});
        found += breach_of(performance, rehearsal, first).has_value();
        return performance.broken;
    });
    CHECK(found > 0);
}

}
