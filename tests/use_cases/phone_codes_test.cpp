#include <atomic>
#include <set>

#include "support/catch.hpp"
#include "support/dying_storage.hpp"
#include "support/telephones.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

auto const jane = "+4915112345678"_phone;
auto const john = "+31612345678"_phone;

Error wrong_code(int left)
{
    return {.code = Errc::code_wrong, .field = "code", .attempts_left = left};
}

Error no_tries_left(std::chrono::seconds again)
{
    return {.code = Errc::attempts_spent, .field = "code", .attempts_left = 0, .retry_after = again};
}

Error too_many_texts(std::string_view field, std::chrono::seconds again)
{
    return {.code = Errc::attempts_spent, .field = std::string(field), .attempts_left = 0, .retry_after = again};
}

Error too_soon(std::chrono::seconds again)
{
    return {.code = Errc::attempts_spent, .field = "phone", .retry_after = again};
}

// One guess, by the one call or by the other.
std::optional<Error> guess(Telephones& world, PhoneNumber const& phone, std::string_view code, bool by_checking)
{
    return by_checking ? error_of(world.onboarding.check_code({.phone = phone, .code = code}))
                       : error_of(world.enter(phone, code));
}

std::optional<Error> check(Telephones& world, PhoneNumber const& phone, std::string_view code)
{
    return guess(world, phone, code, true);
}

// Codes that nobody was sent in a test of a few guesses: all digits alike.
std::string made_up(int number)
{
    return std::string(6, static_cast<char>('0' + number % 10));
}

// On behalf of a client that asks for this number only.
Result<CodeSent> send_from_client(Telephones& world, PhoneNumber const& phone)
{
    return world.send(phone, "client of " + phone.e164());
}

// Waits as long as the refusal says, less a moment, when it is refused still; and then a moment, when it is not.
void check_honest(Telephones& world, PhoneNumber const& phone, std::string_view client, Error const& expected)
{
    auto const refused = error_of(world.send(phone, client));
    REQUIRE(refused == expected);
    auto before = expected;
    before.retry_after = 1s;
    world.clock.advance(*expected.retry_after - 1ms);
    CHECK(error_of(world.send(phone, client)) == before);
    world.clock.advance(1ms);
    CHECK(world.send(phone, client));
}

TEST_CASE("a code is texted to the telephone, in the language asked for, and mailed to nobody", "[phone codes]")
{
    Telephones world;
    REQUIRE(world.onboarding.send_code({.phone = jane, .language = Language::dutch, .client = "192.0.2.1"}));
    CHECK(world.letters_waiting() == 1);
    CHECK(world.delivered().empty());

    auto const texts = world.texted();
    REQUIRE(texts.size() == 1);
    auto const& [letter, code] = texts[0];
    CHECK(letter.kind == LetterKind::phone_code);
    CHECK(std::get<PhoneNumber>(letter.to) == jane);
    CHECK(letter.language == Language::dutch);
    CHECK(letter.first_name.empty());
    CHECK(letter.partner.empty());
    CHECK(letter.expires_at == world.clock.now() + 300s);
    CHECK(code.size() == 6);
    CHECK(code.find_first_not_of("0123456789") == std::string::npos);
    CHECK(world.letters_waiting() == 0);
    CHECK(world.texted().empty());
}

TEST_CASE("the courier of text messages carries no mail", "[phone codes]")
{
    Telephones world;
    REQUIRE(world.create(world.acme, world.person("jane@example.com")).value() == Registered::created);
    REQUIRE(world.send(jane));
    CHECK(world.texted().size() == 1);
    CHECK(world.letters_waiting() == 1);
    CHECK(world.delivered().size() == 1);
}

TEST_CASE(
    "a code has as many digits as the policy says, leading zeros kept, and works as it was texted", "[phone codes]")
{
    auto const digits = GENERATE(4, 6, 8, 10);
    Telephones world({.code_digits = digits});
    world.draw_next(42);
    auto const code = world.code_for(jane);
    CHECK(code == std::string(static_cast<std::size_t>(digits) - 2, '0') + "42");
    CHECK_FALSE(check(world, jane, code));
    CHECK(check(world, jane, "42"));
    CHECK(world.enter(jane, code));
}

TEST_CASE("every code is drawn anew", "[phone codes]")
{
    Telephones world;
    std::set<std::string> codes;
    for (int number = 0; number < 50; ++number)
        codes.insert(world.code_for(stranger(number)));
    CHECK(codes.size() >= 49);  // two of fifty are alike with a chance of one in a thousand
}

TEST_CASE("a code is texted alike whether or not anybody here has the number", "[phone codes]")
{
    Telephones world;
    auto const known = stranger(1);
    auto const blocked = stranger(2);
    auto const deleted = stranger(3);
    for (auto const& phone : {known, blocked, deleted})
        world.sign_in(phone);
    REQUIRE(world.administration.block(blocked));
    REQUIRE(world.administration.remove(deleted));
    world.clock.advance(1min);

    for (auto const& phone : {known, blocked, deleted, stranger(4)}) {
        INFO(phone.e164());
        CHECK_FALSE(world.send(phone, "192.0.2.1")->suspicious);
        CHECK(error_of(world.send(phone, "192.0.2.1")) == too_soon(60s));
        auto const texts = world.texted();
        REQUIRE(texts.size() == 1);
        CHECK(texts[0].letter.kind == LetterKind::phone_code);
        CHECK_FALSE(check(world, phone, texts[0].secret));
        CHECK(check(world, phone, other_than(texts[0].secret)) == wrong_code(4));
    }
}

