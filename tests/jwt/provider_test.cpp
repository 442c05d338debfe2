#include <stdexcept>

#include <onboard/testing.hpp>

#include "jwt/corpus.hpp"

namespace {

using namespace onboard;
using namespace onboard::jwt;
using namespace onboard::testing;
using namespace std::chrono_literals;

ProviderRules our_google()
{
    return google({"web.apps.example", "other.apps.example"});
}

Checked<VerifiedIdentity> identify(std::string_view name, ProviderRules const& rules = our_google())
{
    FixedClock clock(corpus().now);
    return open_provider(
               rules, [] { return FetchedKeys{corpus().issuers.at("google")}; }, clock)
        ->identify(corpus().token(name));
}

TEST_CASE("a token tells who somebody is", "[jwt]")
{
    auto const identity = identify("an organisation's address");
    REQUIRE(identity);
    CHECK(identity->issuer == "https://accounts.google.com");
    CHECK(identity->subject == "110169484474386276334");
    REQUIRE(identity->email);
    CHECK(identity->email->str() == "jane@school.example");
    CHECK(identity->email_verified);
    CHECK(identity->hosted_domain == "school.example");
    CHECK(identity->name == "Jane Doe");
    CHECK(identity->given_name == "Jane");
    CHECK(identity->family_name == "Doe");
}

TEST_CASE("a token can be known again, and as the one that was asked for", "[jwt]")
{
    auto const identity = identify("a nonce and a number of its own");
    REQUIRE(identity);
    CHECK(identity->nonce == "n-0S6_WzA2Mj");
    CHECK(identity->token_id == "161e7a2f");
    CHECK(identity->refused_from == corpus().now + 3560s);

    auto const other = identify("a nonce that is a number");
    REQUIRE(other);
    CHECK(other->nonce == std::nullopt);
    CHECK(other->token_id == std::nullopt);
    CHECK(other->fingerprint != identity->fingerprint);
    CHECK(other->fingerprint == identify("a nonce that is a number")->fingerprint);
}

TEST_CASE("somebody is one person, however the provider spells itself", "[jwt]")
{
    auto const one = identify("Google's issuer with its scheme");
    auto const other = identify("Google's issuer without its scheme");
    REQUIRE((one && other));
    CHECK(one->issuer == other->issuer);
    CHECK(one->subject == other->subject);
}

TEST_CASE("names may be missing, and of any text", "[jwt]")
{
    auto const none = identify("no names");
    REQUIRE(none);
    CHECK(none->name == std::nullopt);
    CHECK(none->given_name == std::nullopt);
    CHECK(none->family_name == std::nullopt);

    auto const odd = identify("names of any text");
    REQUIRE(odd);
    CHECK(odd->given_name == "'; DROP TABLE");
    CHECK(odd->family_name == std::nullopt);
}

TEST_CASE("Google is the authority for its own addresses and for those of organisations", "[jwt]")
{
    auto const [name, address, authoritative] = GENERATE(table<char const*, char const*, bool>(
        {{"Google's issuer with its scheme", "jane.doe@gmail.com", true},
         {"an address: Gmail in capitals", "JANE.DOE@gmail.com", true},
         {"an organisation's address", "jane@school.example", true},
         {"an address: elsewhere", "jane@elsewhere.example", false},
         {"an address: a name that ends like Gmail", "jane@notgmail.com", false},
         {"an address: a name that begins like Gmail", "jane@gmail.com.example", false},
         {"an address: a domain below Gmail", "jane@x.gmail.com", false},
         {"an address: Gmail in wide letters", "jane@gmail.com", false},
         {"an address: Gmail in wide letters, hosted", "jane@gmail.com", false}}));
    INFO(name);
    auto const identity = identify(name);
    REQUIRE(identity);
    CHECK(identity->email->str() == address);
    CHECK(identity->email_authoritative == authoritative);
}

TEST_CASE("who is an authority for what is a matter of configuration", "[jwt]")
{
    auto rules = our_google();
    rules.own_domains = {};
    CHECK_FALSE(identify("Google's issuer with its scheme", rules)->email_authoritative);
    CHECK(identify("an organisation's address", rules)->email_authoritative);
    rules.hosts_organisations = false;
    CHECK_FALSE(identify("an organisation's address", rules)->email_authoritative);
    rules.own_domains = {"elsewhere.example"};
    CHECK(identify("an address: elsewhere", rules)->email_authoritative);
}

TEST_CASE("where no verified address is required, none is made up", "[jwt]")
{
    auto rules = our_google();
    rules.verified_email_required = false;
    auto const unverified = identify("email_verified false", rules);
    REQUIRE(unverified);
    CHECK(unverified->email);
    CHECK_FALSE(unverified->email_verified);
    CHECK_FALSE(unverified->email_authoritative);

    auto const silent = identify("no email_verified", rules);
    REQUIRE(silent);
    CHECK_FALSE(silent->email_verified);

    auto const nobody = identify("no email", rules);
    REQUIRE(nobody);
    CHECK_FALSE(nobody->email);
    CHECK_FALSE(nobody->email_verified);

    CHECK(refusal(identify("email_verified \"true\"", rules)) == "claim_malformed email_verified");
    CHECK(refusal(identify("email 1", rules)) == "claim_malformed email");
}

TEST_CASE("without keys nobody is known, and it is not their fault", "[jwt]")
{
    FixedClock clock(corpus().now);
    std::vector<std::string> complaints;
    auto const provider = open_provider(
        our_google(), []() -> FetchedKeys { throw std::runtime_error("no route to host"); }, clock,
        [&](std::string_view why) { complaints.emplace_back(why); });
    CHECK(refusal(provider->identify(corpus().token("Google's issuer with its scheme"))) == "keys_unavailable");
    CHECK(refusal(provider->identify("x")) == "segments_wrong");
    CHECK(complaints == std::vector<std::string>{"no route to host"});
}

TEST_CASE("a token grows old by the provider's clock", "[jwt]")
{
    FixedClock clock(corpus().now);
    auto const provider = open_provider(
        our_google(), [] { return FetchedKeys{corpus().issuers.at("google")}; }, clock);
    auto const& token = corpus().token("Google's issuer with its scheme");  // ends at 3500 s
    clock.advance(3560s - 1ms);
    CHECK(refusal(provider->identify(token)) == "");
    clock.advance(1ms);
    CHECK(refusal(provider->identify(token)) == "expired exp");
}

TEST_CASE("a provider without clients of ours is none", "[jwt]")
{
    auto const fetch = [] { return FetchedKeys{}; };
    CHECK_THROWS_AS(open_provider(google({}), fetch), std::invalid_argument);
    CHECK_THROWS_AS(open_provider({}, fetch), std::invalid_argument);
    CHECK_NOTHROW(open_provider(our_google(), fetch));
}

}
