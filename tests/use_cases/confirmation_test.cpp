#include <atomic>

#include "support/catch.hpp"
#include "support/dying_storage.hpp"
#include "support/together.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

// Jane is Acme's customer, and Bolt wants to log her in as well.
struct Asked : World {
    using World::World;

    PartnerId acme = partner("Acme");
    PartnerId bolt = partner("Bolt");
    EmailAddress jane = "jane@example.com"_email;
    std::string acmes_link = login_link(jane, acme);

    // A link of Bolt's that waits for the code.
    std::string ask(std::optional<PartnerId> partner = {})
    {
        auto const outcome = onboarding.log_in(
            {.partner = partner.value_or(bolt),
             .plan = partner ? std::nullopt : std::optional("PLAN-Bolt"_plan),
             .email = jane,
             .name = "Jane Roe"_name,
             .language = Language::french,
             .contract_type = ContractType::clerk,
             .person_id = "B-1"_person,
             .personnel_number = "P-1"_personnel,
             .additional_data = R"({"shoe":42})"});
        REQUIRE(outcome);
        REQUIRE(outcome->confirmation_required);
        return outcome->token.reveal();
    }

    // Asks after the pause that keeps letters apart, so that a code is sent.
    std::pair<std::string, std::string> ask_anew(std::optional<PartnerId> partner = {})
    {
        clock.advance(61s);
        auto link = ask(partner);
        return {link, mailed_code()};
    }
};

TEST_CASE("the owner gets a letter with the code, in their language, at the address they have", "[confirmation]")
{
    Asked world;
    REQUIRE(world.onboarding.log_in(
        {.partner = world.acme, .email = world.jane, .name = "Jane Doe"_name, .language = Language::dutch}));
    auto const outcome = world.onboarding.log_in(
        {.partner = world.bolt,
         .email = "JANE@EXAMPLE.com"_email,
         .name = "Jane Roe"_name,
         .language = Language::french});
    REQUIRE(outcome);
    auto const code = world.mailed_code();

    REQUIRE(world.mailer.sent().size() == 1);
    auto const letter = world.mailer.sent()[0].letter;
    CHECK(letter.kind == LetterKind::partner_confirmation);
    CHECK(text_of(letter.to) == "jane@example.com");
    CHECK(letter.language == Language::dutch);
    CHECK(letter.first_name == "Jane");
    CHECK(letter.partner == "Bolt");
    CHECK(letter.expires_at == world.clock.now() + 300s);
    CHECK(code.size() == 6);
    CHECK(code.find_first_not_of("0123456789") == std::string::npos);
}

TEST_CASE("a waiting link says who asks and whom", "[confirmation]")
{
    Asked world;
    auto const pending = world.onboarding.pending_confirmation(world.ask());
    REQUIRE(pending);
    CHECK(pending->partner == "Bolt"_partner);
    CHECK(pending->email == world.jane);
    CHECK(pending->language == Language::english);
}

TEST_CASE("the right code links the account, takes over what was sent and signs in", "[confirmation]")
{
    Asked world;
    auto const link = world.ask();
    auto const code = world.mailed_code();
    CHECK(world.account(world.jane).name == "Jane Doe"_name);

    auto const opened = world.onboarding.confirm(link, code);
    REQUIRE(opened);
    CHECK(opened->person.account.name == "Jane Roe"_name);
    CHECK(opened->person.partner == "Bolt"_partner);
    CHECK(opened->person.enrolment == world.enrolment(world.bolt, world.jane));
    CHECK(world.onboarding.session(opened->token.reveal()));

    CHECK(world.account(world.jane).name == "Jane Roe"_name);
    CHECK(world.account(world.jane).language == Language::french);
    CHECK(
        world.enrolment(world.bolt, world.jane) == Enrolment{
                                                       .plan = "PLAN-Bolt"_plan,
                                                       .contract_type = ContractType::clerk,
                                                       .person_id = "B-1"_person,
                                                       .personnel_number = "P-1"_personnel,
                                                       .additional_data = R"({"shoe":42})"});
    CHECK(world.enrolment(world.acme, world.jane));
}

