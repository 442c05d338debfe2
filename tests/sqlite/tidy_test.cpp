#include <algorithm>

#include <onboard/sqlite_storage.hpp>

#include "sqlite/beside.hpp"
#include "support/catch.hpp"
#include "support/expiring.hpp"
#include "support/temporary_folder.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

TEST_CASE("every table is of what lasts, or is empty in the end, a bounded number of rows at a time")
{
    TemporaryFolder const folder;
    World world(quick_hashing(), open_sqlite(folder / "onboard.db"));
    store_what_expires(*world.storage, world.clock.now());
    Beside beside(folder / "onboard.db");
    auto const count = [&](std::string const& table) {
        return std::stoi(beside.value("SELECT count(*) FROM " + table));
    };
    std::vector<std::string> expiring;
    for (int place = 0;; ++place) {
        auto const table = beside.value(
            "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name LIMIT 1 OFFSET " +
            std::to_string(place));
        if (table.empty())
            break;
        if (std::ranges::find(lasting_tables, table) == lasting_tables.end())
            expiring.push_back(table);
    }
    for (auto const& table : expiring) {
        INFO(table);
        CHECK(count(table) > 0);  // or this shows nothing
    }

    world.clock.advance(24h * 90);
    constexpr int most_in_a_turn = 12 * 500;
    for (int before = world.onboarding.tidy(); before > 0; before = world.onboarding.tidy())
        CHECK(before <= most_in_a_turn);
    for (auto const& table : expiring) {
        INFO(table);
        CHECK(count(table) == 0);
    }
    CHECK(count("accounts") == 1);
    CHECK(count("partners") == 1);
}

}
