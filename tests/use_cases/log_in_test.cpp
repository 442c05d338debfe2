#include <atomic>

#include "support/catch.hpp"
#include "support/together.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

constexpr int everybody = 64;

TEST_CASE("a first login opens an account and issues a link", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const outcome = world.onboarding.log_in(
        {.partner = acme,
         .plan = "PLAN-Acme"_plan,
         .email = "Jane@example.com"_email,
         .name = "Jane Doe"_name,
         .language = Language::dutch,
         .contract_type = ContractType::worker,
         .person_id = "007"_person,
         .personnel_number = "P-1"_personnel,
         .additional_data = R"({"shoe":42})"});

    REQUIRE(outcome);
    CHECK(outcome->registered == Registered::created);
    CHECK(outcome->expires_at == world.clock.now() + 300s);
    CHECK_FALSE(outcome->confirmation_required);
    CHECK_FALSE(outcome->repeated);

    auto const account = world.account("jane@example.com"_email);
    CHECK(account.id == outcome->account);
    CHECK(account.email->str() == "Jane@example.com");
    CHECK(account.name == "Jane Doe"_name);
    CHECK(account.language == Language::dutch);
    CHECK(account.status == AccountStatus::active);
    CHECK(account.created_at == world.clock.now());
    CHECK(
        world.enrolment(acme, "jane@example.com"_email) == Enrolment{
                                                               .plan = "PLAN-Acme"_plan,
                                                               .contract_type = ContractType::worker,
                                                               .person_id = "007"_person,
                                                               .personnel_number = "P-1"_personnel,
                                                               .additional_data = R"({"shoe":42})"});
    CHECK(world.letters_waiting() == 0);
}

TEST_CASE("a second login with the same email updates the person and opens no second account", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const first =
        world.onboarding.log_in({.partner = acme, .email = "jane@example.com"_email, .name = "Jane Doe"_name});
    world.clock.advance(1h);
    auto const again = world.onboarding.log_in(
        {.partner = acme, .email = "JANE@example.com"_email, .name = "Jane Roe"_name, .language = Language::french});

    REQUIRE(again);
    CHECK(again->registered == Registered::updated);
    CHECK(again->account == first->account);
    auto const account = world.account("jane@example.com"_email);
    CHECK(account.name == "Jane Roe"_name);
    CHECK(account.language == Language::french);
    CHECK(account.updated_at == world.clock.now());
    CHECK(account.created_at == world.clock.now() - 1h);
    CHECK(account.email->str() == "jane@example.com");
}

TEST_CASE("every account has a random handle that stays", "[log in]")
{
    World world;
    world.login_link("jane@example.com"_email);
    world.login_link("john@example.com"_email);
    auto const handle = world.account("jane@example.com"_email).handle;
    CHECK(handle.size() == 36);
    CHECK(handle[14] == '4');
    CHECK(handle != world.account("john@example.com"_email).handle);
    world.login_link("jane@example.com"_email);
    CHECK(world.account("jane@example.com"_email).handle == handle);
}

TEST_CASE("an update leaves what was not sent as it was", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    world.plan("PLAN-B", "Acme");
    LogIn const everything{
        .partner = acme,
        .plan = "PLAN-Acme"_plan,
        .email = "jane@example.com"_email,
        .name = "Jane Doe"_name,
        .contract_type = ContractType::clerk,
        .person_id = "007"_person,
        .personnel_number = "P-1"_personnel,
        .additional_data = "{}"};
    REQUIRE(world.onboarding.log_in(everything));
    auto expected = *world.enrolment(acme, everything.email);
    LogIn update{.partner = acme, .email = everything.email, .name = everything.name};

    SECTION("nothing sent") {}
    SECTION("the plan sent")
    {
        update.plan = expected.plan = "PLAN-B"_plan;
    }
    SECTION("the contract type sent")
    {
        update.contract_type = expected.contract_type = ContractType::worker;
    }
    SECTION("the person id sent")
    {
        update.person_id = expected.person_id = "008"_person;
    }
    SECTION("the personnel number sent")
    {
        update.personnel_number = expected.personnel_number = "P-2"_personnel;
    }
    SECTION("the additional data sent")
    {
        update.additional_data = expected.additional_data = R"({"shoe":43})";
    }
    REQUIRE(world.onboarding.log_in(update));
    CHECK(world.enrolment(acme, everything.email) == expected);
}

