#include "support/catch.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

TEST_CASE("a session tells whose it is", "[sessions]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const session = world.onboarding.session(world.session("jane@example.com"_email, acme));
    REQUIRE(session);
    CHECK(session->person.account.email == "jane@example.com"_email);
    CHECK(session->person.partner == "Acme"_partner);
    CHECK(session->person.enrolment == Enrolment{});
    CHECK_FALSE(session->touch_due);
}

TEST_CASE("a session that is not used ends after an hour", "[sessions]")
{
    World world;
    auto const token = world.session("jane@example.com"_email);
    world.clock.advance(1h - 1ms);
    CHECK(world.onboarding.session(token));
    world.clock.advance(1ms);
    CHECK(refusal(world.onboarding.session(token)) == Errc::session_unknown);
}

TEST_CASE("a session that is used lives on, until it is a day old", "[sessions]")
{
    World world;
    auto const token = world.session("jane@example.com"_email);
    auto const opened_at = world.clock.now();
    for (;;) {
        world.clock.advance(59min);
        if (world.clock.now() >= opened_at + 24h)
            break;
        auto const session = world.onboarding.session(token);
        REQUIRE(session);
        world.onboarding.touch(session->id);
    }
    world.clock.set(opened_at + 24h - 1ms);
    CHECK(world.onboarding.session(token));
    world.clock.set(opened_at + 24h);
    CHECK(refusal(world.onboarding.session(token)) == Errc::session_unknown);
}

TEST_CASE("the use of a session is noted once a minute", "[sessions]")
{
    World world;
    auto const token = world.session("jane@example.com"_email);
    world.clock.advance(1min - 1ms);
    CHECK_FALSE(world.onboarding.session(token)->touch_due);
    world.clock.advance(1ms);
    auto const session = world.onboarding.session(token);
    CHECK(session->touch_due);
    CHECK(world.onboarding.session(token)->touch_due);
    world.onboarding.touch(session->id);
    CHECK_FALSE(world.onboarding.session(token)->touch_due);
}

TEST_CASE("how long sessions last is the host's choice", "[sessions]")
{
    World world({.session_idle = 10min, .session_life = 15min});
    auto const token = world.session("jane@example.com"_email);
    world.clock.advance(10min - 1ms);
    auto const session = world.onboarding.session(token);
    REQUIRE(session);
    world.onboarding.touch(session->id);
    world.clock.advance(5min);
    CHECK(world.onboarding.session(token));
    world.clock.advance(1ms);
    CHECK(refusal(world.onboarding.session(token)) == Errc::session_unknown);
}

TEST_CASE("a session that was ended stays ended, and ending it again does nothing", "[sessions]")
{
    World world;
    auto const token = world.session("jane@example.com"_email);
    auto const other = world.session("jane@example.com"_email);
    auto const id = world.onboarding.session(token)->id;
    world.onboarding.end_session(token);
    CHECK(refusal(world.onboarding.session(token)) == Errc::session_unknown);
    world.onboarding.end_session(token);
    world.onboarding.touch(id);
    CHECK(refusal(world.onboarding.session(token)) == Errc::session_unknown);
    CHECK(world.onboarding.session(other));
}

TEST_CASE("text that is no session of ours is unknown, and ending it does nothing", "[sessions]")
{
    World world;
    auto const token = world.session("jane@example.com"_email);
    auto const link = world.login_link("jane@example.com"_email);
    for (auto const& text :
         {std::string(), std::string("null"), token.substr(0, 53), token + "A", link, std::string(10'000, 'A')}) {
        CHECK(refusal(world.onboarding.session(text)) == Errc::session_unknown);
        world.onboarding.end_session(text);
    }
    for (std::size_t place = 0; place < token.size(); ++place) {
        auto changed = token;
        changed[place] = changed[place] == 'x' ? 'y' : 'x';
        CHECK(refusal(world.onboarding.session(changed)) == Errc::session_unknown);
    }
    CHECK(world.onboarding.session(token));
    CHECK(world.onboarding.redeem(link));
}

TEST_CASE("a session that ran out is not brought back by a use that is noted late", "[sessions]")
{
    World world;
    auto const token = world.session("jane@example.com"_email, world.partner("Acme"));
    auto const id = world.onboarding.session(token)->id;
    world.clock.advance(1h);
    world.onboarding.touch(id);
    CHECK(refusal(world.onboarding.session(token)) == Errc::session_unknown);
}

TEST_CASE("who signs out when their session has run out has signed out", "[sessions]")
{
    World world;
    auto const token = world.session("jane@example.com"_email, world.partner("Acme"));
    auto const start = world.clock.now();
    world.clock.advance(1h);
    world.onboarding.end_session(token);
    world.clock.set(start);  // another server's clock
    CHECK(refusal(world.onboarding.session(token)) == Errc::session_unknown);
}

TEST_CASE("the session the browser came with ends when it gets a new one", "[sessions]")
{
    World world;
    auto const johns = world.session("john@example.com"_email);
    auto const johns_elsewhere = world.session("john@example.com"_email);
    auto const janes = world.onboarding.open_session(world.login_link("jane@example.com"_email), johns);
    REQUIRE(janes);
    CHECK(refusal(world.onboarding.session(johns)) == Errc::session_unknown);
    CHECK(world.onboarding.session(johns_elsewhere));
    CHECK(world.onboarding.session(janes->token.reveal())->person.account.email == "jane@example.com"_email);
}

TEST_CASE("a link that is no good leaves the browser's session alone", "[sessions]")
{
    World world;
    auto const johns = world.session("john@example.com"_email);
    auto const link = world.login_link("jane@example.com"_email);
    REQUIRE(world.onboarding.redeem(link));
    CHECK(refusal(world.onboarding.open_session(link, johns)) == Errc::link_spent);
    CHECK(world.onboarding.session(johns));
}

TEST_CASE("whatever else the browser came with does no harm", "[sessions]")
{
    World world;
    auto const link = world.login_link("jane@example.com"_email);
    auto const other = world.login_link("jane@example.com"_email);
    CHECK(world.onboarding.open_session(link, "nonsense"));
    CHECK(world.onboarding.open_session(other, other));
}

TEST_CASE("a block ends every session, and unblocking brings none of them back", "[sessions]")
{
    World world;
    auto const token = world.session("jane@example.com"_email);
    auto const johns = world.session("john@example.com"_email);
    REQUIRE(world.administration.block("jane@example.com"_email));
    CHECK(refusal(world.onboarding.session(token)) == Errc::session_unknown);
    REQUIRE(world.administration.unblock("jane@example.com"_email));
    CHECK(refusal(world.onboarding.session(token)) == Errc::session_unknown);
    CHECK(world.onboarding.session(johns));
}

TEST_CASE("a deletion ends every session", "[sessions]")
{
    World world;
    auto const token = world.session("jane@example.com"_email);
    REQUIRE(world.administration.remove("jane@example.com"_email));
    CHECK(refusal(world.onboarding.session(token)) == Errc::session_unknown);
}

TEST_CASE("a session shows the person as they are now", "[sessions]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const token = world.session("jane@example.com"_email, acme);
    REQUIRE(world.onboarding.log_in({.partner = acme, .email = "jane@example.com"_email, .name = "Jane Roe"_name}));
    CHECK(world.onboarding.session(token)->person.account.name == "Jane Roe"_name);
}

}
