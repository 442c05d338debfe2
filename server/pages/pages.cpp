#include "server/pages/pages.hpp"

#include <initializer_list>
#include <stdexcept>

#include <fmt/format.h>

#include "server/pages/escape.hpp"
#include "server/pages/layout.hpp"
#include "server/pages/words.hpp"

namespace onboard::server::pages {

namespace {

std::string hidden_token(std::string_view form_token)
{
    return fmt::format(R"(<input type="hidden" name="form_token" value="{}">)", escaped(form_token));
}

std::string sign_out_form(HomeWords const& words, std::string_view form_token)
{
    return fmt::format(
        R"(<form method="post" action="/sign-out">
{}
<button class="quiet" type="submit">{}</button>
</form>
)",
        hidden_token(form_token), words.sign_out);
}

std::string strong(std::string_view value)
{
    return "<strong>" + isolated(value) + "</strong>";
}

// The same for a telephone number, which stays on one line.
std::string number(std::string_view value)
{
    return "<strong class=\"number\">" + isolated(value) + "</strong>";
}

std::string with_partner(std::string_view sentence, std::string_view partner)
{
    return fmt::format(fmt::runtime(sentence), fmt::arg("partner", strong(partner)));
}

std::string with_email(std::string_view sentence, std::string_view email)
{
    return fmt::format(fmt::runtime(sentence), fmt::arg("email", strong(email)));
}

std::string with_phone(std::string_view sentence, std::string_view phone)
{
    return fmt::format(fmt::runtime(sentence), fmt::arg("phone", number(phone)));
}

// What a person is asked about, set apart from the words around it.
std::string request(std::string_view html)
{
    return fmt::format("<div class=\"request\">\n{}</div>\n", html);
}

std::string small(std::string_view html)
{
    return fmt::format("<p class=\"small\">{}</p>\n", html);
}

// A message, and below it what one can do about it.
std::string
plain_page(Language language, Emblem emblem, Tone tone, Message const& message, std::string_view below = "")
{
    return document(
        language, {.emblem = emblem,
                   .tone = tone,
                   .title = message.title,
                   .heading = std::string(message.title),
                   .body = paragraph(message.text) + paragraph(message.advice) + std::string(below)});
}

// The way on from a page, made to look like a button.
struct Step {
    std::string_view path;
    std::string_view text;
};

std::string actions(std::initializer_list<Step> steps)
{
    std::string links;
    for (auto const& step : steps)
        links += fmt::format(
            "<a class=\"{}\" href=\"{}\">{}</a>\n", links.empty() ? "button" : "button quiet", step.path, step.text);
    return "<div class=\"actions\">\n" + links + "</div>\n";
}

std::string small_link(std::string_view path, std::string_view text)
{
    return small(fmt::format(R"(<a class="step" href="{}">{}</a>)", path, text));
}

// A live region speaks up by itself; the field below points here, too, for whoever comes back to it.
std::string notice(std::string_view id, std::string_view text)
{
    return fmt::format(
        "<p class=\"notice\" id=\"{}\" role=\"alert\">{}<span>{}</span></p>\n", id, notice_mark(), text);
}

std::string invalid_if(bool invalid)
{
    return invalid ? R"( aria-invalid="true")" : "";
}

std::string described_by(std::string_view ids)
{
    return ids.empty() ? "" : fmt::format(R"( aria-describedby="{}")", ids);
}

std::string agreement(EnterCodeWords const& words, std::string_view partner)
{
    return request(paragraph(with_partner(words.asks, partner)) + paragraph(words.meaning));
}

std::string sender(EnterTextedCodeWords const& words, SentPerson const& person)
{
    auto const sentence = fmt::format(
        fmt::runtime(person.name.empty() ? words.sender : words.sender_as), fmt::arg("portal", strong(person.portal)),
        fmt::arg("name", strong(person.name)));
    return request(paragraph(sentence) + paragraph(words.meaning));
}

std::string code_form(CodeFormWords const& words, std::string_view form_token, CodeNotice shown)
{
    auto const wrong = shown == CodeNotice::wrong;
    return fmt::format(
        R"(<form method="post" action="/otp">
{token}
<label for="code">{label}</label>
{notice}<input class="code" id="code" name="code" type="text" inputmode="numeric"
 autocomplete="one-time-code" pattern="[0-9]{{6,10}}" maxlength="10" title="{format}"
 aria-describedby="{described_by}"{invalid} required autofocus>
<button type="submit">{submit}</button>
<p class="small" id="code-hint">{hint}</p>
</form>
)",
        fmt::arg("token", hidden_token(form_token)), fmt::arg("label", words.label),
        fmt::arg("notice", wrong ? notice("code-notice", words.wrong) : ""), fmt::arg("format", words.format),
        fmt::arg("described_by", wrong ? "code-notice code-hint" : "code-hint"),
        fmt::arg("invalid", invalid_if(wrong)), fmt::arg("submit", words.submit), fmt::arg("hint", words.hint));
}

