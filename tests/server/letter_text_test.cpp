#include "server/post/letter_text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace {

using namespace onboard;
using Catch::Matchers::Contains;
using server::post::LetterText;
using server::post::write;

constexpr auto public_url = "https://onboard.example.org";
constexpr auto token = "AAAAAQ-0Zk3v1Tj9yq2h5mXw8rLc4bN7dPfGsKuEoI_";

// Every kind that travels by mail.
std::vector<LetterKind> const all_kinds{
    LetterKind::partner_confirmation, LetterKind::welcome_set_password, LetterKind::already_have_account,
    LetterKind::registration_failed,  LetterKind::reset_password,       LetterKind::password_changed,
    LetterKind::email_opt_in,         LetterKind::email_changed,        LetterKind::otp};

// All but the last greet people by name.
std::vector<LetterKind> const kinds_with_name{all_kinds.begin(), std::ranges::find(all_kinds, LetterKind::otp)};

std::vector<Language> const all_languages{Language::dutch, Language::french, Language::english, Language::german};

std::vector<LetterKind> const kinds_with_link{
    LetterKind::welcome_set_password, LetterKind::reset_password, LetterKind::email_opt_in};

bool has_link(LetterKind kind)
{
    return std::ranges::find(kinds_with_link, kind) != kinds_with_link.end();
}

bool has_code(LetterKind kind)
{
    return kind == LetterKind::partner_confirmation || kind == LetterKind::otp;
}

bool names_partner(LetterKind kind)
{
    return kind == LetterKind::partner_confirmation || kind == LetterKind::welcome_set_password ||
           kind == LetterKind::already_have_account || kind == LetterKind::registration_failed;
}

Letter
letter_of(LetterKind kind, Language language, std::string first_name = "Zoë", std::string partner = "Vélo & Co")
{
    using namespace std::chrono;
    return {
        .id = "5d1f2a0e-7c1b-4f0e-9a56-0123456789ab",
        .kind = kind,
        .to = EmailAddress::parse("zoe@example.com").value(),
        .language = language,
        .first_name = std::move(first_name),
        .partner = names_partner(kind) ? std::move(partner) : "",
        .expires_at = sys_days{year{2030} / March / 7} + 14h + 5min + 59s};
}

LetterText written(Letter const& letter)
{
    auto const secret = has_code(letter.kind) ? "042917" : has_link(letter.kind) ? token : "";
    return write(letter, secret, public_url);
}

Letter confirmation(Language language, std::string first_name = "Zoë", std::string partner = "Vélo & Co")
{
    return letter_of(LetterKind::partner_confirmation, language, std::move(first_name), std::move(partner));
}

LetterKind any_kind()
{
    return GENERATE(from_range(all_kinds));
}

LetterKind any_kind_with_name()
{
    return GENERATE(from_range(kinds_with_name));
}

Language any_language()
{
    return GENERATE(from_range(all_languages));
}

auto count(std::string const& text, char character)
{
    return std::count(text.begin(), text.end(), character);
}

int count(std::string const& text, std::string const& piece)
{
    auto found = 0;
    for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + piece.size()))
        ++found;
    return found;
}

// The words of a letter in HTML, without what only a mail program reads.
std::string visible(std::string const& html)
{
    return std::regex_replace(html.substr(html.find("<body")), std::regex("<[^>]*>"), "");
}

