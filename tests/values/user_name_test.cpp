#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <onboard/testing.hpp>
#include <onboard/user_name.hpp>

#include "libonboard/src/transliterate.hpp"
#include "libonboard/src/user_names.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using unicode::romanized;

constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters_and_digits = "abcdefghijklmnopqrstuvwxyz0123456789";

std::string repeated(std::string_view text, std::size_t times)
{
    std::string result;
    for (std::size_t time = 0; time < times; ++time)
        result += text;
    return result;
}

bool consists_of(std::string_view text, std::string_view allowed)
{
    return text.find_first_not_of(allowed) == std::string_view::npos;
}

// What follows the base.
std::string number_of(UserName const& name, std::string_view base)
{
    CHECK(name.str().starts_with(base));
    return name.str().substr(base.size());
}

// The next numbers that are drawn, before they are brought into a range.
void script(ScriptedRandom& random, std::vector<std::uint64_t> const& numbers)
{
    auto const bytes = std::as_bytes(std::span(numbers));
    random.script({bytes.begin(), bytes.end()});
}

struct Row {
    char const* what;
    char const* name;
    char const* roman;
};

constexpr std::array rows = std::to_array<Row>(
    {{"plain", "Jane Doe", "janedoe"},
     {"capitals and digits", "JANE 2nd", "jane2nd"},
     {"accents", "Jos\u00e9 \u00c5ngstr\u00f6m", "joseangstrom"},
     {"combining accents", "Jose\u0301", "jose"},
     {"many combining marks", "J\u0336\u0322\u0360a\u0335\u035dn\u0338e", "jane"},
     {"an umlaut", "J\u00fcrgen Gr\u00f6\u00dfe", "jurgengrosse"},
     {"sharp s in both cases", "Gro\u00df GRO\u1e9e", "grossgross"},
     {"strokes", "\u0141ukasz \u0110or\u0111evi\u0107", "lukaszdordevic"},
     {"Nordic letters", "S\u00f8rensen \u00de\u00f3ra \u00c6sa", "sorensenthoraaesa"},
     {"Turkish i with and without a dot", "\u0130brahim I\u015f\u0131k", "ibrahimisik"},
     {"Azerbaijani schwa", "\u018fliyev", "eliyev"},
     {"Vietnamese", "Nguy\u1ec5n Th\u1ecb H\u1eb1ng", "nguyenthihang"},
     {"an apostrophe", "O'Hara", "ohara"},
     {"a curly apostrophe", "D\u2019Angelo", "dangelo"},
     {"an okina", "\u02bb\u014clelo Hawai\u02bbi", "olelohawaii"},
     {"a hyphen", "Anne-Marie", "annemarie"},
     {"dots and underscores", "J. R._R.", "jrr"},
     {"an emoji", "Jane \U0001f469\u200d\U0001f680", "jane"},
     {"full width", "\uff2a\uff41\uff4e\uff45\uff17", "jane7"},
     {"mathematical letters", "\U0001d541\U0001d552\U0001d55f\U0001d556", "jane"},
     {"a ligature", "\ufb01ona", "fiona"},
     {"Devanagari", "\u0906\u0936\u093e \u092d\u094b\u0938\u0932\u0947", "asabhosale"},
     {"Devanagari with conjuncts",
      "\u0936\u094d\u0930\u0940\u0928\u093f\u0935\u093e\u0938 \u0915\u0943\u0937\u094d\u0923", "srinivasakrsna"},
     {"Devanagari with dots below", "\u0915\u093c\u093e\u0926\u093f\u0930 \u091c\u093c\u093e\u0915\u093f\u0930",
      "qadirazakira"},
     {"Devanagari digits", "\u0968\u0966\u0968\u096a", "2024"},
     {"Bengali", "\u0985\u09ae\u09b0\u09cd\u09a4\u09cd\u09af \u09b8\u09cb\u09ae\u09be", "amartyasoma"},
     {"Gurmukhi", "\u0a2e\u0a28\u0a2e\u0a4b\u0a39\u0a28 \u0a38\u0a3f\u0a70\u0a18", "manamohanasingha"},
     {"Gujarati", "\u0a97\u0abe\u0a82\u0aa7\u0ac0", "gandhi"},
     {"Oriya", "\u0b28\u0b2c\u0b40\u0b28", "nabina"},
     {"Tamil", "\u0bb0\u0b9c\u0bbf\u0ba9\u0bbf\u0b95\u0bbe\u0ba8\u0bcd\u0ba4\u0bcd", "rajinikant"},
     {"Tamil with a vowel in two parts", "\u0b95\u0bcb\u0baa\u0bbe\u0bb2\u0bcd", "kopal"},
     {"Telugu", "\u0c28\u0c30\u0c47\u0c02\u0c26\u0c4d\u0c30 \u0c30\u0c3e\u0c2e\u0c41\u0c21\u0c41", "narendraramudu"},
     {"Kannada", "\u0c95\u0cc1\u0cb5\u0cc6\u0c82\u0caa\u0cc1", "kuvempu"},
     {"Malayalam with a bare consonant", "\u0d2e\u0d4b\u0d39\u0d7b\u0d32\u0d3e\u0d7d", "mohanlal"},
     {"Malayalam with a vowel in two parts", "\u0d15\u0d57\u0d38\u0d32\u0d4d\u0d2f \u0d2e\u0d4b\u0d33\u0d3f",
      "kausalyamoli"},
     {"Sinhala with a joiner", "\u0dc1\u0dca\u200d\u0dbb\u0dd3 \u0dbb\u0db1\u0dd2\u0dbd\u0dca", "sriranil"},
     {"Greek",
      "\u0393\u03b9\u03ce\u03c1\u03b3\u03bf\u03c2 "
      "\u03a0\u03b1\u03c0\u03b1\u03b4\u03cc\u03c0\u03bf\u03c5\u03bb\u03bf\u03c2",
      "giorgospapadopoulos"},
     {"Greek in capitals", "\u03a8\u03a5\u03a7\u0397", "psyche"},
     {"Chinese", "\u738b\u5c0f\u660e", "wangxiaoming"},
     {"Chinese in traditional letters", "\u5f35\u5049", "zhangwei"},
     {"Japanese kana", "\u304a\u304a\u305f \u30ab\u30ca\u30b3", "ootakanako"},
     {"Japanese half width", "\uff76\uff85\uff7a", "kanako"},
     {"Korean", "\uae40\ucca0\uc218", "gimcheolsu"},
     {"Cyrillic", "\u041e\u043b\u044c\u0433\u0430 \u0427\u0435\u0445\u043e\u0432\u0430", "olgacehova"},
     {"Ukrainian", "\u0407\u0436\u0430\u043a \u0490\u0430\u043b\u0430\u0491\u0430\u043d", "izakgalagan"},
     {"Kazakh", "\u049a\u0430\u043d\u0430\u0442 \u04e8\u043c\u0456\u0440\u0437\u0430\u049b", "kanatomirzak"},
     {"Arabic", "\u0645\u062d\u0645\u062f \u0639\u0644\u064a", "mhmdly"},
     {"Urdu", "\u0688\u0627\u06a9\u0679\u0631 \u06c1\u0645\u0627", "daktrhma"},
     {"Hebrew", "\u05d3\u05d5\u05d3", "dwd"},
     {"Georgian in both cases", "\u10d2\u10d8\u10dd\u10e0\u10d2\u10d8 \u1c92\u10d8\u10dd\u10e0\u10d2\u10d8",
      "giorgigiorgi"},
     {"Armenian", "\u0531\u0580\u0574\u0565\u0576", "armen"},
     {"Ethiopic", "\u12a0\u1260\u1260", "ababa"},
     {"Ethiopic with a letter of two sounds", "\u1313\u1295\u1309\u120d", "gwangul"},
     {"Thai", "\u0e2a\u0e21\u0e0a\u0e32\u0e22", "smchay"},
     {"mixed scripts", "\u041e\u043b\u044c\u0433\u0430 Wang \u738b", "olgawangwang"}});

