#include "server/pages/layout.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace onboard::server::pages {

namespace {

// Drawn in a square of 24, in the colour of the text around.
std::string_view strokes_of(Emblem emblem)
{
    switch (emblem) {
    case Emblem::person:
        return R"(<circle cx="12" cy="8.25" r="3.75"/>)"
               R"(<path d="M4.75 20c.8-3.7 3.7-5.75 7.25-5.75s6.45 2.05 7.25 5.75"/>)";
    case Emblem::door:
        return R"(<path d="M13.5 4H17a2.5 2.5 0 0 1 2.5 2.5v11A2.5 2.5 0 0 1 17 20h-3.5"/>)"
               R"(<path d="m9 8-4 4 4 4M5.5 12H15"/>)";
    case Emblem::lock:
        return R"(<rect x="5" y="10.5" width="14" height="9.5" rx="2.5"/>)"
               R"(<path d="M8 10.5V8a4 4 0 0 1 8 0v2.5M12 14.5v1.75"/>)";
    case Emblem::key:
        return R"(<circle cx="8.25" cy="15.75" r="4.5"/>)"
               R"(<path d="m11.5 12.5 8.25-8.25M15.75 8.25l3 3M12.75 11.25l1.75 1.75"/>)";
    case Emblem::broken_link:
        return R"(<path d="m13.5 7.2 1.2-1.2a3.9 3.9 0 0 1 5.5 5.5L18 13.7"/>)"
               R"(<path d="M10.5 16.8 9.3 18a3.9 3.9 0 0 1-5.5-5.5L6 10.3"/>)"
               R"(<path d="m8.5 5.5-.5-2M5.5 8.5l-2-.5M15.5 18.5l.5 2M18.5 15.5l2 .5"/>)";
    case Emblem::envelope:
        return R"(<rect x="3.25" y="5.25" width="17.5" height="13.5" rx="2.75"/>)"
               R"(<path d="m4 7.75 6.6 5a2.3 2.3 0 0 0 2.8 0l6.6-5"/>)";
    case Emblem::phone:
        return R"(<rect x="6.5" y="2.75" width="11" height="18.5" rx="2.75"/>)"
               R"(<path d="M10.75 17.75h2.5"/>)";
    case Emblem::shield:
        return R"(<path d="M12 3.25 18.75 6v5.25c0 4.4-2.8 7.7-6.75 9.5-3.95-1.8-6.75-5.1-6.75-9.5V6z"/>)"
               R"(<path d="M12 8.5v4M12 15.75v.01"/>)";
    case Emblem::warning: return R"(<circle cx="12" cy="12" r="8.75"/><path d="M12 7.75v5M12 16v.01"/>)";
    case Emblem::tick: return R"(<circle cx="12" cy="12" r="8.75"/><path d="m8 12.25 2.75 2.75L16 9.5"/>)";
    }
    throw std::invalid_argument("no such emblem");
}

std::string drawing(Emblem emblem)
{
    return fmt::format(
        R"(<svg viewBox="0 0 24 24" width="32" height="32" fill="none" stroke="currentColor" stroke-width="1.75" )"
        R"(stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>)",
        strokes_of(emblem));
}

std::string_view class_of(Tone tone)
{
    switch (tone) {
    case Tone::calm: return "emblem";
    case Tone::caution: return "emblem caution";
    }
    throw std::invalid_argument("no such tone");
}

}

std::string document(Language language, Content const& content)
{
    return fmt::format(
        R"(<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title} · onboard</title>
<link rel="stylesheet" href="/assets/onboard.css">
</head>
<body>
<header class="brand" translate="no">{logo}<span>onboard</span></header>
<main class="card">
<div class="{emblem_class}">{emblem}</div>
<h1>{heading}</h1>
{body}</main>
</body>
</html>
)",
        fmt::arg("language", code_of(language)), fmt::arg("title", content.title), fmt::arg("logo", logo()),
        fmt::arg("emblem_class", class_of(content.tone)), fmt::arg("emblem", drawing(content.emblem)),
        fmt::arg("heading", content.heading), fmt::arg("body", content.body));
}

std::string paragraph(std::string_view html)
{
    return fmt::format("<p>{}</p>\n", html);
}

std::string_view notice_mark()
{
    static auto const mark = drawing(Emblem::warning);
    return mark;
}

}
