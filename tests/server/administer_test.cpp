#include "server/commands/administer.hpp"

#include <sstream>

#include <boost/json.hpp>

#include <onboard/memory_storage.hpp>
#include <onboard/onboard.hpp>
#include <onboard/testing.hpp>

#include "support/catch.hpp"

using namespace onboard;
using namespace onboard::server;
using Catch::Matchers::Contains;

namespace {

struct Printed {
    int exit_code = 0;
    std::string out;
    std::string err;

    std::string last_line() const
    {
        auto const text = out.substr(0, out.size() - 1);
        return text.substr(text.rfind('\n') + 1);
    }

    boost::json::value json() const { return boost::json::parse(out); }
};

// An operator at a terminal, beside a running system.
class Operator {
public:
    Printed run(Administrative const& command)
    {
        std::ostringstream out;
        std::ostringstream err;
        auto const exit_code = administer(administration, command, Region::parse("BE").value(), {out, err});
        return {.exit_code = exit_code, .out = out.str(), .err = err.str()};
    }

    // Whose token this is, as a request would be asked.
    std::string owner_of(std::string const& token)
    {
        auto const partner = onboarding.identify(token);
        return partner ? partner->name.str() : "nobody";
    }

    void log_in_jane(std::string additional_data = {})
    {
        auto const partner = storage->begin_reading()->partners().find(PartnerName::parse("acme").value());
        auto const logged_in = onboarding.log_in(
            {.partner = partner.value().id,
             .plan = PlanCode::parse("P1").value(),
             .email = EmailAddress::parse("Jane@example.com").value(),
             .name = PersonName::parse("Jane", "D\"oe").value(),
             .language = Language::dutch,
             .contract_type = ContractType::clerk,
             .person_id = PersonId::parse("E-7").value(),
             .personnel_number = PersonnelNumber::parse("0042").value(),
             .additional_data = std::move(additional_data)});
        REQUIRE(logged_in.has_value());
    }

    std::unique_ptr<Storage> storage = open_memory();
    onboard::testing::FixedClock clock;
    onboard::testing::ScriptedRandom random;
    Ports ports{.storage = *storage, .key = onboard::testing::test_key(), .clock = clock, .random = random};
    Administration administration{ports};
    Onboarding onboarding{ports};
};

void add_acme_with_plan(Operator& someone)
{
    REQUIRE(someone.run(PartnerAdd{.name = "acme"}).exit_code == 0);
    REQUIRE(someone.run(PlanAdd{.code = "P1", .partner = "acme"}).exit_code == 0);
}

}

TEST_CASE("a new partner's bearer token stands alone on the last line, and works")
{
    Operator someone;

    auto const printed = someone.run(PartnerAdd{.name = "acme"});

    CHECK(printed.exit_code == 0);
    CHECK(printed.err.empty());
    CHECK(someone.owner_of(printed.last_line()) == "acme");
}

TEST_CASE("a second token works beside the first, until the oldest is revoked")
{
    Operator someone;
    auto const first = someone.run(PartnerAdd{.name = "acme"}).last_line();

    auto const second = someone.run(PartnerRotate{"acme"}).last_line();
    CHECK(someone.owner_of(first) == "acme");
    CHECK(someone.owner_of(second) == "acme");

    auto const revoked = someone.run(PartnerRevoke{"acme", Revoked::oldest});
    CHECK(revoked.out == "1 token was revoked.\n");
    CHECK(someone.owner_of(first) == "nobody");
    CHECK(someone.owner_of(second) == "acme");
}

TEST_CASE("revoking a partner ends all of its tokens")
{
    Operator someone;
    auto const first = someone.run(PartnerAdd{.name = "acme"}).last_line();
    auto const second = someone.run(PartnerRotate{"acme"}).last_line();

    CHECK(someone.run(PartnerRevoke{"acme"}).out == "2 tokens were revoked.\n");

    CHECK(someone.owner_of(first) == "nobody");
    CHECK(someone.owner_of(second) == "nobody");
}