TEST_CASE("a name of any script comes out in Roman letters", "[user name]")
{
    for (auto const& row : rows) {
        INFO(row.what);
        CHECK(romanized(row.name) == row.roman);
    }
}

TEST_CASE("what is no letter leaves none", "[user name]")
{
    auto const [what, text] = GENERATE(table<char const*, std::string>(
        {{"nothing", ""},
         {"blanks", " \t\u3000"},
         {"punctuation", "'-._!?\u2019\u2013"},
         {"emoji", "\U0001f469\u200d\U0001f680\U0001f1ee\U0001f1f3\U0001f44d\U0001f3fd"},
         {"marks without a letter", "\u0301\u0336\u20dd"},
         {"invisible characters", "\u00ad\u200b\u200d\u2060\ufe0f\ufeff"},
         {"a script that ICU cannot read", "\u179f\u17bb\u1781"},
         {"noncharacters and private ones", "\ufffe\ue000\U0010ffff"},
         {"broken UTF-8", "\xff\xc3\xed\xa0\x80\xf4\x90\x80\x80"},
         {"an Arabic letter that is silent", "\u0639"}}));
    INFO(what);
    CHECK(romanized(text).empty());
}

TEST_CASE("broken UTF-8 is left out, and what stands around it stays", "[user name]")
{
    CHECK(romanized("Ja\xffne") == "jane");
    CHECK(romanized("Ja\xc0\x80ne") == "jane");
    CHECK(romanized("J\u00e4\xed\xa0\x80ne\xc3") == "jane");
    CHECK(romanized(std::string("J\u00e4\0ne", 6)) == "jane");
}

