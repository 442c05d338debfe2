#include "support/catch.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

TEST_CASE("a new partner calls with the token it got", "[administration]")
{
    World world;
    auto const token = world.administration.add_partner(
        {.name = "Acme"_partner, .rights = {Right::redeem}, .link_existing = LinkExisting::trust});
    REQUIRE(token);
    auto const partner = world.onboarding.identify(token->reveal());
    REQUIRE(partner);
    CHECK(partner->name == "Acme"_partner);
    CHECK(partner->rights == Rights{Right::redeem});
    CHECK(partner->link_existing == LinkExisting::trust);
    CHECK(partner->created_at == world.clock.now());
}

TEST_CASE("a partner has its three rights and asks people first unless told otherwise", "[administration]")
{
    World world;
    auto const partner =
        world.onboarding.identify(world.administration.add_partner({.name = "Acme"_partner})->reveal());
    REQUIRE(partner);
    CHECK(partner->rights == Rights{Right::partner, Right::sso, Right::sunbird});
    CHECK_FALSE(partner->rights.contains(Right::redeem));
    CHECK(partner->link_existing == LinkExisting::confirm);
}

TEST_CASE("a partner's name is given once", "[administration]")
{
    World world;
    auto const token = world.administration.add_partner({.name = "Acme"_partner});
    auto const again = world.administration.add_partner({.name = "Acme"_partner});
    CHECK(error_of(again) == refuse(Errc::partner_exists, "name"));
    CHECK(world.onboarding.identify(token->reveal()));
    CHECK(world.administration.partners().size() == 1);
}

TEST_CASE("a token that is mistyped, made up or of another kind identifies nobody", "[administration]")
{
    World world;
    auto const token = world.administration.add_partner({.name = "Acme"_partner})->reveal();
    auto const link = world.login_link("jane@example.com"_email);
    for (auto const& text :
         {std::string(), std::string("onboard_"), token.substr(0, token.size() - 1), token + "A", token.substr(8),
          link, "onboard_" + link})
        CHECK(refusal(world.onboarding.identify(text)) == Errc::partner_token_unknown);
    for (std::size_t place = 0; place < token.size(); ++place) {
        auto changed = token;
        changed[place] = changed[place] == 'x' ? 'y' : 'x';
        CHECK(refusal(world.onboarding.identify(changed)) == Errc::partner_token_unknown);
    }
}

TEST_CASE("tokens are rotated without a gap", "[administration]")
{
    World world;
    auto const first = world.administration.add_partner({.name = "Acme"_partner});
    auto const second = world.administration.rotate("Acme"_partner);
    REQUIRE(second);
    CHECK(world.onboarding.identify(first->reveal()));
    CHECK(world.onboarding.identify(second->reveal()));
    CHECK(world.administration.partners()[0].live_tokens == 2);

    CHECK(world.administration.revoke_oldest("Acme"_partner).value() == 1);
    CHECK(refusal(world.onboarding.identify(first->reveal())) == Errc::partner_token_unknown);
    CHECK(world.onboarding.identify(second->reveal()));
    CHECK(world.administration.partners()[0].live_tokens == 1);
}

TEST_CASE("all tokens of one partner are revoked at once, and nobody else's", "[administration]")
{
    World world;
    auto const first = world.administration.add_partner({.name = "Acme"_partner});
    auto const second = world.administration.rotate("Acme"_partner);
    auto const bolts = world.administration.add_partner({.name = "Bolt"_partner});
    CHECK(world.administration.revoke_all("Acme"_partner).value() == 2);
    CHECK_FALSE(world.onboarding.identify(first->reveal()));
    CHECK_FALSE(world.onboarding.identify(second->reveal()));
    CHECK(world.onboarding.identify(bolts->reveal()));
    CHECK(world.administration.revoke_all("Acme"_partner).value() == 0);
    CHECK(world.administration.revoke_oldest("Acme"_partner).value() == 0);
    CHECK(world.onboarding.identify(world.administration.rotate("Acme"_partner)->reveal()));
}

TEST_CASE("a partner nobody has heard of has no tokens and no plans", "[administration]")
{
    World world;
    CHECK(refusal(world.administration.rotate("Acme"_partner)) == Errc::partner_unknown);
    CHECK(refusal(world.administration.revoke_oldest("Acme"_partner)) == Errc::partner_unknown);
    CHECK(refusal(world.administration.revoke_all("Acme"_partner)) == Errc::partner_unknown);
    CHECK(refusal(world.administration.add_plan("BIKE"_plan, "Acme"_partner)) == Errc::partner_unknown);
}

