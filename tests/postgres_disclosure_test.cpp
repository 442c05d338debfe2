#include <algorithm>
#include <functional>
#include <map>

#include <onboard/postgres_storage.hpp>

#include "support/catch.hpp"
#include "support/everybody.hpp"
#include "support/postgres_schema.hpp"
#include "support/postgres_wire.hpp"

// Where the database is another machine, time is mostly spent on waiting for it.
namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

class Waits {
public:
    // Whoever is asked about, somebody waits for the database as often. What a reading leaves behind is perhaps still on
    // its way, which may count as a wait and is none, and two waits close to each other may count as one: so what comes
    // out most often counts, of many times, and of more where they differ.
    void check_same(std::vector<std::string> const& people, std::function<void(std::string const&)> const& ask)
    {
        constexpr int times = 20;
        constexpr int most_times = 400;
        std::map<std::string, std::map<int, int>> counts;
        for (int time = 0; time < times || (time < most_times && !all_equal(counts)); ++time) {
            world.clock.advance(3h);
            for (auto const& who : people) {
                auto const before = wire_.turns();
                ask(who);
                ++counts[who][wire_.turns() - before];
            }
        }
        auto const expected = usual(counts.at(people.front()));
        CHECK(expected > 0);
        for (auto const& [who, waits] : counts) {
            INFO(who);
            CHECK(usual(waits) == expected);
        }
    }

private:
    static int usual(std::map<int, int> const& waits)
    {
        return std::ranges::max_element(waits, {}, [](auto const& one) { return one.second; })->first;
    }

    static bool all_equal(std::map<std::string, std::map<int, int>> const& counts)
    {
        auto const expected = usual(counts.begin()->second);
        return std::ranges::all_of(counts, [&](auto const& one) { return usual(one.second) == expected; });
    }

    PostgresSchema schema_;
    PostgresWire wire_;

public:
    Everybody world{open_postgres(wire_.over(schema_.url()))};
};

TEST_CASE("who asks about somebody waits for the server as often as who asks about nobody")
{
    Waits waits;
    auto& world = waits.world;
    auto& onboarding = world.onboarding;
    waits.check_same(world.mailed, [&](std::string const& who) {
        CHECK_FALSE(onboarding.sign_in({.email = world.email(who), .password = "mijn fiets is rood!"}));
    });
    waits.check_same(world.mailed, [&](std::string const& who) {
        CHECK(onboarding.forgot_password({.email = world.email(who)}));
    });
    waits.check_same(world.texted, [&](std::string const& who) { CHECK(world.send(world.phone(who))); });
    waits.check_same(world.texted, [&](std::string const& who) {
        CHECK_FALSE(onboarding.check_code({.phone = world.phone(who), .code = "none"}));
    });
    waits.check_same(
        world.texted, [&](std::string const& who) { CHECK_FALSE(world.enter(world.phone(who), "none")); });
    waits.check_same(world.texted, [&](std::string const& who) {
        CHECK_FALSE(onboarding.email_state({.email = world.email("nobody"), .phone = world.phone(who)}));
    });
    waits.check_same(world.mailed, [&](std::string const& who) {
        CHECK(onboarding.change_email({.phone = world.phone("member"), .email = world.email(who)}));
    });
}

}
