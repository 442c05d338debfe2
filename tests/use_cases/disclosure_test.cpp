#include <functional>
#include <map>
#include <string>

#include "support/catch.hpp"
#include "support/counted_hashing.hpp"
#include "support/counting_storage.hpp"
#include "support/everybody.hpp"

// What nobody is to learn by looking at the answer, nobody learns by timing it, where as much is done for everybody:
// the same calls of the storage, as many passwords hashed, as many digests made.
namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

constexpr std::string_view client = "192.0.2.1";
constexpr std::string_view portal = "https://kerala.example/portal";
auto const kerala = ChannelName::parse("kerala").value();

// What it costs to ask about people.
struct Costs : Everybody {
    Costs() : Everybody(std::make_unique<CountingStorage>(open_empty_storage())) {}

    // What an action did, one kind a line.
    std::string of(std::function<void()> const& action)
    {
        auto& calls = static_cast<CountingStorage&>(*storage).calls;
        calls.clear();
        auto const before = hashed_so_far();
        action();
        auto const after = hashed_so_far();
        auto counts = calls;
        counts["passwords hashed"] = after.passwords - before.passwords;
        counts["digests"] = after.digests - before.digests;
        std::string costs;
        for (auto const& [kind, count] : counts)
            costs += kind + ' ' + std::to_string(count) + '\n';
        return costs;
    }
};

// Whoever else is meant, `act` costs what it costs for the first of them.
template <class Act>
void check_same_cost(Costs& world, std::vector<std::string> const& people, Act const& act)
{
    act(people.front());  // what is done once and for all is nobody's cost
    world.clock.advance(1h);
    auto const expected = world.of([&] { act(people.front()); });
    REQUIRE(expected.find("begin") != std::string::npos);
    for (auto const& who : people) {
        world.clock.advance(1h);
        INFO(who);
        CHECK(world.of([&] { act(who); }) == expected);
    }
}

TEST_CASE("a wrong password costs the same whoever is meant", "[disclosure]")
{
    Costs world;
    auto const password = GENERATE(as<std::string>(), "mijn fiets is rood!", "", std::string(2000, 'q'));
    check_same_cost(world, world.mailed, [&](std::string const& who) {
        CHECK_FALSE(world.onboarding.sign_in({.email = world.email(who), .password = password, .client = client}));
    });
}

TEST_CASE("the right password of somebody who may not come in costs as much as a wrong one", "[disclosure]")
{
    Costs world;
    check_same_cost(world, {"nobody", "blocked", "deleted"}, [&](std::string const& who) {
        CHECK_FALSE(
            world.onboarding.sign_in({.email = world.email(who), .password = world.password, .client = client}));
    });
}

TEST_CASE("asking for a link to set a password costs the same whoever is meant", "[disclosure]")
{
    Costs world;
    auto const& people = world.mailed;
    check_same_cost(world, people, [&](std::string const& who) {
        CHECK(world.onboarding.forgot_password({.email = world.email(who), .client = client}));
    });
}

TEST_CASE("a text costs the same whoever has the number", "[disclosure]")
{
    Costs world;
    auto const asks = GENERATE(std::string_view(), client);
    check_same_cost(world, world.texted, [&](std::string const& who) { CHECK(world.send(world.phone(who), asks)); });
}

TEST_CASE("a wrong code costs the same whoever has the number", "[disclosure]")
{
    Costs world;
    check_same_cost(world, world.texted, [&](std::string const& who) {
        CHECK_FALSE(world.onboarding.check_code({.phone = world.phone(who), .code = "none"}));
    });
    check_same_cost(
        world, world.texted, [&](std::string const& who) { CHECK_FALSE(world.enter(world.phone(who), "none")); });
    check_same_cost(world, world.texted, [&](std::string const& who) {
        CHECK_FALSE(
            world.onboarding.prove_contact({.partner = world.acme, .contact = world.phone(who), .code = "none"}));
    });
    check_same_cost(world, world.mailed, [&](std::string const& who) {
        CHECK_FALSE(
            world.onboarding.prove_contact({.partner = world.acme, .contact = world.email(who), .code = "none"}));
    });
}

TEST_CASE("a guess too many costs the same whoever has the number", "[disclosure]")
{
    Costs world;
    for (auto const& who : world.texted)
        for (int guess = 0; guess < 5; ++guess)
            CHECK_FALSE(world.enter(world.phone(who), "none"));
    auto const guess = [&](std::string const& who) {
        return world.of([&] { CHECK(refusal(world.enter(world.phone(who), "none")) == Errc::attempts_spent); });
    };
    for (auto const& who : world.texted) {
        INFO(who);
        CHECK(guess(who) == guess("nobody"));
    }
}