TEST_CASE("after the confirmation the partner is one of theirs", "[confirmation]")
{
    Asked world;
    auto const link = world.ask();
    REQUIRE(world.onboarding.confirm(link, world.mailed_code()));
    auto const next = world.onboarding.log_in({.partner = world.bolt, .email = world.jane, .name = "Jane Poe"_name});
    REQUIRE(next);
    CHECK_FALSE(next->confirmation_required);
    CHECK(world.account(world.jane).name == "Jane Poe"_name);
}

TEST_CASE("link and code are used up together", "[confirmation]")
{
    Asked world;
    auto const link = world.ask();
    auto const code = world.mailed_code();
    REQUIRE(world.onboarding.confirm(link, code));
    CHECK(refusal(world.onboarding.confirm(link, code)) == Errc::link_spent);
    CHECK(refusal(world.onboarding.redeem(link)) == Errc::link_spent);
    CHECK(refusal(world.onboarding.pending_confirmation(link)) == Errc::link_spent);
}

TEST_CASE("a code is accepted with the blanks that people type", "[confirmation]")
{
    Asked world;
    auto const link = world.ask();
    auto const code = world.mailed_code();
    CHECK(world.onboarding.confirm(link, " " + code.substr(0, 3) + " " + code.substr(3) + "\r\n"));
}

TEST_CASE("an application that signs people in by itself gets a fresh link for the code", "[confirmation]")
{
    Asked world;
    auto const link = world.ask();
    auto const fresh = world.onboarding.confirm_and_relink(link, world.mailed_code());
    REQUIRE(fresh);
    CHECK_FALSE(fresh->confirmation_required);
    CHECK(fresh->registered == Registered::updated);
    CHECK(fresh->account == world.account(world.jane).id);
    CHECK(fresh->token.reveal() != link);
    CHECK(fresh->expires_at == world.clock.now() + 300s);
    CHECK(world.account(world.jane).name == "Jane Roe"_name);
    CHECK(refusal(world.onboarding.redeem(link)) == Errc::link_spent);
    auto const person = world.onboarding.redeem(fresh->token.reveal());
    REQUIRE(person);
    CHECK(person->partner == "Bolt"_partner);
}

TEST_CASE("a wrong code changes nothing and says how many tries are left", "[confirmation]")
{
    Asked world;
    auto const link = world.ask();
    auto const code = world.mailed_code();
    for (int left = 4; left >= 0; --left) {
        Error const expected{.code = Errc::code_wrong, .field = "code", .attempts_left = left};
        if (left % 2)
            CHECK(error_of(world.onboarding.confirm(link, other_than(code))) == expected);
        else
            CHECK(error_of(world.onboarding.confirm_and_relink(link, other_than(code))) == expected);
    }
    CHECK(world.account(world.jane).name == "Jane Doe"_name);
    CHECK_FALSE(world.enrolment(world.bolt, world.jane));
    CHECK(world.onboarding.pending_confirmation(link));
}

