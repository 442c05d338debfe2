#include "server/post/letter_layout.hpp"

#include <fmt/format.h>

#include "server/pages/escape.hpp"

namespace onboard::server::post {

namespace {

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
  .button {{ background: #4fd1b5 !important; color: #05251e !important; }}
  .link {{ color: #4fd1b5 !important; }}
  .muted {{ color: #a3b5ad !important; }}
  .brand {{ color: #4fd1b5 !important; }}
}}
</style>
</head>
<body class="ground" style="margin:0;padding:0;background:#f3f6f4;color:#14211d">
<div class="ground" role="main" style="padding:32px 16px;background:#f3f6f4;color:#14211d;
font:16px/1.6 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:520px;margin:0 auto">
<p class="brand" style="margin:0 0 16px;padding:0 4px;color:#0b7261;font-size:18px;font-weight:700">onboard</p>
<div class="card" style="padding:28px 24px;background:#ffffff;border:1px solid #dfe7e3;border-radius:18px">
<h1 style="margin:0 0 18px;font-size:22px;line-height:1.3">{subject}</h1>
{body}</div>
<p class="muted" style="margin:16px 0 0;padding:0 4px;color:#52635c;font-size:13px">{automatic}</p>
</div>
</div>
</body>
</html>
)";

std::string html_paragraph(std::string_view html)
{
    return fmt::format("<p style=\"margin:0 0 16px\">{}</p>\n", html);
}

}

Part paragraph(std::string_view text, std::string_view html)
{
    return {.text = std::string(text), .html = html_paragraph(html)};
}

Part closing_paragraph(std::string_view sentence)
{
    return {
        .text = std::string(sentence),
        .html = fmt::format("<p class=\"muted\" style=\"margin:0;color:#52635c\">{}</p>\n", sentence)};
}

Part code_to_copy(std::string_view code)
{
    return {
        .text = std::string(code),
        .html = fmt::format(
            R"(<p class="code" style="margin:20px 0;padding:16px 12px;background:#e3f3ee;color:#075a4d;border-radius:14px;
font:700 34px/1.3 ui-monospace,Menlo,Consolas,monospace;letter-spacing:.06em;text-align:center">{}</p>
)",
            grouped(code))};
}

Part button(std::string_view label, std::string_view address)
{
    return {
        .text = std::string(address),
        .html = fmt::format(
            R"(<p style="margin:20px 0"><a class="button" href="{}" style="display:block;padding:14px 20px;
background:#0b7261;color:#ffffff;border-radius:14px;font-weight:700;text-align:center;text-decoration:none">{}</a></p>
)",
            pages::escaped(address), label)};
}

Part button_and_address(std::string_view label, std::string_view address, std::string_view copy)
{
    auto part = button(label, address);
    part.html += fmt::format(
        R"(<p class="muted" style="margin:0 0 16px;color:#52635c;font-size:14px">{}<br>
<span style="word-break:break-all">{}</span></p>
)",
        copy, pages::escaped(address));
    return part;
}

Part sentence_and_link(std::string_view sentence, std::string_view label, std::string_view address)
{
    return {
        .text = fmt::format("{}\n\n{}", sentence, address),
        .html = html_paragraph(fmt::format(
            R"({} <a class="link" href="{}" style="color:#0b7261;font-weight:700">{}</a>)", sentence,
            pages::escaped(address), label))};
}

std::string text_letter(std::span<Part const> parts, std::string_view automatic)
{
    std::string text;
    for (auto const& part : parts)
        text += part.text + "\n\n";
    return text + fmt::format("-- \nonboard\n{}\n", automatic);
}

std::string
html_letter(Language language, std::string_view subject, std::span<Part const> parts, std::string_view automatic)
{
    std::string body;
    for (auto const& part : parts)
        body += part.html;
    return fmt::format(
        frame, fmt::arg("language", code_of(language)), fmt::arg("subject", pages::escaped(subject)),
        fmt::arg("body", body), fmt::arg("automatic", automatic));
}

}
