#include <onboard/account.hpp>
#include <onboard/person.hpp>

#include "support/catch.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;

std::string repeated(std::string_view text, int times)
{
    std::string result;
    for (int time = 0; time < times; ++time)
        result += text;
    return result;
}

using Row = std::pair<std::string, std::string>;

// What must not be in any text of one line.
std::vector<Row> const not_one_line{
    {"nothing", ""},
    {"blanks", "  \t "},
    {"wide blanks", "\u3000\u2003"},
    {"a line feed", "Ja\nne"},
    {"a carriage return", "Ja\rne"},
    {"a tab inside", "Ja\tne"},
    {"a NUL", std::string("Ja\0ne", 5)},
    {"an escape", "Ja\x1b[31mne"},
    {"a delete character", "Ja\x7fne"},
    {"a C1 control", "Ja\u0085ne"},
    {"a line separator", "Ja\u2028ne"},
    {"a paragraph separator", "Ja\u2029ne"},
    {"a right-to-left override", "Ja\u202ene"},
    {"a left-to-right isolate", "Ja\u2066ne"},
    {"a right-to-left mark", "Ja\u200fne"},
    {"a private character", "Ja\ue000ne"},
    {"a noncharacter", "Ja\ufffene"},
    {"broken UTF-8", "Ja\xffne"},
    {"half a letter", "Jan\xc3"},
    {"an overlong form", "Ja\xc0\x80ne"},
    {"a surrogate", "Ja\xed\xa0\x80ne"}};

TEST_CASE("a name is kept as it was given, without the blanks around it", "[name]")
{
    auto const row = GENERATE(values<Row>(
        {{"plain", "Jane"},
         {"one letter", "J"},
         {"two words", "Jane Maria"},
         {"an apostrophe and a hyphen", "O'Hara-Smith"},
         {"accents", "Jos\u00e9 \u00c5ngstr\u00f6m"},
         {"a combining accent", "Jose\u0301"},
         {"another script", "\u5c71\u7530"},
         {"right to left", "\u05d3\u05d5\u05d3"},
         {"an emoji of several points", "\U0001f469\u200d\U0001f680"},
         {"markup", "<script>alert(1)</script>"},
         {"SQL", "Robert'); DROP TABLE accounts;--"},
         {"a format string", "%n%n{{7*7}}$(id)"},
         {"100 letters", std::string(100, 'x')},
         {"100 letters of four octets", repeated("\U0001f6b2", 100)}}));
    INFO(row.first);
    auto const first = PersonName::parse(row.second, "Doe");
    REQUIRE(first);
    CHECK(first->first() == row.second);
    auto const last = PersonName::parse("Jane", " \t" + row.second + "\u00a0\n");
    REQUIRE(last);
    CHECK(last->last() == row.second);
}

TEST_CASE("a name that cannot be shown on one line is refused, and the part at fault named", "[name]")
{
    auto rows = not_one_line;
    rows.emplace_back("101 letters", std::string(101, 'x'));
    rows.emplace_back("101 letters of two octets", repeated("\u00e9", 101));
    rows.emplace_back("a megabyte", std::string(1'000'000, 'x'));
    for (auto const& [why, text] : rows) {
        INFO(why);
        auto const first = PersonName::parse(text, "Doe");
        CHECK(error_of(first) == refuse(Errc::name_malformed, "first_name"));
        auto const last = PersonName::parse("Jane", text);
        CHECK(error_of(last) == refuse(Errc::name_malformed, "last_name"));
    }
}

TEST_CASE("a name in one part is read like the first of two, and has no last", "[name]")
{
    for (auto const& text : {std::string("Asha"), std::string("Asha Kumari"), std::string(100, 'x')}) {
        auto const whole = PersonName::parse(" " + text + "\t");
        REQUIRE(whole);
        CHECK(whole->first() == text);
        CHECK(whole->last().empty());
    }
    auto rows = not_one_line;
    rows.emplace_back("101 letters", std::string(101, 'x'));
    for (auto const& [why, text] : rows) {
        INFO(why);
        CHECK(error_of(PersonName::parse(text)) == refuse(Errc::name_malformed, "first_name"));
    }
    CHECK(PersonName::parse("Jane Doe").value() != PersonName::parse("Jane", "Doe").value());
    CHECK(PersonName::parse("Jane").value() == PersonName::parse(" Jane ").value());
    CHECK(error_of(PersonName::parse("Jane", "")) == refuse(Errc::name_malformed, "last_name"));
}

