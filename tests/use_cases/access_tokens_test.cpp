#include <set>

#include "support/catch.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

struct Tokens : World {
    using World::World;

    std::string own = administration.add_partner({.name = "Acme"_partner, .rights = {Right::sso}})->reveal();

    // An access token that stands for a partner's own.
    std::string issue(std::string_view partner_token)
    {
        return onboarding.issue_access_token(partner_token).value().token.reveal();
    }

    // Who calls with this token.
    std::optional<PartnerName> caller(std::string_view token)
    {
        auto const partner = onboarding.identify(token);
        return partner ? std::optional(partner->name) : std::nullopt;
    }
};

auto const unknown = refuse(Errc::partner_token_unknown);

TEST_CASE("an access token is as good as the partner's own until it expires, to the millisecond", "[access tokens]")
{
    Tokens world;
    auto const issued = world.onboarding.issue_access_token(world.own);
    REQUIRE(issued);
    CHECK(issued->life == 3600s);
    auto const text = issued->token.reveal();
    CHECK(text.starts_with("onboard_access_"));
    auto const partner = world.onboarding.identify(text);
    REQUIRE(partner);
    CHECK(partner->name == "Acme"_partner);
    CHECK(partner->rights == Rights{Right::sso});
    world.clock.advance(1h - 1ms);
    CHECK(world.caller(text) == "Acme"_partner);
    world.clock.advance(1ms);
    CHECK(error_of(world.onboarding.identify(text)) == unknown);
    CHECK(world.caller(world.own) == "Acme"_partner);
}

TEST_CASE("the life of an access token is the policy's", "[access tokens]")
{
    Tokens world({.access_token_life = 10s});
    auto const issued = world.onboarding.issue_access_token(world.own);
    CHECK(issued->life == 10s);
    world.clock.advance(10s - 1ms);
    CHECK(world.caller(issued->token.reveal()));
    world.clock.advance(1ms);
    CHECK_FALSE(world.caller(issued->token.reveal()));
}

TEST_CASE("an access token is issued for a partner's own token and for nothing else", "[access tokens]")
{
    Tokens world;
    auto const access = world.issue(world.own);
    auto const link = world.login_link("jane@example.com"_email);
    for (auto const& text :
         {std::string(), std::string("onboard_"), std::string("onboard_access_"), access, world.own + "A",
          world.own.substr(8), link, "onboard_" + link})
        CHECK(error_of(world.onboarding.issue_access_token(text)) == unknown);
    CHECK(world.onboarding.issue_access_token(world.own));
}

TEST_CASE("an access token dies with the token it stands for, and with no other", "[access tokens]")
{
    Tokens world;
    auto const second = world.administration.rotate("Acme"_partner)->reveal();
    auto const of_first = world.issue(world.own);
    auto const of_second = world.issue(second);
    auto const bolts = world.issue(world.administration.add_partner({.name = "Bolt"_partner})->reveal());
    CHECK(world.caller(of_first) == "Acme"_partner);
    CHECK(world.caller(of_second) == "Acme"_partner);

    REQUIRE(world.administration.revoke_oldest("Acme"_partner).value() == 1);
    CHECK(error_of(world.onboarding.identify(of_first)) == unknown);
    CHECK(error_of(world.onboarding.issue_access_token(world.own)) == unknown);
    CHECK(world.caller(of_second) == "Acme"_partner);

    REQUIRE(world.administration.revoke_all("Acme"_partner).value() == 1);
    CHECK(error_of(world.onboarding.identify(of_second)) == unknown);
    CHECK(world.caller(bolts) == "Bolt"_partner);
    world.administration.rotate("Acme"_partner).value();
    CHECK(error_of(world.onboarding.identify(of_second)) == unknown);
}

TEST_CASE("access tokens for one token are all different, and all good", "[access tokens]")
{
    Tokens world;
    std::set<std::string> tokens;
    for (int time = 0; time < 50; ++time)
        tokens.insert(world.issue(world.own));
    CHECK(tokens.size() == 50);
    for (auto const& token : tokens)
        CHECK(world.caller(token) == "Acme"_partner);
}

TEST_CASE("an access token with any one character changed, cut or lengthened identifies nobody", "[access tokens]")
{
    Tokens world;
    auto const token = world.issue(world.own);
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. ";
    int taken = 0;
    for (std::size_t place = 0; place < token.size(); ++place)
        for (auto const letter : letters) {
            auto changed = token;
            changed[place] = letter;
            taken += changed != token && world.caller(changed);
        }
    for (std::size_t size = 0; size < token.size(); ++size)
        taken += world.caller(token.substr(0, size)).has_value();
    for (auto const* more : {"A", "=", "==", "\n", " "})
        taken += world.caller(token + more).has_value();
    taken += world.caller(" " + token).has_value();
    taken += world.caller(token + token).has_value();
    taken += world.caller(token.substr(std::string_view("onboard_access_").size())).has_value();
    taken += world.caller("onboard_" + token.substr(std::string_view("onboard_access_").size())).has_value();
    taken += world.caller("ONBOARD_ACCESS_" + token.substr(std::string_view("onboard_access_").size())).has_value();
    CHECK(taken == 0);
    CHECK(world.caller(token));
}

TEST_CASE("an access token is worth nothing under another key", "[access tokens]")
{
    Tokens world;
    auto const token = world.issue(world.own);
    auto other = world.ports;
    std::array<std::byte, SecretKey::least_size> bytes{};
    bytes[0] = std::byte{1};
    other.key = SecretKey::from_bytes(bytes);
    CHECK(error_of(Onboarding(other).identify(token)) == unknown);
    CHECK(Onboarding(world.ports).identify(token));  // and outlives a restart
}

TEST_CASE("an access token for a row that holds no token identifies nobody", "[access tokens]")
{
    Tokens world;
    auto const expires_at = (world.clock.now() + 1h).time_since_epoch();
    for (auto const row : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'000'000}, INT64_MAX}) {
        auto const token = AccessToken::make({.token = row, .expires_at = expires_at}, world.ports.key, world.random);
        CHECK(error_of(world.onboarding.identify(token.reveal())) == unknown);
    }
}

TEST_CASE("an access token opens nothing but a partner's calls", "[access tokens]")
{
    Tokens world;
    auto const token = world.issue(world.own);
    CHECK(refusal(world.onboarding.redeem(token)) == Errc::link_unknown);
    CHECK(refusal(world.onboarding.session(token)) == Errc::session_unknown);
    CHECK(refusal(world.onboarding.opt_in_invitation(token)) == Errc::link_unknown);
}

}
