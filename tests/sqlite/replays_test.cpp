#include <onboard/sqlite_storage.hpp>

#include "sqlite/beside.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

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

    auto const rows = Beside(file).rows();
    auto const log = log_size(file);
    for (int round = 1; round < 288; ++round) {
        world.clock.advance(5min);
        REQUIRE(world.onboarding.register_people(list));
        REQUIRE(world.courier.deliver_due() == 0);
    }
    CHECK(rows.size() > 200 * 100);
    CHECK(Beside(file).rows() == rows);
    CHECK(log_size(file) == log);
}

}