// What is around the form for a code, in HTML.
struct CodePage {
    Emblem emblem;
    std::string sent;         // where the code went
    std::string request;      // what they are asked, if anything
    std::string start_again;  // after too many wrong codes
};

std::string code_page(
    Language language, CodeFormWords const& words, CodePage const& page, std::string_view form_token,
    CodeNotice shown)
{
    if (shown == CodeNotice::no_more_tries)
        return document(
            language, {.emblem = Emblem::lock,
                       .tone = Tone::caution,
                       .title = words.no_more_tries,
                       .heading = std::string(words.no_more_tries),
                       .body = notice("code-notice", page.start_again)});

    return document(
        language,
        {.emblem = page.emblem,
         .title = words.title,
         .heading = std::string(words.title),
         .body = paragraph(page.sent) + page.request + code_form(words, form_token, shown) + small(words.unwanted)});
}

// No input of type `email`: browsers would refuse addresses beyond ASCII, which are good here.
std::string
email_field(FieldWords const& words, std::string_view email, std::string_view name, std::string_view attributes)
{
    return fmt::format(
        R"(<label for="email">{}</label>
<input class="field" id="email"{} type="text" inputmode="email" autocomplete="username"
 autocapitalize="none" spellcheck="false" value="{}"{}>
)",
        words.email, name, escaped(email), attributes);
}

std::string with_least(std::string_view sentence, int least)
{
    return fmt::format(fmt::runtime(sentence), fmt::arg("least", least));
}

std::string text_of(SetPasswordWords const& words, int least, PasswordNotice shown)
{
    switch (shown) {
    case PasswordNotice::none: return "";
    case PasswordNotice::malformed: return std::string(words.malformed);
    case PasswordNotice::too_short: return with_least(words.too_short, least);
    case PasswordNotice::too_long: return std::string(words.too_long);
    case PasswordNotice::too_common: return std::string(words.too_common);
    }
    throw std::invalid_argument("no such notice");
}

// The address is there for password managers, and is not posted.
std::string set_password_form(
    Words const& words, std::string_view email, std::string_view link, std::string_view form_token, int least,
    PasswordNotice shown)
{
    auto const refused = shown != PasswordNotice::none;
    return fmt::format(
        R"(<form method="post" action="/set-password/{link}">
{token}
{email}<label for="password">{label}</label>
<p class="hint" id="password-hint">{rule} {advice}</p>
{notice}<input class="field" id="password" name="password" type="password" autocomplete="new-password"
 minlength="{least}"{described_by}{invalid} required autofocus>
<button type="submit">{submit}</button>
</form>
)",
        fmt::arg("link", escaped(link)), fmt::arg("token", hidden_token(form_token)),
        fmt::arg("email", email_field(words.fields, email, "", " readonly")),
        fmt::arg("label", words.fields.new_password), fmt::arg("rule", with_least(words.set_password.rule, least)),
        fmt::arg("advice", words.set_password.advice),
        fmt::arg("notice", refused ? notice("password-notice", text_of(words.set_password, least, shown)) : ""),
        fmt::arg("least", least),
        fmt::arg("described_by", described_by(refused ? "password-notice password-hint" : "password-hint")),
        fmt::arg("invalid", invalid_if(refused)), fmt::arg("submit", words.set_password.submit));
}

std::string new_link_form(ExpiredLinkWords const& words, std::string_view link, std::string_view form_token)
{
    return fmt::format(
        R"(<form method="post" action="/set-password/{}">
{}
<input type="hidden" name="again" value="yes">
<button type="submit">{}</button>
</form>
)",
        escaped(link), hidden_token(form_token), words.submit);
}

std::string text_of(SignInWords const& words, SignInNotice shown)
{
    switch (shown) {
    case SignInNotice::none: return "";
    case SignInNotice::wrong: return std::string(words.wrong);
    case SignInNotice::too_many_tries:
        return fmt::format(
            fmt::runtime(words.too_many_tries),
            fmt::arg("link", fmt::format(R"(<a href="/forgot-password">{}</a>)", words.mail_a_link)));
    }
    throw std::invalid_argument("no such notice");
}

