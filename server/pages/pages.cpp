#include "server/pages/pages.hpp"

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

std::string with_partner(std::string_view sentence, std::string_view partner)
{
    return fmt::format(fmt::runtime(sentence), fmt::arg("partner", "<strong>" + isolated(partner) + "</strong>"));
}

std::string plain_page(Language language, Emblem emblem, Tone tone, Message const& message)
{
    return document(
        language, {.emblem = emblem,
                   .tone = tone,
                   .title = message.title,
                   .heading = std::string(message.title),
                   .body = paragraph(message.text) + paragraph(message.advice)});
}

// A live region speaks up by itself; the field below points here, too, for whoever comes back to it.
std::string notice(std::string_view text)
{
    return fmt::format(
        "<p class=\"notice\" id=\"code-notice\" role=\"alert\">{}<span>{}</span></p>\n", notice_mark(), text);
}

std::string agreement(EnterCodeWords const& words, std::string_view partner)
{
    return fmt::format(
        "<div class=\"request\">\n{}{}</div>\n", paragraph(with_partner(words.asks, partner)),
        paragraph(words.meaning));
}

std::string code_form(EnterCodeWords const& words, std::string_view form_token, CodeNotice shown)
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
<p class="small" id="code-hint">{no_mail}</p>
</form>
)",
        fmt::arg("token", hidden_token(form_token)), fmt::arg("label", words.label),
        fmt::arg("notice", wrong ? notice(words.wrong) : ""), fmt::arg("format", words.format),
        fmt::arg("described_by", wrong ? "code-notice code-hint" : "code-hint"),
        fmt::arg("invalid", wrong ? R"( aria-invalid="true")" : ""), fmt::arg("submit", words.submit),
        fmt::arg("no_mail", words.no_mail));
}

Message const& message_for(TroubleWords const& words, int status)
{
    switch (status) {
    case 400: return words.bad_request;
    case 404: return words.not_found;
    case 405: return words.method_not_allowed;
    case 413: return words.too_large;
    case 415: return words.unsupported_format;
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
                   .heading = fmt::format(fmt::runtime(words.greeting), fmt::arg("name", isolated(first_name))),
                   .body = paragraph(words.state) + paragraph(words.advice) + sign_out_form(words, form_token)});
}

std::string signed_out(Language language)
{
    return plain_page(language, Emblem::door, Tone::calm, words_in(language).signed_out);
}

std::string not_signed_in(Language language)
{
    return plain_page(language, Emblem::lock, Tone::calm, words_in(language).not_signed_in);
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
    if (shown == CodeNotice::no_more_tries)
        return document(
            language, {.emblem = Emblem::lock,
                       .tone = Tone::caution,
                       .title = words.no_more_tries,
                       .heading = std::string(words.no_more_tries),
                       .body = notice(with_partner(words.start_again, partner))});

    auto const sent =
        fmt::format(fmt::runtime(words.sent), fmt::arg("email", "<strong>" + isolated(email) + "</strong>"));
    return document(
        language, {.emblem = Emblem::envelope,
                   .title = words.title,
                   .heading = std::string(words.title),
                   .body = paragraph(sent) + agreement(words, partner) + code_form(words, form_token, shown) +
                           fmt::format("<p class=\"small\">{}</p>\n", words.unwanted)});
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
