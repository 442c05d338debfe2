#include "server/http/negotiation.hpp"

#include "server/text.hpp"

namespace onboard::server {

namespace {

std::string_view unquoted(std::string_view text)
{
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        return text.substr(1, text.size() - 2);
    return text;
}

// RFC 9110, 8.3.1: the type, then parameters. The only one that changes how a body reads is the charset.
bool is(std::string_view field, std::string_view type)
{
    auto semicolon = field.find(';');
    if (!equal_but_case(without_blanks(field.substr(0, semicolon)), type))
        return false;
    bool charset_given = false;
    while (semicolon != std::string_view::npos) {
        field.remove_prefix(semicolon + 1);
        semicolon = field.find(';');
        auto const parameter = without_blanks(field.substr(0, semicolon));
        auto const equals = parameter.find('=');
        if (!equal_but_case(parameter.substr(0, equals), "charset"))
            continue;
        if (charset_given || equals == std::string_view::npos ||
            !equal_but_case(unquoted(parameter.substr(equals + 1)), "utf-8"))
            return false;
        charset_given = true;
    }
    return true;
}

}

bool is_json(std::string_view content_type)
{
    return is(content_type, "application/json");
}

bool is_form(std::string_view content_type)
{
    return is(content_type, "application/x-www-form-urlencoded");
}

}