TEST_CASE("texts go to the countries of the policy only, and to telephones that can show them", "[phone codes]")
{
    auto const [why, phone, region, served] = GENERATE(table<char const*, PhoneNumber, char const*, bool>(
        {{"a mobile number of a country in it", "+4915112345678"_phone, "DE", true},
         {"of another country in it", "+32470123456"_phone, "BE", true},
         {"of a country that is not", "+447400123456"_phone, "GB", false},
         {"of one that shares a country code with the last", "+447911123456"_phone, "GG", false},
         {"of an overseas part of a country in it", "+590690001234"_phone, "GP", false},
         {"mobile and fixed numbers look alike there, and it is not in it", "+12125550123"_phone, "US", false},
         {"a fixed number", "+493012345678"_phone, "DE", false},
         {"free of charge", "+498001234567"_phone, "DE", false},
         {"dear", "+499001234567"_phone, "DE", false},
         {"personal", "+4970012345678"_phone, "DE", false},
         {"voice over IP", "+493212345678"_phone, "DE", false},
         {"a pager", "+4916412345"_phone, "DE", false}}));
    INFO(why);
    REQUIRE(phone.region().str() == region);
    Telephones world({.texts_per_client_per_hour = 1});
    if (served) {
        CHECK(world.send(phone, "192.0.2.1"));
    } else {
        for (int time = 0; time < 3; ++time)
            CHECK(error_of(world.send(phone, "192.0.2.1")) == refuse(Errc::phone_not_served, "phone"));
        CHECK(world.send(john, "192.0.2.1"));  // nothing was counted
    }
    auto const texts = world.texted();
    REQUIRE(texts.size() == 1);
    CHECK(text_of(texts[0].letter.to) == (served ? phone : john).e164());
    CHECK(world.codes_alive(phone) == (served ? 1 : 0));
}

TEST_CASE("without countries in the policy nobody is texted", "[phone codes]")
{
    World world;
    CHECK(
        error_of(world.onboarding.send_code({.phone = jane, .client = "192.0.2.1"})) ==
        refuse(Errc::phone_not_served, "phone"));
    CHECK(world.letters_waiting() == 0);
}

TEST_CASE("a country is what the number says, not only its country code", "[phone codes]")
{
    auto const american = "+12125550123"_phone;
    auto const canadian = "+14165550123"_phone;
    REQUIRE(american.region().str() == "US");
    REQUIRE(canadian.region().str() == "CA");
    World world;
    auto policy = quick_hashing();
    policy.texted_regions = {canadian.region()};
    Onboarding onboarding(world.ports, policy);
    CHECK(refusal(onboarding.send_code({.phone = american})) == Errc::phone_not_served);
    CHECK(onboarding.send_code({.phone = canadian}));
}

TEST_CASE("checking a code uses nothing up", "[phone codes]")
{
    Telephones world;
    auto const code = world.code_for(jane);
    for (int time = 0; time < 20; ++time)
        CHECK_FALSE(check(world, jane, code));
    CHECK_FALSE(world.find(jane));
    REQUIRE(world.enter(jane, code));
    CHECK(check(world, jane, code) == wrong_code(4));
}

TEST_CASE("a code is good until its life ends, to the millisecond", "[phone codes]")
{
    auto const [why, later, good] = GENERATE(table<char const*, std::chrono::milliseconds, bool>(
        {{"just before", 300s - 1ms, true}, {"just then", 300s, false}, {"just after", 300s + 1ms, false}}));
    auto const by_checking = GENERATE(true, false);
    INFO(why);
    Telephones world;
    auto const code = world.code_for(jane);
    world.clock.advance(later);
    CHECK(guess(world, jane, code, by_checking) == (good ? std::nullopt : std::optional(wrong_code(4))));
}

TEST_CASE("either of the last two codes that were texted works, and none before them", "[phone codes]")
{
    Telephones world;
    std::vector<std::string> codes;
    for (int time = 0; time < 3; ++time) {
        codes.push_back(world.code_for(jane));
        world.clock.advance(60s);
    }
    auto const by_checking = GENERATE(true, false);
    CHECK(guess(world, jane, codes[0], by_checking) == wrong_code(4));
    CHECK_FALSE(guess(world, jane, codes[1], by_checking));
    CHECK_FALSE(guess(world, jane, codes[2], by_checking));
    CHECK(guess(world, jane, codes[0], by_checking) == wrong_code(3));
}

