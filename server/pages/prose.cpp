#include "server/pages/prose.hpp"

#include <algorithm>

#include "server/pages/escape.hpp"

namespace onboard::server::pages {

namespace {

// What stands between two marks, set in an element; a mark that has no other stays as it is.
std::string marked(
    std::string_view text, std::string_view mark, std::string_view element, std::string (*inside)(std::string_view),
    std::string (*outside)(std::string_view))
{
    std::string html;
    for (;;) {
        auto const begin = text.find(mark);
        auto const end = begin == std::string_view::npos ? begin : text.find(mark, begin + mark.size());
        if (end == std::string_view::npos)
            return html + outside(text);
        auto const between = text.substr(begin + mark.size(), end - begin - mark.size());
        html += outside(text.substr(0, begin));
        ((((html += '<') += element) += '>') += inside(between)) += "</";
        (html += element) += '>';
        text.remove_prefix(end + mark.size());
    }
}

std::string with_strong(std::string_view text)
{
    return marked(text, "**", "strong", &escaped, &escaped);
}

}

std::string phrase(std::string_view text)
{
    return marked(text, "`", "code", &escaped, &with_strong);
}

std::string prose(std::string_view text)
{
    constexpr std::string_view gap = "\n\n";
    std::string html;
    while (!text.empty()) {
        auto const paragraph = text.substr(0, text.find(gap));
        html += "<p>" + phrase(paragraph) + "</p>\n";
        text.remove_prefix(std::min(text.size(), paragraph.size() + gap.size()));
    }
    return html;
}

}
