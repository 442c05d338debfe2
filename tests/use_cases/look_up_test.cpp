#include <atomic>

#include "support/catch.hpp"
#include "support/telephones.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

using Numbers = std::vector<std::optional<PhoneNumber>>;

auto const jane = "+4915112345678"_phone;
auto const john = "+31612345678"_phone;

struct Directory : Telephones {
    using Telephones::Telephones;

    Result<std::vector<bool>> ask(Numbers const& phones, std::optional<PartnerId> partner = {})
    {
        return onboarding.are_registered({.partner = partner.value_or(acme), .phones = phones});
    }

    // So many numbers of nobody's.
    Result<std::vector<bool>> ask_for(int numbers, std::optional<PartnerId> partner = {})
    {
        return ask(Numbers(static_cast<std::size_t>(numbers)), partner);
    }
};

Error no_more(std::chrono::seconds again)
{
    return {.code = Errc::attempts_spent, .field = "phones", .attempts_left = 0, .retry_after = again};
}

TEST_CASE("each number is answered in its place, also text that is no number", "[look up]")
{
    Directory world;
    world.sign_in(jane);
    world.sign_in(john);
    auto const answers =
        world.ask({stranger(1), jane, std::nullopt, john, std::nullopt, jane, stranger(2), "0151 12345678"_phone});
    REQUIRE(answers);
    CHECK(*answers == std::vector{false, true, false, true, false, true, false, true});
}

TEST_CASE("nothing asked is nothing answered", "[look up]")
{
    Directory world;
    CHECK(world.ask({})->empty());
    CHECK(world.ask({std::nullopt}).value() == std::vector{false});
}

TEST_CASE("somebody is registered as long as their account is active", "[look up]")
{
    Directory world;
    CHECK(world.ask({jane}).value() == std::vector{false});
    auto const code = world.code_for(jane);
    CHECK(world.ask({jane}).value() == std::vector{false});  // a code alone registers nobody
    REQUIRE(world.enter(jane, code));
    CHECK(world.ask({jane}).value() == std::vector{true});
    REQUIRE(world.administration.block(jane));
    CHECK(world.ask({jane}).value() == std::vector{false});
    REQUIRE(world.administration.unblock(jane));
    CHECK(world.ask({jane}).value() == std::vector{true});
    REQUIRE(world.administration.remove(jane));
    CHECK(world.ask({jane}).value() == std::vector{false});
}

TEST_CASE("a partner asks about so many numbers in a day and no more", "[look up]")
{
    Directory world({.look_ups_per_day = 10});
    world.sign_in(jane);
    CHECK(world.ask_for(3));
    world.clock.advance(1h);
    CHECK(world.ask({jane, jane, jane, std::nullopt, std::nullopt, std::nullopt, jane}));  // each counts
    CHECK(error_of(world.ask({jane})) == no_more(23h));
    CHECK(world.ask({}));
    world.clock.advance(23h - 1ms);
    CHECK(error_of(world.ask({jane})) == no_more(1s));
    world.clock.advance(1ms);
    CHECK(world.ask({jane}).value() == std::vector{true});
    CHECK(world.ask_for(9));
    CHECK(error_of(world.ask_for(1)) == no_more(24h));
}

TEST_CASE("a question that was refused is not counted, so that a smaller one is answered", "[look up]")
{
    Directory world({.look_ups_per_day = 10});
    CHECK(world.ask_for(4));
    for (int time = 0; time < 3; ++time)
        CHECK(error_of(world.ask_for(7)) == no_more(24h));
    CHECK(world.ask_for(6));
    CHECK(error_of(world.ask_for(1)) == no_more(24h));
}

TEST_CASE("what one partner asks is counted for no other", "[look up]")
{
    Directory world({.look_ups_per_day = 10});
    auto const bolt = world.partner("Bolt");
    CHECK(world.ask_for(10));
    CHECK_FALSE(world.ask_for(1));
    CHECK(world.ask_for(10, bolt));
    CHECK_FALSE(world.ask_for(1, bolt));
}

TEST_CASE("many questions at once are answered up to the limit and no further", "[look up]")
{
    Directory world({.look_ups_per_day = 50});
    std::atomic<int> answered = 0;
    together(40, [&](int) { answered += world.ask_for(2).has_value(); });
    CHECK(answered == 25);
    CHECK_FALSE(world.ask_for(1));
}

