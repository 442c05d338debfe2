#include "server/pages/languages.hpp"

#include <string>

#include "support/catch.hpp"

namespace {

using namespace onboard;
using server::pages::preferred;

struct Row {
    char const* why;
    char const* accept_language;
    Language expected;
};

TEST_CASE("A browser gets the language it likes best")
{
    auto const row = GENERATE(values<Row>({
        {"one language", "nl", Language::dutch},
        {"the first of equals", "fr, de", Language::french},
        {"a region is no obstacle", "de-CH", Language::german},
        {"a region and a script", "nl-Latn-BE", Language::dutch},
        {"any case", "FR-be", Language::french},
        {"the highest weight, wherever it stands", "en;q=0.3, nl;q=0.9, fr;q=0.5", Language::dutch},
        {"no weight is the full weight", "en;q=0.9, de", Language::german},
        {"three decimals", "nl;q=0.501, de;q=0.502", Language::german},
        {"a weight with a trailing dot", "de;q=0., nl;q=0.001", Language::dutch},
        {"the best of several mentions", "fr-CA;q=0.1, en;q=0.5, fr;q=0.8", Language::french},
        {"a language of ours after others", "es, pt;q=0.9, nl;q=0.1", Language::dutch},
        {"space and tabs around everything", " \tfr ; q=0.2 ,\tde\t;\tq=0.4 ", Language::german},
        {"a Q in upper case", "fr;Q=0.2, de;Q=0.4", Language::german},
        {"what Firefox sends", "nl,en-US;q=0.7,en;q=0.3", Language::dutch},
        {"what Chrome sends", "fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7", Language::french},
        {"anything, with a preference", "*;q=0.1, de;q=0.2", Language::german},
        {"anything but English", "en;q=0, *", Language::dutch},
        {"anything rather than Dutch", "nl;q=0.1, *;q=0.5", Language::english},
    }));
    INFO(row.why);

    CHECK(preferred(row.accept_language) == row.expected);
}

TEST_CASE("A browser that wants none of our languages gets English")
{
    auto const [why, accept_language] = GENERATE(table<char const*, char const*>(
        {{"no field", ""},
         {"nothing but separators", " ,;, \t,,;q=1"},
         {"another language", "es-ES, pt"},
         {"anything", "*"},
         {"explicitly unwanted", "nl;q=0, fr;q=0.0, de;q=0.000"},
         {"everything unwanted", "*;q=0"},
         {"a longer word that begins like ours", "deutsch, nld, frr"}}));
    INFO(why);

    CHECK(preferred(accept_language) == Language::english);
}

TEST_CASE("What makes no sense in a browser's wish is passed over")
{
    auto const [why, nonsense] = GENERATE(table<char const*, char const*>(
        {{"a weight above one", "nl;q=1.1"},
         {"a much larger weight", "nl;q=9"},
         {"four decimals", "nl;q=0.9999"},
         {"a negative weight", "nl;q=-1"},
         {"a weight in words", "nl;q=high"},
         {"no weight after all", "nl;q="},
         {"no equals sign", "nl;q"},
         {"another parameter", "nl;level=1"},
         {"two parameters", "nl;q=1;q=0.5"},
         {"a comma for a dot", "nl;q=0:9"},
         {"a script", "<script>alert(1)</script>"},
         {"a line break", "nl\r\nSet-Cookie: a=b"},
         {"quotes", "\"nl\";q=1"},
         {"bytes that are no text", "\xff\xfe\x80;q=\xff"},
         {"a right-to-left override", "\u202enl;q=1"}}));
    INFO(why);

    CHECK(preferred(std::string(nonsense) + ", fr;q=0.1") == Language::french);
    CHECK(preferred("fr;q=0.1, " + std::string(nonsense)) == Language::french);
}

TEST_CASE("A browser's wish may be very long")
{
    auto const [why, filler] = GENERATE(table<char const*, char const*>(
        {{"commas", ","}, {"semicolons", "x;"}, {"spaces", " "}, {"languages", "es;q=0.5,"}, {"hyphens", "-"}}));
    INFO(why);

    std::string field = "de;q=0.5, ";
    while (field.size() < 1'000'000)
        field += filler;

    CHECK(preferred(field) == Language::german);
}

TEST_CASE("A zero byte in a browser's wish ends nothing early")
{
    using namespace std::string_literals;
    CHECK(preferred("\0, fr"s) == Language::french);
}

}
