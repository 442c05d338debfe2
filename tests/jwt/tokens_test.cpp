#include <atomic>
#include <set>
#include <stdexcept>

#include <onboard/testing.hpp>

#include "jwt/corpus.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::jwt;
using namespace onboard::testing;
using namespace std::chrono_literals;

Checked<Claims> verify(std::string_view token, std::string const& rules, Instant now = corpus().now)
{
    return Verifier(expectation_named(rules)).verify(token, keys_named(rules), now);
}

std::unique_ptr<IdentityProvider> open_google(std::vector<std::string> hosted_domains)
{
    static FixedClock clock(corpus().now);
    auto rules = google({"web.apps.example", "other.apps.example"});
    rules.hosted_domains = std::move(hosted_domains);
    return open_provider(
        rules, [] { return FetchedKeys{corpus().issuers.at("google")}; }, clock);
}

// Google's tokens go through what knows Google, the others through a Verifier alone.
std::string outcome(Corpus::Token const& token)
{
    static auto const everybody = open_google({});
    static auto const hosted = open_google({"school.example"});
    if (token.rules == "google")
        return refusal(everybody->identify(token.text));
    if (token.rules == "hosted")
        return refusal(hosted->identify(token.text));
    return refusal(Verifier(expectation_named(token.rules)).verify(token.text, keys_named(token.keys), corpus().now));
}

TEST_CASE("every token that is forged, broken or of no use here is refused for its own reason", "[jwt]")
{
    std::set<std::string> reasons;
    int refused = 0;
    for (auto const& token : corpus().tokens) {
        if (token.refused.empty())
            continue;
        INFO(token.rules << ": " << token.name);
        CHECK(outcome(token) == token.refused + (token.about.empty() ? "" : ' ' + token.about));
        reasons.insert(token.refused);
        ++refused;
    }
    CHECK(refused >= 390);
    // All but token_too_long and keys_unavailable, which are no token's own.
    CHECK(reasons.size() == static_cast<std::size_t>(Reason::keys_unavailable) - 2);
}

TEST_CASE("every token that is as it should be is taken", "[jwt]")
{
    int taken = 0;
    for (auto const& token : corpus().tokens) {
        if (!token.refused.empty())
            continue;
        INFO(token.rules << ": " << token.name);
        CHECK(outcome(token) == "");
        ++taken;
    }
    CHECK(taken >= 30);
}

TEST_CASE("a token beyond 8 KiB is refused before anything of it is read", "[jwt]")
{
    auto const longest = corpus().token("of 8192 octets", "school");
    REQUIRE(longest.size() == 8192);
    CHECK(verify(longest, "school"));
    CHECK(refusal(verify(longest + 'A', "school")) == "token_too_long");
    CHECK(refusal(verify(std::string(1 << 20, 'A'), "school")) == "token_too_long");
    CHECK(refusal(verify(std::string(100000, '.'), "school")) == "token_too_long");
    CHECK(refusal(verify(std::string(8192, '.'), "school")) == "segments_wrong");
    CHECK(refusal(verify(std::string(8192, 'A'), "school")) == "segments_wrong");
    CHECK(refusal(unverified_issuer(longest + 'A')) == "token_too_long");
}

TEST_CASE("a token says what it says", "[jwt]")
{
    auto const claims = verify(corpus().token("with all three times", "school"), "school");
    REQUIRE(claims);
    CHECK(claims->issuer() == "https://school.example");
    CHECK(claims->subject() == "pupil-9");
    CHECK(claims->audiences() == std::vector<std::string>{"https://onboard.example"});
    CHECK(claims->authorized_party() == std::nullopt);
    CHECK(claims->id() == std::nullopt);
    CHECK(claims->issued_at() == corpus().now);
    CHECK(claims->not_before() == corpus().now + 20s);
    CHECK(claims->expires_at() == corpus().now + 300s);
    CHECK(claims->refused_from() == corpus().now + 360s);

    auto const portal = verify(corpus().token("a portal's token", "portal"), "portal");
    REQUIRE(portal);
    CHECK(portal->id() == "0b3ad9d5");
    CHECK(portal->not_before() == std::nullopt);
    CHECK(portal->text("phone_number") == "+919812345678");
}

