#include <fstream>
#include <random>
#include <sstream>

#include <onboard/phone.hpp>

#include "support/catch.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;

Region region(std::string_view code)
{
    return Region::parse(code).value();
}

Result<PhoneNumber> read(std::string_view text, std::string_view home = "DE")
{
    return PhoneNumber::parse(text, region(home));
}

std::string repeated(std::string_view text, std::size_t times)
{
    std::string result;
    for (std::size_t time = 0; time < times; ++time)
        result += text;
    return result;
}

using Row = std::pair<std::string, std::string>;

TEST_CASE("however a number is written, it is one number", "[phone]")
{
    auto const row = GENERATE(values<Row>(
        {{"E.164", "+4915112345678"},
         {"international, with blanks", "+49 151 12345678"},
         {"what is dialled before a country code", "00 49 151 12345678"},
         {"as it is dialled at home", "0151 12345678"},
         {"the trunk zero in brackets", "+49 (0) 151 12345678"},
         {"the trunk zero in brackets, without blanks", "+49(0)15112345678"},
         {"the trunk zero behind the country code", "+49 0151 12345678"},
         {"the country code in brackets", "(+49) 151 12345678"},
         {"the area in brackets", "(0151) 12345678"},
         {"a slash", "0151/12345678"},
         {"dots", "0151.1234.5678"},
         {"dashes", "0151-1234-5678"},
         {"dashes of Unicode", "0151\u20131234\u20105678"},
         {"a minus sign", "0151\u221212345678"},
         {"dashes with blanks around them", "+49 - 151 - 12345678"},
         {"no-break spaces", "+49\u00a0151\u00a012345678"},
         {"thin spaces", "+49\u2009151\u202f12345678"},
         {"blanks around it", " \t+49 151 12345678\r\n"},
         {"a URI", "tel:+49-151-12345678"},
         {"a URI in capitals", "TEL:+4915112345678"},
         {"a URI as it is dialled at home", "tel:0151-12345678"}}));
    INFO(row.first);
    auto const number = read(row.second);
    REQUIRE(number);
    CHECK(number->e164() == "+4915112345678");
    CHECK(*number == read("+4915112345678").value());
}

struct National {
    std::string why;
    std::string home;
    std::string text;
    std::string e164;
};

TEST_CASE("a national number is read by the habits of its region", "[phone]")
{
    auto const row = GENERATE(values<National>(
        {{"Belgium", "BE", "0470 12 34 56", "+32470123456"},
         {"the Netherlands", "NL", "06-12345678", "+31612345678"},
         {"France", "FR", "06 12 34 56 78", "+33612345678"},
         {"India", "IN", "098123 45678", "+919812345678"},
         {"a country code and nothing before it", "BE", "32 470 12 34 56", "+32470123456"},
         {"India without the zero", "IN", "98123 45678", "+919812345678"},
         {"an area that is the country code", "IN", "91234 56789", "+919123456789"},
         {"the United Kingdom", "GB", "07400 123456", "+447400123456"},
         {"a zero that belongs to the number in Italy", "IT", "06 1234 5678", "+390612345678"},
         {"a mobile number in Italy", "IT", "312 345 6789", "+393123456789"},
         {"no trunk prefix in Spain", "ES", "612 34 56 78", "+34612345678"},
         {"no trunk prefix in Denmark", "DK", "34 41 23 45", "+4534412345"},
         {"two digits in Hungary", "HU", "06 20 123 4567", "+36201234567"},
         {"an eight in Russia", "RU", "8 (912) 345-67-89", "+79123456789"},
         {"either of two in Lithuania", "LT", "8 612 34567", "+37061234567"},
         {"the other of two in Lithuania", "LT", "0 612 34567", "+37061234567"},
         {"North America", "US", "(201) 555-0123", "+12015550123"},
         {"North America with its one", "US", "1-201-555-0123", "+12015550123"},
         {"an island's number without its area", "AG", "464 1234", "+12684641234"},
         {"an Argentine mobile number", "AR", "011 15-2345-6789", "+5491123456789"},
         {"an Argentine mobile number of a longer area", "AR", "02966 15-123456", "+5492966123456"},
         {"an Argentine fixed number with a 15 in it", "AR", "011 1523-4567", "+541115234567"},
         {"San Marino without its area", "SM", "886377", "+3780549886377"},
         {"an old number of Gabon", "GA", "0 11 12 34 56", "+24111123456"},
         {"one region dials another", "BE", "0031 6 12345678", "+31612345678"},
         {"North America dials abroad", "US", "011 31 6 12345678", "+31612345678"},
         {"Australia dials abroad", "AU", "0011 31 6 12345678", "+31612345678"},
         {"Japan dials abroad", "JP", "010 31 6 12345678", "+31612345678"},
         {"a region that has no numbers of its own", "AQ", "+64 21 123 4567", "+64211234567"}}));
    INFO(row.why);
    auto const number = read(row.text, row.home);
    REQUIRE(number);
    CHECK(number->e164() == row.e164);
    CHECK(read(row.e164, "US").value() == *number);
}