TEST_CASE("plans are listed with their partners, open and closed", "[administration]")
{
    World world;
    world.partner("Acme");
    world.partner("Bolt");
    world.plan("BIKE", "Bolt");
    REQUIRE(world.administration.close_plan("PLAN-Acme"_plan));
    CHECK(refusal(world.administration.close_plan("NOWHERE"_plan)) == Errc::plan_unknown);
    CHECK(refusal(world.administration.add_plan("BIKE"_plan, "Acme"_partner)) == Errc::plan_exists);
    CHECK(refusal(world.administration.add_plan("PLAN-Acme"_plan, "Acme"_partner)) == Errc::plan_exists);

    auto const plans = world.administration.plans();
    REQUIRE(plans.size() == 3);
    CHECK(plans[0].first.code == "BIKE"_plan);
    CHECK(plans[0].second == "Bolt"_partner);
    CHECK(plans[1].first.code == "PLAN-Acme"_plan);
    CHECK_FALSE(plans[1].first.open);
    CHECK(plans[2].first.open);
}

TEST_CASE("a dossier holds the account and what each partner said", "[administration]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt", LinkExisting::trust);
    for (auto const& [partner, id] : {std::pair(acme, "A-1"_person), std::pair(bolt, "B-1"_person)})
        REQUIRE(world.onboarding.log_in(
            {.partner = partner, .email = "jane@example.com"_email, .name = "Jane Doe"_name, .person_id = id}));

    auto const dossier = world.administration.find("JANE@example.com"_email);
    REQUIRE(dossier);
    CHECK(dossier->account.email == "jane@example.com"_email);
    REQUIRE(dossier->enrolments.size() == 2);
    CHECK(dossier->enrolments[0].first == "Acme"_partner);
    CHECK(dossier->enrolments[0].second.person_id == "A-1"_person);
    CHECK(dossier->enrolments[1].first == "Bolt"_partner);
}

TEST_CASE("a person nobody has heard of is neither found nor blocked", "[administration]")
{
    World world;
    auto const nobody = "nobody@example.com"_email;
    CHECK(refusal(world.administration.find(nobody)) == Errc::person_unknown);
    CHECK(refusal(world.administration.block(nobody)) == Errc::person_unknown);
    CHECK(refusal(world.administration.unblock(nobody)) == Errc::person_unknown);
    CHECK(refusal(world.administration.remove(nobody)) == Errc::person_unknown);
}

TEST_CASE("a person is blocked, unblocked and deleted under any spelling of the address", "[administration]")
{
    World world;
    world.login_link("jane@example.com"_email);
    auto const status = [&] { return world.account("jane@example.com"_email).status; };
    world.clock.advance(1h);
    CHECK(world.administration.block("JANE@example.com"_email));
    CHECK(status() == AccountStatus::blocked);
    CHECK(world.account("jane@example.com"_email).updated_at == world.clock.now());
    CHECK(world.administration.block("jane@example.com"_email));
    CHECK(world.administration.unblock("Jane@example.com"_email));
    CHECK(status() == AccountStatus::active);
    CHECK(world.administration.remove("Jane@Example.com"_email));
    CHECK(status() == AccountStatus::deleted);
    CHECK(world.administration.remove("jane@example.com"_email));
}

TEST_CASE("a deletion leaves the identifiers and nothing else that was told", "[administration]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt");
    REQUIRE(world.onboarding.log_in(
        {.partner = acme,
         .plan = "PLAN-Acme"_plan,
         .email = "jane@example.com"_email,
         .name = "Jane Doe"_name,
         .contract_type = ContractType::clerk,
         .person_id = "007"_person,
         .personnel_number = "P-1"_personnel,
         .additional_data = R"({"shoe":42})"}));
    auto const waiting =
        world.onboarding.log_in({.partner = bolt, .email = "jane@example.com"_email, .name = "Jane Roe"_name});
    auto const code = world.mailed_code();
    REQUIRE(world.administration.remove("jane@example.com"_email));

    auto const dossier = world.administration.find("jane@example.com"_email);
    REQUIRE(dossier);
    CHECK(dossier->account.name.first() != "Jane");
    CHECK(dossier->account.name.last() != "Doe");
    REQUIRE(dossier->enrolments.size() == 1);
    CHECK(dossier->enrolments[0].second == Enrolment{.person_id = "007"_person});
    CHECK(refusal(world.onboarding.redeem(waiting->token.reveal())) == Errc::link_spent);
    CHECK(refusal(world.onboarding.confirm(waiting->token.reveal(), code)) == Errc::link_spent);
}

TEST_CASE("a deleted person does not come back", "[administration]")
{
    World world;
    world.login_link("jane@example.com"_email);
    REQUIRE(world.administration.remove("jane@example.com"_email));
    CHECK(refusal(world.administration.unblock("jane@example.com"_email)) == Errc::account_deleted);
    CHECK(refusal(world.administration.block("jane@example.com"_email)) == Errc::account_deleted);
    CHECK(world.account("jane@example.com"_email).status == AccountStatus::deleted);
}

TEST_CASE("unblocking somebody who is not blocked ends nothing", "[administration]")
{
    World world;
    auto const token = world.session("jane@example.com"_email);
    REQUIRE(world.administration.unblock("jane@example.com"_email));
    CHECK(world.onboarding.session(token));
}

}
