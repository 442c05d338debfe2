#include "server/post/letter_text.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "server/pages/escape.hpp"
#include "server/post/letter_layout.hpp"
#include "server/post/letter_words.hpp"
#include "server/text.hpp"

namespace onboard::server::post {

namespace {

// How many bytes at the front of this UTF-8 could break a line or turn the reading direction: control characters,
// U+2028 and U+2029, and the bidirectional marks, embeddings, overrides and isolates.
std::size_t unruly_prefix(std::string_view text)
{
    auto const byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    if (byte(0) < 0x20 || byte(0) == 0x7f)
        return 1;
    if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0)
        return 2;
    if (byte(0) == 0xd8 && byte(1) == 0x9c)
        return 2;
    if (byte(0) == 0xe2 && byte(1) == 0x80 &&
        (byte(2) == 0x8e || byte(2) == 0x8f || (byte(2) >= 0xa8 && byte(2) <= 0xae)))
        return 3;
    if (byte(0) == 0xe2 && byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9)
        return 3;
    return 0;
}

std::string one_line(std::string_view text)
{
    std::string line;
    while (!text.empty()) {
        auto const unruly = unruly_prefix(text);
        line += unruly > 0 ? ' ' : text.front();
        text.remove_prefix(unruly > 0 ? unruly : 1);
    }
    return line;
}

constexpr bool is_letter_or_digit(char character)
{
    auto const small = lower(character);
    return (small >= 'a' && small <= 'z') || (character >= '0' && character <= '9');
}

// A name that no mail program takes for a link: partners tell us names, and may have been told anything. What has a dot
// within, as hosts have, is parted there.
std::string without_links(std::string_view name)
{
    std::string plain;
    for (std::size_t at = 0; at < name.size(); ++at) {
        plain += name[at];
        auto const within = name[at] == '.' && at > 0 && at + 1 < name.size() && is_letter_or_digit(name[at - 1]) &&
                            is_letter_or_digit(name[at + 1]);
        if (within)
            plain += ' ';
    }
    return plain;
}

bool is_blank(std::string_view text)
{
    return without_blanks(text).empty();
}

// The same in every place that the server runs in.
std::string moment_of(Instant instant, MomentWords const& words)
{
    auto const day = std::chrono::floor<std::chrono::days>(instant);
    std::chrono::year_month_day const date(day);
    std::chrono::hh_mm_ss const time(instant - day);
    auto const number = static_cast<unsigned>(date.day());
    return fmt::format(
        fmt::runtime(words.format),
        fmt::arg("day", number == 1 ? std::string(words.first_day) : std::to_string(number)),
        fmt::arg("month", words.months.at(static_cast<unsigned>(date.month()) - 1)),
        fmt::arg("year", static_cast<int>(date.year())), fmt::arg("hour", fmt::format("{:02}", time.hours().count())),
        fmt::arg("minute", fmt::format("{:02}", time.minutes().count())));
}

struct Values {
    std::string name;
    std::string partner;
    std::string moment;
};

std::string fill(std::string_view sentence, Values const& values)
{
    return fmt::format(
        fmt::runtime(sentence), fmt::arg("name", values.name), fmt::arg("partner", values.partner),
        fmt::arg("moment", values.moment));
}

// One letter while it is written: its words, and the values that belong there.
class Wording {
public:
    Wording(Letter const& letter, std::string_view secret, std::string_view public_url)
        : letter_(letter),
          secret_(secret),
          public_url_(public_url),
          words_(letters_in(letter.language)),
          plain_{
              .name = without_links(one_line(letter.first_name)),
              .partner = one_line(letter.partner),
              .moment = moment_of(letter.expires_at, words_.moment)},
          html_{
              .name = pages::isolated(plain_.name),
              .partner = "<strong>" + pages::isolated(plain_.partner) + "</strong>",
              .moment = plain_.moment}
    {
    }

    LetterText partner_confirmation() const
    {
        auto const& words = words_.partner_confirmation;
        return finished(
            words.subject, {said(words.request), code_to_copy(secret_), said(words.life, words.keep_secret),
                            closing_paragraph(words.unexpected)});
    }

    LetterText welcome_set_password() const
    {
        auto const& words = words_.welcome;
        return finished(
            words.subject, {said(words.news), said(words.request), link_with_secret(words.button, set_password),
                            life_of_link(), closing_paragraph(words.unexpected)});
    }

