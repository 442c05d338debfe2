#include <atomic>
#include <map>

#include "support/catch.hpp"
#include "support/together.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

using Kinds = std::vector<LetterKind>;

Kinds kinds_of(std::vector<RecordingMailer::Sent> const& letters)
{
    Kinds kinds;
    for (auto const& [letter, secret] : letters)
        kinds.push_back(letter.kind);
    return kinds;
}

struct Registry : World {
    using World::World;

    PartnerId acme = partner("Acme");
    PartnerId bolt = partner("Bolt");

    std::vector<Result<Registered>> create_all(std::vector<NewPerson> people)
    {
        return onboarding.register_people({.partner = acme, .people = std::move(people)}).value().outcomes;
    }

    Kinds mailed() { return kinds_of(delivered()); }
};

TEST_CASE("a person who is registered is mailed a link to set a password", "[register people]")
{
    Registry world;
    auto person = world.person("Jane@example.com");
    person.contract_type = ContractType::clerk;
    person.person_id = "007"_person;
    person.personnel_number = "P-1"_personnel;
    person.additional_data = R"({"shoe":42})";
    CHECK(world.create(world.acme, person).value() == Registered::created);

    auto const account = world.account("jane@example.com"_email);
    CHECK(account.name == "Jane Doe"_name);
    CHECK(account.language == Language::french);
    CHECK(
        world.enrolment(world.acme, "jane@example.com"_email) == Enrolment{
                                                                     .plan = "PLAN-Acme"_plan,
                                                                     .contract_type = ContractType::clerk,
                                                                     .person_id = "007"_person,
                                                                     .personnel_number = "P-1"_personnel,
                                                                     .additional_data = R"({"shoe":42})"});

    auto const letters = world.delivered();
    REQUIRE(letters.size() == 1);
    auto const& letter = letters[0].letter;
    CHECK(letter.kind == LetterKind::welcome_set_password);
    CHECK(text_of(letter.to) == "Jane@example.com");
    CHECK(letter.language == Language::french);
    CHECK(letter.first_name == "Jane");
    CHECK(letter.partner == "Acme");
    CHECK(letter.expires_at == world.clock.now() + 24h);
    CHECK(world.onboarding.password_invitation(letters[0].secret)->email.str() == "Jane@example.com");
}

TEST_CASE("a person who is here already is told so, and nothing about them changes", "[register people]")
{
    Registry world;
    world.login_link("jane@example.com"_email, world.bolt);
    auto const before = world.account("jane@example.com"_email);
    world.clock.advance(1h);
    auto person = world.person("JANE@example.com");
    person.name = "Eve Other"_name;
    CHECK(world.create(world.acme, person).value() == Registered::unchanged);

    auto const after = world.account("jane@example.com"_email);
    CHECK(after.name == before.name);
    CHECK(after.updated_at == before.updated_at);
    CHECK_FALSE(world.enrolment(world.acme, "jane@example.com"_email));
    auto const letters = world.delivered();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].letter.kind == LetterKind::already_have_account);
    CHECK(letters[0].letter.first_name == "Jane");
    CHECK(letters[0].letter.language == Language::english);
    CHECK(letters[0].secret.empty());
}

TEST_CASE("a person who is refused is told so, in the language that was asked for", "[register people]")
{
    Registry world;
    CHECK(
        error_of(world.create(world.acme, world.person("jane@example.com", "NOWHERE"))) ==
        refuse(Errc::plan_unknown, "plan"));
    CHECK(world.accounts_of({"jane@example.com"_email}) == 0);
    auto const letters = world.delivered();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].letter.kind == LetterKind::registration_failed);
    CHECK(letters[0].letter.language == Language::french);
    CHECK(letters[0].letter.partner == "Acme");
    CHECK(letters[0].secret.empty());
}

TEST_CASE("a plan that is unknown, closed or another partner's is refused in the same way", "[register people]")
{
    Registry world;
    world.plan("CLOSED", "Acme");
    REQUIRE(world.administration.close_plan("CLOSED"_plan));
    auto const plan = GENERATE("NOWHERE", "CLOSED", "PLAN-Bolt");
    CHECK(
        error_of(world.create(world.acme, world.person("jane@example.com", plan))) ==
        refuse(Errc::plan_unknown, "plan"));
}