// The text of a golden file. With ONBOARD_WRITE_GOLDEN set it is first replaced by what is written now: look at the
// difference before you keep it.
std::string golden(std::string const& name, std::string const& now)
{
    auto const file = std::string(ONBOARD_TEST_DATA) + "/server/letters/" + name;
    if (std::getenv("ONBOARD_WRITE_GOLDEN") != nullptr)
        std::ofstream(file, std::ios::binary) << now;

    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

// The first line that is not as it was, in both versions; nothing if they are the same to the byte.
std::string first_difference(std::string const& before, std::string const& now)
{
    if (before == now)
        return "";
    std::istringstream old_lines(before);
    std::istringstream new_lines(now);
    for (auto number = 1;; ++number) {
        std::string old_line;
        std::string new_line;
        auto const old_goes_on = static_cast<bool>(std::getline(old_lines, old_line));
        auto const new_goes_on = static_cast<bool>(std::getline(new_lines, new_line));
        if (!old_goes_on && !new_goes_on)
            return "the end of the last line";
        if (old_line != new_line || old_goes_on != new_goes_on)
            return "line " + std::to_string(number) + "\nwas: " + (old_goes_on ? old_line : "(no such line)") +
                   "\nis:  " + (new_goes_on ? new_line : "(no such line)");
    }
}

void check_golden(std::string const& name, std::string const& now)
{
    INFO("tests/server/letters/" << name << "; ONBOARD_WRITE_GOLDEN=1 rewrites it");
    CHECK(first_difference(golden(name, now), now) == "");
}

std::string repeated(std::string const& piece, int times)
{
    std::string text;
    for (auto i = 0; i < times; ++i)
        text += piece;
    return text;
}

TEST_CASE("A letter says what it should, in the language of its reader")
{
    auto const kind = any_kind();
    auto const language = any_language();
    auto const name = std::string(name_of(kind)) + "." + std::string(code_of(language));

    auto const letter = written(letter_of(kind, language));

    check_golden(name + ".txt", letter.text);
    check_golden(name + ".html", letter.html);
}

TEST_CASE("A letter to somebody whose name nobody told reads well")
{
    auto const kind = GENERATE(LetterKind::email_opt_in, LetterKind::email_changed);
    auto const language = any_language();
    auto const name = std::string(name_of(kind)) + ".nameless." + std::string(code_of(language));

    auto const letter = written(letter_of(kind, language, ""));

    check_golden(name + ".txt", letter.text);
    check_golden(name + ".html", letter.html);
}

TEST_CASE("Without a name a letter is the same but for its greeting")
{
    auto const kind = any_kind_with_name();
    auto const [language, named, nameless] = GENERATE(table<Language, std::string, std::string>(
        {{Language::dutch, "Dag Zoë,", "Goedendag,"},
         {Language::french, "Bonjour Zoë,", "Bonjour,"},
         {Language::english, "Hello Zoë,", "Hello,"},
         {Language::german, "Guten Tag Zoë,", "Guten Tag,"}}));
    auto const no_name = GENERATE(as<std::string>(), "", " ", "\r\n", "\u202e");
    INFO(name_of(kind));

    auto const with = written(letter_of(kind, language));
    auto const without = written(letter_of(kind, language, no_name));

    CHECK(with.text.substr(0, named.size()) == named);
    CHECK(without.text == nameless + with.text.substr(named.size()));
    CHECK(without.subject == with.subject);
    CHECK_THAT(without.html, Contains(">" + nameless + "</p>") && !Contains("<bdi></bdi>"));
    CHECK(count(with.html, '\n') == count(without.html, '\n'));
}

TEST_CASE("Whoever has an account already is told so also where no partner is named")
{
    auto const [language, news] = GENERATE(table<Language, char const*>(
        {{Language::dutch, "\n\nIemand heeft uw e-mailadres opgegeven voor een account bij onboard. "},
         {Language::french, "\n\nQuelqu’un a indiqué votre adresse e-mail pour un compte chez onboard. "},
         {Language::english, "\n\nSomebody has given your email address for an account with onboard. "},
         {Language::german, "\n\nJemand hat Ihre E-Mail-Adresse für ein Konto bei onboard angegeben. "}}));

    auto const letter = written(letter_of(LetterKind::already_have_account, language, "Zoë", ""));

    CHECK_THAT(letter.text, Contains(news));
    CHECK_THAT(letter.html, !Contains("<strong>") && !Contains("<bdi></bdi>"));
}

TEST_CASE("A text message is never written as mail")
{
    auto letter = letter_of(LetterKind::phone_code, any_language());
    letter.to = PhoneNumber::parse("+32470123456", Region::parse("BE").value()).value();

    CHECK_THROWS_AS(write(letter, "042917", public_url), std::invalid_argument);
}

TEST_CASE("Every letter is worded in each language, and no two kinds alike")
{
    std::set<std::string> subjects;
    std::set<std::string> texts;
    for (auto const kind : all_kinds) {
        for (auto const language : all_languages) {
            auto const letter = written(letter_of(kind, language));
            subjects.insert(letter.subject);
            texts.insert(letter.text);
            CHECK_THAT(letter.html, Contains("<html lang=\"" + std::string(code_of(language)) + "\">"));
        }
    }
    auto const letters = all_kinds.size() * all_languages.size();
    CHECK(subjects.size() == letters);
    CHECK(texts.size() == letters);
}

TEST_CASE("The subject of a confirmation names the partner and not the code")
{
    auto const [language, subject] = GENERATE(table<Language, char const*>(
        {{Language::dutch, "Uw code voor Vélo & Co"},
         {Language::french, "Votre code pour Vélo & Co"},
         {Language::english, "Your code for Vélo & Co"},
         {Language::german, "Ihr Code für Vélo & Co"}}));

    CHECK(write(confirmation(language), "042917", public_url).subject == subject);
}

TEST_CASE("A code stands once in the text and once in HTML, and not in the subject")
{
    auto const kind = GENERATE(LetterKind::partner_confirmation, LetterKind::otp);
    auto const letter = written(letter_of(kind, any_language()));

    INFO(name_of(kind));
    CHECK_THAT(letter.text, Contains("\n\n042917\n\n"));
    CHECK(count(letter.text, std::string("042917")) == 1);
    CHECK(count(visible(letter.html), std::string("042917")) == 1);
    CHECK_THAT(letter.subject, !Contains("042917"));
}

TEST_CASE("A code to sign up with is mailed without a name, whoever's address it is")
{
    auto const [language, begin] = GENERATE(table<Language, std::string>(
        {{Language::dutch, "Goedendag,\n\nIemand, hopelijk uzelf, wil zich met dit e-mailadres "},
         {Language::french, "Bonjour,\n\nQuelqu’un souhaite s’inscrire chez onboard avec cette adresse e-mail. "},
         {Language::english, "Hello,\n\nSomebody wants to sign up with onboard with this email address. "},
         {Language::german,
          "Guten Tag,\n\nJemand, hoffentlich Sie selbst, möchte sich mit dieser E-Mail-Adresse "}}));

    auto const named = written(letter_of(LetterKind::otp, language, "Zoë"));
    auto const nameless = written(letter_of(LetterKind::otp, language, ""));

    CHECK_THAT(named.text, Catch::StartsWith(begin));
    CHECK(named.text == nameless.text);
    CHECK(named.html == nameless.html);
    CHECK_THAT(named.html, !Contains("zoe@example.com") && !Contains("Zoë"));
}

TEST_CASE("A code can be copied in one piece and is easy to read")
{
    auto const [why, code, shown] = GENERATE(table<char const*, char const*, char const*>(
        {{"six digits", "042917", "042<span style=\"margin-left:.35em\">917</span>"},
         {"eight digits", "04291700", "0429<span style=\"margin-left:.35em\">1700</span>"},
         {"seven digits", "0429170", "0429<span style=\"margin-left:.35em\">170</span>"}}));
    INFO(why);

    auto const letter = write(confirmation(Language::english), code, public_url);

    CHECK_THAT(letter.text, Contains("\n\n" + std::string(code) + "\n\n"));
    CHECK_THAT(letter.html, Contains(shown));
}

TEST_CASE("Whatever people and partners are called stays text in a letter")
{
    auto const kind = any_kind_with_name();
    auto const language = any_language();
    auto const [why, value] = GENERATE(table<char const*, std::string>(
        {{"a script", "<script>alert(1)</script>"},
         {"a quote and a tag", "\"<b>"},
         {"the end of an attribute", "\" style=\"display:none"},
         {"single quotes", "'onload='alert(1)"},
         {"a placeholder", "{name} {partner} {moment} {} {0} {:>99999999}"},
         {"an encoded word", "=?utf-8?q?=0ABcc:_eve@example?="},
         {"100 code points", repeated("\U0001f6b2", 100)},
         {"a very long name", std::string(10'000, 'W')}}));
    INFO(why << " in " << name_of(kind) << ", " << code_of(language));

    auto const harmless = written(letter_of(kind, language, "Anne", "Velo"));
    auto const hostile = written(letter_of(kind, language, value, value));

    for (auto const character : {'<', '>', '"', '\''})
        CHECK(count(hostile.html, character) == count(harmless.html, character));
    CHECK_THAT(hostile.text, Contains(value));
    CHECK(count(hostile.text, '\n') == count(harmless.text, '\n'));
    CHECK(count(hostile.subject, '\n') == 0);
    for (auto const* link : {"https://", "href="})
        CHECK(count(hostile.html, std::string(link)) == count(harmless.html, std::string(link)));
}

TEST_CASE("No name begins a new line or turns the reading direction of a letter")
{
    auto const kind = any_kind_with_name();
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
    INFO(why << " in " << name_of(kind));
    auto const name = "Velo" + character + "Bcc: eve@example" + character;

    auto const harmless = written(letter_of(kind, Language::english, "Anne", "Velo"));
    auto const hostile = written(letter_of(kind, Language::english, name, name));

    for (auto const& text : {hostile.text, hostile.html})
        CHECK_THAT(text, Contains("Velo ") && Contains("Bcc: eve@example"));
    for (auto const& text : {hostile.subject, hostile.text, hostile.html})
        if (character != "\n" && character != "\r\n")
            CHECK_THAT(text, !Contains(character));
    CHECK(count(hostile.subject, '\n') == 0);
    CHECK(count(hostile.text, '\n') == count(harmless.text, '\n'));
    CHECK(count(hostile.html, '\n') == count(harmless.html, '\n'));
}

TEST_CASE("A letter has no unfilled place")
{
    auto const kind = any_kind();
    auto const letter = written(letter_of(kind, any_language()));

    INFO(name_of(kind));
    for (auto const& text : {letter.subject, letter.text, letter.html.substr(letter.html.find("<body"))})
        CHECK(text.find_first_of("{}") == std::string::npos);
    CHECK_THAT(letter.text, !Contains("\n\n\n") && !Contains("  "));
    CHECK_THAT(letter.html, !Contains("\"></p>") && !Contains("\"></a>") && !Contains("<bdi></bdi>"));
}

TEST_CASE("A letter without a link to follow has none")
{
    auto const kind = GENERATE(
        LetterKind::partner_confirmation, LetterKind::registration_failed, LetterKind::email_changed,
        LetterKind::otp);
    auto const letter = written(letter_of(kind, any_language()));

    INFO(name_of(kind));
    CHECK_THAT(letter.html, !Contains("href") && !Contains("src=") && !Contains("http"));
    CHECK_THAT(letter.text, !Contains("http"));
}

TEST_CASE("A link that is good only once stands once in the text, and in HTML once to press and once to read")
{
    auto const [kind, path] = GENERATE(table<LetterKind, std::string>(
        {{LetterKind::welcome_set_password, "/set-password/"},
         {LetterKind::reset_password, "/set-password/"},
         {LetterKind::email_opt_in, "/email-optin/"}}));
    auto const letter = written(letter_of(kind, any_language()));
    auto const link = public_url + path + token;

    INFO(name_of(kind));
    CHECK_THAT(letter.text, Contains("\n\n" + link + "\n\n"));
    CHECK(count(letter.text, link) == 1);
    CHECK(count(letter.text, "http") == 1);
    CHECK(count(letter.html, link) == 2);
    CHECK(count(letter.html, "href=\"" + link + "\"") == 1);
    CHECK_THAT(letter.html, Contains(">" + link + "</span>"));
    CHECK(count(letter.html, "http") == 2);
    CHECK_THAT(letter.subject, !Contains(token));
}

TEST_CASE("News lead to where one can act on them")
{
    auto const [kind, paths] = GENERATE(table<LetterKind, std::vector<std::string>>(
        {{LetterKind::already_have_account, {"/sign-in", "/forgot-password"}},
         {LetterKind::password_changed, {"/forgot-password"}}}));
    auto const letter = written(letter_of(kind, any_language()));

    INFO(name_of(kind));
    for (auto const& path : paths) {
        CHECK_THAT(letter.text, Contains("\n\n" + (public_url + path) + "\n\n"));
        CHECK_THAT(letter.html, Contains("href=\"" + (public_url + path) + "\""));
    }
    CHECK(count(letter.text, "http") == static_cast<int>(paths.size()));
    CHECK(count(letter.html, "http") == static_cast<int>(paths.size()));
}

TEST_CASE("A public URL cannot leave its place in HTML")
{
    auto const kind = GENERATE(
        LetterKind::welcome_set_password, LetterKind::already_have_account, LetterKind::reset_password,
        LetterKind::password_changed, LetterKind::email_opt_in);

    auto const letter = write(letter_of(kind, Language::english), "to\"<ken>&", "https://a.example\"><b>&amp;");

    INFO(name_of(kind));
    CHECK_THAT(letter.html, Contains("href=\"https://a.example&quot;&gt;&lt;b&gt;&amp;amp;/"));
    CHECK_THAT(letter.html, !Contains("<b>") && !Contains("<ken>"));
}

TEST_CASE("A letter says until when its link or its code is good, in the words of its language")
{
    using namespace std::chrono;
    auto const [language, expires_at, moment] = GENERATE(table<Language, Instant, char const*>(
        {{Language::dutch, sys_days{year{2030} / March / 7} + 14h + 5min, "geldig tot 7 maart 2030, 14.05 uur UTC"},
         {Language::french, sys_days{year{2030} / March / 7} + 14h + 5min,
          "jusqu’au 7 mars 2030 à 14\u00a0h\u00a005 UTC"},
         {Language::french, sys_days{year{2030} / August / 1} + 9h, "jusqu’au 1er août 2030 à 09\u00a0h\u00a000 UTC"},
         {Language::english, sys_days{year{2030} / March / 7} + 14h + 5min, "until 7 March 2030, 14:05 UTC"},
         {Language::english, sys_days{year{2027} / December / 31} + 23h + 59min + 59s + 999ms,
          "until 31 December 2027, 23:59 UTC"},
         {Language::english, sys_days{year{2028} / February / 29}, "until 29 February 2028, 00:00 UTC"},
         {Language::german, sys_days{year{2030} / January / 1} + 14h + 5min,
          "bis zum 1. Januar 2030, 14:05 Uhr UTC"}}));
    auto const kind = GENERATE(
        LetterKind::welcome_set_password, LetterKind::reset_password, LetterKind::email_opt_in, LetterKind::otp);
    auto letter = letter_of(kind, language);
    letter.expires_at = expires_at;

    auto const text = written(letter);

    CHECK_THAT(text.text, Contains(moment));
    CHECK_THAT(text.html, Contains(moment));
}

TEST_CASE("A name is no link, whatever a partner was told, and stays as it is otherwise")
{
    auto const language = any_language();
    auto const kind = GENERATE(LetterKind::welcome_set_password, LetterKind::email_opt_in);
    auto const named = [&](std::string name) { return written(letter_of(kind, language, std::move(name))).text; };
    CHECK_THAT(
        named("Visit http://evil.example/win"),
        Contains("Visit http://evil. example/win") && !Contains("evil.example"));
    CHECK_THAT(named("www.evil.example"), Contains("www. evil. example"));
    CHECK_THAT(named("J. R. R."), Contains("J. R. R."));
    CHECK_THAT(named("Zoë..."), Contains("Zoë..."));
}

TEST_CASE("A failed registration tells no more than who asked, and for whom")
{
    auto const language = any_language();

    auto const letter = written(letter_of(LetterKind::registration_failed, language, "Zoë", "Velo"));

    CHECK(count(letter.text, "Zoë") == 1);
    CHECK(count(letter.html, "Zoë") == 1);
    CHECK_THAT(letter.subject, Contains("Velo") && !Contains("Zoë"));
    CHECK_THAT(letter.text, !Contains("zoe@example.com"));
}

}