TEST_CASE("a claim is had by its name and its type", "[jwt]")
{
    auto const claims = verify(corpus().token("names of any text"), "google");
    REQUIRE(claims);
    CHECK(claims->text("name") == "<script>");
    CHECK(claims->text("family_name") == std::nullopt);
    CHECK(claims->number("family_name") == 7);
    CHECK(claims->number("exp") == 1760003500);
    CHECK(claims->number("email") == std::nullopt);
    CHECK(claims->truth("email_verified") == true);
    CHECK(claims->truth("email") == std::nullopt);
    CHECK(claims->text("email_verified") == std::nullopt);
    CHECK(claims->authorized_party() == "phone.apps.example");
    CHECK(claims->has("azp"));
    CHECK_FALSE(claims->has("hd"));
    CHECK(claims->text("hd") == std::nullopt);

    auto const more = verify(corpus().token("members that nobody knows"), "google");
    REQUIRE(more);
    CHECK(more->has("more"));
    CHECK(more->text("more") == std::nullopt);
}

TEST_CASE("a claim that is required is not there if it is null", "[jwt]")
{
    auto expectation = expectation_named("portal");
    expectation.required = {"redirect_uri"};
    Verifier const verifier(expectation);
    auto const outcome = [&](std::string_view name) {
        return refusal(verifier.verify(corpus().token(name, "portal"), keys_named("portal"), corpus().now));
    };
    CHECK(outcome("a portal's token") == "");
    CHECK(outcome("a portal's token with a claim of null") == "claim_missing redirect_uri");
    CHECK(outcome("portal: no jti") == "");
}

TEST_CASE("a token is known again by its fingerprint, whatever its signature", "[jwt]")
{
    auto const one = verify(corpus().token("by a curve", "school"), "school");
    auto const same = verify(corpus().token("the other signature that there is for each", "school"), "school");
    auto const other = verify(corpus().token("by a curve, unnamed", "school"), "school");
    REQUIRE((one && same && other));
    CHECK(one->fingerprint() == same->fingerprint());
    CHECK(one->fingerprint() != other->fingerprint());
}

// For which moments a token is good, in milliseconds from the corpus's own.
struct Edges {
    char const* why;
    std::chrono::seconds leeway;
    std::chrono::milliseconds first;
    char const* before;
    std::chrono::milliseconds last;
    char const* after;
};

TEST_CASE("a token begins and ends on the millisecond", "[jwt]")
{
    // Issued at 0 s, good from 20 s to 300 s.
    auto const& token = corpus().token("with all three times", "school");
    auto const edges = GENERATE(values<Edges>(
        {{"no leeway", 0s, 20s, "not_yet_valid nbf", 300s - 1ms, "expired exp"},
         {"a minute", 60s, -40s, "not_yet_valid nbf", 360s - 1ms, "expired exp"},
         {"a second", 1s, 19s, "not_yet_valid nbf", 301s - 1ms, "expired exp"},
         {"five minutes", 300s, -280s, "not_yet_valid nbf", 600s - 1ms, "expired exp"}}));
    INFO(edges.why);
    auto expectation = expectation_named("school");
    expectation.leeway = edges.leeway;
    Verifier const verifier(expectation);
    auto const at = [&](std::chrono::milliseconds moment) {
        return refusal(verifier.verify(token, keys_named("school"), corpus().now + moment));
    };
    CHECK(at(edges.first - 1s) == edges.before);
    CHECK(at(edges.first - 1ms) == edges.before);
    CHECK(at(edges.first) == "");
    CHECK(at(edges.first + 1ms) == "");
    CHECK(at(edges.last - 1ms) == "");
    CHECK(at(edges.last) == "");
    CHECK(at(edges.last + 1ms) == edges.after);
    CHECK(at(edges.last + 1s) == edges.after);

    auto const claims = verifier.verify(token, keys_named("school"), corpus().now + edges.last);
    REQUIRE(claims);
    CHECK(claims->refused_from() == corpus().now + edges.last + 1ms);
}

