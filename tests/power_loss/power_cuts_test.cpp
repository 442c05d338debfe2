#include <cstdlib>
#include <optional>
#include <sstream>

#include "power_loss/judge.hpp"
#include "support/catch.hpp"

namespace {

using namespace onboard;
using namespace onboard::power_loss;

// What a disk says it has done and has not. It is asked with the name of the file; the folder has none.
using Lie = std::function<bool(Change const&, std::string const& name)>;

bool never(Change const&, std::string const&)
{
    return false;
}

std::string name_of(LossyDisk const& disk, FileId id)
{
    for (auto const& [name, known] : disk.names())
        if (known == id)
            return name;
    return {};
}

void apply_unless(Lie const& lie, LossyDisk& disk, Change const& change)
{
    if (!lie(change, name_of(disk, change.file)))
        disk.apply(change);
}

std::uint64_t mix(std::size_t cut, int loss)
{
    return Dice(cut * 1000 + static_cast<std::uint64_t>(loss)).next();
}

// One cut, of which one loss comes, is tried alone with ONBOARD_POWER_CUT="cut loss".
struct Chosen {
    std::size_t cut = 0;
    int loss = 0;
};

std::optional<Chosen> chosen()
{
    auto const* text = std::getenv("ONBOARD_POWER_CUT");
    if (!text)
        return {};
    Chosen one;
    std::istringstream(text) >> one.cut >> one.loss;
    return one;
}

// Calls for every place where the recording can be cut, and for so many losses at each, with the disk as it is then.
// Says what broke first, and how to have it again.
template <class Try>
std::optional<std::string>
try_every_cut(Recording const& recording, int losses, Try const& attempt, Lie const& lie = never)
{
    auto const only = chosen();
    auto disk = recording.before;
    for (std::size_t cut = 0;; ++cut) {
        for (int loss = 0; loss < losses; ++loss) {
            if (only && (only->cut != cut || only->loss != loss))
                continue;
            try {
                attempt(disk.after_power_loss(Dice(mix(cut, loss))), cut, loss);
            } catch (Breach const& breach) {
                return std::string(breach.what()) + "; again with ONBOARD_POWER_CUT=\"" + std::to_string(cut) + ' ' +
                       std::to_string(loss) + '"';
            }
        }
        if (cut == recording.tape.size())
            return {};
        apply_unless(lie, disk, recording.tape[cut]);
    }
}

std::optional<std::string> first_breach(Recording const& recording, int losses, Lie const& lie = never)
{
    return try_every_cut(
        recording, losses,
        [&](LossyDisk const& disk, std::size_t cut, int loss) {
            judge(disk, expected_after(recording, cut), mix(cut, loss));
        },
        lie);
}

Recording const& first_morning()
{
    static auto const recording = record({}, {morning()});
    return recording;
}

Recording const& rest_of_the_day()
{
    static auto const recording = record(disk_after(first_morning()), {noon(), evening()}, 10);
    return recording;
}

constexpr int losses = 3;

TEST_CASE("a power cut while a database is made and first used takes nothing that was told as done")
{
    CHECK(first_breach(first_morning(), losses) == std::nullopt);
}

TEST_CASE("a power cut on a working day takes nothing that was told as done, and leaves nothing half done")
{
    auto const& recording = rest_of_the_day();
    CHECK(recording.units.size() > 20);
    CHECK(recording.diary.used_by(recording.tape.size()).size() == 3);
    CHECK(first_breach(recording, losses) == std::nullopt);
}

TEST_CASE("a power cut while a database is opened or closed after a power cut takes nothing either")
{
    auto const judge_twice = [](Recording const& recording, int every) {
        return [&recording, every](LossyDisk const& disk, std::size_t cut, int loss) {
            if (static_cast<int>(cut) % every != 0)
                return;
            auto const seed = mix(cut, loss);
            auto expected = expected_after(recording, cut);
            auto const reopened = reopen(disk, expected, seed);
            expected.rows = {reopened.rows};
            auto again = disk;
            for (auto const& change : reopened.tape) {
                judge(again.after_power_loss(Dice(seed)), expected, seed);
                again.apply(change);
            }
        };
    };
    CHECK(try_every_cut(first_morning(), 1, judge_twice(first_morning(), 30)) == std::nullopt);
    CHECK(try_every_cut(rest_of_the_day(), 1, judge_twice(rest_of_the_day(), 100)) == std::nullopt);
}

TEST_CASE("a disk that lies is found")
{
    auto const [what, lie] = GENERATE(table<char const*, Lie>(
        {{"no sync does anything",
          [](Change const& change, auto const&) { return change.kind == Change::Kind::sync; }},
         {"the log is not synced",
          [](Change const& change, auto const& name) {
              return change.kind == Change::Kind::sync && name == std::string(database) + "-wal";
          }},
         {"the database is not synced",
          [](Change const& change, auto const& name) {
              return change.kind == Change::Kind::sync && name == database;
          }},
         {"the folder is not synced",
          [](Change const& change, auto const&) { return change.kind == Change::Kind::sync_folder; }}}));
    INFO(what);
    CHECK((first_breach(first_morning(), losses, lie) || first_breach(rest_of_the_day(), losses, lie)));
}

TEST_CASE("a storage that tells a commit as done before it is is found")
{
    auto recording = first_morning();
    for (auto& unit : recording.units)
        unit.told = unit.began_to_commit;
    CHECK(first_breach(recording, losses));
}

TEST_CASE("a storage that commits something in two halves is found")
{
    auto recording = first_morning();
    recording.units.erase(recording.units.begin() + 3);
    CHECK(first_breach(recording, losses));
}

}