TEST_CASE("an unknown, a closed and another partner's plan get one answer and change nothing", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    world.partner("Bolt");
    world.plan("CLOSED", "Acme");
    REQUIRE(world.administration.close_plan("CLOSED"_plan));
    auto const [why, plan] = GENERATE(table<char const*, char const*>(
        {{"unknown", "NOWHERE"},
         {"closed", "CLOSED"},
         {"another partner's", "PLAN-Bolt"},
         {"another case", "plan-acme"},
         {"a look-alike", "PLAN-\u0410cme"},
         {"SQL", "PLAN-Acme' OR '1'='1"}}));
    INFO(why);
    auto const outcome = world.onboarding.log_in(
        {.partner = acme,
         .plan = PlanCode::parse(plan).value(),
         .email = "jane@example.com"_email,
         .name = "Jane Doe"_name});
    CHECK(error_of(outcome) == refuse(Errc::plan_unknown, "plan"));
    CHECK(world.accounts_of({"jane@example.com"_email}) == 0);
}

TEST_CASE("a person id belongs to one person of a partner", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt");
    auto const log_in = [&](PartnerId partner, EmailAddress const& email, PersonId const& id) {
        return world.onboarding.log_in(
            {.partner = partner, .email = email, .name = "Jane Doe"_name, .person_id = id});
    };
    REQUIRE(log_in(acme, "jane@example.com"_email, "007"_person));

    auto const refused = log_in(acme, "john@example.com"_email, "007"_person);
    CHECK(error_of(refused) == refuse(Errc::person_id_taken, "person_id"));
    CHECK(world.accounts_of({"john@example.com"_email}) == 0);

    CHECK(log_in(bolt, "john@example.com"_email, "007"_person));
    CHECK(log_in(acme, "jane@example.com"_email, "007"_person));
    CHECK(log_in(acme, "jane@example.com"_email, "008"_person));
    CHECK(log_in(acme, "june@example.com"_email, "007"_person));
}

TEST_CASE("a refused update changes nothing of the person", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const log_in = [&](EmailAddress const& email, PersonName const& name, PersonId const& id) {
        return world.onboarding.log_in({.partner = acme, .email = email, .name = name, .person_id = id});
    };
    REQUIRE(log_in("jane@example.com"_email, "Jane Doe"_name, "007"_person));
    REQUIRE(log_in("john@example.com"_email, "John Doe"_name, "008"_person));
    CHECK(refusal(log_in("john@example.com"_email, "John Roe"_name, "007"_person)) == Errc::person_id_taken);
    CHECK(world.account("john@example.com"_email).name == "John Doe"_name);
    CHECK(world.enrolment(acme, "john@example.com"_email)->person_id == "008"_person);
}

TEST_CASE("a new link does not end an earlier one", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const first = world.login_link("jane@example.com"_email, acme);
    auto const second = world.login_link("jane@example.com"_email, acme);
    CHECK(first != second);
    CHECK(world.onboarding.redeem(second));
    CHECK(world.onboarding.redeem(first));
}

TEST_CASE("somebody else's customer is refused if that is what the partner is set to", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt", LinkExisting::refuse);
    world.login_link("jane@example.com"_email, acme);

    auto const outcome =
        world.onboarding.log_in({.partner = bolt, .email = "jane@example.com"_email, .name = "Jane Roe"_name});
    CHECK(error_of(outcome) == refuse(Errc::email_taken, "email"));
    CHECK(world.account("jane@example.com"_email).name == "Jane Doe"_name);
    CHECK_FALSE(world.enrolment(bolt, "jane@example.com"_email));
    CHECK(world.letters_waiting() == 0);

    CHECK(world.onboarding.log_in({.partner = bolt, .email = "john@example.com"_email, .name = "John Doe"_name}));
    CHECK(world.onboarding.log_in({.partner = bolt, .email = "john@example.com"_email, .name = "John Doe"_name}));
}

