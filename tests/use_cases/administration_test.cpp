#include <algorithm>
#include <set>

#include "support/catch.hpp"
#include "support/telephones.hpp"
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
    CHECK(!dossier->account.name);
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

// Somebody with a telephone and an address.
struct Reachable : Telephones {
    using Telephones::Telephones;

    PhoneNumber jane = "+4915112345678"_phone;
    PhoneConfirmed confirmed = sign_in(jane);

    std::string opt_in_link(std::string_view email)
    {
        REQUIRE(onboarding.change_email({.phone = jane, .email = EmailAddress::parse(email).value()}));
        return delivered().at(0).secret;
    }

    void confirm(std::string_view email) { REQUIRE(onboarding.confirm_email(opt_in_link(email))); }
};

TEST_CASE("a person is found, blocked, unblocked and deleted by their telephone number", "[administration]")
{
    Reachable world;
    auto const status = [&] { return world.administration.find(world.jane)->account.status; };
    CHECK(world.administration.find("0151 / 123 456 78"_phone)->account.id == world.confirmed.account);
    world.clock.advance(1h);
    CHECK(world.administration.block("0049 151 12345678"_phone));
    CHECK(status() == AccountStatus::blocked);
    CHECK(world.account(world.jane).updated_at == world.clock.now());
    CHECK(world.administration.unblock(world.jane));
    CHECK(status() == AccountStatus::active);
    CHECK(world.administration.remove(world.jane));
    CHECK(status() == AccountStatus::deleted);
    CHECK(error_of(world.administration.block(world.jane)) == refuse(Errc::account_deleted, "who"));
    CHECK(error_of(world.administration.unblock(world.jane)) == refuse(Errc::account_deleted, "who"));
    CHECK(world.administration.remove(world.jane));
}

TEST_CASE("a number nobody has heard of is neither found nor blocked", "[administration]")
{
    Reachable world;
    auto const nobody = "+4915112345679"_phone;
    CHECK(error_of(world.administration.find(nobody)) == refuse(Errc::person_unknown, "who"));
    CHECK(error_of(world.administration.block(nobody)) == refuse(Errc::person_unknown, "who"));
    CHECK(error_of(world.administration.unblock(nobody)) == refuse(Errc::person_unknown, "who"));
    CHECK(error_of(world.administration.remove(nobody)) == refuse(Errc::person_unknown, "who"));
    CHECK(world.administration.find(world.jane)->account.status == AccountStatus::active);
}

TEST_CASE("the number and the address of a person lead to one dossier", "[administration]")
{
    Reachable world;
    world.confirm("jane@example.com");
    auto const by_number = world.administration.find(world.jane);
    auto const by_address = world.administration.find("Jane@Example.com"_email);
    REQUIRE(by_number);
    REQUIRE(by_address);
    CHECK(by_number->account.id == by_address->account.id);
    CHECK(by_number->account.email == "jane@example.com"_email);
    CHECK(by_address->account.phone == world.jane);
    REQUIRE(world.administration.block("jane@example.com"_email));
    CHECK(world.administration.find(world.jane)->account.status == AccountStatus::blocked);
}

TEST_CASE("a dossier holds what somebody agreed to, in order, and through whom", "[administration]")
{
    Reachable world;
    auto const bolt = world.partner("Bolt");
    auto const first_time = world.clock.now();
    world.clock.advance(1h);
    auto const code = world.code_for(world.jane);
    REQUIRE(world.onboarding.confirm_phone(
        {.partner = bolt, .phone = world.jane, .code = code, .agrees_to_privacy = true}));
    {
        auto const work = world.storage->begin();
        work->consents().add(
            {.account = world.confirmed.account, .to = Agreement::terms, .version = "3", .given_at = first_time});
        work->commit();
    }
    world.sign_in("+31612345678"_phone);  // whose consents are in another dossier

    auto const consents = world.administration.find(world.jane)->consents;
    REQUIRE(consents.size() == 4);
    CHECK(consents[0].first.to == Agreement::terms);
    CHECK(consents[0].first.version == "1");
    CHECK(consents[0].first.given_at == first_time);
    CHECK(consents[0].second == "Acme"_partner);
    CHECK(consents[1].first.to == Agreement::privacy);
    CHECK(consents[1].second == "Acme"_partner);
    CHECK(consents[2].first.to == Agreement::privacy);
    CHECK(consents[2].first.given_at == world.clock.now());
    CHECK(consents[2].second == "Bolt"_partner);
    CHECK(consents[3].first.version == "3");
    CHECK_FALSE(consents[3].second);
}