// The first field that is still empty gets the focus.
std::string sign_in_form(Words const& words, std::string_view email, std::string_view form_token, SignInNotice shown)
{
    auto const noticed = shown != SignInNotice::none;
    auto const state =
        described_by(noticed ? "sign-in-notice" : "") + invalid_if(shown == SignInNotice::wrong) + " required";
    return fmt::format(
        R"(<form method="post" action="/sign-in">
{token}
{notice}{email}<label for="password">{label}</label>
<input class="field" id="password" name="password" type="password" autocomplete="current-password"{state}>
<button type="submit">{submit}</button>
</form>
)",
        fmt::arg("token", hidden_token(form_token)),
        fmt::arg("notice", noticed ? notice("sign-in-notice", text_of(words.sign_in, shown)) : ""),
        fmt::arg(
            "email",
            email_field(words.fields, email, R"( name="email")", email.empty() ? state + " autofocus" : state)),
        fmt::arg("label", words.fields.password), fmt::arg("state", email.empty() ? state : state + " autofocus"),
        fmt::arg("submit", words.sign_in.submit));
}

std::string text_of(ForgotPasswordWords const& words, ForgotNotice shown)
{
    switch (shown) {
    case ForgotNotice::none: return "";
    case ForgotNotice::malformed: return std::string(words.malformed);
    case ForgotNotice::too_many_tries: return std::string(words.too_many_tries);
    }
    throw std::invalid_argument("no such notice");
}

std::string
forgot_password_form(Words const& words, std::string_view email, std::string_view form_token, ForgotNotice shown)
{
    auto const noticed = shown != ForgotNotice::none;
    auto const state = described_by(noticed ? "email-notice" : "") + invalid_if(shown == ForgotNotice::malformed) +
                       " required autofocus";
    return fmt::format(
        R"(<form method="post" action="/forgot-password">
{}
{}{}<button type="submit">{}</button>
</form>
)",
        hidden_token(form_token), noticed ? notice("email-notice", text_of(words.forgot_password, shown)) : "",
        email_field(words.fields, email, R"( name="email")", state), words.forgot_password.submit);
}

std::string confirm_email_form(ConfirmEmailWords const& words, std::string_view link, std::string_view form_token)
{
    return fmt::format(
        R"(<form method="post" action="/email-optin/{}">
{}
<button type="submit">{}</button>
</form>
)",
        escaped(link), hidden_token(form_token), words.submit);
}

std::string welcome(HomeWords const& words, std::string_view first_name)
{
    if (first_name.empty())
        return std::string(words.title);
    return fmt::format(fmt::runtime(words.greeting), fmt::arg("name", isolated(first_name)));
}

Message const& message_for(TroubleWords const& words, int status)
{
    switch (status) {
    case 400: return words.bad_request;
    case 401: return words.sign_in_needed;
    case 403: return words.not_allowed;
    case 404: return words.not_found;
    case 405: return words.method_not_allowed;
    case 410: return words.gone;
    case 413: return words.too_large;
    case 415: return words.unsupported_format;
    case 422: return words.not_accepted;
    case 429: return words.too_many_requests;
    case 500: return words.internal_error;
    case 503: return words.unavailable;
    default: return words.other;
    }
}

}

std::string home(Language language, std::string_view first_name, std::string_view form_token)
{
    auto const& words = words_in(language).home;
    return document(
        language, {.emblem = Emblem::person,
                   .title = words.title,
                   .heading = welcome(words, first_name),
                   .body = paragraph(words.state) + paragraph(words.advice) + sign_out_form(words, form_token)});
}

std::string signed_out(Language language)
{
    return plain_page(language, Emblem::door, Tone::calm, words_in(language).signed_out);
}

std::string not_signed_in(Language language)
{
    auto const& words = words_in(language);
    return plain_page(
        language, Emblem::lock, Tone::calm, words.not_signed_in,
        actions({{"/sign-in", words.steps.sign_in_with_password}}));
}

std::string link_unusable(Language language)
{
    return plain_page(language, Emblem::broken_link, Tone::caution, words_in(language).link_unusable);
}

std::string enter_code(
    Language language, std::string_view partner, std::string_view email, std::string_view form_token,
    CodeNotice shown)
{
    auto const& words = words_in(language).enter_code;
    return code_page(
        language, words.form,
        {.emblem = Emblem::envelope,
         .sent = with_email(words.sent, email),
         .request = agreement(words, partner),
         .start_again = with_partner(words.start_again, partner)},
        form_token, shown);
}

std::string
enter_texted_code(Language language, SentPerson const& person, std::string_view form_token, CodeNotice shown)
{
    auto const& words = words_in(language).enter_texted_code;
    return code_page(
        language, words.form,
        {.emblem = Emblem::phone,
         .sent = with_phone(words.sent, person.masked_phone),
         .request = sender(words, person),
         .start_again = std::string(words.start_again)},
        form_token, shown);
}