TEST_CASE("a blocked or deleted person is not registered again", "[register people]")
{
    Registry world;
    world.login_link("blocked@example.com"_email, world.acme);
    world.login_link("deleted@example.com"_email, world.acme);
    REQUIRE(world.administration.block("blocked@example.com"_email));
    REQUIRE(world.administration.remove("deleted@example.com"_email));
    CHECK(
        error_of(world.create(world.acme, world.person("blocked@example.com"))) ==
        refuse(Errc::account_blocked, "email"));
    CHECK(
        error_of(world.create(world.acme, world.person("deleted@example.com"))) ==
        refuse(Errc::account_deleted, "email"));
    auto const letters = world.delivered();
    CHECK(kinds_of(letters) == Kinds{LetterKind::registration_failed, LetterKind::registration_failed});
    CHECK(letters[0].letter.language == Language::english);  // the account's
    CHECK(letters[1].letter.first_name == "Jane");           // not what is left of a deleted one
}

TEST_CASE("a deleted person's address and person id may be used again if that is the policy", "[register people]")
{
    Registry world(quick_hashing({.release_deleted = true}));
    auto person = world.person("jane@example.com");
    person.person_id = "007"_person;
    REQUIRE(world.create(world.acme, person));
    auto const first = world.account("jane@example.com"_email).id;
    REQUIRE(world.administration.remove("jane@example.com"_email));
    CHECK(world.create(world.acme, person).value() == Registered::created);
    CHECK(world.account("jane@example.com"_email).id != first);
}

TEST_CASE("a person id belongs to one person of a partner's", "[register people]")
{
    Registry world;
    auto jane = world.person("jane@example.com");
    jane.person_id = "007"_person;
    auto john = world.person("john@example.com");
    john.person_id = "007"_person;
    auto const outcomes = world.create_all({jane, john});
    CHECK(outcomes[0].value() == Registered::created);
    CHECK(error_of(outcomes[1]) == refuse(Errc::person_id_taken, "person_id"));
    CHECK(world.accounts_of({"jane@example.com"_email, "john@example.com"_email}) == 1);
    john.plan = "PLAN-Bolt"_plan;
    CHECK(world.create(world.bolt, john).value() == Registered::created);
}

TEST_CASE("everybody in a list stands or falls alone, and is answered in their place", "[register people]")
{
    Registry world;
    world.login_link("known@example.com"_email);
    auto const outcomes = world.create_all(
        {world.person("z@example.com"), world.person("b@example.com", "NOWHERE"), world.person("known@example.com"),
         world.person("a@example.com")});
    REQUIRE(outcomes.size() == 4);
    CHECK(outcomes[0].value() == Registered::created);
    CHECK(refusal(outcomes[1]) == Errc::plan_unknown);
    CHECK(outcomes[2].value() == Registered::unchanged);
    CHECK(outcomes[3].value() == Registered::created);
    CHECK(world.mailed().size() == 4);
}

TEST_CASE("the same person twice in one list is registered once and mailed once", "[register people]")
{
    Registry world;
    auto const outcomes = world.create_all({world.person("jane@example.com"), world.person("jane@example.com")});
    CHECK(outcomes[0].value() == Registered::created);
    CHECK(outcomes[1].value() == Registered::unchanged);
    CHECK(world.mailed() == Kinds{LetterKind::welcome_set_password});
}

TEST_CASE("what is asked for again unchanged mails nobody again", "[register people]")
{
    Registry world;
    auto const person = world.person("jane@example.com");
    auto const refused = world.person("john@example.com", "NOWHERE");
    world.create_all({person, refused});
    CHECK(world.mailed().size() == 2);
    for (int time = 0; time < 3; ++time) {
        world.clock.advance(5min);
        auto const outcomes = world.create_all({person, refused});
        CHECK(outcomes[0].value() == Registered::unchanged);
        CHECK(refusal(outcomes[1]) == Errc::plan_unknown);
        CHECK(world.mailed().empty());
    }
}