TEST_CASE("partners are listed with all but their secrets")
{
    Operator someone;
    auto const token = someone.run(PartnerAdd{.name = "acme"}).last_line();
    someone.run(PartnerAdd{.name = "zo\xC3\xAB", .rights = {Right::redeem}, .link_existing = LinkExisting::trust});

    auto const text = someone.run(PartnerList{});
    auto const json = someone.run(PartnerList{Listing::json});

    CHECK_THAT(text.out, Contains("acme  partner,sso,sunbird  confirm") && Contains("zo\xC3\xAB   redeem "));
    CHECK_THAT(text.out + json.out, !Contains(token));
    auto const partners = json.json().as_array();
    REQUIRE(partners.size() == 2);
    auto const& second = partners[1];
    CHECK(second.at("name") == "zo\xC3\xAB");
    CHECK(second.at("rights") == boost::json::array{"redeem"});
    CHECK(second.at("linkExisting") == "trust");
    CHECK(second.at("liveTokens") == 1);
}

TEST_CASE("an empty listing is an empty array")
{
    Operator someone;

    CHECK(someone.run(PartnerList{Listing::json}).out == "[]\n");
    CHECK(someone.run(PlanList{Listing::json}).out == "[]\n");
}

TEST_CASE("plans are listed with their partner and whether they are open")
{
    Operator someone;
    add_acme_with_plan(someone);
    someone.run(PlanAdd{.code = "P2", .partner = "acme"});

    CHECK(someone.run(PlanClose{"P2"}).exit_code == 0);

    CHECK(
        someone.run(PlanList{Listing::json}).json() ==
        boost::json::parse(
            R"([{"code":"P1","partner":"acme","open":true},{"code":"P2","partner":"acme","open":false}])"));
    CHECK_THAT(someone.run(PlanList{}).out, Contains("P2    acme     closed"));
}

TEST_CASE("a refused command says in one line which argument broke which rule")
{
    auto const [why, command, told] = GENERATE(table<char const*, Administrative, char const*>({
        {"a partner twice", PartnerAdd{.name = "acme"}, "NAME: there is a partner of that name already"},
        {"a name with a colon", PartnerAdd{.name = "a:b"}, "NAME: must be 1 to 64 characters"},
        {"an empty name", PartnerAdd{.name = " "}, "NAME: must be 1 to 64 characters"},
        {"rotating for a stranger", PartnerRotate{"other"}, "NAME: there is no such partner"},
        {"revoking for a stranger", PartnerRevoke{"other"}, "NAME: there is no such partner"},
        {"a plan twice", PlanAdd{"P1", "acme"}, "CODE: there is a plan of that code already"},
        {"a plan without a code", PlanAdd{"", "acme"}, "CODE: must be 1 to 64 characters"},
        {"a plan of a stranger", PlanAdd{"P2", "other"}, "--partner: there is no such partner"},
        {"closing an unknown plan", PlanClose{"P2"}, "CODE: there is no such plan"},
        {"showing a stranger", UserShow{"who@example.com"}, "EMAIL-OR-PHONE: there is no such person"},
        {"blocking a stranger", UserBlock{"who@example.com"}, "EMAIL-OR-PHONE: there is no such person"},
        {"unblocking a stranger", UserUnblock{"who@example.com"}, "EMAIL-OR-PHONE: there is no such person"},
        {"deleting a stranger", UserDelete{"who@example.com"}, "EMAIL-OR-PHONE: there is no such person"},
        {"neither address nor number", UserShow{"jane"}, "EMAIL-OR-PHONE: must be an email address"},
        {"a phone number", UserShow{"+32 470 12 34 56"}, "EMAIL-OR-PHONE: there is no such person"},
        {"a national number", UserBlock{"0470/12.34.56"}, "EMAIL-OR-PHONE: there is no such person"},
        {"a short number", UserShow{"0470 12"}, "EMAIL-OR-PHONE: must be a telephone number"},
    }));
    INFO(why);
    Operator someone;
    add_acme_with_plan(someone);

    auto const printed = someone.run(command);

    CHECK(printed.exit_code == 1);
    CHECK(printed.out.empty());
    CHECK_THAT(printed.err, Catch::StartsWith(std::string("onboard-server: ") + told));
    CHECK(printed.err.find('\n') == printed.err.size() - 1);
}