TEST_CASE("text that cannot be a code is a wrong code", "[confirmation]")
{
    Asked world({.code_tries = 100});
    auto const link = world.ask();
    auto const code = world.mailed_code();
    std::string arabic;
    for (auto const digit : code)
        arabic += std::string("\xd9") + static_cast<char>('\xa0' + (digit - '0'));
    std::vector<std::pair<std::string, std::string>> const rows{
        {"nothing", ""},
        {"blanks", "  "},
        {"five digits", code.substr(0, 5)},
        {"seven digits", code + "0"},
        {"letters", "abcdef"},
        {"a NUL after it", code + std::string(1, '\0')},
        {"other digits", arabic},
        {"ten kilobytes", std::string(10'000, '1')}};
    for (auto const& [why, text] : rows) {
        INFO(why);
        CHECK(refusal(world.onboarding.confirm(link, text)) == Errc::code_wrong);
    }
    CHECK(world.onboarding.confirm(link, code));
}

TEST_CASE("after five wrong codes the right one is refused until the hour is over", "[confirmation]")
{
    Asked world;
    auto const link = world.ask();
    auto const code = world.mailed_code();
    auto const start = world.clock.now();
    for (int time = 0; time < 5; ++time) {
        CHECK(refusal(world.onboarding.confirm(link, other_than(code))) == Errc::code_wrong);
        world.clock.advance(10s);
    }
    auto const refused = world.onboarding.confirm(link, code);
    CHECK(
        error_of(refused) ==
        Error{.code = Errc::attempts_spent, .field = "code", .attempts_left = 0, .retry_after = 3550s});

    world.clock.set(start + 1h - 1ms);
    auto const late_link = world.ask();
    auto const late_code = world.mailed_code();
    CHECK(refusal(world.onboarding.confirm(late_link, late_code)) == Errc::attempts_spent);
    world.clock.advance(1ms);
    CHECK(world.onboarding.confirm(late_link, late_code));
}

TEST_CASE("the tries are those of the address, over all its codes, links and partners", "[confirmation]")
{
    Asked world;
    auto const coro = world.partner("Coro");
    auto const [first_link, first_code] = world.ask_anew();
    CHECK(refusal(world.onboarding.confirm(first_link, other_than(first_code))) == Errc::code_wrong);
    CHECK(refusal(world.onboarding.confirm(first_link, other_than(first_code))) == Errc::code_wrong);
    auto const [second_link, second_code] = world.ask_anew();
    CHECK(refusal(world.onboarding.confirm(second_link, other_than(second_code))) == Errc::code_wrong);
    auto const [other_link, other_code] = world.ask_anew(coro);
    CHECK(refusal(world.onboarding.confirm_and_relink(other_link, other_than(other_code))) == Errc::code_wrong);
    CHECK(refusal(world.onboarding.confirm(second_link, other_than(second_code))) == Errc::code_wrong);

    CHECK(refusal(world.onboarding.confirm(first_link, first_code)) == Errc::attempts_spent);
    CHECK(refusal(world.onboarding.confirm(second_link, second_code)) == Errc::attempts_spent);
    CHECK(refusal(world.onboarding.confirm(other_link, other_code)) == Errc::attempts_spent);
    auto const [new_link, new_code] = world.ask_anew();
    CHECK(refusal(world.onboarding.confirm(new_link, new_code)) == Errc::attempts_spent);
}

TEST_CASE("another person's tries are their own", "[confirmation]")
{
    Asked world;
    auto const link = world.ask();
    auto const code = world.mailed_code();
    for (int time = 0; time < 6; ++time)
        CHECK_FALSE(world.onboarding.confirm(link, other_than(code)));

    world.login_link("john@example.com"_email, world.acme);
    auto const johns =
        world.onboarding.log_in({.partner = world.bolt, .email = "john@example.com"_email, .name = "John Roe"_name});
    CHECK(world.onboarding.confirm(johns->token.reveal(), world.mailed_code()));
}

TEST_CASE("a restart resets no tries", "[confirmation]")
{
    Asked world;
    auto const link = world.ask();
    auto const code = world.mailed_code();
    for (int time = 0; time < 5; ++time)
        CHECK(refusal(Onboarding(world.ports).confirm(link, other_than(code))) == Errc::code_wrong);
    CHECK(refusal(Onboarding(world.ports).confirm(link, code)) == Errc::attempts_spent);
}

TEST_CASE("a right code gives its own try back", "[confirmation]")
{
    Asked world;
    std::vector<PartnerId> partners;
    for (int number = 0; number < 4; ++number)
        partners.push_back(world.partner("Partner" + std::to_string(number)));

    auto const [link, code] = world.ask_anew();
    for (int time = 0; time < 4; ++time)
        CHECK(refusal(world.onboarding.confirm(link, other_than(code))) == Errc::code_wrong);
    // One try is left, and every right code leaves it.
    for (auto const partner : partners) {
        auto const [next_link, next_code] = world.ask_anew(partner);
        CHECK(world.onboarding.confirm(next_link, next_code));
    }
}

TEST_CASE("a right code gives back its own try alone", "[confirmation]")
{
    Asked world;
    auto const [link, code] = world.ask_anew();
    for (int time = 0; time < 4; ++time)
        CHECK(refusal(world.onboarding.confirm(link, other_than(code))) == Errc::code_wrong);
    REQUIRE(world.onboarding.confirm(link, code));

    auto const coro = world.partner("Coro");
    auto const [next_link, next_code] = world.ask_anew(coro);
    CHECK(refusal(world.onboarding.confirm(next_link, other_than(next_code))) == Errc::code_wrong);
    CHECK(refusal(world.onboarding.confirm(next_link, next_code)) == Errc::attempts_spent);
}

TEST_CASE("either of the last two codes works", "[confirmation]")
{
    Asked world;
    auto const [first_link, first_code] = world.ask_anew();
    auto const [second_link, second_code] = world.ask_anew();
    auto const [third_link, third_code] = world.ask_anew();
    REQUIRE(first_code != second_code);
    REQUIRE(second_code != third_code);
    SECTION("the last with the first link")
    {
        CHECK(world.onboarding.confirm(first_link, third_code));
    }
    SECTION("the last but one with the last link")
    {
        CHECK(world.onboarding.confirm(third_link, second_code));
    }
    SECTION("the one before them does not")
    {
        CHECK(refusal(world.onboarding.confirm(first_link, first_code)) == Errc::code_wrong);
    }
}

TEST_CASE("a code is good for five minutes to the millisecond", "[confirmation]")
{
    auto const [why, later, expected] = GENERATE(table<char const*, std::chrono::milliseconds, bool>(
        {{"just before", 300s - 1ms, true}, {"just then", 300s, false}, {"after", 301s, false}}));
    INFO(why);
    Asked world({.login_link_life = 600s});
    auto const link = world.ask();
    auto const code = world.mailed_code();
    world.clock.advance(later);
    CHECK(
        refusal(world.onboarding.confirm(link, code)) == (expected ? std::nullopt : std::optional(Errc::code_wrong)));
}

TEST_CASE("a waiting link dies like any other", "[confirmation]")
{
    Asked world({.code_life = 600s});
    auto const link = world.ask();
    auto const code = world.mailed_code();
    SECTION("expired")
    {
        world.clock.advance(300s);
    }
    SECTION("blocked")
    {
        REQUIRE(world.administration.block(world.jane));
    }
    SECTION("blocked and unblocked")
    {
        REQUIRE(world.administration.block(world.jane));
        REQUIRE(world.administration.unblock(world.jane));
    }
    SECTION("deleted")
    {
        REQUIRE(world.administration.remove(world.jane));
    }
    CHECK(refusal(world.onboarding.pending_confirmation(link)) == Errc::link_spent);
    CHECK(refusal(world.onboarding.confirm(link, code)) == Errc::link_spent);
    CHECK(refusal(world.onboarding.confirm_and_relink(link, code)) == Errc::link_spent);
    CHECK_FALSE(world.enrolment(world.bolt, world.jane));
}

TEST_CASE("a code that one partner caused links no other", "[confirmation]")
{
    Asked world;
    auto const coro = world.partner("Coro");
    auto const [bolts_link, bolts_code] = world.ask_anew();
    auto const [coros_link, coros_code] = world.ask_anew(coro);
    REQUIRE(bolts_code != coros_code);
    CHECK(refusal(world.onboarding.confirm(coros_link, bolts_code)) == Errc::code_wrong);
    CHECK(refusal(world.onboarding.confirm(bolts_link, coros_code)) == Errc::code_wrong);
    CHECK(world.onboarding.confirm(bolts_link, bolts_code));
    CHECK(world.onboarding.confirm(coros_link, coros_code));
}

TEST_CASE("one person's code confirms no other", "[confirmation]")
{
    Asked world;
    world.login_link("john@example.com"_email, world.acme);
    auto const janes_link = world.ask();
    auto const janes_code = world.mailed_code();
    auto const johns =
        world.onboarding.log_in({.partner = world.bolt, .email = "john@example.com"_email, .name = "John Roe"_name});
    REQUIRE(world.mailed_code() != janes_code);
    CHECK(refusal(world.onboarding.confirm(johns->token.reveal(), janes_code)) == Errc::code_wrong);
    CHECK(world.onboarding.confirm(janes_link, janes_code));
}

TEST_CASE("a code confirms nothing that a link without a question could not", "[confirmation]")
{
    Asked world;
    world.ask();
    auto const code = world.mailed_code();
    CHECK(refusal(world.onboarding.confirm(world.acmes_link, code)) == Errc::link_unknown);
    CHECK(world.onboarding.redeem(world.acmes_link));
}

TEST_CASE("letters to one address keep their distance, however often partners ask", "[confirmation]")
{
    Asked world;
    world.ask();
    world.ask();
    CHECK(world.letters_waiting() == 1);
    world.clock.advance(60s - 1ms);
    world.ask();
    CHECK(world.letters_waiting() == 1);
    world.clock.advance(1ms);
    world.ask();
    CHECK(world.letters_waiting() == 2);
}

TEST_CASE("an address gets five letters an hour and ten a day", "[confirmation]")
{
    Asked world;
    auto const start = world.clock.now();
    auto const sent_by = [&](std::chrono::minutes until) {
        while (world.clock.now() < start + until) {
            world.ask();
            world.courier.deliver_due();
            world.clock.advance(1min);
        }
        return world.mailer.sent().size();
    };
    CHECK(sent_by(1h) == 5);
    CHECK(sent_by(2h) == 10);
    CHECK(sent_by(24h) == 10);
    CHECK(sent_by(24h + 1min) == 11);
}

TEST_CASE("an older code still works when the next letter was held back", "[confirmation]")
{
    Asked world;
    world.ask();
    auto const code = world.mailed_code();
    auto const link = world.ask();
    CHECK(world.onboarding.confirm(link, code));
}

TEST_CASE("a person id that was taken meanwhile is refused and nothing is changed", "[confirmation]")
{
    Asked world;
    auto const link = world.ask();
    auto const code = world.mailed_code();
    REQUIRE(world.onboarding.log_in(
        {.partner = world.bolt,
         .email = "john@example.com"_email,
         .name = "John Doe"_name,
         .person_id = "B-1"_person}));

    auto const outcome = world.onboarding.confirm(link, code);
    CHECK(error_of(outcome) == refuse(Errc::person_id_taken, "person_id"));
    CHECK(world.account(world.jane).name == "Jane Doe"_name);
    CHECK_FALSE(world.enrolment(world.bolt, world.jane));

    REQUIRE(world.onboarding.log_in(
        {.partner = world.bolt,
         .email = "john@example.com"_email,
         .name = "John Doe"_name,
         .person_id = "B-2"_person}));
    CHECK(world.onboarding.confirm(link, code));
}

TEST_CASE("a right code that could not be used costs no try", "[confirmation]")
{
    Asked world({.code_tries = 1});
    auto const link = world.ask();
    auto const code = world.mailed_code();
    REQUIRE(world.onboarding.log_in(
        {.partner = world.bolt,
         .email = "john@example.com"_email,
         .name = "John Doe"_name,
         .person_id = "B-1"_person}));
    CHECK(refusal(world.onboarding.confirm(link, code)) == Errc::person_id_taken);
    CHECK(refusal(world.onboarding.confirm(link, code)) == Errc::person_id_taken);
    CHECK(refusal(world.onboarding.confirm_and_relink(link, code)) == Errc::person_id_taken);
}

TEST_CASE("a later confirmation leaves what it was not told as it was", "[confirmation]")
{
    Asked world;
    auto const [first_link, first_code] = world.ask_anew();
    world.clock.advance(61s);
    auto const second =
        world.onboarding.log_in({.partner = world.bolt, .email = world.jane, .name = "Jane Poe"_name});
    REQUIRE(second);
    auto const second_code = world.mailed_code();
    REQUIRE(world.onboarding.confirm(first_link, first_code));
    auto const told = *world.enrolment(world.bolt, world.jane);

    REQUIRE(world.onboarding.confirm(second->token.reveal(), second_code));
    CHECK(world.account(world.jane).name == "Jane Poe"_name);
    CHECK(world.enrolment(world.bolt, world.jane) == told);
}

TEST_CASE("a confirmation ends the session the browser had", "[confirmation]")
{
    Asked world;
    auto const before = world.session("john@example.com"_email);
    auto const link = world.ask();
    auto const code = world.mailed_code();
    CHECK(refusal(world.onboarding.confirm(link, other_than(code), before)) == Errc::code_wrong);
    CHECK(world.onboarding.session(before));
    REQUIRE(world.onboarding.confirm(link, code, before));
    CHECK_FALSE(world.onboarding.session(before));
}

TEST_CASE("a guess is counted before it is looked at, even if the process dies in between", "[confirmation]")
{
    auto owned = std::make_unique<DyingStorage>();
    auto& storage = *owned;
    Asked world({}, std::move(owned));
    auto const link = world.ask();
    auto const code = world.mailed_code();
    for (int time = 0; time < 5; ++time) {
        storage.begins_left = 1;
        CHECK_THROWS_AS(world.onboarding.confirm(link, time % 2 ? code : other_than(code)), StorageFailure);
    }
    storage.begins_left = DyingStorage::immortal;
    CHECK(refusal(world.onboarding.confirm(link, code)) == Errc::attempts_spent);
}

TEST_CASE("a guess that met another writer is not counted", "[confirmation]")
{
    auto owned = std::make_unique<DyingStorage>();
    auto& storage = *owned;
    Asked world({.code_tries = 1}, std::move(owned));
    auto const link = world.ask();
    auto const code = world.mailed_code();
    storage.only_busy = true;
    for (int time = 0; time < 5; ++time) {
        storage.begins_left = 1;
        CHECK_THROWS_AS(world.onboarding.confirm(link, code), StorageConflict);
        storage.begins_left = 1;
        CHECK_THROWS_AS(world.onboarding.confirm_and_relink(link, code), StorageConflict);
    }
    CHECK(world.onboarding.confirm(link, code));
}

TEST_CASE("of many who enter the right code at once, one gets in", "[confirmation]")
{
    Asked world({.code_tries = 1000});
    auto const link = world.ask();
    auto const code = world.mailed_code();
    std::atomic<int> in = 0;
    together(64, [&](int number) {
        in += number % 2 ? world.onboarding.confirm(link, code).has_value()
                         : world.onboarding.confirm_and_relink(link, code).has_value();
    });
    CHECK(in == 1);
}

TEST_CASE("of many who guess at once, no more than five are looked at", "[confirmation]")
{
    Asked world;
    auto const link = world.ask();
    auto const code = world.mailed_code();
    std::atomic<int> looked_at = 0;
    std::atomic<int> turned_away = 0;
    together(64, [&](int number) {
        auto const guess = number % 2 ? other_than(code) : std::string("x");
        auto const refused = refusal(world.onboarding.confirm(link, guess));
        looked_at += refused == Errc::code_wrong;
        turned_away += refused == Errc::attempts_spent;
    });
    CHECK(looked_at == 5);
    CHECK(turned_away == 59);
    CHECK(refusal(world.onboarding.confirm(link, code)) == Errc::attempts_spent);
}

}