TEST_CASE("what somebody agreed to is still on record when they are deleted", "[administration]")
{
    Reachable world;
    auto const before = world.administration.find(world.jane)->consents;
    REQUIRE(world.administration.remove(world.jane));
    CHECK(world.administration.find(world.jane)->consents == before);
}

TEST_CASE("a deletion leaves number and address, and nothing of the telephone they are on", "[administration]")
{
    Reachable world;
    world.confirm("jane@example.com");
    world.clock.advance(1h);
    auto const code = world.code_for(world.jane);
    auto request = world.entry(world.jane, code);
    request.push_token = "device";
    REQUIRE(world.onboarding.confirm_phone(request));
    REQUIRE(world.account(world.jane).push_token == "device");

    auto const by_number = GENERATE(true, false);
    REQUIRE((
        by_number ? world.administration.remove(world.jane) : world.administration.remove("jane@example.com"_email)));
    auto const account = world.account(world.jane);
    CHECK(account.email == "jane@example.com"_email);
    CHECK(account.push_token.empty());
    CHECK(world.find(world.jane)->id == world.confirmed.account);
}

TEST_CASE("whoever is blocked or deleted gets neither mail nor text that was waiting", "[administration]")
{
    auto const by_number = GENERATE(true, false);
    auto const deleted = GENERATE(true, false);
    Reachable world;
    world.confirm("jane@example.com");
    world.clock.advance(1h);
    REQUIRE(world.send(world.jane));
    REQUIRE(world.send("+31612345678"_phone));
    REQUIRE(world.onboarding.forgot_password({.email = "jane@example.com"_email}));
    REQUIRE(world.letters_waiting() == 3);
    auto const who = by_number ? Recipient(world.jane) : Recipient("jane@example.com"_email);
    REQUIRE((deleted ? world.administration.remove(who) : world.administration.block(who)));

    auto const left = world.administration.letters(10);
    REQUIRE(left.size() == 1);  // somebody else's
    CHECK(text_of(left[0].letter.to) == "+31612345678");
    CHECK(world.delivered().empty());
    CHECK(world.texted().size() == 1);
}

TEST_CASE("a letter that was given up is forgotten with the person it was to", "[administration]")
{
    Reachable world;
    world.clock.advance(1h);
    REQUIRE(world.send(world.jane));
    world.clock.advance(300s);
    CHECK(world.texted().empty());
    REQUIRE(world.administration.letters(10).size() == 1);
    REQUIRE(world.administration.remove(world.jane));
    CHECK(world.administration.letters(10).empty());
}

TEST_CASE("a block ends what a person with a telephone could show, by number and by address", "[administration]")
{
    auto const by_number = GENERATE(true, false);
    Reachable world;
    world.confirm("jane@example.com");
    auto const session = world.session("jane@example.com"_email);
    auto const link = world.opt_in_link("new@example.com");
    auto const profile = [&] {
        return world.onboarding.profile(
            {.partner = world.acme, .phone = world.jane, .auth_code = world.confirmed.auth_code.reveal()});
    };
    REQUIRE(profile());
    auto const who = by_number ? Recipient(world.jane) : Recipient("jane@example.com"_email);
    REQUIRE(world.administration.block(who));
    REQUIRE(world.administration.unblock(who));
    CHECK_FALSE(profile());
    CHECK_FALSE(world.onboarding.session(session));
    CHECK_FALSE(world.onboarding.opt_in_invitation(link));
}

ChannelName channel(std::string_view text)
{
    return ChannelName::parse(text).value();
}

std::vector<OrganisationId> organisations(std::initializer_list<std::string_view> names)
{
    std::vector<OrganisationId> parsed;
    for (auto const name : names)
        parsed.push_back(OrganisationId::parse(name).value());
    return parsed;
}

