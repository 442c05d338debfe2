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
    // its way, which may count as a wait and is none: so the least of many times counts, and of a few more where they
    // differ.
    void check_same(std::vector<std::string> const& people, std::function<void(std::string const&)> const& ask)
    {
        constexpr int times = 20;
        constexpr int most_times = 400;
        std::map<std::string, int> least;
        for (int time = 0; time < times || (time < most_times && !all_equal(least)); ++time) {
            world.clock.advance(3h);
            for (auto const& who : people) {
                auto const before = wire_.turns();
                ask(who);
                auto const waits = wire_.turns() - before;
                auto const [known, is_new] = least.try_emplace(who, waits);
                known->second = std::min(known->second, waits);
            }
        }
        auto const expected = least.at(people.front());
        CHECK(expected > 0);
        for (auto const& [who, waits] : least) {
            INFO(who);
            CHECK(waits == expected);
        }
    }

private:
    static bool all_equal(std::map<std::string, int> const& least)
    {
        return std::ranges::all_of(least, [&](auto const& one) { return one.second == least.begin()->second; });
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
