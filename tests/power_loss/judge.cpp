#include "power_loss/judge.hpp"

#include <fstream>

#include <onboard/sqlite_storage.hpp>

namespace onboard::power_loss {

namespace {

// Nobody syncs the lock file, so whatever it had may be lost, or be anything.
void spoil_lock_file(std::filesystem::path const& file, Dice dice)
{
    auto const lock_file = file.string() + "-lock";
    enum : std::uint8_t { missing, empty, rubbish };
    auto const found = dice.below(3);
    if (found == missing)
        return;
    std::ofstream stream(lock_file, std::ios::binary);
    for (int octet = 0; found == rubbish && octet < 16; ++octet)
        stream.put(static_cast<char>(dice.next()));
}

void require(bool good, std::string const& breach)
{
    if (!good)
        throw Breach(breach);
}

// Returns the rows.
std::string look_at(std::filesystem::path const& file, Expected const& expected)
{
    testing::Beside beside(file);
    auto const integrity = beside.value("PRAGMA integrity_check");
    require(integrity == "ok", "the database is damaged: " + integrity);
    require(beside.value("PRAGMA foreign_key_check").empty(), "rows belong to nobody");
    auto rows = beside.rows();
    require(expected.rows.contains(rows), "the rows are none that anybody committed, or not the last ones");
    return rows;
}

void go_on(Storage& storage, Expected const& expected)
{
    constexpr int number = 100;  // after all acts of the day
    auto const world = service(storage, number);
    for (auto const& link : expected.used)
        require(!world->onboarding.open_session(link), "a link that was used is good again");
    require(register_somebody_new(*world), "nobody new can be logged in");
}

// Lets somebody do something with the storage of a computer that is switched on with this disk. Returns what was done
// to the disk until it was closed.
template <class Action>
std::vector<Change> with_storage(LossyDisk const& disk, std::uint64_t seed, Action const& action)
try {
    testing::TemporaryFolder const folder;
    auto const file = folder / database;
    Computer computer(folder.path(), disk, seed);
    spoil_lock_file(file, Dice(seed, "lock file"));
    action(*open_sqlite(file), file);
    return computer.tape();
} catch (StorageFailure const& failure) {
    throw Breach(std::string("the storage does not work: ") + failure.what());
}

}

Expected expected_after(Recording const& recording, std::size_t cut)
{
    Expected expected{.used = recording.diary.used_by(cut)};
    std::string const* told = nullptr;
    for (auto const& unit : recording.units)
        if (unit.told <= cut)
            told = &unit.rows;
        else if (unit.began_to_commit < cut)
            expected.rows.insert(unit.rows);
    expected.rows.insert(*told);
    return expected;
}

void judge(LossyDisk const& disk, Expected const& expected, std::uint64_t seed)
{
    with_storage(disk, seed, [&](Storage& storage, auto const& file) {
        look_at(file, expected);
        go_on(storage, expected);
    });
}

Reopened reopen(LossyDisk const& disk, Expected const& expected, std::uint64_t seed)
{
    Reopened reopened;
    reopened.tape =
        with_storage(disk, seed, [&](Storage&, auto const& file) { reopened.rows = look_at(file, expected); });
    return reopened;
}

}