TEST_CASE("a channel is added with organisations below it, and more of them later", "[administration]")
{
    World world;
    CHECK(world.administration.channels().empty());
    CHECK(world.administration.add_channel(channel("kerala"), organisations({"school", "college"})));
    CHECK(world.administration.add_channel(channel("assam"), {}));
    CHECK(world.administration.add_channel(channel("kerala"), organisations({"academy"})));
    CHECK(
        world.administration.channels() ==
        std::vector<RootOrganisation>{
            {.channel = channel("assam")},
            {.channel = channel("kerala"), .organisations = organisations({"academy", "college", "school"})}});
    CHECK(
        error_of(world.administration.add_channel(channel("kerala"), {})) == refuse(Errc::channel_exists, "channel"));
}

TEST_CASE("organisations are added all or none of them", "[administration]")
{
    auto const [why, name, below] = GENERATE(table<char const*, char const*, std::vector<OrganisationId>>(
        {{"one is there, first", "kerala", organisations({"school", "new"})},
         {"one is there, last", "kerala", organisations({"new", "school"})},
         {"one is in another channel", "assam", organisations({"new", "school"})},
         {"a channel that is new", "bihar", organisations({"new", "school"})},
         {"one twice", "kerala", organisations({"new", "newer", "new"})}}));
    INFO(why);
    World world;
    REQUIRE(world.administration.add_channel(channel("kerala"), organisations({"school"})));
    REQUIRE(world.administration.add_channel(channel("assam"), {}));
    auto const before = world.administration.channels();
    CHECK(
        error_of(world.administration.add_channel(channel(name), below)) ==
        refuse(Errc::organisation_exists, "organisation"));
    CHECK(world.administration.channels() == before);
}

TEST_CASE("channels and organisations are told apart by case", "[administration]")
{
    World world;
    CHECK(world.administration.add_channel(channel("kerala"), organisations({"school"})));
    CHECK(world.administration.add_channel(channel("Kerala"), organisations({"School"})));
    CHECK(world.administration.channels().size() == 2);
}

TokenIssuer issuer(std::string_view name, std::string_view below = "kerala")
{
    return {.name = std::string(name), .public_key = "PEM\n", .channel = channel(below), .audience = "https://us"};
}

TEST_CASE("an issuer of tokens is added once, and removed", "[administration]")
{
    World world;
    REQUIRE(world.administration.add_channel(channel("kerala"), {}));
    REQUIRE(world.administration.add_channel(channel("assam"), {}));
    CHECK(world.administration.issuers().empty());
    auto const added_at = world.clock.now();
    CHECK(world.administration.add_issuer(issuer("portal")));
    world.clock.advance(1h);
    CHECK(world.administration.add_issuer(issuer("Portal", "assam")));
    CHECK(
        error_of(world.administration.add_issuer(issuer("portal", "assam"))) == refuse(Errc::issuer_exists, "name"));

    auto first = issuer("portal");
    first.added_at = added_at;
    auto second = issuer("Portal", "assam");
    second.added_at = world.clock.now();
    CHECK((world.administration.issuers() == std::vector{second, first}));

    CHECK(error_of(world.administration.remove_issuer("PORTAL")) == refuse(Errc::issuer_unknown, "name"));
    CHECK(world.administration.remove_issuer("portal"));
    CHECK(error_of(world.administration.remove_issuer("portal")) == refuse(Errc::issuer_unknown, "name"));
    CHECK((world.administration.issuers() == std::vector{second}));
    CHECK(world.administration.add_issuer(issuer("portal", "assam")));
    CHECK(world.onboarding.token_issuer("portal")->channel == channel("assam"));
}

TEST_CASE("an issuer belongs to a channel that was added", "[administration]")
{
    World world;
    CHECK(error_of(world.administration.add_issuer(issuer("portal"))) == refuse(Errc::channel_unknown, "channel"));
    CHECK(world.administration.issuers().empty());
}

TEST_CASE("the name of an issuer is 1 to 255 octets, all printable", "[administration]")
{
    auto const [why, name, taken] = GENERATE(table<char const*, std::string, bool>(
        {{"a URL", "https://portal.example/?a=b", true},
         {"one character", "x", true},
         {"255", std::string(255, 'x'), true},
         {"letters of two octets", std::string(253, 'x') + "\u00e9", true},
         {"256", std::string(256, 'x'), false},
         {"255 letters, one of two octets", std::string(254, 'x') + "\u00e9", false},
         {"nothing", "", false},
         {"a line end", "a\nb", false},
         {"a NUL", std::string("a\0b", 3), false},
         {"an override", "a\u202eb", false},
         {"no UTF-8", "a\xff", false}}));
    INFO(why);
    World world;
    REQUIRE(world.administration.add_channel(channel("kerala"), {}));
    CHECK(
        error_of(world.administration.add_issuer(issuer(name))) ==
        (taken ? std::nullopt : std::optional(refuse(Errc::text_malformed, "name"))));
    CHECK(world.administration.issuers().size() == (taken ? 1 : 0));
}