TEST_CASE("a person is shown with everything that is known, additional data as it was sent")
{
    auto const data = std::string(R"({"b": 1.50, "a": {"deep": [1e2]}})");
    Operator someone;
    add_acme_with_plan(someone);
    someone.log_in_jane(data);

    SECTION("as text")
    {
        auto const printed = someone.run(UserShow{"jane@EXAMPLE.com"});

        CHECK(printed.exit_code == 0);
        CHECK_THAT(
            printed.out, Contains("Jane@example.com") && Contains("D\"oe") && Contains("nl") && Contains("active") &&
                             Contains("enrolled by acme") && Contains("P1") && Contains("clerk") && Contains("E-7") &&
                             Contains("0042") && Contains(data));
    }
    SECTION("as JSON")
    {
        auto const printed = someone.run(UserShow{"jane@example.com", Listing::json});

        CHECK_THAT(printed.out, Contains(data));
        auto const person = printed.json();
        CHECK(person.at("email") == "Jane@example.com");
        CHECK(person.at("firstName") == "Jane");
        CHECK(person.at("lastName") == "D\"oe");
        CHECK(person.at("language") == "nl");
        CHECK(person.at("status") == "active");
        CHECK(person.at("id").as_string().size() == 36);
        auto const& enrolment = person.at("enrolments").at(0);
        CHECK(enrolment.at("partner") == "acme");
        CHECK(enrolment.at("planCode") == "P1");
        CHECK(enrolment.at("contractType") == "clerk");
        CHECK(enrolment.at("partner_PersonID") == "E-7");
        CHECK(enrolment.at("personnelNumber") == "0042");
        CHECK(enrolment.at("partner_additionalData").at("a").at("deep").is_array());
    }
}

TEST_CASE("blocking, unblocking and deleting a person show in their status")
{
    Operator someone;
    add_acme_with_plan(someone);
    someone.log_in_jane();
    auto const status = [&] {
        auto const person = someone.run(UserShow{"jane@example.com", Listing::json}).json();
        return std::string(person.at("status").as_string());
    };

    CHECK(someone.run(UserBlock{"jane@example.com"}).out == "jane@example.com is blocked.\n");
    CHECK(status() == "blocked");
    CHECK(someone.run(UserUnblock{"jane@example.com"}).out == "jane@example.com is active.\n");
    CHECK(status() == "active");
    CHECK(someone.run(UserDelete{"jane@example.com"}).out == "jane@example.com is deleted.\n");
    CHECK(status() == "deleted");
    CHECK_THAT(someone.run(UserUnblock{"jane@example.com"}).err, Contains("EMAIL-OR-PHONE: the person is deleted"));
}

TEST_CASE("a letter that was given up is listed with the reason, and can be sent again")
{
    class Refusing : public Mailer {
    public:
        void send(Letter const&, std::string_view) override { throw DeliveryRefused("550 no such\nuser"); }
    };
    Operator someone;
    add_acme_with_plan(someone);
    auto const acme = someone.storage->begin_reading()->partners().find(PartnerName::parse("acme").value());
    REQUIRE(someone.onboarding.register_people(
        {.partner = acme->id,
         .people = {
             {.plan = PlanCode::parse("P1").value(),
              .email = EmailAddress::parse("jane@example.com").value(),
              .name = PersonName::parse("Jane", "Doe").value()}}}));
    CHECK(someone.run(OutboxList{}).out.find("waiting") != std::string::npos);
    CHECK(someone.run(OutboxRetry{}).out == "0 letters wait again.\n");

    Refusing mailer;
    Courier(someone.ports, Channel::mail, mailer).deliver_due();
    auto const listed = someone.run(OutboxList{Listing::json}).json().as_array();
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].at("state").as_string() == "dead");
    CHECK(listed[0].at("kind").as_string() == "welcome-set-password");
    CHECK(listed[0].at("to").as_string() == "jane@example.com");
    CHECK(listed[0].at("attempts").as_int64() == 1);
    CHECK(listed[0].at("reason").as_string() == "550 no such\nuser");
    CHECK(someone.run(OutboxList{}).out.find("550 no such user") != std::string::npos);

    auto const id = std::string(listed[0].at("id").as_string());
    CHECK(someone.run(OutboxRetry{id}).out == "The letter waits again.\n");
    CHECK_THAT(someone.run(OutboxRetry{id}).err, Contains("ID: there is no such letter that was given up"));
    Courier(someone.ports, Channel::mail, mailer).deliver_due();
    CHECK(someone.run(OutboxRetry{}).out == "1 letter waits again.\n");
}
