#include <atomic>

#include "support/catch.hpp"
#include "support/together.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

TEST_CASE("a link tells the partner's application whose it is and what the partner said", "[links]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const outcome = world.onboarding.log_in(
        {.partner = acme,
         .plan = "PLAN-Acme"_plan,
         .email = "Jane@example.com"_email,
         .name = "Jane Doe"_name,
         .person_id = "007"_person,
         .additional_data = R"({"shoe":42})"});

    auto const person = world.onboarding.redeem(outcome->token.reveal());
    REQUIRE(person);
    CHECK(person->account.id == outcome->account);
    CHECK(person->account.email->str() == "Jane@example.com");
    CHECK(person->partner == "Acme"_partner);
    REQUIRE(person->enrolment);
    CHECK(person->enrolment->plan == "PLAN-Acme"_plan);
    CHECK(person->enrolment->person_id == "007"_person);
    CHECK(person->enrolment->additional_data == R"({"shoe":42})");
}

TEST_CASE("a link opens a session for its person", "[links]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const opened = world.onboarding.open_session(world.login_link("jane@example.com"_email, acme));
    REQUIRE(opened);
    CHECK(opened->person.account.email == "jane@example.com"_email);
    CHECK(opened->person.partner == "Acme"_partner);
    CHECK(opened->expires_at == world.clock.now() + 24h);
    CHECK(world.onboarding.session(opened->token.reveal())->person.account.email == "jane@example.com"_email);
}

TEST_CASE("a link is good for five minutes to the millisecond", "[links]")
{
    World world;
    auto const link = world.login_link("jane@example.com"_email);
    auto const other = world.login_link("jane@example.com"_email);
    world.clock.advance(300s - 1ms);
    CHECK(world.onboarding.redeem(link));
    world.clock.advance(1ms);
    CHECK(refusal(world.onboarding.redeem(other)) == Errc::link_spent);
    CHECK(refusal(world.onboarding.open_session(other)) == Errc::link_spent);
}

TEST_CASE("how long a link is good for is the host's choice", "[links]")
{
    World world({.login_link_life = 600s});
    auto const link = world.login_link("jane@example.com"_email);
    auto const other = world.login_link("jane@example.com"_email);
    world.clock.advance(600s - 1ms);
    CHECK(world.onboarding.redeem(link));
    world.clock.advance(1ms);
    CHECK(refusal(world.onboarding.redeem(other)) == Errc::link_spent);
}

TEST_CASE("a link is good once", "[links]")
{
    World world;
    auto const link = world.login_link("jane@example.com"_email);
    auto const first = GENERATE(false, true);
    auto const second = GENERATE(false, true);
    auto const use = [&](bool by_session) {
        return by_session ? refusal(world.onboarding.open_session(link)) : refusal(world.onboarding.redeem(link));
    };
    CHECK(use(first) == std::nullopt);
    CHECK(use(second) == Errc::link_spent);
    CHECK(refusal(world.onboarding.pending_confirmation(link)) == Errc::link_spent);
}

TEST_CASE("of many who follow one link at once, one gets in", "[links]")
{
    World world;
    auto const link = world.login_link("jane@example.com"_email);
    std::atomic<int> in = 0;
    std::atomic<int> spent = 0;
    together(64, [&](int number) {
        auto const refused =
            number % 2 ? refusal(world.onboarding.open_session(link)) : refusal(world.onboarding.redeem(link));
        in += !refused;
        spent += refused == Errc::link_spent;
    });
    CHECK(in == 1);
    CHECK(spent == 63);
}

TEST_CASE("asking what a link is about uses nothing up", "[links]")
{
    World world;
    auto const link = world.login_link("jane@example.com"_email);
    for (int time = 0; time < 20; ++time)
        CHECK(refusal(world.onboarding.pending_confirmation(link)) == Errc::link_unknown);
    CHECK(world.onboarding.open_session(link));
}