TEST_CASE(
    "who is created after all gets the link, though the very same request was refused before", "[register people]")
{
    Registry world;
    auto const person = world.person("jane@example.com", "LATER");
    CHECK_FALSE(world.create(world.acme, person));
    CHECK(world.mailed() == Kinds{LetterKind::registration_failed});
    world.plan("LATER", "Acme");
    CHECK(world.create(world.acme, person).value() == Registered::created);
    CHECK(world.mailed() == Kinds{LetterKind::welcome_set_password});
    CHECK(world.create(world.acme, person).value() == Registered::unchanged);
    CHECK(world.mailed().empty());
}

TEST_CASE("a list that is sent every day mails nobody on the second day either", "[register people]")
{
    Registry world;
    auto const person = world.person("jane@example.com");
    world.create_all({person});
    CHECK(world.mailed().size() == 1);
    for (int day = 0; day < 10; ++day) {
        world.clock.advance(24h + 5min);
        world.create_all({person});
        CHECK(world.mailed().empty());
    }
    world.clock.advance(48h + 1ms);
    world.onboarding.tidy();
    world.create_all({person});
    CHECK(world.mailed() == Kinds{LetterKind::already_have_account});
}

TEST_CASE("a person who is asked for differently is told, once a day and kind", "[register people]")
{
    Registry world;
    auto person = world.person("jane@example.com");
    world.create(world.acme, person).value();
    CHECK(world.mailed() == Kinds{LetterKind::welcome_set_password});
    person.name = "Jane Roe"_name;
    world.create(world.acme, person).value();
    CHECK(world.mailed() == Kinds{LetterKind::already_have_account});
    person.name = "Jane Coe"_name;
    world.create(world.acme, person).value();
    CHECK(world.mailed().empty());
    world.clock.advance(24h);
    person.name = "Jane Foe"_name;
    world.create(world.acme, person).value();
    CHECK(world.mailed() == Kinds{LetterKind::already_have_account});
}

TEST_CASE("another partner's request is a cause of its own", "[register people]")
{
    Registry world;
    world.plan("SHARED", "Acme");
    auto const person = world.person("jane@example.com");
    auto of_bolt = person;
    of_bolt.plan = "PLAN-Bolt"_plan;
    world.create(world.acme, person).value();
    CHECK(world.mailed() == Kinds{LetterKind::welcome_set_password});
    CHECK(world.create(world.bolt, of_bolt).value() == Registered::unchanged);
    CHECK(world.mailed() == Kinds{LetterKind::already_have_account});
}

TEST_CASE("whatever member differs makes another cause", "[register people]")
{
    Registry world;
    auto const person = world.person("jane@example.com", "NOWHERE");
    auto changed = person;
    SECTION("plan")
    {
        changed.plan = "ELSEWHERE"_plan;
    }
    SECTION("address as it is spelled")
    {
        changed.email = "JANE@example.com"_email;
    }
    SECTION("first name")
    {
        changed.name = "Janet Doe"_name;
    }
    SECTION("last name")
    {
        changed.name = "Jane Roe"_name;
    }
    SECTION("language")
    {
        changed.language = Language::dutch;
    }
    SECTION("contract type")
    {
        changed.contract_type = ContractType::worker;
    }
    SECTION("person id")
    {
        changed.person_id = "1"_person;
    }
    SECTION("personnel number")
    {
        changed.personnel_number = "1"_personnel;
    }
    SECTION("additional data")
    {
        changed.additional_data = "{}";
    }

    CHECK_FALSE(world.create(world.acme, person));
    world.clock.advance(24h);  // so that another letter of the kind may leave
    world.mailed();
    CHECK_FALSE(world.create(world.acme, changed));
    CHECK(world.mailed() == Kinds{LetterKind::registration_failed});
}

