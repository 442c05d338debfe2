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

TEST_CASE("tidying leaves proofs and codes to sign up with as long as they are good", "[tidy]")
{
    auto const asha = "asha@example.com"_email;
    World world;
    auto const acme = world.partner("Acme");
    REQUIRE(world.onboarding.send_sign_up_code({.partner = acme, .to = asha}));
    auto const code = world.mailed_code();
    world.clock.advance(300s - 1ms);
    CHECK(world.onboarding.tidy() == 0);
    REQUIRE(world.onboarding.prove_contact({.partner = acme, .contact = asha, .code = code}));
    world.clock.advance(300s - 1ms);
    CHECK(world.onboarding.tidy() == 0);
    CHECK(world.onboarding.sign_up({.partner = acme, .name = "Asha Kumari"_name, .contact = asha}));
}

TEST_CASE("codes to sign up with, proofs and used tokens are forgotten in the end, and people are not", "[tidy]")
{
    auto const asha = "asha@example.com"_email;
    auto const ravi = "ravi@example.com"_email;
    auto const channel = ChannelName::parse("kerala").value();
    World world;
    auto const acme = world.partner("Acme");
    REQUIRE(world.administration.add_channel(channel, {}));
    REQUIRE(
        world.administration.add_issuer({.name = "portal", .public_key = {}, .channel = channel, .audience = {}}));
    for (auto const& email : {asha, ravi}) {
        REQUIRE(world.onboarding.send_sign_up_code({.partner = acme, .to = email}));
        auto const code = world.mailed_code();
        REQUIRE(world.onboarding.prove_contact({.partner = acme, .contact = email, .code = code}));
    }
    auto const account =
        world.onboarding.sign_up({.partner = acme, .name = "Asha Kumari"_name, .contact = asha})->account;
    {
        auto const work = world.storage->begin();
        REQUIRE(work->identities().add({.issuer = "portal", .subject = "1", .account = account.id, .linked_at = {}}));
        work->commit();
    }
    Visit const visit{
        .issuer = "portal", .subject = "1", .token_id = "1", .token_refused_from = world.clock.now() + 600s};
    REQUIRE(world.onboarding.arrive(visit)->session);

    world.clock.advance(72h);
    int forgotten = 0;
    while (auto const now = world.onboarding.tidy())
        forgotten += now;
    CHECK(forgotten >= 2 + 2 + 1 + 1);  // codes, proofs, token, session
    auto const work = world.storage->begin_reading();
    CHECK(work->accounts().find(asha)->user_name == account.user_name);
    CHECK(work->identities().find("portal", "1") == account.id);
    CHECK(work->token_issuers().all().size() == 1);
    CHECK(work->organisations().all().size() == 1);
}

}