std::string set_password(
    Language language, std::string_view email, std::string_view link, std::string_view form_token, int least,
    PasswordNotice shown)
{
    auto const& words = words_in(language);
    return document(
        language, {.emblem = Emblem::key,
                   .title = words.set_password.title,
                   .heading = std::string(words.set_password.title),
                   .body = paragraph(words.set_password.text) +
                           set_password_form(words, email, link, form_token, least, shown)});
}

std::string password_link_used(Language language)
{
    auto const& words = words_in(language);
    return plain_page(
        language, Emblem::key, Tone::calm, words.password_link_used,
        actions({{"/sign-in", words.steps.sign_in}, {"/forgot-password", words.steps.ask_for_link}}));
}

std::string password_link_expired(Language language, std::string_view link, std::string_view form_token)
{
    auto const& words = words_in(language).password_link_expired;
    return plain_page(
        language, Emblem::broken_link, Tone::caution, words.message, new_link_form(words, link, form_token));
}

std::string password_link_unknown(Language language)
{
    auto const& words = words_in(language);
    return plain_page(
        language, Emblem::broken_link, Tone::caution, words.password_link_unknown,
        actions({{"/forgot-password", words.steps.ask_for_link}}));
}

std::string password_link_sent(Language language)
{
    return plain_page(language, Emblem::envelope, Tone::calm, words_in(language).password_link_sent);
}

std::string sign_in(Language language, std::string_view email, std::string_view form_token, SignInNotice shown)
{
    auto const& words = words_in(language);
    return document(
        language, {.emblem = Emblem::person,
                   .title = words.sign_in.title,
                   .heading = std::string(words.sign_in.title),
                   .body = sign_in_form(words, email, form_token, shown) +
                           small_link("/forgot-password", words.sign_in.no_password)});
}

std::string
forgot_password(Language language, std::string_view email, std::string_view form_token, ForgotNotice shown)
{
    auto const& words = words_in(language);
    return document(
        language,
        {.emblem = Emblem::key,
         .title = words.forgot_password.title,
         .heading = std::string(words.forgot_password.title),
         .body = paragraph(words.forgot_password.text) + forgot_password_form(words, email, form_token, shown)});
}

std::string forgot_password_sent(Language language, std::string_view email)
{
    auto const& words = words_in(language).forgot_password_sent;
    return document(
        language, {.emblem = Emblem::envelope,
                   .title = words.title,
                   .heading = std::string(words.title),
                   .body = paragraph(with_email(words.text, email)) + paragraph(words.advice) +
                           small_link("/forgot-password", words.again)});
}

std::string
confirm_email(Language language, std::string_view email, std::string_view link, std::string_view form_token)
{
    auto const& words = words_in(language).confirm_email;
    return document(
        language, {.emblem = Emblem::envelope,
                   .title = words.title,
                   .heading = std::string(words.title),
                   .body = paragraph(words.text) + request(paragraph(strong(email))) +
                           confirm_email_form(words, link, form_token) + small(words.unwanted)});
}

std::string email_confirmed(Language language, std::string_view email)
{
    auto const& words = words_in(language).email_confirmed;
    return document(
        language, {.emblem = Emblem::tick,
                   .title = words.title,
                   .heading = std::string(words.title),
                   .body = paragraph(with_email(words.text, email)) + paragraph(words.advice)});
}

std::string email_link_unknown(Language language)
{
    return plain_page(language, Emblem::broken_link, Tone::caution, words_in(language).email_link_unknown);
}

std::string email_taken(Language language)
{
    return plain_page(language, Emblem::person, Tone::caution, words_in(language).email_taken);
}

std::string portal_refused(Language language, PortalTrouble trouble)
{
    auto const& words = words_in(language).portal;
    auto const refused = [&](Emblem emblem, Message const& message) {
        return plain_page(language, emblem, Tone::caution, message);
    };
    switch (trouble) {
    case PortalTrouble::credentials: return refused(Emblem::broken_link, words.credentials);
    case PortalTrouble::organisation: return refused(Emblem::shield, words.organisation);
    case PortalTrouble::blocked: return refused(Emblem::lock, words.blocked);
    case PortalTrouble::contact: return refused(Emblem::phone, words.contact);
    case PortalTrouble::other: return refused(Emblem::warning, words.other);
    }
    throw std::invalid_argument("no such trouble");
}

std::string forged(Language language)
{
    return plain_page(language, Emblem::shield, Tone::caution, words_in(language).forged);
}

std::string trouble(Language language, int status)
{
    return plain_page(language, Emblem::warning, Tone::caution, message_for(words_in(language).trouble, status));
}

}