TEST_CASE("somebody else's customer is linked at once by a trusted partner", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt", LinkExisting::trust);
    world.login_link("jane@example.com"_email, acme);

    auto const outcome = world.onboarding.log_in(
        {.partner = bolt, .email = "jane@example.com"_email, .name = "Jane Roe"_name, .person_id = "1"_person});
    REQUIRE(outcome);
    CHECK(outcome->registered == Registered::updated);
    CHECK_FALSE(outcome->confirmation_required);
    CHECK(world.account("jane@example.com"_email).name == "Jane Roe"_name);
    CHECK(world.enrolment(bolt, "jane@example.com"_email)->person_id == "1"_person);
    CHECK(world.letters_waiting() == 0);
    CHECK(world.onboarding.redeem(outcome->token.reveal()));
}

TEST_CASE("somebody else's customer is asked first, and nothing is changed until they agree", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt");
    world.login_link("jane@example.com"_email, acme);

    auto const outcome = world.onboarding.log_in(
        {.partner = bolt,
         .email = "Jane@Example.com"_email,
         .name = "Jane Roe"_name,
         .language = Language::german,
         .person_id = "1"_person});
    REQUIRE(outcome);
    CHECK(outcome->registered == Registered::updated);
    CHECK(outcome->confirmation_required);
    CHECK(world.account("jane@example.com"_email).name == "Jane Doe"_name);
    CHECK(world.account("jane@example.com"_email).language == Language::english);
    CHECK_FALSE(world.enrolment(bolt, "jane@example.com"_email));
    CHECK(world.letters_waiting() == 1);
    CHECK(refusal(world.onboarding.redeem(outcome->token.reveal())) == Errc::confirmation_required);
    CHECK(refusal(world.onboarding.open_session(outcome->token.reveal())) == Errc::confirmation_required);
}

TEST_CASE("a person the host itself brought on board is somebody else's customer to a partner", "[log in]")
{
    World world;
    auto const bolt = world.partner("Bolt");
    world.login_link("jane@example.com"_email);
    CHECK(world.onboarding.log_in({.partner = bolt, .email = "jane@example.com"_email, .name = "Jane Roe"_name})
              ->confirmation_required);
}

TEST_CASE("a person id that is taken is refused before anybody is asked", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt");
    world.login_link("jane@example.com"_email, acme);
    REQUIRE(world.onboarding.log_in(
        {.partner = bolt, .email = "john@example.com"_email, .name = "John Doe"_name, .person_id = "1"_person}));
    CHECK(
        refusal(world.onboarding.log_in(
            {.partner = bolt,
             .email = "jane@example.com"_email,
             .name = "Jane Roe"_name,
             .person_id = "1"_person})) == Errc::person_id_taken);
    CHECK(world.letters_waiting() == 0);
}

TEST_CASE("the host logs anybody in without a partner", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    world.login_link("jane@example.com"_email, acme);
    auto const known = world.onboarding.log_in(
        {.email = "jane@example.com"_email, .name = "Jane Roe"_name, .language = Language::dutch});
    REQUIRE(known);
    CHECK(known->registered == Registered::updated);
    CHECK_FALSE(known->confirmation_required);
    CHECK(world.account("jane@example.com"_email).name == "Jane Roe"_name);
    CHECK(world.account("jane@example.com"_email).language == Language::dutch);

    auto const person = world.onboarding.redeem(known->token.reveal());
    REQUIRE(person);
    CHECK_FALSE(person->partner);
    CHECK_FALSE(person->enrolment);
    CHECK(
        world.onboarding.log_in({.email = "john@example.com"_email, .name = "John Doe"_name})->registered ==
        Registered::created);
}

