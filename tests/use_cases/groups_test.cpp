#include <set>

#include "support/catch.hpp"
#include "support/telephones.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;

TEST_CASE("what is done in a group is done as it is alone", "[groups]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const bolt = world.partner("Bolt");
    auto const link = world.login_link("jane@example.com"_email, acme);
    auto const session = world.session("jane@example.com"_email, acme);
    auto const waiting =
        world.onboarding.log_in({.partner = bolt, .email = "jane@example.com"_email, .name = "Jane Roe"_name});
    auto const code = world.mailed_code();
    LogIn const john{.partner = acme, .email = "john@example.com"_email, .name = "John Doe"_name};
    {
        auto const group = world.storage->begin_group();
        CHECK(world.onboarding.redeem(link));
        CHECK(refusal(world.onboarding.redeem(link)) == Errc::link_spent);
        CHECK(world.onboarding.log_in(john)->registered == Registered::created);
        CHECK(world.onboarding.log_in(john)->registered == Registered::updated);
        CHECK(refusal(world.onboarding.confirm(waiting->token.reveal(), other_than(code))) == Errc::code_wrong);
        CHECK(world.onboarding.confirm(waiting->token.reveal(), code));
        CHECK(refusal(world.onboarding.confirm(waiting->token.reveal(), code)) == Errc::link_spent);
        world.onboarding.end_session(session);
        group->commit();
    }
    CHECK(world.account("jane@example.com"_email).name == "Jane Roe"_name);
    CHECK(world.enrolment(bolt, "jane@example.com"_email));
    CHECK(world.accounts_of({john.email}) == 1);
    CHECK(refusal(world.onboarding.session(session)) == Errc::session_unknown);
}

TEST_CASE("what was done in a group that failed was not done", "[groups]")
{
    World world;
    auto const acme = world.partner("Acme");
    auto const link = world.login_link("jane@example.com"_email, acme);
    auto const session = world.session("jane@example.com"_email, acme);
    {
        auto const group = world.storage->begin_group();
        CHECK(world.onboarding.open_session(link));
        CHECK(world.onboarding.log_in({.partner = acme, .email = "john@example.com"_email, .name = "John Doe"_name}));
        world.onboarding.end_session(session);
    }
    CHECK(world.onboarding.redeem(link));
    CHECK(world.onboarding.session(session));
    CHECK(world.accounts_of({"john@example.com"_email}) == 0);
}

// Two people who sign up at Acme, one with a code and one with a proof; one whom a provider knows; one from a portal.
struct Newcomers : Telephones {
    Newcomers()
    {
        auto const channel = ChannelName::parse("kerala").value();
        REQUIRE(administration.add_channel(channel, {}));
        REQUIRE(administration.add_issuer({.name = "portal", .public_key = {}, .channel = channel, .audience = {}}));
        REQUIRE(onboarding.send_sign_up_code({.partner = acme, .to = asha}));
        code = mailed_code();
        REQUIRE(onboarding.send_sign_up_code({.partner = acme, .to = ravi}));
        proof_code = mailed_code();
        visit_token = onboarding.arrive(visit)->visit->reveal();
        visit_code = texted().at(0).secret;
    }

    Result<SignedUp> sign_up(EmailAddress const& email, std::optional<std::string_view> with = {})
    {
        return onboarding.sign_up({.partner = acme, .name = "Asha Kumari"_name, .contact = email, .code = with});
    }
    Result<SignedUp> come(EmailAddress const& email)
    {
        return onboarding.sign_up_with_identity(
            {.identity = {
                 .issuer = "https://accounts.google.com",
                 .subject = "1",
                 .email = email,
                 .email_verified = true,
                 .email_authoritative = true,
                 .name = "Asha Kumari"}});
    }

    EmailAddress asha = "asha@example.com"_email;
    EmailAddress ravi = "ravi@example.com"_email;
    EmailAddress mira = "mira@example.com"_email;
    PhoneNumber jane = "+4915112345678"_phone;
    Visit visit{
        .issuer = "portal",
        .subject = "1",
        .token_id = "1",
        .token_refused_from = clock.now() + std::chrono::seconds(600),
        .phone = jane};
    std::string code;
    std::string proof_code;
    std::string visit_token;
    std::string visit_code;
};

TEST_CASE("people who sign up in one group know of each other", "[groups]")
{
    Newcomers world;
    {
        auto const group = world.storage->begin_group();
        CHECK(refusal(world.sign_up(world.asha, other_than(world.code))) == Errc::code_wrong);
        CHECK(world.sign_up(world.asha, world.code));
        CHECK(refusal(world.sign_up(world.asha, world.code)) == Errc::email_taken);
        CHECK(refusal(world.sign_up(world.ravi)) == Errc::contact_unproven);
        CHECK(
            world.onboarding.prove_contact({.partner = world.acme, .contact = world.ravi, .code = world.proof_code}));
        CHECK(world.sign_up(world.ravi));
        CHECK(refusal(world.sign_up(world.ravi)) == Errc::email_taken);
        CHECK(world.come(world.mira)->is_new);
        CHECK_FALSE(world.come(world.mira)->is_new);
        CHECK(refusal(world.onboarding.arrive(world.visit)) == Errc::token_spent);
        CHECK(world.onboarding.finish_visit(world.visit_token, world.visit_code));
        CHECK(refusal(world.onboarding.finish_visit(world.visit_token, world.visit_code)) == Errc::code_wrong);
        auto again = world.visit;
        again.token_id = "2";
        CHECK(world.onboarding.arrive(again)->session);
        CHECK(refusal(world.onboarding.arrive(again)) == Errc::token_spent);
        CHECK(world.onboarding.exists({.partner = world.acme, .who = world.mira}).value());
        group->commit();
    }
    CHECK(world.accounts_of({world.asha, world.ravi, world.mira}) == 3);
    CHECK(world.find(world.jane));
    std::set<UserName> names;
    for (auto const& email : {world.asha, world.ravi, world.mira})
        names.insert(world.account(email).user_name.value());
    CHECK(names.size() == 3);
}

TEST_CASE("nobody signed up in a group that failed, and codes and tokens are good still", "[groups]")
{
    Newcomers world;
    auto again = world.visit;
    again.token_id = "2";
    {
        auto const group = world.storage->begin_group();
        CHECK(world.sign_up(world.asha, world.code));
        CHECK(
            world.onboarding.prove_contact({.partner = world.acme, .contact = world.ravi, .code = world.proof_code}));
        CHECK(world.come(world.mira)->is_new);
        CHECK(world.onboarding.finish_visit(world.visit_token, world.visit_code));
        CHECK(world.onboarding.arrive(again)->session);
    }
    CHECK(world.accounts_of({world.asha, world.ravi, world.mira}) == 0);
    CHECK_FALSE(world.find(world.jane));
    CHECK(refusal(world.sign_up(world.ravi)) == Errc::contact_unproven);
    CHECK(world.sign_up(world.asha, world.code));
    CHECK(world.onboarding.prove_contact({.partner = world.acme, .contact = world.ravi, .code = world.proof_code}));
    CHECK(world.come(world.mira)->is_new);
    CHECK(world.onboarding.finish_visit(world.visit_token, world.visit_code));
    CHECK(world.onboarding.arrive(again)->session);
}

}
