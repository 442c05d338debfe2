#include "server/http/forms.hpp"

#include <algorithm>

#include "server/text.hpp"

namespace onboard::server {

namespace {

int hex_value(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    auto const lower = letter | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> decoded(std::string_view text)
{
    std::string blanks(text);
    std::ranges::replace(blanks, '+', ' ');
    return percent_decoded(blanks);
}

// Calls `found` with the encoded value of every field of this name.
template <class Found>
void for_each_field(std::string_view body, std::string_view name, Found const& found)
{
    while (!body.empty()) {
        auto const end = body.find('&');
        auto const pair = body.substr(0, end);
        body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
        auto const equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name)
            found(pair.substr(equals + 1));
    }
}

}

std::optional<std::string> percent_decoded(std::string_view text)
{
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            plain += text[at];
        } else {
            if (at + 2 >= text.size() || hex_value(text[at + 1]) < 0 || hex_value(text[at + 2]) < 0)
                return std::nullopt;
            plain += static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]));
            at += 2;
        }
    }
    return plain;
}

std::optional<std::string> form_field(std::string_view body, std::string_view name)
{
    std::string_view encoded;
    int times = 0;
    for_each_field(body, name, [&](std::string_view value) {
        encoded = value;
        ++times;
    });
    return times == 1 ? decoded(encoded) : std::nullopt;
}

int count_form_field(std::string_view body, std::string_view name)
{
    int times = 0;
    for_each_field(body, name, [&](std::string_view) { ++times; });
    return times;
}

std::optional<std::string_view> cookie(std::string_view cookie_field, std::string_view name)
{
    std::optional<std::string_view> value;
    while (!cookie_field.empty()) {
        auto const end = cookie_field.find(';');
        auto const pair = without_blanks(cookie_field.substr(0, end));
        cookie_field.remove_prefix(end == std::string_view::npos ? cookie_field.size() : end + 1);
        auto const equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != name)
            continue;
        if (value)
            return std::nullopt;
        value = pair.substr(equals + 1);
    }
    return value;
}

std::string form_token(SecretKey const& key, std::string_view page, std::string_view cookie_value)
{
    return hex(key.digest(Purpose::form, page, cookie_value).bytes());
}

bool is_form_token(
    SecretKey const& key, std::string_view page, std::string_view cookie_value, std::string_view presented)
{
    auto const expected = form_token(key, page, cookie_value);
    return same(key.digest(Purpose::form, "presented", presented), key.digest(Purpose::form, "presented", expected));
}

}