TEST_CASE("a code is taken with the blanks that people type, and as nothing else", "[phone codes]")
{
    Telephones world({.code_tries = 100});
    auto const code = world.code_for(jane);
    CHECK_FALSE(check(world, jane, " " + code.substr(0, 3) + " " + code.substr(3) + "\r\n"));
    std::string arabic;
    for (auto const digit : code)
        arabic += std::string("\xd9") + static_cast<char>('\xa0' + (digit - '0'));
    std::vector<std::pair<char const*, std::string>> const rows{
        {"nothing", ""},
        {"blanks", "  "},
        {"without its last digit", code.substr(0, 5)},
        {"with one more", code + "0"},
        {"twice", code + code},
        {"letters", "abcdef"},
        {"a sign before it", "+" + code},
        {"a NUL after it", code + std::string(1, '\0')},
        {"a dash in it", code.substr(0, 3) + "-" + code.substr(3)},
        {"other digits", arabic},
        {"what a query could be made of", "' OR '1'='1"},
        {"ten kilobytes", std::string(10'000, '1')}};
    int left = 100;
    for (auto const& [why, text] : rows)
        for (auto const by_checking : {true, false}) {
            INFO(why);
            CHECK(guess(world, jane, text, by_checking) == wrong_code(--left));
        }
    CHECK(world.enter(jane, code));
}

TEST_CASE(
    "a code is good for the number it was texted to, and a guess is counted for the number it is about",
    "[phone codes]")
{
    Telephones world;
    auto const janes = world.code_for(jane);
    auto const johns = world.code_for(john);
    REQUIRE(janes != johns);
    auto const by_checking = GENERATE(true, false);
    CHECK(guess(world, john, janes, by_checking) == wrong_code(4));
    CHECK(guess(world, john, janes, by_checking) == wrong_code(3));
    CHECK(check(world, jane, johns) == wrong_code(4));
    CHECK_FALSE(guess(world, jane, janes, by_checking));
    CHECK_FALSE(guess(world, john, johns, by_checking));
}

TEST_CASE("every way to write a number is one number, with one count of texts and of guesses", "[phone codes]")
{
    Telephones world;
    auto const code = world.code_for("+49 151 12345678"_phone);
    CHECK(error_of(world.send("0151 / 123 456 78"_phone)) == too_soon(60s));
    int left = 5;
    for (auto const& phone :
         {"+49 151 12345678"_phone, "0049 (0) 151-12345678"_phone, "0151 / 123 456 78"_phone,
          "tel:+4915112345678"_phone})
        CHECK(check(world, phone, other_than(code)) == wrong_code(--left));
    CHECK_FALSE(check(world, "(0151) 12345678"_phone, code));
    CHECK(check(world, "+4915112345678"_phone, other_than(code)) == wrong_code(0));
    CHECK(check(world, "0151.123.456.78"_phone, code) == no_tries_left(3600s));
}

TEST_CASE(
    "wrong, expired, used, replaced and never sent codes are answered alike, and counted alike", "[phone codes]")
{
    auto const first = GENERATE(true, false);
    Telephones world;
    std::string code = "123456";
    SECTION("never sent") {}
    SECTION("expired")
    {
        code = world.code_for(jane);
        world.clock.advance(300s);
    }
    SECTION("used")
    {
        code = world.code_for(jane);
        REQUIRE(world.enter(jane, code));
    }
    SECTION("replaced")
    {
        code = world.code_for(jane);
        for (int time = 0; time < 2; ++time) {
            world.clock.advance(60s);
            world.code_for(jane);
        }
    }
    SECTION("wrong")
    {
        code = other_than(world.code_for(jane));
    }
    for (int left = 4; left >= 0; --left)
        CHECK(guess(world, jane, code, (left % 2 == 0) == first) == wrong_code(left));
    for (int time = 0; time < 3; ++time) {
        CHECK(guess(world, jane, code, first) == no_tries_left(3600s));
        CHECK(guess(world, jane, code, !first) == no_tries_left(3600s));
    }
}

TEST_CASE(
    "after five wrong codes even the right one is refused, by either call, until the window is over", "[phone codes]")
{
    Telephones world;
    auto const code = world.code_for(jane);
    auto const start = world.clock.now();
    for (int time = 0; time < 5; ++time) {
        CHECK(guess(world, jane, other_than(code), time % 2 == 0) == wrong_code(4 - time));
        world.clock.advance(10s);
    }
    for (int time = 0; time < 30; ++time)  // neither lengthens the wait nor shortens it
        CHECK(guess(world, jane, time % 3 ? code : made_up(time), time % 2 == 0) == no_tries_left(3550s));

    world.clock.set(start + 1h - 1ms);
    auto const late = world.code_for(jane);
    CHECK(check(world, jane, late) == no_tries_left(1s));
    CHECK(guess(world, jane, late, false) == no_tries_left(1s));
    world.clock.advance(1ms);
    CHECK_FALSE(check(world, jane, late));
    CHECK(world.enter(jane, late));
}

TEST_CASE("a window begins with the first guess, however late that comes", "[phone codes]")
{
    Telephones world;
    auto const code = world.code_for(jane);
    world.clock.advance(299s);
    for (int left = 4; left >= 0; --left)
        CHECK(check(world, jane, other_than(code)) == wrong_code(left));
    CHECK(check(world, jane, code) == no_tries_left(3600s));
}

TEST_CASE("codes sent anew give no tries back", "[phone codes]")
{
    Telephones world;
    auto const first = world.code_for(jane);
    CHECK(check(world, jane, other_than(first)) == wrong_code(4));
    CHECK(check(world, jane, other_than(first)) == wrong_code(3));
    world.clock.advance(60s);
    auto const second = world.code_for(jane);
    CHECK(guess(world, jane, other_than(second), false) == wrong_code(2));
    CHECK(guess(world, jane, other_than(second), false) == wrong_code(1));
    world.clock.advance(60s);
    auto const third = world.code_for(jane);
    CHECK(check(world, jane, other_than(third)) == wrong_code(0));
    CHECK(check(world, jane, third) == no_tries_left(3480s));
    world.clock.advance(60s);
    CHECK(check(world, jane, world.code_for(jane)) == no_tries_left(3420s));
}

TEST_CASE("a right code gives its own try back and no other", "[phone codes]")
{
    Telephones world;
    auto const code = world.code_for(jane);
    for (int left = 4; left >= 1; --left)
        CHECK(check(world, jane, other_than(code)) == wrong_code(left));
    auto const by_checking = GENERATE(true, false);
    if (by_checking)
        for (int time = 0; time < 10; ++time)
            CHECK_FALSE(check(world, jane, code));
    else
        CHECK(world.enter(jane, code));
    world.clock.advance(60s);
    auto const next = world.code_for(jane);
    CHECK(guess(world, jane, other_than(next), by_checking) == wrong_code(0));
    CHECK(guess(world, jane, next, by_checking) == no_tries_left(3540s));
}

TEST_CASE("a restart gives no tries back and forgets no limit", "[phone codes]")
{
    Telephones world;
    auto const code = world.code_for(jane);
    for (int time = 0; time < 5; ++time)
        CHECK(
            refusal(Onboarding(world.ports, world.onboarding.policy())
                        .check_code({.phone = jane, .code = other_than(code)})) == Errc::code_wrong);
    Onboarding restarted(world.ports, world.onboarding.policy());
    CHECK(refusal(restarted.check_code({.phone = jane, .code = code})) == Errc::attempts_spent);
    CHECK(error_of(restarted.send_code({.phone = jane})) == too_soon(60s));
}

TEST_CASE(
    "a guess of a texted code is counted before it is looked at, even if the process dies in between",
    "[phone codes]")
{
    auto owned = std::make_unique<DyingStorage>();
    auto& storage = *owned;
    Telephones world({}, std::move(owned));
    auto const code = world.code_for(jane);
    for (int time = 0; time < 5; ++time) {
        storage.begins_left = 1;
        CHECK_THROWS_AS(guess(world, jane, time % 2 ? code : other_than(code), time < 3), StorageFailure);
    }
    storage.begins_left = DyingStorage::immortal;
    CHECK(check(world, jane, code) == no_tries_left(3600s));
}

TEST_CASE("no crowd of other numbers crowds a count of guesses out", "[phone codes]")
{
    Telephones world;
    auto const code = world.code_for(jane);
    for (int time = 0; time < 5; ++time)
        CHECK(check(world, jane, other_than(code)));
    {
        auto const group = world.storage->begin_group();
        for (int number = 0; number < 500; ++number) {
            CHECK(check(world, stranger(number), "123456"));
            world.onboarding.tidy();
        }
        group->commit();
    }
    CHECK(check(world, jane, code) == no_tries_left(3600s));
    world.clock.advance(1h - 1ms);
    while (world.onboarding.tidy() > 0) {
    }
    CHECK(check(world, jane, code) == no_tries_left(1s));
}

TEST_CASE("tries of one number are no other's", "[phone codes]")
{
    Telephones world;
    auto const code = world.code_for(jane);
    for (int time = 0; time < 7; ++time)
        CHECK(check(world, neighbour(5677), code));
    CHECK_FALSE(check(world, jane, code));
}

TEST_CASE("of forty who guess at once by both calls, five are looked at", "[phone codes]")
{
    Telephones world;
    auto const code = world.code_for(jane);
    std::atomic<int> looked_at = 0;
    std::atomic<int> turned_away = 0;
    together(40, [&](int number) {
        auto const refused = guess(world, jane, "x" + std::to_string(number), number % 2 == 0);
        looked_at += refused && refused->code == Errc::code_wrong;
        turned_away += refused && refused->code == Errc::attempts_spent;
    });
    CHECK(looked_at == 5);
    CHECK(turned_away == 35);
    CHECK(check(world, jane, code) == no_tries_left(3600s));
}

TEST_CASE(
    "of forty different guesses at once no more than five are looked at, the right one included", "[phone codes]")
{
    auto const place = GENERATE(0, 7, 20, 39);
    Telephones world;
    auto const code = world.code_for(jane);
    std::atomic<int> looked_at = 0;
    std::atomic<int> succeeded = 0;
    together(40, [&](int number) {
        auto const refused = guess(world, jane, number == place ? code : made_up(number), number % 2 == 0);
        looked_at += refused && refused->code == Errc::code_wrong;
        succeeded += !refused;
    });
    CHECK(succeeded <= 1);
    CHECK(looked_at <= 5);
    CHECK(looked_at + succeeded >= 5);
    CHECK(check(world, jane, code)->code == Errc::attempts_spent);
}

TEST_CASE("of many right and wrong codes at once every wrong one stays counted", "[phone codes]")
{
    Telephones world({.code_tries = 1000});
    auto const code = world.code_for(jane);
    together(40, [&](int number) { guess(world, jane, number % 2 ? code : other_than(code), true); });
    CHECK(check(world, jane, other_than(code)) == wrong_code(1000 - 20 - 1));
}

TEST_CASE("texts to one number keep their distance", "[phone codes]")
{
    Telephones world;
    REQUIRE(world.send(jane));
    world.clock.advance(10s);
    check_honest(world, jane, {}, too_soon(50s));
    CHECK(world.letters_waiting() == 2);
}

TEST_CASE("a number gets five texts in any hour and ten in any day", "[phone codes]")
{
    Telephones world;
    auto const start = world.clock.now();
    for (int minute = 0; minute < 5; ++minute) {
        CHECK(world.send(jane));
        world.clock.advance(1min);
    }
    check_honest(world, jane, {}, too_soon(55min));  // the sixth text
    for (int time = 0; time < 4; ++time) {
        world.clock.advance(1h);
        CHECK(world.send(jane));
    }
    world.clock.advance(2h);
    check_honest(
        world, jane, {}, too_soon(std::chrono::duration_cast<std::chrono::seconds>(start + 24h - world.clock.now())));
    CHECK(world.clock.now() == start + 24h);
    CHECK(error_of(world.send(jane)) == too_soon(60s));  // the second of the first five is a minute younger
    CHECK(world.letters_waiting() == 11);
}

TEST_CASE("a client causes so many texts in an hour and no more, to whomever they go", "[phone codes]")
{
    Telephones world({.texts_per_client_per_hour = 3});
    for (int number = 0; number < 3; ++number) {
        CHECK(world.send(stranger(number), "192.0.2.1"));
        world.clock.advance(5min);
    }
    CHECK(world.send(stranger(10), "192.0.2.2"));
    check_honest(world, stranger(11), "192.0.2.1", too_many_texts("client", 45min));
}

TEST_CASE("a client gets sixty texts in an hour unless the policy says otherwise", "[phone codes]")
{
    Telephones world;
    for (int number = 0; number < 60; ++number)
        CHECK(world.send(stranger(number), "192.0.2.1"));
    CHECK(error_of(world.send(stranger(60), "192.0.2.1")) == too_many_texts("client", 1h));
}

TEST_CASE("what a client asks for besides is not counted as texts, nor texts as that", "[phone codes]")
{
    Telephones world({.texts_per_client_per_hour = 1, .sign_ins_per_client_per_minute = 1});
    CHECK(world.send(jane, "192.0.2.1"));
    AskEmailState const question{.email = "jane@example.com"_email, .phone = jane, .client = "192.0.2.1"};
    CHECK(refusal(world.onboarding.email_state(question)) == Errc::person_unknown);
    CHECK(refusal(world.onboarding.email_state(question)) == Errc::attempts_spent);
    CHECK(world.send(john, "192.0.2.2"));
    CHECK(error_of(world.send(stranger(1), "192.0.2.1")) == too_many_texts("client", 1h));
}

TEST_CASE("who is trusted has as many texts sent as they like, beside clients that may not", "[phone codes]")
{
    Telephones world({.texts_per_client_per_hour = 1, .unanswered_texts_per_hour = 1, .unanswered_texts_per_day = 1});
    CHECK(world.send(neighbour(0), "192.0.2.1"));
    CHECK(refusal(world.send(stranger(1), "192.0.2.1")) == Errc::attempts_spent);
    CHECK(refusal(world.send(neighbour(1), "192.0.2.2")) == Errc::attempts_spent);
    for (int number = 1; number < 80; ++number)
        CHECK_FALSE(world.send(neighbour(number))->suspicious);
    CHECK(refusal(world.send(stranger(1), "192.0.2.1")) == Errc::attempts_spent);
    CHECK(refusal(world.send(neighbour(80), "192.0.2.2")) == Errc::attempts_spent);
    CHECK(world.send(stranger(80), "192.0.2.2"));
}

TEST_CASE("texts that somebody trusted has sent are counted for no range", "[phone codes]")
{
    Telephones world({.unanswered_texts_per_hour = 2});
    for (int number = 0; number < 10; ++number)
        CHECK(world.send(neighbour(number)));
    CHECK(world.send(neighbour(10), "192.0.2.1"));
    CHECK(world.send(neighbour(11), "192.0.2.2"));
    CHECK(refusal(world.send(neighbour(12), "192.0.2.3")) == Errc::attempts_spent);
}

TEST_CASE("a right code to a text that was counted for no range gives none back", "[phone codes]")
{
    Telephones world({.unanswered_texts_per_hour = 2});
    CHECK(world.send(neighbour(1), "192.0.2.1"));
    CHECK(world.send(neighbour(2), "192.0.2.2"));
    world.sign_in(neighbour(3));  // through somebody trusted
    CHECK(refusal(world.send(neighbour(4), "192.0.2.3")) == Errc::attempts_spent);
}

TEST_CASE("a range of numbers gets twenty texts in an hour and sixty in a day that nobody answers", "[phone codes]")
{
    Telephones world;
    auto const start = world.clock.now();
    int next = 0;
    for (int hour = 0; hour < 3; ++hour) {
        for (int time = 0; time < 20; ++time)
            CHECK_FALSE(send_from_client(world, neighbour(next++))->suspicious);
        if (hour < 2) {
            world.clock.advance(10min);
            CHECK(send_from_client(world, stranger(hour)));
            CHECK(error_of(send_from_client(world, neighbour(next))) == too_many_texts("range", 50min));
            world.clock.advance(50min);
        }
    }
    world.clock.advance(1h);  // another hour would be free, but not another day
    CHECK(send_from_client(world, stranger(2)));
    check_honest(world, neighbour(next), "192.0.2.1", too_many_texts("range", 21h));
    CHECK(world.clock.now() == start + 24h);
}

TEST_CASE("a range that has used up an hour may ask again after it", "[phone codes]")
{
    Telephones world({.unanswered_texts_per_hour = 2});
    CHECK(world.send(neighbour(1), "192.0.2.1"));
    world.clock.advance(7min);
    CHECK(world.send(neighbour(2), "192.0.2.2"));
    check_honest(world, neighbour(3), "192.0.2.3", too_many_texts("range", 53min));
}

TEST_CASE("of the limits of a range the one that takes longest says when to ask again", "[phone codes]")
{
    Telephones world({.unanswered_texts_per_hour = 2, .unanswered_texts_per_day = 2});
    CHECK(send_from_client(world, neighbour(1)));
    CHECK(send_from_client(world, neighbour(2)));
    check_honest(world, neighbour(3), "192.0.2.1", too_many_texts("range", 24h));
}

TEST_CASE("ranges are numbers that differ in their last four digits only", "[phone codes]")
{
    Telephones world({.unanswered_texts_per_hour = 1});
    CHECK(send_from_client(world, "+4915112345678"_phone));
    CHECK(error_of(send_from_client(world, "+4915112340000"_phone)) == too_many_texts("range", 1h));
    CHECK(error_of(send_from_client(world, "+4915112349999"_phone)) == too_many_texts("range", 1h));
    CHECK(send_from_client(world, "+4915112335678"_phone));
    CHECK(send_from_client(world, "+4915112355678"_phone));
    CHECK(send_from_client(world, "+4915212345678"_phone));
}

TEST_CASE("a right code gives its range one text back, in the hour and in the day", "[phone codes]")
{
    auto const policy = GENERATE(
        Policy{.unanswered_texts_per_hour = 3},
        Policy{.unanswered_texts_per_hour = 100, .unanswered_texts_per_day = 3});
    Telephones world(policy);
    auto const first = world.code_for(neighbour(1), "192.0.2.1");
    CHECK(send_from_client(world, neighbour(2)));
    CHECK(send_from_client(world, neighbour(3)));
    CHECK(refusal(send_from_client(world, neighbour(4))) == Errc::attempts_spent);

    CHECK(world.enter(neighbour(1), first));
    CHECK_FALSE(world.enter(neighbour(1), first));
    CHECK(send_from_client(world, neighbour(4)));
    CHECK(refusal(send_from_client(world, neighbour(5))) == Errc::attempts_spent);
}

TEST_CASE("a code that is checked, wrong or of no use gives no text back", "[phone codes]")
{
    Telephones world({.unanswered_texts_per_hour = 1});
    auto const code = world.code_for(neighbour(1), "192.0.2.1");
    auto disagrees = world.entry(neighbour(1), code);
    disagrees.agrees_to_terms = false;
    for (int time = 0; time < 3; ++time) {
        CHECK_FALSE(check(world, neighbour(1), code));
        CHECK(refusal(world.onboarding.confirm_phone(disagrees)) == Errc::consent_missing);
    }
    CHECK_FALSE(world.enter(neighbour(1), other_than(code)));
    CHECK(refusal(send_from_client(world, neighbour(2))) == Errc::attempts_spent);
}

TEST_CASE("a crowd of people in one range who type their codes is not held up", "[phone codes]")
{
    Telephones world;
    std::vector<std::string> codes;
    for (int number = 0; number < 200; ++number) {
        auto const sent = send_from_client(world, neighbour(number));
        REQUIRE(sent);
        CHECK_FALSE(sent->suspicious);
        codes.push_back(world.texted().back().secret);
        if (number >= 15)  // that many have yet to look at their telephones
            CHECK(world.enter(neighbour(number - 15), codes[static_cast<std::size_t>(number) - 15]));
    }
}

TEST_CASE("a guard that only records texts all the same, and says what it would have refused", "[phone codes]")
{
    auto const policy = GENERATE(
        Policy{.unanswered_texts_per_hour = 3, .text_guard_records_only = true},
        Policy{.unanswered_texts_per_day = 3, .text_guard_records_only = true});
    Telephones world(policy);
    for (int number = 0; number < 3; ++number)
        CHECK_FALSE(send_from_client(world, neighbour(number))->suspicious);
    for (int number = 3; number < 6; ++number)
        CHECK(send_from_client(world, neighbour(number))->suspicious);
    CHECK_FALSE(send_from_client(world, stranger(1))->suspicious);
    CHECK(world.texted().size() == 7);
    world.draw_next(123456);
    CHECK(send_from_client(world, neighbour(6))->suspicious);
    CHECK(world.enter(neighbour(6), "123456"));
}

TEST_CASE("a guard that only records finds suspicious what the other refuses", "[phone codes]")
{
    auto policy = GENERATE(
        Policy{.unanswered_texts_per_hour = 1, .unanswered_texts_per_day = 10'000},
        Policy{.unanswered_texts_per_hour = 10'000, .unanswered_texts_per_day = 7});
    Telephones blocking(policy);
    policy.text_guard_records_only = true;
    Telephones recording(policy);
    int refused = 0;
    int sent = 0;
    for (int time = 0; time < 2 * 24 * 6; ++time) {
        auto const range = std::to_string(1235 + time % 7 % 5);
        auto const phone = PhoneNumber::from_storage("+49151" + range + std::to_string(1000 + time)).value();
        auto const refusal = error_of(send_from_client(blocking, phone));
        auto const recorded = send_from_client(recording, phone);
        REQUIRE(recorded);
        CHECK(recorded->suspicious == refusal.has_value());
        (refusal ? refused : sent) += 1;
        blocking.clock.advance(10min);
        recording.clock.advance(10min);
    }
    CHECK(refused > 30);
    CHECK(sent > 30);
}

TEST_CASE("a guard that only records keeps the other limits", "[phone codes]")
{
    Telephones world(
        {.texts_per_client_per_hour = 2,
         .texts_per_day = 4,
         .unanswered_texts_per_hour = 0,
         .text_guard_records_only = true});
    CHECK(world.send(jane, "192.0.2.1")->suspicious);
    CHECK(error_of(world.send(jane, "192.0.2.1")) == too_soon(60s));
    CHECK(world.send(stranger(1), "192.0.2.1")->suspicious);
    CHECK(error_of(world.send(stranger(2), "192.0.2.1")) == too_many_texts("client", 1h));
    CHECK(send_from_client(world, stranger(3))->suspicious);
    CHECK(send_from_client(world, stranger(4))->suspicious);
    CHECK(error_of(send_from_client(world, stranger(5))) == too_many_texts("texts", 24h));
}

TEST_CASE("so many texts leave in a day and no more, whoever asks for whom", "[phone codes]")
{
    Telephones world({.texts_per_day = 3});
    CHECK(world.send(jane, "192.0.2.1"));
    world.clock.advance(1h);
    CHECK(world.send(john));
    CHECK(world.enter(jane, "123456").error().code == Errc::code_wrong);
    auto const code = world.code_for(stranger(1));
    CHECK(world.enter(stranger(1), code));  // who signs in gives no text of the day back
    check_honest(world, stranger(2), "192.0.2.2", too_many_texts("texts", 23h));
    CHECK(world.send(stranger(3)));
    CHECK(world.send(stranger(4)));
    CHECK(error_of(world.send(stranger(5))) == too_many_texts("texts", 24h));
}

TEST_CASE("a text that is refused leaves nothing behind, whatever refused it", "[phone codes]")
{
    // Each limit has room for one text; one of them has none, at first.
    Policy const room_for_one = texting(
        {.texts_per_client_per_hour = 1,
         .texts_per_day = 1,
         .unanswered_texts_per_hour = 1,
         .unanswered_texts_per_day = 1});
    auto refusing = room_for_one;
    SECTION("its client")
    {
        refusing.texts_per_client_per_hour = 0;
    }
    SECTION("its range, by the hour")
    {
        refusing.unanswered_texts_per_hour = 0;
    }
    SECTION("its range, by the day")
    {
        refusing.unanswered_texts_per_day = 0;
    }
    SECTION("all texts of the day")
    {
        refusing.texts_per_day = 0;
    }
    SECTION("its number")
    {
        refusing.codes_per_day = 0;
    }
    Telephones world;
    Onboarding strict(world.ports, refusing);
    Onboarding lax(world.ports, room_for_one);
    SendCode const request{.phone = jane, .client = "192.0.2.1"};
    for (int time = 0; time < 3; ++time)
        CHECK(refusal(strict.send_code(request)) == Errc::attempts_spent);
    CHECK(world.letters_waiting() == 0);
    CHECK(world.codes_alive(jane) == 0);
    CHECK(lax.send_code(request));
}

TEST_CASE("texts that the pause refused are counted nowhere else", "[phone codes]")
{
    Telephones world(
        {.texts_per_client_per_hour = 2,
         .texts_per_day = 2,
         .unanswered_texts_per_hour = 2,
         .unanswered_texts_per_day = 2});
    CHECK(world.send(neighbour(1), "192.0.2.1"));
    for (int time = 0; time < 5; ++time)
        CHECK(error_of(world.send(neighbour(1), "192.0.2.1")) == too_soon(60s));
    CHECK(world.send(neighbour(2), "192.0.2.1"));
    CHECK(world.letters_waiting() == 2);
}

TEST_CASE("a text that is refused leaves the codes that were texted good", "[phone codes]")
{
    Telephones world({.texts_per_client_per_hour = 2});
    auto const first = world.code_for(jane);
    world.clock.advance(60s);
    auto const second = world.code_for(jane);
    for (int time = 0; time < 5; ++time)
        CHECK_FALSE(world.send(jane));
    CHECK_FALSE(check(world, jane, first));
    CHECK_FALSE(check(world, jane, second));
}

TEST_CASE("of forty who ask for one number at once, one text leaves", "[phone codes]")
{
    Telephones world;
    std::atomic<int> sent = 0;
    together(40, [&](int number) { sent += world.send(jane, "192.0.2." + std::to_string(number)).has_value(); });
    CHECK(sent == 1);
    CHECK(world.texted().size() == 1);
}

TEST_CASE("limits are kept to the text by forty who ask at once", "[phone codes]")
{
    auto const [why, policy, most] = GENERATE(table<char const*, Policy, int>(
        {{"a client's", {.texts_per_client_per_hour = 7}, 7},
         {"a range's", {.unanswered_texts_per_hour = 8}, 8},
         {"the day's", {.texts_per_day = 9}, 9}}));
    INFO(why);
    Telephones world(policy);
    std::atomic<int> sent = 0;
    together(40, [&](int number) { sent += world.send(neighbour(number), "192.0.2.1").has_value(); });
    CHECK(sent == most);
    CHECK(world.letters_waiting() == most);
}

TEST_CASE("a text whose code was used before it left is not sent", "[phone codes]")
{
    Telephones world;
    world.draw_next(123456);
    REQUIRE(world.send(jane));
    REQUIRE(world.enter(jane, "123456"));
    CHECK(world.texted().empty());
    CHECK(world.administration.letters(10).empty());
}

TEST_CASE("a text whose code was only checked before it left is sent", "[phone codes]")
{
    Telephones world;
    world.draw_next(123456);
    REQUIRE(world.send(jane));
    REQUIRE_FALSE(check(world, jane, "123456"));
    CHECK(world.texted().size() == 1);
}

TEST_CASE("of texts that pile up the last two leave, and those they replaced are forgotten", "[phone codes]")
{
    Telephones world({.code_pause = 0s});
    for (auto const code : {111111, 222222, 333333}) {
        world.draw_next(static_cast<std::uint64_t>(code));
        REQUIRE(world.send(jane));
    }
    auto const texts = world.texted();
    REQUIRE(texts.size() == 2);
    CHECK(texts[0].secret == "222222");
    CHECK(texts[1].secret == "333333");
    CHECK(world.administration.letters(10).empty());
}

TEST_CASE(
    "a text that could not leave while its code lived never does, and an operator can see that", "[phone codes]")
{
    Telephones world;
    REQUIRE(world.send(jane));
    REQUIRE(world.send(john));
    world.clock.advance(300s - 1ms);
    CHECK(world.text_courier.deliver_due() == 2);
    REQUIRE(world.send(jane));
    world.clock.advance(300s);
    CHECK(world.texted().empty());
    auto const kept = world.administration.letters(10);
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].state == LetterState::dead);
    CHECK(text_of(kept[0].letter.to) == jane.e164());
}

TEST_CASE("what is kept of a code and of its text says nothing without the key", "[phone codes]")
{
    Telephones world;
    for (auto const& phone : {jane, john}) {
        world.draw_next(123456);
        REQUIRE(world.send(phone));
    }
    {
        auto const work = world.storage->begin();
        auto const janes = work->codes().alive(Purpose::phone, jane.e164(), world.clock.now());
        auto const johns = work->codes().alive(Purpose::phone, john.e164(), world.clock.now());
        REQUIRE(janes.size() == 1);
        REQUIRE(johns.size() == 1);
        CHECK_FALSE(same(janes[0].digest, johns[0].digest));  // though the codes are the same
        for (auto const& claimed :
             work->outbox().claim(Channel::text, world.clock.now(), world.clock.now() + 1min, 9))
            CHECK(claimed.pending.sealed_secret.find("123456") == std::string::npos);
    }
    auto other = world.ports;
    std::array<std::byte, SecretKey::least_size> bytes{};
    bytes[0] = std::byte{1};
    other.key = SecretKey::from_bytes(bytes);
    CHECK(
        refusal(Onboarding(other, world.onboarding.policy()).check_code({.phone = jane, .code = "123456"})) ==
        Errc::code_wrong);
    CHECK_FALSE(check(world, jane, "123456"));
}

}
