#include "server/post/letter_text.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "server/pages/escape.hpp"

namespace onboard::server::post {

namespace {

// In braces stand the values that belong there.
struct ConfirmationWords {
    std::string_view subject;   // {partner}
    std::string_view greeting;  // {name}
    std::string_view request;   // {partner}
    std::string_view life;
    std::string_view keep_secret;
    std::string_view unexpected;
    std::string_view automatic;
};

ConfirmationWords const dutch_confirmation{
    .subject = "Uw code voor {partner}",
    .greeting = "Dag {name},",
    .request =
        "{partner} vraagt om een koppeling met uw account. Komt u zelf net van {partner} en gaat u akkoord? Vul "
        "dan deze code in op de pagina die openstaat:",
    .life = "De code is enkele minuten geldig en werkt maar één keer.",
    .keep_secret = "Geef de code aan niemand door. Wie het goed met u voorheeft, zal er nooit naar vragen.",
    .unexpected = "Had u deze e-mail niet verwacht? Dan hoeft u niets te doen. Zonder de code gebeurt er niets en "
                  "blijft uw account zoals het is.",
    .automatic = "Deze e-mail is automatisch verstuurd.",
};

ConfirmationWords const french_confirmation{
    .subject = "Votre code pour {partner}",
    .greeting = "Bonjour {name},",
    .request =
        "{partner} souhaite établir un lien avec votre compte. Si vous venez vous-même de chez {partner} et que "
        "vous êtes d’accord, saisissez ce code sur la page restée ouverte\u00a0:",
    .life = "Le code est valable quelques minutes et ne sert qu’une fois.",
    .keep_secret = "Ne le transmettez à personne. Une personne bien intentionnée ne vous le demandera jamais.",
    .unexpected =
        "Vous n’attendiez pas cet e-mail\u202f? Vous n’avez rien à faire. Sans le code, rien ne se passe et "
        "votre compte reste inchangé.",
    .automatic = "Cet e-mail a été envoyé automatiquement.",
};

ConfirmationWords const english_confirmation{
    .subject = "Your code for {partner}",
    .greeting = "Hello {name},",
    .request = "{partner} asks to be linked to your account. If you have just come from {partner} yourself and you "
               "agree, enter this code on the page that is open:",
    .life = "The code is good for a few minutes, and works only once.",
    .keep_secret = "Please do not pass it on to anyone. Nobody who means well will ever ask you for it.",
    .unexpected =
        "You did not expect this mail? Then you need not do anything. Without the code nothing happens, and "
        "your account stays as it is.",
    .automatic = "This mail was sent automatically.",
};

ConfirmationWords const german_confirmation{
    .subject = "Ihr Code für {partner}",
    .greeting = "Guten Tag {name},",
    .request =
        "{partner} bittet um eine Verknüpfung mit Ihrem Konto. Wenn Sie selbst gerade von {partner} kommen und "
        "einverstanden sind, geben Sie diesen Code auf der geöffneten Seite ein:",
    .life = "Der Code gilt einige Minuten und nur ein einziges Mal.",
    .keep_secret = "Bitte geben Sie ihn an niemanden weiter. Wer es gut mit Ihnen meint, wird Sie nie danach fragen.",
    .unexpected = "Sie haben diese E-Mail nicht erwartet? Dann brauchen Sie nichts zu tun. Ohne den Code geschieht "
                  "nichts, und Ihr Konto bleibt, wie es ist.",
    .automatic = "Diese E-Mail wurde automatisch verschickt.",
};

ConfirmationWords const& confirmation_in(Language language)
{
    switch (language) {
    case Language::dutch: return dutch_confirmation;
    case Language::french: return french_confirmation;
    case Language::english: return english_confirmation;
    case Language::german: return german_confirmation;
    }
    throw std::invalid_argument("no such language");
}

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

struct Values {
    std::string name;
    std::string partner;
};

std::string fill(std::string_view sentence, Values const& values)
{
    return fmt::format(fmt::runtime(sentence), fmt::arg("name", values.name), fmt::arg("partner", values.partner));
}

// Digits in groups, easy to read and to type. The gaps are margins, so that a copy has none.
std::string grouped(std::string_view code)
{
    auto const group = code.size() % 3 == 0 ? std::size_t{3} : std::size_t{4};
    std::string html;
    for (std::size_t start = 0; start < code.size(); start += group) {
        auto const digits = pages::escaped(code.substr(start, group));
        html += start == 0 ? digits : fmt::format(R"(<span style="margin-left:.35em">{}</span>)", digits);
    }
    return html;
}

// Mail programs know neither files beside the letter nor all of CSS: the style is inline, and the dark one an extra
// for those that can.
constexpr std::string_view frame = R"(<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{subject}</title>
<style>
:root {{ color-scheme: light dark; }}
@media (prefers-color-scheme: dark) {{
  .ground {{ background: #0d1412 !important; color: #eaf2ee !important; }}
  .card {{ background: #151e1b !important; border-color: #28352f !important; }}
  .code {{ background: #17332c !important; color: #7fe3cc !important; }}
  .muted {{ color: #a3b5ad !important; }}
  .brand {{ color: #4fd1b5 !important; }}
}}
</style>
</head>
<body class="ground" style="margin:0;padding:0;background:#f3f6f4;color:#14211d">
<div class="ground" style="padding:32px 16px;background:#f3f6f4;color:#14211d;
font:16px/1.6 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:520px;margin:0 auto">
<p class="brand" style="margin:0 0 16px;padding:0 4px;color:#0b7261;font-size:18px;font-weight:700">onboard</p>
<div class="card" style="padding:28px 24px;background:#ffffff;border:1px solid #dfe7e3;border-radius:18px">
{body}</div>
<p class="muted" style="margin:16px 0 0;padding:0 4px;color:#52635c;font-size:13px">{automatic}</p>
</div>
</div>
</body>
</html>
)";

std::string html_of(ConfirmationWords const& words, Letter const& letter, Values const& plain, std::string_view code)
{
    Values const values{
        .name = pages::isolated(plain.name), .partner = "<strong>" + pages::isolated(plain.partner) + "</strong>"};
    auto const body = fmt::format(
        R"(<p style="margin:0 0 16px">{greeting}</p>
<p style="margin:0 0 20px">{request}</p>
<p class="code" style="margin:0 0 20px;padding:16px 12px;background:#e3f3ee;color:#075a4d;border-radius:14px;
font:700 34px/1.3 ui-monospace,Menlo,Consolas,monospace;letter-spacing:.06em;text-align:center">{code}</p>
<p style="margin:0 0 16px">{life} {keep_secret}</p>
<p class="muted" style="margin:0;color:#52635c">{unexpected}</p>
)",
        fmt::arg("greeting", fill(words.greeting, values)), fmt::arg("request", fill(words.request, values)),
        fmt::arg("code", grouped(code)), fmt::arg("life", words.life), fmt::arg("keep_secret", words.keep_secret),
        fmt::arg("unexpected", words.unexpected));
    return fmt::format(
        frame, fmt::arg("language", code_of(letter.language)),
        fmt::arg("subject", pages::escaped(fill(words.subject, plain))), fmt::arg("body", body),
        fmt::arg("automatic", words.automatic));
}

LetterText partner_confirmation(Letter const& letter, std::string_view code)
{
    auto const& words = confirmation_in(letter.language);
    Values const values{.name = one_line(letter.first_name), .partner = one_line(letter.partner)};
    return {
        .subject = fill(words.subject, values),
        .text = fmt::format(
            "{}\n\n{}\n\n{}\n\n{} {}\n\n{}\n\n-- \nonboard\n{}\n", fill(words.greeting, values),
            fill(words.request, values), code, words.life, words.keep_secret, words.unexpected, words.automatic),
        .html = html_of(words, letter, values, code)};
}

}

LetterText write(Letter const& letter, std::string_view secret)
{
    switch (letter.kind) {
    case LetterKind::partner_confirmation: return partner_confirmation(letter, secret);
    }
    throw std::invalid_argument("no such kind of letter");
}

}