TEST_CASE("names are the same only when they are spelt the same", "[name]")
{
    auto const jane = PersonName::parse("Jane", "Doe").value();
    CHECK(jane == PersonName::parse(" Jane ", "Doe").value());
    CHECK(jane != PersonName::parse("jane", "Doe").value());
    CHECK(jane != PersonName::parse("Doe", "Jane").value());
}

TEMPLATE_TEST_CASE(
    "an identifier is 1 to 64 characters on one line", "[identifier]", PlanCode, PersonId, PersonnelNumber,
    PartnerName, OrganisationId)
{
    for (auto const& text :
         {std::string("7"), std::string(64, 'x'), repeated("\u00e9", 64), std::string("A b/c'; --")}) {
        auto const identifier = TestType::parse(" " + text + "\t");
        REQUIRE(identifier);
        CHECK(identifier->str() == text);
    }
    auto rows = not_one_line;
    rows.emplace_back("65 characters", std::string(65, 'x'));
    rows.emplace_back("65 characters of two octets", repeated("\u00e9", 65));
    for (auto const& [why, text] : rows) {
        INFO(why);
        CHECK_FALSE(TestType::parse(text));
    }
}

TEST_CASE("an identifier says what is wrong with it", "[identifier]")
{
    CHECK(error_of(PlanCode::parse("")) == Error{.code = Errc::plan_unknown, .field = "plan"});
    CHECK(error_of(PersonId::parse("")) == Error{.code = Errc::text_malformed, .field = "person_id"});
    CHECK(error_of(PersonnelNumber::parse("")) == Error{.code = Errc::text_malformed, .field = "personnel_number"});
    CHECK(error_of(PartnerName::parse("")) == Error{.code = Errc::text_malformed, .field = "name"});
    CHECK(error_of(ChannelName::parse("")) == Error{.code = Errc::text_malformed, .field = "channel"});
    CHECK(error_of(OrganisationId::parse("")) == Error{.code = Errc::text_malformed, .field = "organisation"});
}

TEST_CASE("a channel is named by 1 to 64 letters, digits, dots, underscores and hyphens of ASCII", "[identifier]")
{
    for (auto const& text :
         {std::string("7"), std::string("Kerala_2.0-b"), std::string("..."), std::string("-"),
          std::string(64, 'x')}) {
        auto const name = ChannelName::parse(" " + text + "\t");
        REQUIRE(name);
        CHECK(name->str() == text);
    }
    auto rows = not_one_line;
    rows.emplace_back("65 letters", std::string(65, 'x'));
    rows.emplace_back("a blank inside", "ker ala");
    rows.emplace_back("an at sign", "user@kerala");
    rows.emplace_back("a slash", "ker/ala");
    rows.emplace_back("a colon", "ker:ala");
    rows.emplace_back("a per cent sign", "ker%41la");
    rows.emplace_back("a quote", "ker'ala");
    rows.emplace_back("a plus sign", "ker+ala");
    rows.emplace_back("an accent", "k\u00e9rala");
    rows.emplace_back("a look-alike of another script", "ker\u0430la");
    rows.emplace_back("a letter whose lower case is ASCII", "\u212aerala");
    rows.emplace_back("digits of another script", "kerala\u0967");
    rows.emplace_back("full width", "\uff4b");
    rows.emplace_back("an invisible character", "ker\u200bala");
    for (auto const& [why, text] : rows) {
        INFO(why);
        CHECK(error_of(ChannelName::parse(text)) == refuse(Errc::text_malformed, "channel"));
    }
    CHECK(ChannelName::parse("kerala").value() != ChannelName::parse("Kerala").value());
}