TEST_CASE("a token of the future is refused on the millisecond", "[jwt]")
{
    auto const& token = corpus().token("by a curve", "school");  // issued at 0 s
    CHECK(refusal(verify(token, "school", corpus().now - 60s - 1ms)) == "issued_in_future iat");
    CHECK(refusal(verify(token, "school", corpus().now - 60s)) == "");
}

TEST_CASE("a token grows too old on the millisecond", "[jwt]")
{
    auto const& token = corpus().token("by a curve", "school");  // from 0 s to 300 s
    auto expectation = expectation_named("school");
    expectation.oldest = 120s;
    auto const at = [&](std::chrono::milliseconds moment) {
        return refusal(Verifier(expectation).verify(token, keys_named("school"), corpus().now + moment));
    };
    CHECK(at(180s - 1ms) == "");
    CHECK(at(180s) == "too_old iat");
}

TEST_CASE("a life may be as long as it may be", "[jwt]")
{
    auto const& token = corpus().token("by a curve", "school");  // 300 s
    auto expectation = expectation_named("school");
    expectation.longest_life = 300s;
    CHECK(Verifier(expectation).verify(token, keys_named("school"), corpus().now));
    expectation.longest_life = 299s;
    CHECK(refusal(Verifier(expectation).verify(token, keys_named("school"), corpus().now)) == "life_too_long exp");
}

TEST_CASE("a moment far away is no trouble", "[jwt]")
{
    auto const& token = corpus().token("by a curve", "school");
    CHECK(
        refusal(verify(token, "school", Instant(std::chrono::sys_days{std::chrono::year(9999) / 12 / 31}))) ==
        "expired exp");
    CHECK(refusal(verify(token, "school", Instant())) == "issued_in_future iat");
}

TEST_CASE("no token with one letter changed is taken", "[jwt]")
{
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=";
    auto const [rules, name] = GENERATE(table<char const*, char const*>(
        {{"portal", "a portal's token"}, {"school", "by a curve"}, {"both", "RSA beside a curve"}}));
    auto const& token = corpus().token(name, rules);
    Verifier const verifier(expectation_named(rules));
    auto const keys = keys_named(rules);
    int taken = 0;
    for (std::size_t at = 0; at < token.size(); ++at)
        for (auto const step : {1U, 17U, 32U}) {
            auto changed = token;
            changed[at] = letters[(letters.find(token[at]) + step) % letters.size()];
            taken += verifier.verify(changed, keys, corpus().now).has_value();
        }
    CHECK(taken == 0);
}

TEST_CASE("no token that was cut, stretched or put together of two is taken", "[jwt]")
{
    auto const& one = corpus().token("a portal's token", "portal");
    auto const& other = corpus().token("a life of 600 s", "portal");
    Verifier const verifier(expectation_named("portal"));
    auto const keys = keys_named("portal");
    int taken = 0;
    auto const try_out = [&](std::string const& token) {
        taken += verifier.verify(token, keys, corpus().now).has_value();
    };
    for (std::size_t at = 0; at < one.size(); ++at) {
        try_out(one.substr(0, at));
        try_out(one.substr(at + 1));
        try_out(one.substr(0, at) + one.substr(at + 1));
        try_out(one.substr(0, at) + 'A' + one.substr(at));
        if (auto const joined = one.substr(0, at) + other.substr(at); joined != one && joined != other)
            try_out(joined);
    }
    CHECK(taken == 0);
    CHECK(verifier.verify(one, keys, corpus().now));
}