TEST_CASE("an auth code that does not fit costs the same whoever has the number", "[disclosure]")
{
    Costs world;
    auto const auth_code = world.sign_in(stranger(5)).auth_code.reveal();
    check_same_cost(world, world.texted, [&](std::string const& who) {
        CHECK_FALSE(
            world.onboarding.profile({.partner = world.acme, .phone = world.phone(who), .auth_code = auth_code}));
    });
}

TEST_CASE("the state of an address costs the same of every pair that is none", "[disclosure]")
{
    Costs world;
    for (auto const& who : world.texted)
        check_same_cost(world, world.mailed, [&](std::string const& whose) {
            CHECK_FALSE(world.onboarding.email_state(
                {.email = world.email(whose), .phone = world.phone(who), .client = client}));
        });
    check_same_cost(world, world.texted, [&](std::string const& who) {
        CHECK_FALSE(world.onboarding.email_state(
            {.email = world.email("nobody"), .phone = world.phone(who), .client = client}));
    });
}

TEST_CASE("asking for an address costs the same whoever has it", "[disclosure]")
{
    Costs world;
    auto const phone = world.phone("member");
    for (int time = 0; time < 2; ++time)
        check_same_cost(world, world.mailed, [&](std::string const& whose) {
            CHECK(world.onboarding.change_email({.phone = phone, .email = world.email(whose)}));
        });
}

TEST_CASE("looking a number or an address up costs the same whoever has it", "[disclosure]")
{
    Costs world;
    check_same_cost(world, world.texted, [&](std::string const& who) {
        CHECK(world.onboarding.exists({.partner = world.acme, .who = world.phone(who)}));
    });
    check_same_cost(world, world.texted, [&](std::string const& who) {
        CHECK(world.onboarding.are_registered({.partner = world.acme, .phones = {world.phone(who)}}));
    });
    check_same_cost(world, world.mailed, [&](std::string const& who) {
        CHECK(world.onboarding.exists({.partner = world.acme, .who = world.email(who)}));
    });
}

TEST_CASE("somebody whom a portal sends costs the same whoever has the number", "[disclosure]")
{
    Costs world;
    REQUIRE(world.administration.add_channel(kerala, {}));
    REQUIRE(world.administration.add_issuer(
        {.name = std::string(portal), .public_key = "PEM", .channel = kerala, .audience = {}}));
    int tokens = 0;
    auto const arrive = [&](std::string const& who) {
        auto const token_id = std::to_string(++tokens);
        auto const arrival = world.onboarding.arrive(
            {.issuer = portal,
             .subject = who,
             .token_id = token_id,
             .token_refused_from = world.clock.now() + 660s,
             .phone = world.phone(who),
             .target = "/resources"});
        return arrival.value().visit.value().reveal();
    };
    check_same_cost(world, world.texted, arrive);
    check_same_cost(world, world.texted, [&](std::string const& who) {
        auto const visit = arrive(who);
        CHECK(world.onboarding.pending_visit(visit));
        CHECK_FALSE(world.onboarding.finish_visit(visit, "none"));
    });
}

TEST_CASE("a link that is gone costs the same whatever became of it", "[disclosure]")
{
    Costs world;
    std::map<std::string, std::string> links;
    for (auto const* const state : {"used", "blocks", "leaves", "late"})
        links[state] = world.login_link(world.email(state), world.acme);
    REQUIRE(world.onboarding.redeem(links["used"]));
    REQUIRE(world.administration.block(world.email("blocks")));
    REQUIRE(world.administration.remove(world.email("leaves")));
    check_same_cost(world, {"late", "used", "blocks", "leaves"}, [&](std::string const& state) {
        world.clock.advance(10min);
        CHECK(refusal(world.onboarding.redeem(links[state])) == Errc::link_spent);
        CHECK(refusal(world.onboarding.open_session(links[state])) == Errc::link_spent);
    });
}

TEST_CASE("credentials that do not work cost the same whatever is wrong with them", "[disclosure]")
{
    Costs world;
    auto const name = "Acme"_partner;
    std::map<std::string, std::string> tokens;
    tokens["ended"] = world.administration.rotate(name).value().reveal();
    REQUIRE(world.administration.revoke_all(name));
    World elsewhere;
    elsewhere.partner("Acme");
    tokens["of another place"] = elsewhere.administration.rotate(name).value().reveal();
    check_same_cost(world, {"of another place", "ended"}, [&](std::string const& which) {
        CHECK_FALSE(world.onboarding.identify(tokens[which]));
        CHECK_FALSE(world.onboarding.issue_access_token(tokens[which]));
    });
}

}