TEST_CASE("a zero in brackets stays where numbers begin with one", "[phone]")
{
    CHECK(read("+39 (0)6 1234 5678")->e164() == "+390612345678");
    CHECK(read("+225 (0)7 12 34 56 78")->e164() == "+2250712345678");
    CHECK(read("+48 (0)22 123 45 67")->e164() == "+48221234567");
    CHECK(read("+372 (0)512 3456")->e164() == "+3725123456");
}

TEST_CASE("what is no telephone number is refused", "[phone]")
{
    auto const row = GENERATE(values<Row>(
        {{"nothing", ""},
         {"blanks", " \t\n"},
         {"only a plus", "+"},
         {"only a country code", "+49"},
         {"only what is dialled before a country code", "00"},
         {"only separators", "( - / . )"},
         {"only a scheme", "tel:"},
         {"a word", "call me"},
         {"letters for digits", "0800 FLOWERS"},
         {"a letter in front", "T 0151 12345678"},
         {"a letter O", "O151 12345678"},
         {"full-width digits", "\uff10\uff11\uff15\uff11\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18"},
         {"one full-width digit", "0151 1234567\uff18"},
         {"Arabic digits", "\u0660\u0661\u0665\u0661 \u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668"},
         {"a full-width plus", "\uff0b4915112345678"},
         {"two pluses", "++4915112345678"},
         {"a plus behind digits", "49+15112345678"},
         {"a plus at the end", "015112345678+"},
         {"a plus before what is dialled for one", "+0049 151 12345678"},
         {"a country code that begins with a zero", "+0 151 12345678"},
         {"a country code that nobody has", "+999 12345678"},
         {"a country code that nobody has, dialled", "00 999 12345678"},
         {"a satellite telephone", "+881 612345678"},
         {"free of charge for the whole world", "+800 12345678"},
         {"an extension", "030 123456 ext. 12"},
         {"an extension by x", "030 123456x12"},
         {"an extension by a hash sign", "030 123456#12"},
         {"an extension in a URI", "tel:+4930123456;ext=12"},
         {"a context in a URI", "tel:30123456;phone-context=+49"},
         {"another scheme", "sms:+4915112345678"},
         {"a URI in a URI", "tel:tel:+4915112345678"},
         {"a pause", "0151 12345678,12"},
         {"a star", "*31#015112345678"},
         {"two numbers", "0151 12345678; 0151 12345679"},
         {"a control character", "0151\x07"
                                 "12345678"},
         {"a tab inside", "0151\t12345678"},
         {"a line feed inside", "0151\n12345678"},
         {"a NUL inside", std::string(
                              "0151\0"
                              "12345678",
                              13)},
         {"a zero-width space", "0151\u200b12345678"},
         {"a left-to-right mark", "\u200e015112345678"},
         {"a right-to-left override", "\u202e015112345678"},
         {"broken UTF-8", "0151\xff"
                          "12345678"},
         {"half a dash", "0151\xe2\x80"},
         {"an emergency number", "112"},
         {"another emergency number", "911"},
         {"a short number", "115"},
         {"a short number behind a country code", "+49 110"},
         {"a local number without its area", "12"},
         {"sixteen digits", "+49 1511 2345 678 9012"},
         {"a megabyte of digits", std::string(1'000'000, '1')},
         {"a megabyte of brackets", std::string(1'000'000, '(')},
         {"a megabyte of narrow spaces", repeated("\u2009", 333'333) + "x"}}));
    INFO(row.first);
    CHECK(error_of(read(row.second)) == refuse(Errc::phone_malformed, "telephone"));
}

TEST_CASE("a number has a length that its country has", "[phone]")
{
    auto const [home, text] = GENERATE(table<char const*, char const*>(
        {{"US", "201 555 012"},
         {"US", "201 555 01234"},
         {"US", "555 0123"},
         {"US", "+1 201 555 012"},
         {"FR", "06 12 34 56 7"},
         {"FR", "06 12 34 56 789"},
         {"BE", "0470 12 34 567"},
         {"IN", "98123 4567"},
         {"IN", "1800 123 456 7890"},
         {"ES", "61234567"},
         {"DE", "+33 6 12 34 56 7"},
         {"AQ", "021 123 4567"}}));
    INFO(home << ' ' << text);
    CHECK(refusal(read(text, home)) == Errc::phone_malformed);
}

struct Owned {
    std::string e164;
    std::string region;
};

TEST_CASE("the leading digits tell the regions of one country code apart", "[phone]")
{
    auto const row = GENERATE(values<Owned>(
        {{"+12015550123", "US"},  {"+14165550123", "CA"},  {"+18765550123", "JM"},  {"+17875550123", "PR"},
         {"+18095550123", "DO"},  {"+18005550123", "US"},  {"+12345678901", "US"},  {"+79123456789", "RU"},
         {"+77012345678", "KZ"},  {"+447400123456", "GB"}, {"+447781123456", "GG"}, {"+447624123456", "IM"},
         {"+447797123456", "JE"}, {"+390612345678", "IT"}, {"+390669812345", "VA"}, {"+4740612345", "NO"},
         {"+4779123456", "SJ"},   {"+212650123456", "MA"}, {"+262692123456", "RE"}, {"+262639012345", "YT"},
         {"+358412345678", "FI"}, {"+35818123456", "AX"},  {"+590690001234", "GP"}, {"+590590271234", "BL"},
         {"+59995181234", "CW"},  {"+5993181234", "BQ"},   {"+61412345678", "AU"},  {"+61891621234", "CC"},
         {"+61891641234", "CX"},  {"+29051234", "SH"},     {"+2908999", "SH"},      {"+24762889", "SH"},
         {"+38343201234", "XK"},  {"+4915112345678", "DE"}}));
    INFO(row.e164);
    CHECK(read(row.e164)->region() == region(row.region));
}

struct Line {
    std::string why;
    std::string text;
    bool may_be_texted;
};

TEST_CASE("texts go to mobile numbers and to those that may be mobile", "[phone]")
{
    auto const row = GENERATE(values<Line>(
        {{"a mobile number", "+4915112345678", true},
         {"a mobile number in India", "+919812345678", true},
         {"a mobile number in Belgium", "+32470123456", true},
         {"a mobile number in the Netherlands", "+31612345678", true},
         {"North America, where nobody can tell", "+12015550123", true},
         {"an Argentine mobile number", "+5491123456789", true},
         {"a fixed line", "+4930123456", false},
         {"a fixed line in Belgium", "+3222345678", false},
         {"free of charge", "+498001234567", false},
         {"free of charge in North America", "+18005550123", false},
         {"premium rate", "+499001234567", false},
         {"premium rate in North America", "+19005550123", false},
         {"shared cost", "+4918012345", false},
         {"a personal number", "+4970012345678", false},
         {"a pager", "+447640123456", false},
         {"a network that was never assigned", "+491991234567", false},
         {"voice over IP", "+33912345678", false}}));
    INFO(row.why);
    auto const number = read(row.text);
    REQUIRE(number);
    CHECK(number->may_be_texted() == row.may_be_texted);
}

TEST_CASE("numbers are ordered by what is stored of them", "[phone]")
{
    CHECK(read("+31612345678").value() < read("+4915112345678").value());
    CHECK(read("+31612345678").value() != read("+31612345679").value());
}

// Made by tests/support/phone_numbers.mjs: the region a text is read for, the text, E.164, the region it belongs to, and
// whether it may be texted.
TEST_CASE("two thousand numbers of all regions are read as they were when the table was made", "[phone]")
{
    std::ifstream file(ONBOARD_TEST_DATA "/values/phone_numbers.tsv");
    auto count = 0;
    for (std::string line; std::getline(file, line); ++count) {
        std::istringstream cells(line);
        std::string home;
        std::string text;
        std::string rest;
        std::getline(std::getline(std::getline(cells, home, '\t'), text, '\t'), rest);
        INFO(home << " " << text);
        auto const number = read(text, home);
        REQUIRE(number);
        auto const textable = number->may_be_texted() ? "1" : "0";
        CHECK(number->e164() + '\t' + std::string(number->region().str()) + '\t' + textable == rest);
    }
    CHECK(count == 2000);
}

TEST_CASE("whatever is read as a number is sound, and stays as it is when it is read again", "[phone]")
{
    std::mt19937 random(20240229);
    constexpr std::string_view signs = "0123456789012345678901234567890123456789+ -./()";
    auto const homes = GENERATE(values<std::string>({"DE", "US", "IN", "IT", "AR", "BR", "JP", "GG", "RU", "KR"}));
    auto accepted = 0;
    for (auto time = 0; time < 5000; ++time) {
        std::string text(random() % 3 == 0 ? "+" : "");
        for (auto size = 5 + random() % 15; size > 0; --size)
            text += signs[random() % signs.size()];
        auto const number = read(text, homes);
        if (!number)
            continue;
        ++accepted;
        INFO(text);
        auto const& e164 = number->e164();
        CHECK((e164.size() >= 8 && e164.size() <= 16 && e164.front() == '+'));
        CHECK(e164.find_first_not_of("0123456789", 1) == std::string::npos);
        CHECK(read(e164, homes).value() == *number);
        CHECK(read(e164, "US").value() == *number);
        CHECK(Region::parse(number->region().str()).value() == number->region());
    }
    CHECK(accepted > 100);
}

TEST_CASE("random bytes break nothing", "[phone]")
{
    std::mt19937 random(13);
    for (auto time = 0; time < 20000; ++time) {
        std::string text(random() % 30, ' ');
        for (auto& byte : text)
            byte = static_cast<char>(random() % 4 == 0 ? random() : '0' + random() % 10);
        if (auto const number = read(text))
            CHECK(read(number->e164()).value() == *number);
    }
}

TEST_CASE("a region is read in any case", "[phone]")
{
    CHECK(region("de").str() == "DE");
    CHECK(region("De") == region("DE"));
    CHECK(region("BE") < region("DE"));
    CHECK(region("xk").str() == "XK");
    CHECK(region("AQ").str() == "AQ");
}

TEST_CASE("what is no code of a country is refused", "[phone]")
{
    auto const text =
        GENERATE("", "D", "DEU", "XX", "EN", "UK", "EU", "AC", "D ", " D", "E A", "\u00c4", "DE\n", "1A");
    INFO(text);
    CHECK(error_of(Region::parse(text)) == refuse(Errc::region_unknown, "region"));
}

}
