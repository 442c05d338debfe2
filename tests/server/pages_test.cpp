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
using pages::ForgotNotice;
using pages::PasswordNotice;
using pages::PortalTrouble;
using pages::SignInNotice;

std::vector<int> const troubles{400, 401, 403, 404, 405, 410, 413, 415, 422, 429, 500, 503, 418};

std::vector<PasswordNotice> const password_notices{
    PasswordNotice::none, PasswordNotice::malformed, PasswordNotice::too_short, PasswordNotice::too_long,
    PasswordNotice::too_common};

std::vector<PortalTrouble> const portal_troubles{
    PortalTrouble::credentials, PortalTrouble::organisation, PortalTrouble::blocked, PortalTrouble::contact,
    PortalTrouble::other};

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
        {"enter texted code", pages::enter_texted_code(language, {value, value, value}, value, CodeNotice::none)},
        {"enter texted code again",
         pages::enter_texted_code(language, {value, value, value}, value, CodeNotice::wrong)},
        {"no more texted codes",
         pages::enter_texted_code(language, {value, value, value}, value, CodeNotice::no_more_tries)},
        {"password link used", pages::password_link_used(language)},
        {"password link expired", pages::password_link_expired(language, value, value)},
        {"password link unknown", pages::password_link_unknown(language)},
        {"password link sent", pages::password_link_sent(language)},
        {"forgot password sent", pages::forgot_password_sent(language, value)},
        {"confirm email", pages::confirm_email(language, value, value, value)},
        {"email confirmed", pages::email_confirmed(language, value)},
        {"email link unknown", pages::email_link_unknown(language)},
        {"email taken", pages::email_taken(language)},
        {"forged", pages::forged(language)}};
    for (auto const notice : password_notices)
        shown.push_back(
            {"set password " + std::to_string(static_cast<int>(notice)),
             pages::set_password(language, value, value, value, 15, notice)});
    for (auto const notice : {SignInNotice::none, SignInNotice::wrong, SignInNotice::too_many_tries})
        shown.push_back(
            {"sign in " + std::to_string(static_cast<int>(notice)), pages::sign_in(language, value, value, notice)});
    for (auto const notice : {ForgotNotice::none, ForgotNotice::malformed, ForgotNotice::too_many_tries})
        shown.push_back(
            {"forgot password " + std::to_string(static_cast<int>(notice)),
             pages::forgot_password(language, value, value, notice)});
    for (auto const trouble : portal_troubles)
        shown.push_back(
            {"portal refused " + std::to_string(static_cast<int>(trouble)),
             pages::portal_refused(language, trouble)});
    for (auto const status : troubles)
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

int pieces(std::string const& text, std::string const& piece)
{
    auto found = 0;
    for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + piece.size()))
        ++found;
    return found;
}