// Somebody who came with an identity.
AccountId person_with_identity(
    World& world, EmailAddress const& email, std::string_view issuer = "https://accounts.google.com",
    std::string_view subject = "1")
{
    Identity const identity{
        .issuer = std::string(issuer),
        .subject = std::string(subject),
        .email = email,
        .email_verified = true,
        .email_authoritative = true,
        .name = "Asha Kumari"};
    return world.onboarding.sign_up_with_identity({.identity = identity})->account.id;
}

TEST_CASE("a dossier holds the identities that providers know a person by", "[administration]")
{
    World world;
    auto const id = person_with_identity(world, "asha@example.com"_email);
    auto const first_time = world.clock.now();
    world.clock.advance(1h);
    REQUIRE(person_with_identity(world, "asha@example.com"_email, "https://a.example", "0") == id);
    person_with_identity(world, "ravi@example.com"_email, "https://accounts.google.com", "2");
    auto const dossier = world.administration.find("asha@example.com"_email);
    REQUIRE(dossier);
    CHECK(
        (dossier->identities ==
         std::vector<LinkedIdentity>{
             {.issuer = "https://a.example", .subject = "0", .account = id, .linked_at = world.clock.now()},
             {.issuer = "https://accounts.google.com", .subject = "1", .account = id, .linked_at = first_time}}));
    CHECK(dossier->account.user_name);
    CHECK(dossier->account.membership);
}

TEST_CASE("a deletion erases where somebody belonged, and their user name stays taken", "[administration]")
{
    World world;
    person_with_identity(world, "asha@example.com"_email);
    auto const name = world.account("asha@example.com"_email).user_name;
    REQUIRE(world.administration.remove("asha@example.com"_email));
    auto const account = world.administration.find("asha@example.com"_email)->account;
    CHECK_FALSE(account.membership);
    CHECK_FALSE(account.name);
    CHECK_FALSE(login_id(account));
    CHECK(account.user_name == name);
}

TEST_CASE(
    "whoever is blocked or deleted loses the sessions that a portal or a provider brought them", "[administration]")
{
    auto const deleted = GENERATE(true, false);
    Telephones world;
    REQUIRE(world.administration.add_channel(channel("kerala"), {}));
    REQUIRE(world.administration.add_issuer(issuer("portal")));
    auto const jane = "+4915112345678"_phone;
    auto const arrival = world.onboarding.arrive(
        {.issuer = "portal",
         .subject = "1",
         .token_id = "1",
         .token_refused_from = world.clock.now() + 600s,
         .phone = jane});
    REQUIRE(arrival);
    auto const code = world.texted().at(0).secret;
    auto const session = world.onboarding.finish_visit(arrival->visit->reveal(), code)->session.token.reveal();
    REQUIRE(world.onboarding.session(session));
    REQUIRE((deleted ? world.administration.remove(jane) : world.administration.block(jane)));
    CHECK_FALSE(world.onboarding.session(session));
}

// Jane, of whom Acme told everything and Bolt asked, with a password, a session and a letter that waits.
struct Known : World {
    PartnerId acme = partner("Acme");
    PartnerId bolt = partner("Bolt");
    EmailAddress jane = "jane@example.com"_email;

    Known()
    {
        person_with_password(jane.str(), "mijn fiets is blauw", acme);
        auto told = person(jane.str());
        told.person_id = PersonId::parse("P-1").value();
        told.additional_data = R"({"shoe":44})";
        REQUIRE(create(acme, told));
        delivered();
        session(jane, acme);
        auto const account = this->account(jane);
        auto const work = storage->begin();
        REQUIRE(work->identities().add(
            {.issuer = "portal", .subject = "sub-1", .account = account.id, .linked_at = clock.now()}));
        work->commit();
        REQUIRE(onboarding.log_in({.partner = bolt, .email = jane, .name = "Jane Roe"_name})->confirmation_required);
    }