TEST_CASE("one verifier serves many threads", "[jwt]")
{
    Verifier const verifier(expectation_named("both"));
    auto const keys = keys_named("both");
    auto const& rsa = corpus().token("RSA beside a curve", "both");
    auto const& curve = corpus().token("a curve beside RSA", "both");
    std::atomic<int> taken = 0;
    together(16, [&](int number) {
        for (int time = 0; time < 20; ++time) {
            auto const& token = (number + time) % 2 == 0 ? rsa : curve;
            taken += verifier.verify(token, keys, corpus().now).has_value();
            taken += verifier.verify(token + "AAAA", keys, corpus().now).has_value();
        }
    });
    CHECK(taken == 16 * 20);
}

TEST_CASE("an expectation that would let too much in is none", "[jwt]")
{
    auto const spoiled = [](auto spoil) {
        auto expectation = expectation_named("school");
        spoil(expectation);
        return expectation;
    };
    CHECK_NOTHROW(Verifier(expectation_named("school")));
    CHECK_THROWS_AS(Verifier({}), std::invalid_argument);
    CHECK_THROWS_AS(Verifier(spoiled([](auto& e) { e.issuers.clear(); })), std::invalid_argument);
    CHECK_THROWS_AS(Verifier(spoiled([](auto& e) { e.issuers.emplace_back(); })), std::invalid_argument);
    CHECK_THROWS_AS(Verifier(spoiled([](auto& e) { e.audiences.clear(); })), std::invalid_argument);
    CHECK_THROWS_AS(Verifier(spoiled([](auto& e) { e.audiences.emplace_back(); })), std::invalid_argument);
    CHECK_THROWS_AS(Verifier(spoiled([](auto& e) { e.algorithms.clear(); })), std::invalid_argument);
    CHECK_THROWS_AS(Verifier(spoiled([](auto& e) { e.type.clear(); })), std::invalid_argument);
    CHECK_THROWS_AS(Verifier(spoiled([](auto& e) { e.leeway = 301s; })), std::invalid_argument);
    CHECK_THROWS_AS(Verifier(spoiled([](auto& e) { e.leeway = -1s; })), std::invalid_argument);
    CHECK_THROWS_AS(
        Verifier(spoiled([](auto& e) { e.leeway = std::chrono::seconds::max(); })), std::invalid_argument);
    CHECK_THROWS_AS(Verifier(spoiled([](auto& e) { e.longest_life = 0s; })), std::invalid_argument);
    CHECK_THROWS_AS(Verifier(spoiled([](auto& e) { e.oldest = 0s; })), std::invalid_argument);
    CHECK_THROWS_AS(
        Verifier(spoiled([](auto& e) { e.oldest = std::chrono::seconds::max(); })), std::invalid_argument);
}

TEST_CASE("who a token says it is from is found without a key", "[jwt]")
{
    CHECK(*unverified_issuer(corpus().token("a portal's token", "portal")) == "https://portal.example/");
    CHECK(*unverified_issuer(corpus().token("another portal's key", "portal")) == "https://portal.example/");
    CHECK(refusal(unverified_issuer(corpus().token("portal: no iss", "portal"))) == "claim_missing iss");
    CHECK(refusal(unverified_issuer(corpus().token("iss 1"))) == "claim_malformed iss");
    CHECK(refusal(unverified_issuer("..")) == "json_wrong payload");
    CHECK(refusal(unverified_issuer("")) == "segments_wrong");
    CHECK(refusal(unverified_issuer(corpus().token("payload: iss twice"))) == "member_repeated payload");
}

TEST_CASE("every reason has a name of its own", "[jwt]")
{
    std::set<std::string_view> names;
    for (auto reason = 1; reason <= static_cast<int>(Reason::keys_unavailable); ++reason)
        names.insert(name_of(static_cast<Reason>(reason)));
    CHECK(names.size() == static_cast<std::size_t>(Reason::keys_unavailable));
    CHECK_FALSE(names.contains("unknown"));
    CHECK(name_of(Algorithm::rs256) == "RS256");
    CHECK(name_of(Algorithm::es256) == "ES256");
}

}
