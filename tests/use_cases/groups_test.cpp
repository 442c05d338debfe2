#include "support/catch.hpp"
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

}