TEST_CASE("a login id is a user name with its channel, where there are both", "[identifier]")
{
    Account account;
    CHECK_FALSE(login_id(account));
    account.user_name = UserName::parse("Asha1234").value();
    CHECK_FALSE(login_id(account));
    account.membership = Membership{
        .channel = ChannelName::parse("Kerala.2").value(), .organisation = OrganisationId::parse("school").value()};
    CHECK(login_id(account) == "asha1234@Kerala.2");
    account.user_name.reset();
    CHECK_FALSE(login_id(account));
}

TEST_CASE("a partner's name has no colon, so that it can be a user name", "[identifier]")
{
    CHECK(refusal(PartnerName::parse("Acme:Bikes")) == Errc::text_malformed);
    CHECK(PlanCode::parse("Acme:Bikes"));
}

TEST_CASE("identifiers differ when their letters or their case do", "[identifier]")
{
    CHECK(PlanCode::parse("BIKE").value() == PlanCode::parse("BIKE ").value());
    CHECK(PlanCode::parse("BIKE").value() != PlanCode::parse("bike").value());
    CHECK(PlanCode::parse("BIKE").value() != PlanCode::parse("BI\u041aE").value());
}

TEST_CASE("a language is read in any case", "[language]")
{
    auto const [text, language] = GENERATE(table<char const*, Language>(
        {{"NL", Language::dutch},
         {"nl", Language::dutch},
         {"Nl", Language::dutch},
         {"FR", Language::french},
         {"EN", Language::english},
         {"de", Language::german}}));
    INFO(text);
    CHECK(parse_language(text).value() == language);
    CHECK(parse_language(code_of(language)).value() == language);
}

TEST_CASE("a language we do not speak is refused", "[language]")
{
    auto const text = GENERATE("", "XX", "FR\n", " fr", "fra", "f", "fr-FR", "\u017fr", "e\u0274");
    INFO(text);
    CHECK(refusal(parse_language(text)) == Errc::language_unknown);
}

TEST_CASE("a contract type is read in any case", "[contract type]")
{
    auto const [text, type] = GENERATE(table<char const*, ContractType>(
        {{"clerk", ContractType::clerk},
         {"CLERK", ContractType::clerk},
         {"Worker", ContractType::worker},
         {"worker", ContractType::worker}}));
    INFO(text);
    CHECK(parse_contract_type(text).value() == type);
    CHECK(parse_contract_type(name_of(type)).value() == type);
}

TEST_CASE("any other contract type is refused", "[contract type]")
{
    auto const text = GENERATE("", "boss", "clerk ", "clerks", "cler\u212a", "wor\u212aer");
    INFO(text);
    CHECK(refusal(parse_contract_type(text)) == Errc::contract_type_unknown);
}

TEST_CASE("rights are a set", "[rights]")
{
    Rights const rights{Right::partner, Right::redeem};
    CHECK(rights.contains(Right::partner));
    CHECK(rights.contains(Right::redeem));
    CHECK_FALSE(rights.contains(Right::sso));
    CHECK_FALSE(Rights{}.contains(Right::partner));
    CHECK(Rights::from_bits(rights.bits()) == rights);
}

TEST_CASE("what people agree to has names", "[consents]")
{
    CHECK(name_of(Agreement::terms) == "terms");
    CHECK(name_of(Agreement::privacy) == "privacy");
}

TEST_CASE("the value of a refusal is its name and field, as an exception", "[errors]")
{
    CHECK_THROWS_WITH(PersonId::parse("").value(), "refused: text_malformed (person_id)");
    CHECK_THROWS_AS(parse_language("XX").value(), std::logic_error);
}

TEST_CASE("every refusal has a name of its own", "[errors]")
{
    std::vector<std::string_view> names;
    for (auto code = static_cast<int>(Errc::field_missing); code <= static_cast<int>(Errc::issuer_exists); ++code)
        names.push_back(name_of(static_cast<Errc>(code)));
    CHECK(std::count(names.begin(), names.end(), "unknown") == 0);
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

}
