#include "server/post/letter_text.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "support/catch.hpp"

namespace {

using namespace onboard;
using Catch::Matchers::Contains;
using server::post::LetterText;
using server::post::write;

Letter confirmation(Language language, std::string first_name = "Zoë", std::string partner = "Vélo & Co")
{
    return {
        .id = "5d1f2a0e-7c1b-4f0e-9a56-0123456789ab",
        .kind = LetterKind::partner_confirmation,
        .to = EmailAddress::parse("zoe@example.com").value(),
        .language = language,
        .first_name = std::move(first_name),
        .partner = std::move(partner)};
}

Language any_language()
{
    return GENERATE(Language::dutch, Language::french, Language::english, Language::german);
}

// The text of a golden file. With ONBOARD_UPDATE_GOLDEN set it is first replaced by what is written now: look at the
// difference before you keep it.
std::string golden(std::string const& name, std::string const& written)
{
    auto const file = std::string(ONBOARD_TEST_DATA) + "/server/golden/" + name;
    if (std::getenv("ONBOARD_UPDATE_GOLDEN") != nullptr)
        std::ofstream(file, std::ios::binary) << written;

    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

auto count(std::string const& text, char character)
{
    return std::count(text.begin(), text.end(), character);
}

TEST_CASE("A letter says what it should, in the language of its reader")
{
    auto const language = any_language();
    auto const name = "partner-confirmation." + std::string(code_of(language));

    auto const letter = write(confirmation(language), "042917");

    CHECK(letter.text == golden(name + ".txt", letter.text));
    CHECK(letter.html == golden(name + ".html", letter.html));
}

TEST_CASE("The subject of a confirmation names the partner and not the code")
{
    auto const [language, subject] = GENERATE(table<Language, char const*>(
        {{Language::dutch, "Uw code voor Vélo & Co"},
         {Language::french, "Votre code pour Vélo & Co"},
         {Language::english, "Your code for Vélo & Co"},
         {Language::german, "Ihr Code für Vélo & Co"}}));

    CHECK(write(confirmation(language), "042917").subject == subject);
}

TEST_CASE("A code can be copied in one piece and is easy to read")
{
    auto const [why, code, shown] = GENERATE(table<char const*, char const*, char const*>(
        {{"six digits", "042917", "042<span style=\"margin-left:.35em\">917</span>"},
         {"eight digits", "04291700", "0429<span style=\"margin-left:.35em\">1700</span>"},
         {"seven digits", "0429170", "0429<span style=\"margin-left:.35em\">170</span>"}}));
    INFO(why);

    auto const letter = write(confirmation(Language::english), code);

    CHECK_THAT(letter.text, Contains("\n\n" + std::string(code) + "\n\n"));
    CHECK_THAT(letter.html, Contains(shown));
}

TEST_CASE("Whatever people and partners are called stays text in a letter")
{
    auto const language = any_language();
    auto const [why, value] = GENERATE(table<char const*, std::string>(
        {{"a script", "<script>alert(1)</script>"},
         {"the end of an attribute", "\" style=\"display:none"},
         {"single quotes", "'onload='alert(1)"},
         {"a placeholder", "{name} {partner} {} {0}"},
         {"an encoded word", "=?utf-8?q?=0ABcc:_eve@example.com?="},
         {"a very long name", std::string(10'000, 'W')},
         {"nothing", ""}}));
    INFO(why << " in " << code_of(language));

    auto const harmless = write(confirmation(language, "Anne", "Velo"), "042917");
    auto const hostile = write(confirmation(language, value, value), "042917");

    for (auto const character : {'<', '>', '"'})
        CHECK(count(hostile.html, character) == count(harmless.html, character));
    CHECK_THAT(hostile.text, Contains(value));
    CHECK_THAT(hostile.subject, Contains(value));
}

TEST_CASE("No name begins a new line or turns the reading direction of a letter")
{
    auto const [why, character] = GENERATE(table<char const*, std::string>(
        {{"line feed", "\n"},
         {"carriage return", "\r"},
         {"both", "\r\n"},
         {"tab", "\t"},
         {"zero byte", std::string("\0", 1)},
         {"delete", "\x7f"},
         {"next line", "\u0085"},
         {"line separator", "\u2028"},
         {"paragraph separator", "\u2029"},
         {"right-to-left mark", "\u200f"},
         {"Arabic letter mark", "\u061c"},
         {"right-to-left override", "\u202e"},
         {"right-to-left isolate", "\u2067"}}));
    INFO(why);
    auto const name = "Velo" + character + "Bcc: eve@example.com" + character;

    auto const harmless = write(confirmation(Language::english, "Anne", "Velo"), "042917");
    auto const hostile = write(confirmation(Language::english, name, name), "042917");

    for (auto const& text : {hostile.subject, hostile.text, hostile.html}) {
        CHECK_THAT(text, Contains("Velo ") && Contains("Bcc: eve@example.com"));
        if (character != "\n" && character != "\r\n")
            CHECK_THAT(text, !Contains(character));
    }
    CHECK(count(hostile.subject, '\n') == 0);
    CHECK(count(hostile.text, '\n') == count(harmless.text, '\n'));
    CHECK(count(hostile.html, '\n') == count(harmless.html, '\n'));
}

TEST_CASE("A letter has no unfilled place and no link to follow")
{
    auto const letter = write(confirmation(any_language()), "042917");

    for (auto const& text : {letter.subject, letter.text})
        CHECK(text.find_first_of("{}") == std::string::npos);
    CHECK_THAT(letter.html, !Contains("{name}") && !Contains("{partner}") && !Contains("{}"));
    CHECK_THAT(letter.html, !Contains("href") && !Contains("src=") && !Contains("http"));
}

}