TEST_CASE("a blocked person is not logged in, by anybody", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt =
        world.partner("Bolt", GENERATE(LinkExisting::refuse, LinkExisting::confirm, LinkExisting::trust));
    world.login_link("jane@example.com"_email, acme);
    REQUIRE(world.administration.block("jane@example.com"_email));
    for (auto const partner : {std::optional(acme), std::optional(bolt), std::optional<PartnerId>()}) {
        auto const outcome =
            world.onboarding.log_in({.partner = partner, .email = "jane@example.com"_email, .name = "Jane Roe"_name});
        CHECK(error_of(outcome) == refuse(Errc::account_blocked, "email"));
    }
    CHECK(world.account("jane@example.com"_email).name == "Jane Doe"_name);
    REQUIRE(world.administration.unblock("jane@example.com"_email));
    CHECK(world.onboarding.log_in({.partner = acme, .email = "jane@example.com"_email, .name = "Jane Roe"_name}));
}

TEST_CASE("a deleted person's address stays taken", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    world.login_link("jane@example.com"_email, acme);
    REQUIRE(world.administration.remove("jane@example.com"_email));
    for (auto const partner : {std::optional(acme), std::optional<PartnerId>()}) {
        auto const outcome =
            world.onboarding.log_in({.partner = partner, .email = "JANE@example.com"_email, .name = "Jane Roe"_name});
        CHECK(error_of(outcome) == refuse(Errc::account_deleted, "email"));
    }
}

TEST_CASE("a deleted person's identifiers can be had again if that is the policy", "[log in]")
{
    World world({.release_deleted = true});
    auto const acme = world.partner("Acme");
    LogIn const request{
        .partner = acme, .email = "jane@example.com"_email, .name = "Jane Doe"_name, .person_id = "007"_person};
    auto const first = world.onboarding.log_in(request);
    REQUIRE(first);
    REQUIRE(world.administration.remove("jane@example.com"_email));

    auto const second = world.onboarding.log_in(request);
    REQUIRE(second);
    CHECK(second->registered == Registered::created);
    CHECK(second->account != first->account);
    CHECK(world.account("jane@example.com"_email).id == second->account);
    CHECK(refusal(world.onboarding.redeem(first->token.reveal())) == Errc::link_spent);
    CHECK(world.onboarding.redeem(second->token.reveal())->account.id == second->account);
    CHECK(world.onboarding.log_in(request)->registered == Registered::updated);
}

TEST_CASE("a deleted person's person id can be had again under another address if that is the policy", "[log in]")
{
    World world({.release_deleted = true});
    auto const acme = world.partner("Acme");
    REQUIRE(world.onboarding.log_in(
        {.partner = acme, .email = "jane@example.com"_email, .name = "Jane Doe"_name, .person_id = "007"_person}));
    REQUIRE(world.administration.remove("jane@example.com"_email));
    CHECK(world.onboarding.log_in(
        {.partner = acme, .email = "jane@new.example"_email, .name = "Jane Doe"_name, .person_id = "007"_person}));
}

TEST_CASE("a released address may be taken by another partner as a new person", "[log in]")
{
    World world({.release_deleted = true});
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt");
    world.login_link("jane@example.com"_email, acme);
    REQUIRE(world.administration.remove("jane@example.com"_email));
    auto const outcome =
        world.onboarding.log_in({.partner = bolt, .email = "jane@example.com"_email, .name = "June Roe"_name});
    REQUIRE(outcome);
    CHECK(outcome->registered == Registered::created);
    CHECK_FALSE(outcome->confirmation_required);
    CHECK_FALSE(world.enrolment(acme, "jane@example.com"_email));
}

TEST_CASE("a blocked person's address is not released", "[log in]")
{
    World world({.release_deleted = true});
    world.login_link("jane@example.com"_email);
    REQUIRE(world.administration.block("jane@example.com"_email));
    CHECK(
        refusal(world.onboarding.log_in({.email = "jane@example.com"_email, .name = "Jane Doe"_name})) ==
        Errc::account_blocked);
}

