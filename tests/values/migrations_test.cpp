#include <set>

#include "libonboard/src/migrations.hpp"
#include "support/catch.hpp"

using namespace onboard;

namespace {

struct Released {
    int number;
    std::uint64_t sqlite;
    std::uint64_t postgres;
};

// Of every step that was ever released. A line is added when one is, and none is ever changed: there are databases that
// took the step as it was.
constexpr std::array released{
    Released{.number = 1, .sqlite = 0x4d0df2763b60672f, .postgres = 0x65828bcb2fa8396f},
    Released{.number = 2, .sqlite = 0x3eb1486ca22cab77, .postgres = 0x3eb1486ca22cab77},
};

}

TEST_CASE("a step to a schema stays as it was released")
{
    REQUIRE(migrations.size() >= released.size());
    for (std::size_t step = 0; step < released.size(); ++step) {
        INFO("step " << released[step].number << ": a change needs a step of its own");
        CHECK(migrations[step].number == released[step].number);
        CHECK(checksum_of(migrations[step].sqlite) == released[step].sqlite);
        CHECK(checksum_of(migrations[step].postgres) == released[step].postgres);
    }
}

TEST_CASE("steps to a schema are numbered from one on, without a gap, and each has a name")
{
    for (std::size_t step = 0; step < migrations.size(); ++step) {
        CHECK(migrations[step].number == static_cast<int>(step) + 1);
        CHECK_FALSE(migrations[step].name.empty());
        CHECK(migrations[step].name.find('\'') == std::string_view::npos);  // it is written into a statement
    }
}

TEST_CASE("a changed text has another checksum")
{
    std::set<std::uint64_t> sums;
    for (auto const* const text : {"", "a", "b", "ab", "ba", "a ", "CREATE TABLE x", "CREATE TABLE y"})
        sums.insert(checksum_of(text));
    CHECK(sums.size() == 8);
}