TEST_CASE("only the beginning of a long text is read", "[user name]")
{
    CHECK(romanized(repeated("\u738b", 64)) == repeated("wang", 64));
    CHECK(romanized(repeated("\u738b", 100'000)) == repeated("wang", 64));
    CHECK(romanized(repeated("\u338f", 100'000)).size() <= 256);
    CHECK(romanized(std::string(1'000'000, 'x')).size() == 1024);
}

TEST_CASE("threads that romanize names at the same time do not disturb each other", "[user name]")
{
    std::array<int, 8> wrong{};
    together(8, [&](int number) {
        auto const thread = static_cast<std::size_t>(number);
        for (std::size_t turn = 0; turn < 40 * rows.size(); ++turn) {
            auto const& row = rows[(turn + 7 * thread) % rows.size()];
            wrong[thread] += romanized(row.name) != row.roman ? 1 : 0;
        }
    });
    CHECK(wrong == std::array<int, 8>{});
}

TEST_CASE("whatever a person is called, there is a base for their user name", "[user name]")
{
    std::mt19937 random(17);
    auto const random_name = [&] {
        std::string name;
        for (auto letter = 0; letter < 100; ++letter) {
            auto const point = random() % (random() % 2 == 0 ? 0x3000 : 0x11000);
            if (random() % 16 == 0)
                name += static_cast<char>(random());
            else if (point < 0x80)
                name += static_cast<char>(point);
            else if (point < 0x800)
                name += {static_cast<char>(0xc0 | point >> 6), static_cast<char>(0x80 | (point & 0x3f))};
            else
                name +=
                    {static_cast<char>(0xe0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 0x3f)),
                     static_cast<char>(0x80 | (point & 0x3f))};
        }
        return name;
    };
    for (auto time = 0; time < 500; ++time) {
        auto const first = random_name();
        auto const last = random_name();
        auto const base = user_name_base(first, last);
        INFO(first << ' ' << last);
        CHECK((!base.empty() && base.size() <= 26));
        CHECK(consists_of(base, letters_and_digits));
        ScriptedRandom scripted;
        CHECK(UserNameCandidates(base, scripted).next().str().size() == base.size() + 4);
    }
}

TEST_CASE("the base is made of first and last name", "[user name]")
{
    CHECK(user_name_base("Jane", "Doe") == "janedoe");
    CHECK(user_name_base("Jane") == "jane");
    CHECK(user_name_base("Jane", "\U0001f6b2") == "jane");
    CHECK(user_name_base("\u0906\u0936\u093e", "O'Hara-Smith") == "asaoharasmith");
    CHECK(user_name_base("Jane 2nd") == "jane2nd");
    CHECK(user_name_base("2Pac") == "2pac");
}

TEST_CASE("the base leaves room for four digits", "[user name]")
{
    CHECK(user_name_base(std::string(26, 'x')) == std::string(26, 'x'));
    CHECK(user_name_base(std::string(27, 'x')) == std::string(26, 'x'));
    CHECK(user_name_base(std::string(20, 'x'), std::string(20, 'y')) == std::string(20, 'x') + "yyyyyy");
    CHECK(user_name_base(repeated("\u738b", 100)) == "wangwangwangwangwangwangwa");
}

TEST_CASE("a name without letters has the base of anybody", "[user name]")
{
    CHECK(user_name_base("") == "user");
    CHECK(user_name_base("\U0001f6b2", "...") == "user");
    CHECK(user_name_base("\u179f\u17bb\u1781") == "user");
    CHECK(user_name_base("007") == "user");
    CHECK(user_name_base("+49 151 12345678") == "user");
    CHECK(user_name_base("123456789012x") == "user");
    CHECK(user_name_base("12345678901x") == "12345678901x");
}

TEST_CASE("a user name is kept in lower case, without the blanks around it", "[user name]")
{
    auto const [text, kept] = GENERATE(table<std::string, std::string>(
        {{"asha", "asha"},
         {"Asha2018", "asha2018"},
         {"ASHA", "asha"},
         {" \tasha\u00a0\n", "asha"},
         {"a12", "a12"},
         {"12a", "12a"},
         {std::string(30, 'X'), std::string(30, 'x')},
         {" " + std::string(30, 'x') + " ", std::string(30, 'x')}}));
    INFO(text);
    auto const name = UserName::parse(text);
    REQUIRE(name);
    CHECK(name->str() == kept);
}

TEST_CASE("a user name that is not 3 to 30 letters and digits is refused", "[user name]")
{
    auto const [why, text] = GENERATE(table<char const*, std::string>(
        {{"nothing", ""},
         {"blanks", "    "},
         {"two letters", "ab"},
         {"two letters and blanks", " ab "},
         {"31 letters", std::string(31, 'x')},
         {"a megabyte", std::string(1'000'000, 'x')},
         {"a telephone number", "9876543210"},
         {"an email address", "asha@example.com"},
         {"a blank inside", "asha k"},
         {"a dot", "asha.k"},
         {"a hyphen", "asha-k"},
         {"an underscore", "asha_k"},
         {"a plus sign", "asha+k"},
         {"a slash", "asha/k"},
         {"a NUL", std::string("asha\0k", 6)},
         {"a line feed", "asha\nk"},
         {"an accent", "ash\u00e1"},
         {"another script", "\u0906\u0936\u093e"},
         {"a look-alike of another script", "\u0430sha"},
         {"a letter whose lower case is ASCII", "as\u212aa"},
         {"full width", "\uff41\uff53\uff48\uff41"},
         {"digits of another script", "asha\u0967"},
         {"an invisible character", "as\u200bha"},
         {"broken UTF-8", "asha\xff"}}));
    INFO(why);
    CHECK(error_of(UserName::parse(text)) == refuse(Errc::text_malformed, "user_name"));
}

TEST_CASE("user names are the same whatever their case, and have an order", "[user name]")
{
    auto const name = [](std::string_view text) { return UserName::parse(text).value(); };
    CHECK(name("Asha1") == name("aSHA1 "));
    CHECK(name("asha1") != name("asha2"));
    CHECK(name("asha1") < name("asha2"));
    CHECK(name("ASHA9") < name("bela1"));
}

TEST_CASE("a candidate is the base and four digits, from 1000 to 9999", "[user name]")
{
    constexpr auto first_refused = UINT64_MAX - UINT64_MAX % 9000;
    auto const [drawn, number] = GENERATE_COPY(table<std::vector<std::uint64_t>, char const*>(
        {{{0}, "1000"},
         {{8999}, "9999"},
         {{9000}, "1000"},
         {{first_refused - 1}, "9999"},
         {{first_refused, 5}, "1005"},
         {{UINT64_MAX, UINT64_MAX, 5}, "1005"}}));
    ScriptedRandom random;
    script(random, drawn);
    CHECK(UserNameCandidates("asha", random).next().str() == std::string("asha") + number);
}

TEST_CASE("every number is as likely as the others", "[user name]")
{
    ScriptedRandom random(3);
    std::array<int, 10> first{};
    std::array<int, 10> last{};
    std::set<std::string> seen;
    constexpr auto draws = 90'000;
    for (auto draw = 0; draw < draws; ++draw) {
        auto const number = UserNameCandidates("asha", random).next().str().substr(4);
        ++first.at(static_cast<std::size_t>(number.front() - '0'));
        ++last.at(static_cast<std::size_t>(number.back() - '0'));
        seen.insert(number);
    }
    auto const spread = [](std::span<int const> counts) {
        auto const expected = static_cast<double>(draws) / static_cast<double>(counts.size());
        double sum = 0;
        for (auto const count : counts)
            sum += (count - expected) * (count - expected) / expected;
        return sum;
    };
    CHECK(first.front() == 0);
    CHECK(spread(std::span(first).subspan(1)) < 26.1);  // chi-square: one in a thousand exceeds it
    CHECK(spread(last) < 27.9);
    CHECK(seen.size() > 8980);
}

TEST_CASE("the same randomness makes the same candidates", "[user name]")
{
    ScriptedRandom one(7);
    ScriptedRandom same(7);
    ScriptedRandom other(8);
    UserNameCandidates candidates("asha", one);
    UserNameCandidates twin("asha", same);
    UserNameCandidates stranger("asha", other);
    std::vector<std::string> names;
    std::vector<std::string> others;
    for (auto time = 0; time < 50; ++time) {
        names.push_back(candidates.next().str());
        CHECK(twin.next().str() == names.back());
        others.push_back(stranger.next().str());
    }
    CHECK(names != others);
}

TEST_CASE("four tries have four digits, and every further one a digit more", "[user name]")
{
    auto const base = GENERATE(std::string("asha"), std::string("a"), std::string(26, 'x'));
    ScriptedRandom random;
    UserNameCandidates candidates(base, random);
    std::vector<std::size_t> const sizes{4, 4, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 18, 18};
    for (auto const size : sizes) {
        auto const name = candidates.next();
        auto const kept = std::min(base.size(), 30 - size);
        auto const number = number_of(name, base.substr(0, kept));
        CHECK(number.size() == size);
        CHECK(consists_of(number, digits));
        CHECK(number.front() != '0');
    }
}

TEST_CASE("no candidate comes twice", "[user name]")
{
    ScriptedRandom random;
    script(random, {5, 5, 5, 6, 5, 6, 7, 8});
    UserNameCandidates candidates("asha", random);
    CHECK(candidates.next().str() == "asha1005");
    CHECK(candidates.next().str() == "asha1006");
    CHECK(candidates.next().str() == "asha1007");

    std::set<std::string> names;
    for (auto time = 0; time < 20'000; ++time)
        names.insert(candidates.next().str());
    CHECK(names.size() == 20'000);
}

TEST_CASE("no candidate comes twice where the number eats into digits of the base", "[user name]")
{
    auto const base = std::string(25, 'x') + '5';
    ScriptedRandom random;
    script(random, {234, 0, 1, 2, 41'234, 41'235});  // 1234 behind the 5, and 51234 in its place
    UserNameCandidates candidates(base, random);
    CHECK(candidates.next().str() == base + "1234");
    for (auto time = 0; time < 3; ++time)
        candidates.next();
    CHECK(candidates.next().str() == std::string(25, 'x') + "51235");
}

TEST_CASE("a name that 64 000 people have is found a user name in a few tries", "[user name]")
{
    auto const base = GENERATE(std::string("asha"), std::string(26, 'x'), std::string("user"));
    constexpr std::size_t people = 64'000;
    ScriptedRandom random(11);
    std::set<UserName> taken;
    std::size_t tries = 0;
    std::size_t most_tries = 0;
    std::size_t longest = 0;
    std::size_t tries_of_a_thousand = 0;
    for (std::size_t person = 0; person < people; ++person) {
        if (person == 1000)
            tries_of_a_thousand = tries;
        UserNameCandidates candidates(base, random);
        std::size_t own_tries = 0;
        for (bool taken_first = false; !taken_first; ++own_tries) {
            auto const name = candidates.next();
            taken_first = taken.insert(name).second;
            longest = std::max(longest, name.str().size());
        }
        tries += own_tries;
        most_tries = std::max(most_tries, own_tries);
    }
    CHECK(taken.size() == people);
    CHECK(longest <= UserName::longest);
    CHECK(tries < 5 * people);
    CHECK(most_tries <= 10);
    CHECK(tries_of_a_thousand < 1150);
}

TEST_CASE("a hundred people of one name all have four digits", "[user name]")
{
    ScriptedRandom random(5);
    std::set<UserName> taken;
    while (taken.size() < 100) {
        UserNameCandidates candidates("asha", random);
        auto name = candidates.next();
        while (!taken.insert(name).second)
            name = candidates.next();
        CHECK(number_of(name, "asha").size() == 4);
    }
}

}