    LetterText already_have_account() const
    {
        auto const& words = words_.already_here;
        auto const news = is_blank(plain_.partner) ? words.news_without_partner : words.news;
        return finished(
            words.subject, {said(news), said(words.sign_in), button(words.button, address("/sign-in")),
                            sentence_and_link(words.no_password, words.mail_a_link, address("/forgot-password")),
                            closing_paragraph(words.unexpected)});
    }

    LetterText registration_failed() const
    {
        auto const& words = words_.failed;
        return finished(words.subject, {said(words.news), said(words.advice), closing_paragraph(words.unexpected)});
    }

    LetterText reset_password() const
    {
        auto const& words = words_.reset;
        return finished(
            words.subject, {said(words.request), link_with_secret(words.button, set_password), life_of_link(),
                            closing_paragraph(words.unexpected)});
    }

    LetterText password_changed() const
    {
        auto const& words = words_.changed;
        return finished(
            words.subject, {said(words.news), said(words.was_not_you),
                            button(words.button, address("/forgot-password")), closing_paragraph(words.was_you)});
    }

    LetterText email_opt_in() const
    {
        auto const& words = words_.opt_in;
        return finished(
            words.subject, {said(words.news), said(words.request), link_with_secret(words.button, confirm_email),
                            life_of_link(), closing_paragraph(words.unexpected)});
    }

    LetterText email_changed() const
    {
        auto const& words = words_.email_changed;
        return finished(words.subject, {said(words.news), said(words.was_not_you), closing_paragraph(words.was_you)});
    }

    // Names nobody: it may be a stranger's address, and anybody may have told the name.
    LetterText otp() const
    {
        auto const& words = words_.otp;
        return begun_with(
            said(words_.greeting_without_name), words.subject,
            {said(words.request), code_to_copy(secret_), said(words.life, words.keep_secret),
             closing_paragraph(words.unexpected)});
    }

private:
    static constexpr std::string_view set_password = "/set-password/";
    static constexpr std::string_view confirm_email = "/email-optin/";

    std::string address(std::string_view path) const { return fmt::format("{}{}", public_url_, path); }

    Part said(std::string_view sentence) const { return paragraph(fill(sentence, plain_), fill(sentence, html_)); }

    Part said(std::string_view sentence, std::string_view another) const
    {
        return said(fmt::format("{} {}", sentence, another));
    }

    Part link_with_secret(std::string_view label, std::string_view path) const
    {
        return button_and_address(label, address(fmt::format("{}{}", path, secret_)), words_.link.copy);
    }

    Part greeting() const { return said(is_blank(plain_.name) ? words_.greeting_without_name : words_.greeting); }

    Part life_of_link() const { return said(words_.link.life, words_.link.keep_secret); }

    LetterText finished(std::string_view subject, std::vector<Part> parts) const
    {
        return begun_with(greeting(), subject, std::move(parts));
    }

    LetterText begun_with(Part begin, std::string_view subject, std::vector<Part> parts) const
    {
        parts.insert(parts.begin(), std::move(begin));
        auto const filled = fill(subject, plain_);
        return {
            .subject = filled,
            .text = text_letter(parts, words_.automatic),
            .html = html_letter(letter_.language, filled, parts, words_.automatic)};
    }

    Letter const& letter_;
    std::string_view secret_;
    std::string_view public_url_;
    LetterWords const& words_;
    Values plain_;
    Values html_;
};

}

LetterText write(Letter const& letter, std::string_view secret, std::string_view public_url)
{
    Wording const wording(letter, secret, public_url);
    switch (letter.kind) {
    case LetterKind::partner_confirmation: return wording.partner_confirmation();
    case LetterKind::welcome_set_password: return wording.welcome_set_password();
    case LetterKind::already_have_account: return wording.already_have_account();
    case LetterKind::registration_failed: return wording.registration_failed();
    case LetterKind::reset_password: return wording.reset_password();
    case LetterKind::password_changed: return wording.password_changed();
    case LetterKind::email_opt_in: return wording.email_opt_in();
    case LetterKind::email_changed: return wording.email_changed();
    case LetterKind::otp: return wording.otp();
    case LetterKind::phone_code: break;
    }
    throw std::invalid_argument("no kind of letter that travels by mail");
}

}
