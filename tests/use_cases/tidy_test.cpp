#include "support/catch.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

TEST_CASE("tidying an empty house does nothing", "[tidy]")
{
    World world;
    CHECK(world.onboarding.tidy() == 0);
}

TEST_CASE("a link that has expired is still told from one that never was, for a day", "[tidy]")
{
    World world;
    auto const link = world.login_link("jane@example.com"_email);
    world.clock.advance(300s + 24h);
    CHECK(world.onboarding.tidy() == 0);
    CHECK(refusal(world.onboarding.redeem(link)) == Errc::link_spent);
    world.clock.advance(1ms);
    CHECK(world.onboarding.tidy() == 1);
    CHECK(refusal(world.onboarding.redeem(link)) == Errc::link_unknown);
}

TEST_CASE("tidying touches nothing that is still good", "[tidy]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt");
    auto const link = world.login_link("jane@example.com"_email, acme);
    auto const token = world.session("jane@example.com"_email, acme);
    LogIn const keyed{
        .partner = acme,
        .email = "jane@example.com"_email,
        .name = "Jane Doe"_name,
        .repeatable = Repeatable{"key", "body"}};
    REQUIRE(world.onboarding.log_in(keyed));
    auto const waiting =
        world.onboarding.log_in({.partner = bolt, .email = "jane@example.com"_email, .name = "Jane Roe"_name});
    auto const code = world.mailed_code();
    for (int time = 0; time < 5; ++time)
        CHECK_FALSE(world.onboarding.confirm(waiting->token.reveal(), other_than(code)));

    world.clock.advance(4min);
    CHECK(world.onboarding.tidy() == 0);
    CHECK(world.onboarding.session(token));
    CHECK(world.onboarding.redeem(link));
    CHECK(world.onboarding.log_in(keyed)->repeated);
    CHECK(refusal(world.onboarding.confirm(waiting->token.reveal(), code)) == Errc::attempts_spent);
    world.clock.advance(23h);
    world.onboarding.tidy();
    CHECK(world.onboarding.log_in(keyed)->repeated);
}

TEST_CASE("tidying resets no daily limit of letters", "[tidy]")
{
    World world({.codes_per_day = 1});
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt");
    world.login_link("jane@example.com"_email, acme);
    LogIn const request{.partner = bolt, .email = "jane@example.com"_email, .name = "Jane Roe"_name};
    REQUIRE(world.onboarding.log_in(request));
    world.clock.advance(24h - 1ms);
    world.onboarding.tidy();
    REQUIRE(world.onboarding.log_in(request));
    CHECK(world.letters_waiting() == 1);
    world.clock.advance(1ms);
    REQUIRE(world.onboarding.log_in(request));
    CHECK(world.letters_waiting() == 2);
}

TEST_CASE("everything that has passed is forgotten in the end, and people and partners are not", "[tidy]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt");
    world.session("jane@example.com"_email, acme);
    REQUIRE(world.onboarding.log_in(
        {.partner = acme,
         .email = "jane@example.com"_email,
         .name = "Jane Doe"_name,
         .repeatable = Repeatable{"key", "body"}}));
    auto const waiting =
        world.onboarding.log_in({.partner = bolt, .email = "jane@example.com"_email, .name = "Jane Roe"_name});
    CHECK_FALSE(world.onboarding.confirm(waiting->token.reveal(), "wrong"));

    world.clock.advance(72h);
    int forgotten = 0;
    while (auto const now = world.onboarding.tidy())
        forgotten += now;
    CHECK(forgotten >= 3 + 1 + 1 + 1 + 1);  // links, session, code, budget, key
    CHECK(world.account("jane@example.com"_email).status == AccountStatus::active);
    CHECK(world.administration.partners().size() == 2);
    CHECK(world.enrolment(acme, "jane@example.com"_email));
}

TEST_CASE("tidying is done a bounded amount at a time", "[tidy]")
{
    World world;
    {
        auto group = world.storage->begin_group();
        for (int number = 0; number < 1200; ++number)
            world.login_link("jane@example.com"_email);
        group->commit();
    }
    world.clock.advance(48h);
    auto const first = world.onboarding.tidy();
    CHECK(first > 0);
    CHECK(first < 1200);
    int total = first;
    while (auto const now = world.onboarding.tidy())
        total += now;
    CHECK(total == 1200);
}

}