// Requests with an idempotency key.

LogIn keyed(PartnerId partner, std::string_view body = "body", EmailAddress const& email = "jane@example.com"_email)
{
    return {.partner = partner, .email = email, .name = "Jane Doe"_name, .repeatable = Repeatable{"key", body}};
}

TEST_CASE("a repeated request is answered alike with a fresh link and runs nothing again", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const first = world.onboarding.log_in(keyed(acme));
    REQUIRE(first);
    CHECK_FALSE(first->repeated);
    REQUIRE(world.onboarding.log_in({.partner = acme, .email = "jane@example.com"_email, .name = "Jane Roe"_name}));

    world.clock.advance(24h);
    auto const again = world.onboarding.log_in(keyed(acme));
    REQUIRE(again);
    CHECK(again->repeated);
    CHECK(again->registered == Registered::created);
    CHECK(again->account == first->account);
    CHECK(again->token.reveal() != first->token.reveal());
    CHECK(again->expires_at == world.clock.now() + 300s);
    CHECK(world.account("jane@example.com"_email).name == "Jane Roe"_name);
    CHECK(world.onboarding.redeem(again->token.reveal()));
}

TEST_CASE("a repeated update is answered as an update", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    world.login_link("jane@example.com"_email, acme);
    REQUIRE(world.onboarding.log_in(keyed(acme))->registered == Registered::updated);
    CHECK(world.onboarding.log_in(keyed(acme))->registered == Registered::updated);
}

TEST_CASE("a key is forgotten after 24 hours", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    REQUIRE(world.onboarding.log_in(keyed(acme)));
    world.clock.advance(24h + 1ms);
    auto const later = world.onboarding.log_in(keyed(acme, "another body"));
    REQUIRE(later);
    CHECK_FALSE(later->repeated);
    CHECK(later->registered == Registered::updated);
}

TEST_CASE("the same key with another request is refused and changes nothing", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    REQUIRE(world.onboarding.log_in(keyed(acme)));
    auto const other = world.onboarding.log_in(keyed(acme, "another body", "john@example.com"_email));
    CHECK(error_of(other) == refuse(Errc::request_repeated_differently, "idempotency_key"));
    CHECK(world.accounts_of({"john@example.com"_email}) == 0);
    CHECK(world.onboarding.log_in(keyed(acme))->repeated);
}

TEST_CASE("a key belongs to its partner", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt");
    REQUIRE(world.onboarding.log_in(keyed(acme)));
    auto const theirs = world.onboarding.log_in(keyed(bolt, "another body", "john@example.com"_email));
    REQUIRE(theirs);
    CHECK_FALSE(theirs->repeated);
}

TEST_CASE("a refused request leaves its key free for a better one", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto request = keyed(acme);
    request.plan = "NOWHERE"_plan;
    CHECK(refusal(world.onboarding.log_in(request)) == Errc::plan_unknown);
    auto const better = world.onboarding.log_in(keyed(acme, "a better body"));
    REQUIRE(better);
    CHECK_FALSE(better->repeated);
}

TEST_CASE("a repetition logs nobody in who was blocked or deleted since", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    REQUIRE(world.onboarding.log_in(keyed(acme)));
    SECTION("blocked")
    {
        REQUIRE(world.administration.block("jane@example.com"_email));
        CHECK(refusal(world.onboarding.log_in(keyed(acme))) == Errc::account_blocked);
    }
    SECTION("deleted")
    {
        REQUIRE(world.administration.remove("jane@example.com"_email));
        CHECK(refusal(world.onboarding.log_in(keyed(acme))) == Errc::account_deleted);
    }
}

