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

}
