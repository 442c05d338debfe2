#include <onboard/sqlite_storage.hpp>

#include "sqlite/beside.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

// Every row of every table, as text.
std::string rows_of(std::filesystem::path const& file)
{
    Beside beside(file);
    auto const count = std::stoi(beside.value("SELECT count(*) FROM sqlite_schema WHERE type = 'table'"));
    std::string rows;
    for (int number = 0; number < count; ++number) {
        auto const table = beside.value(
            "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name LIMIT 1 OFFSET " +
            std::to_string(number));
        auto const columns = beside.value(
            "SELECT group_concat('quote(\"' || name || '\")', '||') FROM pragma_table_info('" + table + "')");
        rows += beside.value("SELECT coalesce(group_concat(" + columns + ", char(10)), '') FROM " + table);
    }
    return rows;
}

TEST_CASE("a list that is replayed all day changes no row and writes no page")
{
    TemporaryFolder const folder;
    auto const file = folder / "onboard.db";
    World world(quick_hashing(), open_sqlite(file));
    Registration list{.partner = world.partner("Acme"), .people = {}};
    for (int number = 0; number < 200; ++number)
        list.people.push_back(world.person(
            "person" + std::to_string(number) + "@example.com", number % 10 == 0 ? "NOWHERE" : "PLAN-Acme"));
    REQUIRE(world.onboarding.register_people(list));
    CHECK(world.delivered().size() == 200);

    auto const rows = rows_of(file);
    auto const log = log_size(file);
    for (int round = 1; round < 288; ++round) {
        world.clock.advance(5min);
        REQUIRE(world.onboarding.register_people(list));
        REQUIRE(world.courier.deliver_due() == 0);
    }
    CHECK(rows.size() > 200 * 100);
    CHECK(rows_of(file) == rows);
    CHECK(log_size(file) == log);
}

}
