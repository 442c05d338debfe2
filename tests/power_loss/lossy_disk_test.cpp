#include "power_loss/lossy_disk.hpp"

#include <set>

#include "support/catch.hpp"

namespace {

using namespace onboard::power_loss;

constexpr int losses = 500;
constexpr auto sector = LossyFile::sector;

// All contents that a file may have when the power comes back.
std::set<std::string> outcomes(LossyFile const& file)
{
    std::set<std::string> contents;
    for (int seed = 0; seed < losses; ++seed) {
        Dice dice(static_cast<std::uint64_t>(seed));
        contents.insert(file.after_power_loss(dice));
    }
    return contents;
}

std::string sectors(std::string_view letters)
{
    std::string content;
    for (auto const letter : letters)
        content.append(sector, letter);
    return content;
}

TEST_CASE("a lossy disk keeps what was synced")
{
    LossyFile file;
    file.write(0, "abc");
    file.sync();
    CHECK(outcomes(file) == std::set<std::string>{"abc"});
}

TEST_CASE("a lossy disk shows what was not synced, and may lose it")
{
    LossyFile file;
    file.write(0, "abc");
    file.sync();
    file.write(1, "x");
    CHECK(file.content() == "axc");
    CHECK(outcomes(file) == std::set<std::string>{"abc", "axc"});
}

TEST_CASE("a lossy disk writes the later before the earlier")
{
    LossyFile file(sectors("ab"));
    file.write(0, sectors("A"));
    file.write(sector, sectors("B"));
    CHECK(outcomes(file) == std::set<std::string>{sectors("ab"), sectors("Ab"), sectors("aB"), sectors("AB")});
}

TEST_CASE("a lossy disk tears a write between sectors and nowhere else")
{
    LossyFile file(sectors("abc"));
    file.write(sector / 2, sectors("XX"));
    std::string const half(sector / 2, 'X');
    std::set<std::string> expected;
    for (int torn = 0; torn < 8; ++torn) {
        auto content = sectors("abc");
        if (torn & 1)
            content.replace(sector / 2, sector / 2, half);
        if (torn & 2)
            content.replace(sector, sector, half + half);
        if (torn & 4)
            content.replace(2 * sector, sector / 2, half);
        expected.insert(content);
    }
    CHECK((outcomes(file) == expected));
}

TEST_CASE("a lossy disk never puts an older write over a newer one")
{
    LossyFile file(sectors("a"));
    file.write(0, sectors("b"));
    file.write(0, sectors("c"));
    CHECK(outcomes(file) == std::set<std::string>{sectors("a"), sectors("b"), sectors("c")});
}

TEST_CASE("a lossy disk may lose that a file was made shorter")
{
    LossyFile file("abc");
    file.truncate(1);
    CHECK(outcomes(file) == std::set<std::string>{"abc", "a"});
}

TEST_CASE("a lossy disk fills what it has not written with zeros or rubbish")
{
    LossyFile file;
    file.write(0, sectors("a"));
    file.write(sector, sectors("b"));
    auto const seen = outcomes(file);
    CHECK(seen.contains(std::string(sector, '\0') + sectors("b")));
    CHECK(seen.size() > 5);
}

TEST_CASE("a lossy disk forgets after a failed sync what it did not write, whatever is synced later")
{
    bool lost = false;
    bool lost_to_readers = false;
    for (int seed = 0; seed < losses; ++seed) {
        Dice dice(static_cast<std::uint64_t>(seed));
        LossyFile file("a");
        file.write(0, "b");
        file.fail_to_sync(dice);
        auto const safe = outcomes(file);
        CHECK(safe.size() == 1);
        lost = lost || (safe.contains("a") && file.content() == "b");
        lost_to_readers = lost_to_readers || file.content() == "a";
    }
    CHECK(lost);
    CHECK(lost_to_readers);
}

TEST_CASE("a lossy disk may lose the name of a file until its folder is synced, and bring back one that was removed")
{
    auto const is_there = [](LossyDisk const& disk) {
        std::set<bool> found;
        for (int seed = 0; seed < losses; ++seed)
            found.insert(disk.after_power_loss(Dice(static_cast<std::uint64_t>(seed))).find("name") != nullptr);
        return found;
    };
    LossyDisk disk;
    disk.apply({.kind = Change::Kind::make, .file = disk.next_id(), .name = "name"});
    CHECK(is_there(disk) == std::set<bool>{false, true});
    disk.apply({.kind = Change::Kind::sync_folder});
    CHECK(is_there(disk) == std::set<bool>{true});
    disk.apply({.kind = Change::Kind::remove, .name = "name"});
    CHECK(disk.find("name") == nullptr);
    CHECK(is_there(disk) == std::set<bool>{false, true});
    disk.apply({.kind = Change::Kind::sync_folder});
    CHECK(is_there(disk) == std::set<bool>{false});
}

}