    // The clock stands still, so that entries of different strands are in no order.
    bool on_record(AuditEvent event)
    {
        auto const entries = administration.latest_audit_entries(100);
        return std::ranges::any_of(entries, [&](auto const& entry) { return entry.event == event; });
    }
};

TEST_CASE("of an erased person nothing is left that tells who they were", "[administration]")
{
    Known world;
    auto const before = world.account(world.jane);
    REQUIRE(world.administration.erase(world.jane));

    CHECK(refusal(world.administration.find(world.jane)) == Errc::person_unknown);
    CHECK(world.letters_waiting() == 0);
    auto const work = world.storage->begin_reading();
    auto const left = work->accounts().find(before.id);
    REQUIRE(left);
    CHECK(left->status == AccountStatus::deleted);
    CHECK_FALSE(left->email);
    CHECK_FALSE(left->phone);
    CHECK_FALSE(left->name);
    CHECK_FALSE(left->user_name);
    CHECK_FALSE(left->number);
    CHECK_FALSE(left->membership);
    CHECK(left->push_token.empty());
    CHECK(left->generation > before.generation);
    for (auto const& [partner, enrolment] : work->accounts().enrolments(before.id))
        CHECK(enrolment == Enrolment{});
    CHECK_FALSE(work->accounts().find(world.acme, PersonId::parse("P-1").value()));
    CHECK_FALSE(work->identities().find("portal", "sub-1"));
    CHECK_FALSE(work->passwords().find(before.id));
    CHECK(world.on_record(AuditEvent::account_erased));
    CHECK(world.administration.verify_audit().flaws.empty());
}

TEST_CASE("who is erased is out at once, and may come again as somebody new", "[administration]")
{
    Known world;
    auto const session = world.session(world.jane, world.acme);
    auto const link = world.login_link(world.jane, world.acme);
    auto const handle = world.account(world.jane).handle;
    REQUIRE(world.administration.erase(world.jane));
    CHECK(refusal(world.onboarding.session(session)) == Errc::session_unknown);
    CHECK(refusal(world.onboarding.redeem(link)) == Errc::link_spent);

    world.session(world.jane, world.bolt);
    CHECK(world.account(world.jane).handle != handle);
    CHECK_FALSE(world.enrolment(world.acme, world.jane));
}

TEST_CASE("somebody who was deleted before can be erased, and nobody who is not there", "[administration]")
{
    Known world;
    REQUIRE(world.administration.remove(world.jane));
    REQUIRE(world.administration.erase(world.jane));
    CHECK(refusal(world.administration.erase(world.jane)) == Errc::person_unknown);
    CHECK(refusal(world.administration.erase("nobody@example.com"_email)) == Errc::person_unknown);
    CHECK(world.administration.verify_audit().flaws.empty());
}

TEST_CASE(
    "what is held of a person is handed out whole, without anybody else's, and that is on record", "[administration]")
{
    Known world;
    world.session("other@example.com"_email, world.acme);
    auto const account = world.account(world.jane);
    auto const data = world.administration.disclose(world.jane);
    REQUIRE(data);
    CHECK(data->dossier.account.email == world.jane);
    CHECK(data->dossier.enrolments.size() == 1);
    CHECK(data->dossier.identities.size() == 1);
    CHECK(data->has_password);
    REQUIRE(data->letters.size() == 1);
    CHECK(data->letters[0].letter.kind == LetterKind::partner_confirmation);

    std::set<AuditEvent> events;
    for (auto const& [entry, partner] : data->history) {
        CHECK((entry.account == account.id || !entry.account));
        events.insert(entry.event);
    }
    for (auto const event :
         {AuditEvent::account_opened, AuditEvent::session_opened, AuditEvent::password_set,
          AuditEvent::letter_written, AuditEvent::account_disclosed})
        CHECK(events.contains(event));
    CHECK(std::ranges::is_sorted(data->history, {}, [](auto const& told) { return told.first.at; }));
    CHECK(world.on_record(AuditEvent::account_disclosed));
    CHECK(refusal(world.administration.disclose("nobody@example.com"_email)) == Errc::person_unknown);
}

}