TEST_CASE("as many numbers as a list may hold are answered at once", "[look up]")
{
    Directory world;
    world.sign_in(stranger(77));
    Numbers numbers;
    for (int number = 0; number < 1000; ++number)
        numbers.push_back(stranger(number));
    auto const answers = world.ask(numbers).value();
    REQUIRE(answers.size() == 1000);
    CHECK(std::count(answers.begin(), answers.end(), true) == 1);
    CHECK(answers[77]);
}

// Whether somebody has what is asked for.
Result<bool> exists(Directory& world, std::variant<EmailAddress, PhoneNumber, UserName> const& who)
{
    return world.onboarding.exists({.partner = world.acme, .who = who});
}

UserName user_name(std::string_view text)
{
    return UserName::parse(text).value();
}

// Somebody with an address, a telephone number and a user name.
void sign_up(Directory& world)
{
    REQUIRE(world.onboarding.send_sign_up_code({.partner = world.acme, .to = jane}));
    auto const code = world.texted().at(0).secret;
    REQUIRE(world.onboarding.sign_up(
        {.partner = world.acme,
         .name = "Asha Kumari"_name,
         .contact = jane,
         .code = code,
         .user_name = user_name("asha1")}));
    REQUIRE(world.onboarding.change_email({.phone = jane, .email = "asha@example.com"_email}));
    REQUIRE(world.onboarding.confirm_email(world.delivered().at(0).secret));
}

TEST_CASE("an address, a number and a user name exist as long as their person was not deleted", "[look up]")
{
    Directory world;
    auto const all = [&](bool expected) {
        CHECK(exists(world, "ASHA@Example.com"_email).value() == expected);
        CHECK(exists(world, "0151 / 123 456 78"_phone).value() == expected);
        CHECK(exists(world, user_name("ASHA1")).value() == expected);
    };
    all(false);
    sign_up(world);
    all(true);
    REQUIRE(world.administration.block(jane));
    all(true);
    REQUIRE(world.administration.unblock(jane));
    all(true);
    CHECK_FALSE(exists(world, "asha@example.org"_email).value());
    CHECK_FALSE(exists(world, john).value());
    CHECK_FALSE(exists(world, user_name("asha2")).value());
    REQUIRE(world.administration.remove(jane));
    all(false);
}

TEST_CASE("what was let go of exists again with its next owner, and a user name never does", "[look up]")
{
    Directory world({.release_deleted = true});
    sign_up(world);
    REQUIRE(world.administration.remove(jane));
    world.clock.advance(60s);
    world.sign_in(jane);
    CHECK(exists(world, jane).value());
    CHECK_FALSE(exists(world, "asha@example.com"_email).value());
    CHECK_FALSE(exists(world, user_name("asha1")).value());
}

TEST_CASE("what waits for a code or for an opt-in exists not yet", "[look up]")
{
    Directory world;
    REQUIRE(world.onboarding.send_sign_up_code({.partner = world.acme, .to = john}));
    world.sign_in(jane);
    REQUIRE(world.onboarding.change_email({.phone = jane, .email = "asha@example.com"_email}));
    CHECK_FALSE(exists(world, john).value());
    CHECK_FALSE(exists(world, "asha@example.com"_email).value());
    CHECK(exists(world, jane).value());
}

TEST_CASE("questions for one person and for many have one budget", "[look up]")
{
    Directory world({.look_ups_per_day = 10});
    auto const bolt = world.partner("Bolt");
    CHECK(world.ask_for(7));
    CHECK(exists(world, jane));
    CHECK(exists(world, "asha@example.com"_email));
    CHECK(error_of(world.ask_for(2)) == no_more(24h));
    CHECK(exists(world, user_name("asha1")));
    world.clock.advance(1h);
    for (int time = 0; time < 3; ++time)
        CHECK(error_of(exists(world, jane)) == no_more(23h));
    CHECK(error_of(world.ask_for(1)) == no_more(23h));
    CHECK(world.onboarding.exists({.partner = bolt, .who = jane}));
    world.clock.advance(23h);
    CHECK(exists(world, jane));
}

TEST_CASE("many questions at once for one person each are answered up to the limit and no further", "[look up]")
{
    Directory world({.look_ups_per_day = 25});
    std::atomic<int> answered = 0;
    together(40, [&](int) { answered += until_done([&] { return exists(world, jane).has_value(); }); });
    CHECK(answered == 25);
}

}
