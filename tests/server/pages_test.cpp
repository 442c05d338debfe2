#include "server/pages/pages.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "server/pages/escape.hpp"
#include "support/catch.hpp"

namespace {

using namespace onboard;
using namespace onboard::server;
using Catch::Matchers::Contains;
using pages::CodeNotice;

struct Shown {
    std::string what;
    std::string html;
};

// Every page there is, with the same value wherever a page takes one.
std::vector<Shown> all_pages(Language language, std::string_view value = "Anne")
{
    std::vector<Shown> shown{
        {"home", pages::home(language, value, value)},
        {"signed out", pages::signed_out(language)},
        {"not signed in", pages::not_signed_in(language)},
        {"link unusable", pages::link_unusable(language)},
        {"enter code", pages::enter_code(language, value, value, value, CodeNotice::none)},
        {"enter code again", pages::enter_code(language, value, value, value, CodeNotice::wrong)},
        {"no more codes", pages::enter_code(language, value, value, value, CodeNotice::no_more_tries)},
        {"forged", pages::forged(language)}};
    for (auto const status : {400, 404, 405, 413, 415, 429, 500, 503, 418})
        shown.push_back({std::to_string(status), pages::trouble(language, status)});
    return shown;
}

Language any_language()
{
    return GENERATE(Language::dutch, Language::french, Language::english, Language::german);
}

auto count(std::string const& text, char character)
{
    return std::count(text.begin(), text.end(), character);
}

// The words of a page, without what only a browser reads.
std::string words_of(std::string const& html)
{
    return std::regex_replace(html.substr(html.find("<h1>")), std::regex("<[^>]*>"), "");
}

// The first tag that is closed in the wrong place or not at all; nothing if all is well.
std::string unbalanced_tag(std::string const& html)
{
    static std::set<std::string> const empty_elements{"meta", "link", "input", "!DOCTYPE"};
    static std::regex const tag("<(/?)([!A-Za-z0-9]+)[^>]*?(/?)>");

    std::vector<std::string> open;
    for (std::sregex_iterator match(html.begin(), html.end(), tag), end; match != end; ++match) {
        auto const& found = *match;
        auto const name = found[2].str();
        if (found[1].length() > 0) {
            if (open.empty() || open.back() != name)
                return name;
            open.pop_back();
        } else if (found[3].length() == 0 && !empty_elements.contains(name)) {
            open.push_back(name);
        }
    }
    return open.empty() ? "" : open.back();
}

TEST_CASE("Every page is a whole document that says which language it is in")
{
    auto const language = any_language();

    for (auto const& [what, html] : all_pages(language)) {
        INFO(what << " in " << code_of(language));
        CHECK_THAT(
            html, Catch::StartsWith("<!DOCTYPE html>\n<html lang=\"" + std::string(code_of(language)) + "\">"));
        CHECK_THAT(html, Catch::EndsWith("</html>\n"));
        CHECK_THAT(html, Contains("<meta charset=\"utf-8\">"));
        CHECK_THAT(html, Contains("name=\"viewport\" content=\"width=device-width, initial-scale=1\""));
        CHECK_THAT(html, Contains("name=\"color-scheme\" content=\"light dark\""));
        CHECK_THAT(html, Contains(" · onboard</title>"));
        CHECK_THAT(html, Contains("<main") && Contains("<h1>"));
        CHECK(unbalanced_tag(html) == "");
    }
}

TEST_CASE("A page loads one stylesheet and nothing else")
{
    auto const language = any_language();
    static std::regex const forbidden(
        "<script|<style|<iframe|<img|\\sstyle=|\\son[a-z]+=|https?:|javascript:|url\\(");

    for (auto const& [what, html] : all_pages(language)) {
        INFO(what << " in " << code_of(language));
        CHECK_FALSE(std::regex_search(html, forbidden));
        CHECK_THAT(html, Contains("<link rel=\"stylesheet\" href=\"/assets/onboard.css\">"));
    }
}

TEST_CASE("No page has a gap where a word or a value belongs")
{
    auto const language = any_language();

    for (auto const& [what, html] : all_pages(language)) {
        INFO(what << " in " << code_of(language));
        CHECK(words_of(html).find_first_of("{}") == std::string::npos);
        CHECK_THAT(
            html, !Contains("\"\"") && !Contains("<p></p>") && !Contains("<h1></h1>") && !Contains("<title> "));
        CHECK_THAT(html, !Contains("<button type=\"submit\"></button>") && !Contains("<label for=\"code\"></label>"));
    }
}

TEST_CASE("Every page is worded in each language")
{
    auto const dutch = all_pages(Language::dutch);
    auto const french = all_pages(Language::french);
    auto const english = all_pages(Language::english);
    auto const german = all_pages(Language::german);

    for (std::size_t i = 0; i < english.size(); ++i) {
        INFO(english[i].what);
        std::set<std::string> const wordings{
            words_of(dutch[i].html), words_of(french[i].html), words_of(english[i].html), words_of(german[i].html)};
        CHECK(wordings.size() == 4);
    }
}

TEST_CASE("Whatever people and partners are called stays text on the page")
{
    auto const language = any_language();
    auto const [why, value] = GENERATE(table<char const*, std::string>(
        {{"a script", "<script>alert(1)</script>"},
         {"the end of an attribute", "\" autofocus onfocus=\"alert(1)"},
         {"the end of an attribute in single quotes", "' onfocus='alert(1)"},
         {"the end of an element", "</bdi></h1></main><img src=x onerror=alert(1)>"},
         {"a character reference", "&lt;b&gt; &amp;amp;"},
         {"a comment", "<!-- -->"},
         {"a placeholder", "{name} {partner} {} {0} {:>99999999}"},
         {"line breaks", "Anne\r\nSophie\n\n<br>"},
         {"a zero byte", std::string("An\0ne", 5)},
         {"a right-to-left override", "\u202eennA"},
         {"Hebrew", "מרים"},
         {"bytes that are no text", "\xff\xc3<\xe2\x80>"},
         {"nothing", ""},
         {"a very long name", std::string(10'000, 'W')}}));
    INFO(why << " in " << code_of(language));

    auto const harmless = all_pages(language, "Anne");
    auto const hostile = all_pages(language, value);

    for (std::size_t i = 0; i < hostile.size(); ++i) {
        INFO(hostile[i].what);
        CHECK(count(hostile[i].html, '<') == count(harmless[i].html, '<'));
        CHECK(count(hostile[i].html, '>') == count(harmless[i].html, '>'));
        CHECK(count(hostile[i].html, '"') == count(harmless[i].html, '"'));
    }
    CHECK_THAT(hostile.front().html, Contains("<bdi>" + pages::escaped(value) + "</bdi>"));
}

TEST_CASE("Text becomes HTML that shows the same text")
{
    auto const [why, text, html] = GENERATE(table<char const*, char const*, char const*>(
        {{"plain words", "Anne-Sophie", "Anne-Sophie"},
         {"accents", "Zoë Müller", "Zoë Müller"},
         {"all five", "<&>\"'", "&lt;&amp;&gt;&quot;&#39;"},
         {"something escaped already", "&amp;", "&amp;amp;"},
         {"nothing", "", ""}}));
    INFO(why);

    CHECK(pages::escaped(text) == html);
}

TEST_CASE("A name in another script does not reorder the sentence around it")
{
    CHECK_THAT(pages::home(Language::english, "מרים", "token"), Contains("Welcome, <bdi>מרים</bdi></h1>"));
}

TEST_CASE("The home page greets by first name and lets people sign out")
{
    auto const [language, greeting] = GENERATE(table<Language, char const*>(
        {{Language::dutch, "Welkom, <bdi>Anne</bdi>"},
         {Language::french, "Bienvenue, <bdi>Anne</bdi>"},
         {Language::english, "Welcome, <bdi>Anne</bdi>"},
         {Language::german, "Willkommen, <bdi>Anne</bdi>"}}));

    auto const html = pages::home(language, "Anne", "a-form-token");

    CHECK_THAT(html, Contains(greeting));
    CHECK_THAT(html, Contains("<form method=\"post\" action=\"/sign-out\">"));
    CHECK_THAT(html, Contains("<input type=\"hidden\" name=\"form_token\" value=\"a-form-token\">"));
    CHECK_THAT(html, Contains("<button class=\"quiet\" type=\"submit\">"));
}

TEST_CASE("People are told which partner asks, for which address, before they enter a code")
{
    auto const language = any_language();

    auto const html = pages::enter_code(language, "Velo", "anne@example.com", "a-form-token", CodeNotice::none);

    CHECK_THAT(html, Contains("<bdi>Velo</bdi>") && Contains("<bdi>anne@example.com</bdi>"));
    CHECK(html.find("<bdi>Velo</bdi>") < html.find("<form"));
    CHECK_THAT(html, Contains("<form method=\"post\" action=\"/otp\">"));
    CHECK_THAT(html, Contains("<input type=\"hidden\" name=\"form_token\" value=\"a-form-token\">"));
    CHECK_THAT(html, Contains("name=\"code\"") && Contains("inputmode=\"numeric\"") && Contains(" autofocus"));
    CHECK_THAT(html, Contains("autocomplete=\"one-time-code\"") && Contains("pattern=\"[0-9]{6,10}\""));
    CHECK_THAT(html, Contains("<label for=\"code\">") && Contains("id=\"code\""));
    CHECK_THAT(html, !Contains("role=\"alert\"") && !Contains("aria-invalid"));
}

TEST_CASE("A wrong code is said to eyes and ears, and the field points to why")
{
    auto const language = any_language();

    auto const html = pages::enter_code(language, "Velo", "anne@example.com", "token", CodeNotice::wrong);

    CHECK_THAT(html, Contains("id=\"code-notice\" role=\"alert\""));
    CHECK_THAT(html, Contains("aria-describedby=\"code-notice code-hint\" aria-invalid=\"true\""));
    CHECK_THAT(html, Contains("id=\"code-hint\""));
    CHECK_THAT(html, Contains("name=\"code\""));
}

TEST_CASE("After too many wrong codes the page says how to go on and takes no more")
{
    auto const language = any_language();

    auto const html = pages::enter_code(language, "Velo", "anne@example.com", "token", CodeNotice::no_more_tries);

    CHECK_THAT(html, Contains("role=\"alert\"") && Contains("<bdi>Velo</bdi>"));
    CHECK_THAT(html, !Contains("<form") && !Contains("<input"));
}

TEST_CASE("Each kind of trouble has words of its own, and any other has general ones")
{
    auto const language = any_language();

    std::set<std::string> wordings;
    for (auto const status : {400, 404, 405, 413, 415, 429, 500, 503, 418})
        wordings.insert(words_of(pages::trouble(language, status)));

    CHECK(wordings.size() == 9);
    for (auto const status : {-1, 0, 200, 402, 599, 99999})
        CHECK(pages::trouble(language, status) == pages::trouble(language, 418));
}

TEST_CASE("The stylesheet suits dark rooms, calm eyes and no network")
{
    std::string const css(pages::stylesheet());

    CHECK_THAT(css, Contains("prefers-color-scheme: dark") && Contains("prefers-reduced-motion"));
    CHECK_THAT(css, Contains(":focus-visible"));
    CHECK_THAT(css, !Contains("url(") && !Contains("@import") && !Contains("@font-face"));
    CHECK(count(css, '{') == count(css, '}'));
}

TEST_CASE("Every class on a page is known to the stylesheet")
{
    std::string const css(pages::stylesheet());
    static std::regex const class_attribute("class=\"([^\"]*)\"");

    for (auto const& [what, html] : all_pages(Language::english)) {
        for (std::sregex_iterator match(html.begin(), html.end(), class_attribute), end; match != end; ++match) {
            std::istringstream names((*match)[1].str());
            for (std::string name; names >> name;) {
                INFO(what << ": " << name);
                CHECK_THAT(css, Contains("." + name));
            }
        }
    }
}

}
