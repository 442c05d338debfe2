#include "server/pages/escape.hpp"

namespace onboard::server::pages {

std::string escaped(std::string_view text)
{
    std::string html;
    html.reserve(text.size());
    for (auto const character : text) {
        switch (character) {
        case '&': html += "&amp;"; break;
        case '<': html += "&lt;"; break;
        case '>': html += "&gt;"; break;
        case '"': html += "&quot;"; break;
        case '\'': html += "&#39;"; break;
        default: html += character;
        }
    }
    return html;
}

std::string isolated(std::string_view text)
{
    return "<bdi>" + escaped(text) + "</bdi>";
}

}