TEST_CASE("a repetition asks no second time and still needs the code", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt");
    world.login_link("jane@example.com"_email, acme);
    REQUIRE(world.onboarding.log_in(keyed(bolt))->confirmation_required);
    CHECK(world.letters_waiting() == 1);

    world.clock.advance(2min);
    auto const again = world.onboarding.log_in(keyed(bolt));
    REQUIRE(again);
    CHECK(again->repeated);
    CHECK(again->confirmation_required);
    CHECK(world.letters_waiting() == 1);
    CHECK(refusal(world.onboarding.redeem(again->token.reveal())) == Errc::confirmation_required);
    CHECK(world.onboarding.confirm(again->token.reveal(), world.mailed_code()));
    CHECK_FALSE(world.onboarding.log_in(keyed(bolt))->confirmation_required);
}

TEST_CASE("a repetition never reaches a stranger who has the address now", "[log in]")
{
    World world({.release_deleted = true});
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt");
    REQUIRE(world.onboarding.log_in(keyed(acme)));
    REQUIRE(world.administration.remove("jane@example.com"_email));
    world.login_link("jane@example.com"_email, bolt);
    auto const again = world.onboarding.log_in(keyed(acme));
    if (again)
        CHECK(refusal(world.onboarding.redeem(again->token.reveal())) == Errc::confirmation_required);
}

// Many at once.

TEST_CASE("of many simultaneous logins of one new address in several spellings, one creates it", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    std::vector<EmailAddress> const spellings{
        "jane@b\u00fccher.example"_email, "JANE@B\u00dcCHER.example"_email, "jane@xn--bcher-kva.example"_email,
        "Jane@xn--bcher-kva.EXAMPLE"_email};
    std::atomic<int> created = 0;
    std::atomic<int> updated = 0;
    std::array<AccountId, everybody> accounts{};
    together(everybody, [&](int number) {
        auto const place = static_cast<std::size_t>(number);
        auto const outcome = world.onboarding.log_in(
            {.partner = acme, .email = spellings[place % spellings.size()], .name = "Jane Doe"_name});
        accounts[place] = outcome.value().account;
        ++(outcome->registered == Registered::created ? created : updated);
    });
    CHECK(created == 1);
    CHECK(updated == everybody - 1);
    CHECK(std::count(accounts.begin(), accounts.end(), accounts[0]) == everybody);
}

TEST_CASE("of many simultaneous logins with one person id, one gets it", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    std::atomic<int> created = 0;
    std::atomic<int> refused = 0;
    together(everybody, [&](int number) {
        auto const outcome = world.onboarding.log_in(
            {.partner = acme,
             .email = EmailAddress::parse("jane" + std::to_string(number) + "@example.com").value(),
             .name = "Jane Doe"_name,
             .person_id = "007"_person});
        ++(outcome ? created : refused);
    });
    CHECK(created == 1);
    CHECK(refused == everybody - 1);
}

TEST_CASE("of many simultaneous repetitions of one request, one runs", "[log in]")
{
    World world;
    auto const acme = world.partner("Acme");
    std::atomic<int> ran = 0;
    std::atomic<int> created = 0;
    together(everybody, [&](int) {
        auto const outcome = world.onboarding.log_in(keyed(acme));
        ran += !outcome.value().repeated;
        created += outcome->registered == Registered::created;
    });
    CHECK(ran == 1);
    CHECK(created == everybody);
}

TEST_CASE("partners that log one new person in at the same moment do not get each other's customer", "[log in]")
{
    World world;
    std::vector<PartnerId> partners;
    for (int number = 0; number < 8; ++number)
        partners.push_back(world.partner("Partner" + std::to_string(number)));
    std::atomic<int> created = 0;
    std::atomic<int> to_be_confirmed = 0;
    together(8, [&](int number) {
        auto const outcome = world.onboarding.log_in(
            {.partner = partners[static_cast<std::size_t>(number)],
             .email = "jane@example.com"_email,
             .name = "Jane Doe"_name});
        created += outcome.value().registered == Registered::created;
        to_be_confirmed += outcome->confirmation_required;
    });
    CHECK(created == 1);
    CHECK(to_be_confirmed == 7);
    CHECK(world.letters_waiting() == 1);
}

}