TEST_CASE("text that is no link of ours is unknown", "[links]")
{
    World world;
    auto const link = world.login_link("jane@example.com"_email);
    auto const partner_token = world.administration.add_partner({.name = "Acme"_partner});
    std::vector<std::pair<std::string, std::string>> const rows{
        {"nothing", ""},
        {"a blank", " "},
        {"null", "null"},
        {"truncated", link.substr(0, 53)},
        {"extended", link + "A"},
        {"padded", link + "="},
        {"never issued", std::string(53, 'B') + "A"},
        {"with a NUL", link + std::string(1, '\0')},
        {"a session's token", world.session("jane@example.com"_email)},
        {"a partner's token", partner_token->reveal()},
        {"ten kilobytes", std::string(10'000, 'A')}};
    for (auto const& [why, text] : rows) {
        INFO(why);
        CHECK(refusal(world.onboarding.redeem(text)) == Errc::link_unknown);
        CHECK(refusal(world.onboarding.open_session(text)) == Errc::link_unknown);
        CHECK(refusal(world.onboarding.pending_confirmation(text)) == Errc::link_unknown);
        CHECK(refusal(world.onboarding.confirm(text, "123456")) == Errc::link_unknown);
    }
    CHECK(world.onboarding.redeem(link));
}

TEST_CASE("a link with any one character changed is unknown, and the link still good", "[links]")
{
    World world;
    world.login_link("john@example.com"_email);
    auto const link = world.login_link("jane@example.com"_email);
    for (std::size_t place = 0; place < link.size(); ++place) {
        INFO(place);
        auto changed = link;
        changed[place] = changed[place] == 'x' ? 'y' : 'x';
        CHECK(refusal(world.onboarding.redeem(changed)) == Errc::link_unknown);
    }
    CHECK(world.onboarding.redeem(link));
}

TEST_CASE("a link of another installation's key is unknown", "[links]")
{
    World world;
    auto const link = world.login_link("jane@example.com"_email);
    std::array<std::byte, 32> bytes{};
    bytes[0] = std::byte{1};
    Onboarding other(
        {.storage = *world.storage,
         .key = SecretKey::from_bytes(bytes),
         .clock = world.clock,
         .random = world.random});
    CHECK(refusal(other.redeem(link)) == Errc::link_unknown);
}

TEST_CASE("a block ends every link, and unblocking brings none of them back", "[links]")
{
    World world;
    auto const link = world.login_link("jane@example.com"_email);
    REQUIRE(world.administration.block("jane@example.com"_email));
    CHECK(refusal(world.onboarding.redeem(link)) == Errc::link_spent);
    CHECK(refusal(world.onboarding.open_session(link)) == Errc::link_spent);
    REQUIRE(world.administration.unblock("jane@example.com"_email));
    CHECK(refusal(world.onboarding.redeem(link)) == Errc::link_spent);
    CHECK(world.onboarding.redeem(world.login_link("jane@example.com"_email)));
}

TEST_CASE("a deletion ends every link", "[links]")
{
    World world;
    auto const link = world.login_link("jane@example.com"_email);
    REQUIRE(world.administration.remove("jane@example.com"_email));
    CHECK(refusal(world.onboarding.redeem(link)) == Errc::link_spent);
}

TEST_CASE("an update of the person leaves their links good and shows in them", "[links]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const link = world.login_link("jane@example.com"_email, acme);
    REQUIRE(world.onboarding.log_in({.partner = acme, .email = "jane@example.com"_email, .name = "Jane Roe"_name}));
    CHECK(world.onboarding.redeem(link)->account.name == "Jane Roe"_name);
}

TEST_CASE("a clock that goes back makes no used link good again", "[links]")
{
    World world;
    auto const link = world.login_link("jane@example.com"_email);
    REQUIRE(world.onboarding.redeem(link));
    world.clock.advance(-1h);
    CHECK(refusal(world.onboarding.redeem(link)) == Errc::link_spent);
}

}