TEST_CASE("a list that is replayed all day sends exactly the letters of its first time", "[register people]")
{
    Registry world;
    auto const writers = world.storage->concurrent_writers();
    auto const size =
        writers == 1 ? 200 : 20;  // a database server is asked over a line, one question after the other
    world.login_link("person3@example.com"_email);
    std::vector<NewPerson> list;
    for (int number = 0; number < size; ++number) {
        list.push_back(world.person("person" + std::to_string(number) + "@example.com"));
        if (number % 10 == 0)
            list.back().plan = "NOWHERE"_plan;
    }
    world.create_all(list);
    auto const first = world.delivered();
    CHECK(first.size() == list.size());
    for (int round = 1; round < 288; ++round) {
        world.clock.advance(5min);
        auto const outcomes = world.create_all(list);
        CHECK(std::ranges::count_if(outcomes, [](auto const& outcome) { return !outcome; }) == size / 10);
    }
    CHECK(world.delivered().empty());
    CHECK(world.administration.letters(10).empty());
}

TEST_CASE("one list sent by many at once registers and mails everybody once", "[register people]")
{
    Registry world;
    std::vector<NewPerson> list;
    for (int number = 0; number < 10; ++number)
        list.push_back(world.person("person" + std::to_string(number) + "@example.com"));
    std::atomic<int> created = 0;
    together(8, [&](int number) {
        auto people = list;
        if (number % 2 == 1)
            std::ranges::reverse(people);
        for (;;)
            try {
                auto const registered =
                    world.onboarding.register_people({.partner = world.acme, .people = people}).value();
                for (auto const& outcome : registered.outcomes)
                    created += outcome && *outcome == Registered::created ? 1 : 0;
                return;
            } catch (StorageConflict const&) {
                // to be run again, as the server does
            }
    });
    CHECK(created == 10);
    auto const letters = world.delivered();
    CHECK(letters.size() == 10);
    for (auto const& [letter, secret] : letters)
        CHECK(letter.kind == LetterKind::welcome_set_password);
}

TEST_CASE("a request with a key that is repeated is answered as the first time and does nothing", "[register people]")
{
    Registry world;
    Registration const request{
        .partner = world.acme,
        .people = {world.person("jane@example.com"), world.person("john@example.com", "NOWHERE")},
        .repeatable = Repeatable{"key", "body"}};
    auto const first = world.onboarding.register_people(request);
    REQUIRE(first);
    CHECK_FALSE(first->repeated);
    world.plan("NOWHERE", "Acme");  // the second would succeed now

    world.clock.advance(23h);
    auto const again = world.onboarding.register_people(request);
    REQUIRE(again);
    CHECK(again->repeated);
    REQUIRE(again->outcomes.size() == 2);
    CHECK(again->outcomes[0].value() == Registered::created);
    CHECK(error_of(again->outcomes[1]) == refuse(Errc::plan_unknown, "plan"));
    CHECK(world.accounts_of({"john@example.com"_email}) == 0);
    CHECK(world.mailed().size() == 2);
}

TEST_CASE("a key belongs to one request and one partner, for a day", "[register people]")
{
    Registry world;
    Registration request{
        .partner = world.acme, .people = {world.person("jane@example.com")}, .repeatable = Repeatable{"key", "body"}};
    REQUIRE(world.onboarding.register_people(request));
    request.repeatable = Repeatable{"key", "another body"};
    CHECK(
        error_of(world.onboarding.register_people(request)) ==
        refuse(Errc::request_repeated_differently, "idempotency_key"));
    request.partner = world.bolt;
    CHECK_FALSE(world.onboarding.register_people(request)->repeated);
    world.clock.advance(24h + 1ms);
    request.partner = world.acme;
    CHECK_FALSE(world.onboarding.register_people(request)->repeated);
}

TEST_CASE("a key used for a login is no key for a list", "[register people]")
{
    Registry world;
    REQUIRE(world.onboarding.log_in(
        {.partner = world.acme,
         .email = "jane@example.com"_email,
         .name = "Jane Doe"_name,
         .repeatable = Repeatable{"key", "body"}}));
    Registration const request{
        .partner = world.acme, .people = {world.person("jane@example.com")}, .repeatable = Repeatable{"key", "body"}};
    CHECK(refusal(world.onboarding.register_people(request)) == Errc::request_repeated_differently);
}

TEST_CASE("a partner that is not there registers nobody", "[register people]")
{
    Registry world;
    Registration const request{.partner = PartnerId{999999}, .people = {world.person("jane@example.com")}};
    CHECK(refusal(world.onboarding.register_people(request)) == Errc::partner_unknown);
}

}