// The field with this id, from its name to its end.
std::string field(std::string const& html, std::string const& id)
{
    auto const start = html.find("<input class=\"field\" id=\"" + id + "\"");
    return start == std::string::npos ? "" : html.substr(start, html.find('>', start) - start);
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

TEST_CASE("Everything that is typed has a label, and everything that is described a description")
{
    auto const language = any_language();
    static std::regex const field("<input(?! type=\"hidden\")[^>]*? id=\"([^\"]+)\"");
    static std::regex const description("aria-describedby=\"([^\"]+)\"");
    static std::regex const id(" id=\"([^\"]+)\"");

    for (auto const& [what, html] : all_pages(language)) {
        INFO(what << " in " << code_of(language));
        for (std::sregex_iterator match(html.begin(), html.end(), field), end; match != end; ++match)
            CHECK_THAT(html, Contains("<label for=\"" + (*match)[1].str() + "\">"));
        for (std::sregex_iterator match(html.begin(), html.end(), description), end; match != end; ++match) {
            std::istringstream names((*match)[1].str());
            for (std::string name; names >> name;)
                CHECK_THAT(html, Contains(" id=\"" + name + "\""));
        }
        std::set<std::string> ids;
        for (std::sregex_iterator match(html.begin(), html.end(), id), end; match != end; ++match)
            CHECK(ids.insert((*match)[1].str()).second);
        CHECK(pieces(html, " autofocus") <= 1);
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
    static std::regex const gap("<(a|bdi|button|h1|label|p|span|strong)\\b[^>]*>\\s*</\\1>");

    for (auto const& [what, html] : all_pages(language)) {
        INFO(what << " in " << code_of(language));
        CHECK(words_of(html).find_first_of("{}") == std::string::npos);
        CHECK_THAT(html, !Contains("\"\"") && !Contains("<title> "));
        CHECK_FALSE(std::regex_search(html, gap));
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

TEST_CASE("Whoever told no name is greeted without one")
{
    auto const [language, greeting] = GENERATE(table<Language, char const*>(
        {{Language::dutch, "<h1>Welkom</h1>"},
         {Language::french, "<h1>Bienvenue</h1>"},
         {Language::english, "<h1>Welcome</h1>"},
         {Language::german, "<h1>Willkommen</h1>"}}));

    auto const html = pages::home(language, "", "a-form-token");

    CHECK_THAT(html, Contains(greeting) && !Contains("<bdi>"));
    CHECK_THAT(html, Contains("<form method=\"post\" action=\"/sign-out\">"));
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

constexpr auto masked_phone = "+91 ••••••3210";

TEST_CASE("People whom a portal sent are told which telephone got a code, before they enter it")
{
    auto const [language, sentence] = GENERATE(table<Language, char const*>(
        {{Language::dutch, "<p>We hebben een code per sms gestuurd naar <strong class=\"number\"><bdi>+91 "
                           "••••••3210</bdi></strong>.</p>"},
         {Language::french,
          "<p>Nous avons envoyé un code par SMS au <strong class=\"number\"><bdi>+91 ••••••3210</bdi></strong>.</p>"},
         {Language::english, "<p>We have sent a code by text message to <strong class=\"number\"><bdi>+91 "
                             "••••••3210</bdi></strong>.</p>"},
         {Language::german, "<p>Wir haben einen Code per SMS an <strong class=\"number\"><bdi>+91 "
                            "••••••3210</bdi></strong> geschickt.</p>"}}));

    auto const html = pages::enter_texted_code(
        language, {"https://state.example", "Asha", masked_phone}, "a-form-token", CodeNotice::none);

    CHECK_THAT(html, Contains("<html lang=\"" + std::string(code_of(language)) + "\">"));
    CHECK_THAT(html, Contains(sentence));
    CHECK_THAT(html, Contains("<bdi>https://state.example</bdi>") && Contains("<bdi>Asha</bdi>"));
    CHECK(html.find(sentence) < html.find("<form"));
    CHECK_THAT(html, Contains("<form method=\"post\" action=\"/otp\">"));
    CHECK_THAT(html, Contains("<input type=\"hidden\" name=\"form_token\" value=\"a-form-token\">"));
    CHECK_THAT(html, Contains("name=\"code\"") && Contains("inputmode=\"numeric\"") && Contains(" autofocus"));
    CHECK_THAT(html, Contains("autocomplete=\"one-time-code\"") && Contains("pattern=\"[0-9]{6,10}\""));
    CHECK_THAT(html, Contains("<label for=\"code\">") && Contains("id=\"code\""));
    CHECK_THAT(html, Contains("aria-describedby=\"code-hint\"") && Contains("id=\"code-hint\""));
    CHECK_THAT(html, !Contains("role=\"alert\"") && !Contains("aria-invalid") && !Contains("<script"));
}

TEST_CASE("A telephone number stays text on the page, whatever it holds")
{
    auto const html =
        pages::enter_texted_code(any_language(), {"<b>p", "<b>n", "+91 <b>\"'&</b>"}, "\"><i>", CodeNotice::none);

    CHECK_THAT(html, Contains("<bdi>+91 &lt;b&gt;&quot;&#39;&amp;&lt;/b&gt;</bdi>"));
    CHECK_THAT(html, Contains("value=\"&quot;&gt;&lt;i&gt;\"") && !Contains("<b>") && !Contains("<i>"));
}

TEST_CASE("A texted code that was wrong is said to be so, and after too many there is no form")
{
    auto const language = any_language();

    auto const wrong = pages::enter_texted_code(
        language, {"https://state.example", "Asha", masked_phone}, "a-form-token", CodeNotice::wrong);
    CHECK_THAT(wrong, Contains("id=\"code-notice\" role=\"alert\""));
    CHECK_THAT(wrong, Contains("aria-describedby=\"code-notice code-hint\" aria-invalid=\"true\""));
    CHECK_THAT(wrong, Contains("name=\"code\"") && Contains("value=\"a-form-token\""));

    auto const none_left = pages::enter_texted_code(
        language, {"https://state.example", "Asha", masked_phone}, "token", CodeNotice::no_more_tries);
    CHECK_THAT(none_left, Contains("role=\"alert\"") && !Contains("<form") && !Contains("<input"));
}

TEST_CASE("Whom a portal sent in vain is told why, each reason in its own words")
{
    auto const language = any_language();

    std::set<std::string> wordings;
    for (auto const trouble : portal_troubles) {
        auto const html = pages::portal_refused(language, trouble);
        INFO(static_cast<int>(trouble) << " in " << code_of(language));
        CHECK_THAT(html, Contains("<html lang=\"" + std::string(code_of(language)) + "\">"));
        CHECK_THAT(html, Contains("class=\"emblem caution\""));
        CHECK_THAT(html, !Contains("<form") && !Contains("<a ") && !Contains("<script"));
        wordings.insert(words_of(html));
    }
    CHECK(wordings.size() == portal_troubles.size());
}

constexpr auto hidden_token = "<input type=\"hidden\" name=\"form_token\" value=\"a-form-token\">";

TEST_CASE("A new password is asked for beside the address it is for")
{
    auto const language = any_language();

    auto const html =
        pages::set_password(language, "anne@example.com", "a-link", "a-form-token", 15, PasswordNotice::none);

    CHECK_THAT(html, Contains("<form method=\"post\" action=\"/set-password/a-link\">") && Contains(hidden_token));
    auto const password = field(html, "password");
    CHECK_THAT(password, Contains("name=\"password\" type=\"password\" autocomplete=\"new-password\""));
    CHECK_THAT(password, Contains("minlength=\"15\"") && Contains(" required autofocus"));
    CHECK_THAT(password, Contains("aria-describedby=\"password-hint\"") && !Contains("aria-invalid"));
    auto const email = field(html, "email");
    CHECK_THAT(email, Contains("autocomplete=\"username\"") && Contains("value=\"anne@example.com\" readonly"));
    CHECK_THAT(email, !Contains("name=") && !Contains("type=\"hidden\""));
    CHECK_THAT(html, Contains("id=\"password-hint\"") && Contains(" 15 ") && !Contains("role=\"alert\""));
}

TEST_CASE("A password that is not good enough is said to be so, each in its own words")
{
    auto const language = any_language();

    std::set<std::string> wordings;
    for (auto const notice : password_notices) {
        auto const html = pages::set_password(language, "anne@example.com", "a-link", "a-form-token", 17, notice);
        wordings.insert(words_of(html));
        if (notice == PasswordNotice::none)
            continue;
        CHECK_THAT(html, Contains("id=\"password-notice\" role=\"alert\""));
        CHECK_THAT(
            field(html, "password"),
            Contains("aria-describedby=\"password-notice password-hint\" aria-invalid=\"true\" required autofocus"));
        CHECK_THAT(html, Contains("action=\"/set-password/a-link\"") && Contains(hidden_token));
        CHECK(pieces(html, " 17 ") == (notice == PasswordNotice::too_short ? 2 : 1));
    }
    CHECK(wordings.size() == password_notices.size());
}

TEST_CASE("A link to set a password stays in its place in the page")
{
    auto const html = pages::set_password(
        Language::english, "\"><b>@example.com", "\"><b>", "\"><i>", 15, PasswordNotice::too_short);

    CHECK_THAT(html, Contains("action=\"/set-password/&quot;&gt;&lt;b&gt;\""));
    CHECK_THAT(html, Contains("value=\"&quot;&gt;&lt;b&gt;@example.com\" readonly"));
    CHECK_THAT(html, Contains("value=\"&quot;&gt;&lt;i&gt;\""));
}

TEST_CASE("A link to set a password that does not work any more says how to go on")
{
    auto const language = any_language();

    auto const used = pages::password_link_used(language);
    CHECK_THAT(used, Contains("href=\"/sign-in\"") && Contains("href=\"/forgot-password\"") && !Contains("<form"));

    auto const unknown = pages::password_link_unknown(language);
    CHECK_THAT(unknown, Contains("href=\"/forgot-password\"") && !Contains("<form"));

    auto const expired = pages::password_link_expired(language, "a-link", "a-form-token");
    CHECK_THAT(expired, Contains("<form method=\"post\" action=\"/set-password/a-link\">") && Contains(hidden_token));
    CHECK_THAT(expired, Contains("<input type=\"hidden\" name=\"again\" value=\"yes\">"));
    CHECK_THAT(expired, Contains("<button type=\"submit\">"));

    auto const sent = pages::password_link_sent(language);
    CHECK_THAT(sent, !Contains("<form") && !Contains("href=\"/forgot"));
}

TEST_CASE("People sign in with address and password")
{
    auto const language = any_language();

    auto const html = pages::sign_in(language, "", "a-form-token", SignInNotice::none);

    CHECK_THAT(html, Contains("<form method=\"post\" action=\"/sign-in\">") && Contains(hidden_token));
    CHECK_THAT(field(html, "email"), Contains("name=\"email\"") && Contains("autocomplete=\"username\""));
    CHECK_THAT(field(html, "email"), Contains("inputmode=\"email\"") && Contains(" required autofocus"));
    CHECK_THAT(
        field(html, "password"),
        Contains("name=\"password\" type=\"password\" autocomplete=\"current-password\" required"));
    CHECK_THAT(html, Contains("href=\"/forgot-password\""));
    CHECK_THAT(html, !Contains("role=\"alert\"") && !Contains("aria-invalid") && !Contains("aria-describedby"));
}

TEST_CASE("Whoever could not sign in keeps the address and types the password again")
{
    auto const language = any_language();

    auto const html = pages::sign_in(language, "anne@example.com", "a-form-token", SignInNotice::wrong);

    CHECK_THAT(html, Contains("id=\"sign-in-notice\" role=\"alert\""));
    for (auto const* name : {"email", "password"})
        CHECK_THAT(field(html, name), Contains("aria-describedby=\"sign-in-notice\" aria-invalid=\"true\" required"));
    CHECK_THAT(field(html, "email"), Contains("value=\"anne@example.com\"") && !Contains("autofocus"));
    CHECK_THAT(field(html, "password"), Contains(" autofocus") && !Contains("value="));
}

TEST_CASE("Too many tries to sign in are said to be so, and a mailed link helps at once")
{
    auto const language = any_language();

    auto const html = pages::sign_in(language, "anne@example.com", "a-form-token", SignInNotice::too_many_tries);

    auto const notice = html.substr(html.find("id=\"sign-in-notice\" role=\"alert\""));
    CHECK_THAT(notice.substr(0, notice.find("</p>")), Contains("<a href=\"/forgot-password\">"));
    CHECK_THAT(html, !Contains("aria-invalid") && Contains(hidden_token));
}

TEST_CASE("A link for a new password is asked for with an address, and the answer is the same for any")
{
    auto const language = any_language();

    auto const html = pages::forgot_password(language, "", "a-form-token", ForgotNotice::none);
    CHECK_THAT(html, Contains("<form method=\"post\" action=\"/forgot-password\">") && Contains(hidden_token));
    CHECK_THAT(field(html, "email"), Contains("name=\"email\"") && Contains(" required autofocus"));
    CHECK_THAT(html, !Contains("role=\"alert\"") && !Contains("aria-invalid"));

    auto const malformed = pages::forgot_password(language, "anne", "a-form-token", ForgotNotice::malformed);
    CHECK_THAT(malformed, Contains("id=\"email-notice\" role=\"alert\""));
    CHECK_THAT(
        field(malformed, "email"),
        Contains("value=\"anne\"") && Contains("aria-describedby=\"email-notice\" aria-invalid=\"true\""));

    auto const busy = pages::forgot_password(language, "anne@example.com", "token", ForgotNotice::too_many_tries);
    CHECK_THAT(busy, Contains("role=\"alert\"") && !Contains("aria-invalid"));
    CHECK(words_of(busy) != words_of(malformed));

    auto const sent = pages::forgot_password_sent(language, "anne@example.com");
    CHECK_THAT(sent, Contains("<bdi>anne@example.com</bdi>") && !Contains("<form"));
}

TEST_CASE("A new address is shown to whom its link was mailed, and confirmed by one button")
{
    auto const language = any_language();

    auto const html = pages::confirm_email(language, "anne@example.com", "a-link", "a-form-token");

    CHECK_THAT(html, Contains("<strong><bdi>anne@example.com</bdi></strong>"));
    CHECK(html.find("<bdi>anne@example.com</bdi>") < html.find("<form"));
    CHECK_THAT(html, Contains("<form method=\"post\" action=\"/email-optin/a-link\">") && Contains(hidden_token));
    CHECK(pieces(html, "<form") == 1);
    CHECK(pieces(html, "<button type=\"submit\">") == 1);
    CHECK(pieces(html, "<input") == 1);
    CHECK_THAT(html, !Contains("<a ") && !Contains("autofocus"));
}

TEST_CASE("A link to confirm an address stays in its place in the page")
{
    auto const html = pages::confirm_email(Language::english, "\"><b>@example.com", "\"><b>/?#", "\"><i>");

    CHECK_THAT(html, Contains("<bdi>&quot;&gt;&lt;b&gt;@example.com</bdi>"));
    CHECK_THAT(html, Contains("action=\"/email-optin/&quot;&gt;&lt;b&gt;/?#\""));
    CHECK_THAT(html, Contains("value=\"&quot;&gt;&lt;i&gt;\""));
}

TEST_CASE("Whoever confirmed an address is told which, and has nothing left to do")
{
    auto const html = pages::email_confirmed(any_language(), "anne@example.com");

    CHECK_THAT(html, Contains("<strong><bdi>anne@example.com</bdi></strong>"));
    CHECK_THAT(html, !Contains("<form") && !Contains("<a ") && !Contains("caution"));
}

TEST_CASE("An address that was not confirmed is said to be so, each reason in its own words")
{
    auto const language = any_language();

    auto const unknown = pages::email_link_unknown(language);
    auto const taken = pages::email_taken(language);

    for (auto const& html : {unknown, taken})
        CHECK_THAT(html, Contains("class=\"emblem caution\"") && !Contains("<form") && !Contains("<a "));
    CHECK(words_of(unknown) != words_of(taken));
    CHECK(words_of(unknown) != words_of(pages::password_link_unknown(language)));
}

TEST_CASE("Whoever is not signed in is shown the way to do so")
{
    CHECK_THAT(pages::not_signed_in(any_language()), Contains("<a class=\"button\" href=\"/sign-in\">"));
}

TEST_CASE("Each kind of trouble has words of its own, and any other has general ones")
{
    auto const language = any_language();

    std::set<std::string> wordings;
    for (auto const status : troubles)
        wordings.insert(words_of(pages::trouble(language, status)));

    CHECK(wordings.size() == troubles.size());
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
