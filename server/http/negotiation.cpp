#include "server/http/negotiation.hpp"

#include <algorithm>
#include <cstddef>

#include "server/text.hpp"

namespace onboard::server {

namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view sso_type = "application/vnd.sso.v1+json";

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

bool is_digit(char letter) noexcept
{
    return letter >= '0' && letter <= '9';
}

// RFC 9110, 5.6.2
bool is_token(std::string_view text) noexcept
{
    return !text.empty() && std::ranges::all_of(text, [](char letter) {
        return is_digit(letter) || (lower(letter) >= 'a' && lower(letter) <= 'z') ||
               std::string_view("!#$%&'*+-.^_`|~").find(letter) != std::string_view::npos;
    });
}

// RFC 9110, 5.6.4: one string that ends where the text does.
bool is_quoted_string(std::string_view text) noexcept
{
    if (!text.starts_with('"'))
        return false;
    std::size_t at = 1;
    while (at < text.size() && text[at] != '"')
        at += text[at] == '\\' ? 2 : 1;
    return at + 1 == text.size();
}

// Takes what comes before the next separator that is not in quotes, without the blanks around it, and the separator
// itself. Quotes that do not end reach to the end of the text.
std::string_view take_part(std::string_view& rest, char separator) noexcept
{
    bool quoted = false;
    std::size_t at = 0;
    while (at < rest.size() && (quoted || rest[at] != separator)) {
        if (rest[at] == '"')
            quoted = !quoted;
        at += quoted && rest[at] == '\\' ? 2 : 1;
    }
    auto const part = rest.substr(0, at);
    rest.remove_prefix(std::min(at + 1, rest.size()));
    return without_blanks(part);
}

// RFC 9110, 12.4.2: a quality, in thousandths.
std::optional<int> read_quality(std::string_view text) noexcept
{
    auto const whole = text.substr(0, text.find('.'));
    auto const fraction = text.substr(std::min(whole.size() + 1, text.size()));
    auto const has_digits = !whole.empty() || !fraction.empty();  // programs in Java write ".2" of old, for 0.2
    if (!has_digits || whole.size() > 1 || fraction.size() > 3)
        return std::nullopt;
    int quality = 0;
    int unit = 100;
    for (auto const letter : fraction) {
        if (!is_digit(letter))
            return std::nullopt;
        quality += unit * (letter - '0');
        unit /= 10;
    }
    if (!whole.empty() && !is_digit(whole[0]))
        return std::nullopt;
    quality += whole.empty() ? 0 : 1000 * (whole[0] - '0');
    return quality <= 1000 ? std::optional(quality) : std::nullopt;
}

struct MediaRange {
    std::string_view type;
    int quality;
};

// One element of an Accept field, unless its parameters are malformed. The type may still be anything.
std::optional<MediaRange> read_media_range(std::string_view element) noexcept
{
    auto const type = take_part(element, ';');
    std::optional<int> quality;
    while (!element.empty()) {
        auto const parameter = take_part(element, ';');
        if (parameter.empty())
            continue;
        auto const equals = parameter.find('=');
        if (equals == std::string_view::npos)
            return std::nullopt;
        auto const name = parameter.substr(0, equals);
        auto const value = parameter.substr(equals + 1);
        if (equal_but_case(name, "q")) {
            if (quality)
                return std::nullopt;
            quality = read_quality(value);
            if (!quality)
                return std::nullopt;
        } else if (!is_token(name) || (!is_token(value) && !is_quoted_string(value))) {
            return std::nullopt;
        }
    }
    return MediaRange{type, quality.value_or(1000)};
}

// How closely a range describes a type that it matches. The closest range decides.
enum class Closeness { none, anything, application, other_json, json_suffix, exact };

// Of the ranges that describe JSON of whatever kind.
Closeness closeness_of_wildcard(std::string_view range) noexcept
{
    if (equal_but_case(range, "application/*+json"))
        return Closeness::json_suffix;
    if (equal_but_case(range, "application/*"))
        return Closeness::application;
    return range == "*/*" ? Closeness::anything : Closeness::none;
}

// application/hal+json, say. Another version of the SSO type is none: who wants that has no use for plain JSON.
bool is_other_json(std::string_view range) noexcept
{
    constexpr std::string_view start = "application/";
    constexpr std::string_view end = "+json";
    constexpr std::string_view version = "vnd.sso.v";
    if (range.size() < start.size() + end.size() || !equal_but_case(range.substr(0, start.size()), start) ||
        !equal_but_case(range.substr(range.size() - end.size()), end))
        return false;
    auto const name = range.substr(start.size(), range.size() - start.size() - end.size());
    auto const versioned = name.size() > version.size() && is_digit(name[version.size()]) &&
                           equal_but_case(name.substr(0, version.size()), version);
    return is_token(name) && name != "*" && !versioned;
}

Closeness closeness_to_json(std::string_view range) noexcept
{
    if (equal_but_case(range, json_type))
        return Closeness::exact;
    return is_other_json(range) ? Closeness::other_json : closeness_of_wildcard(range);
}

Closeness closeness_to_sso(std::string_view range) noexcept
{
    return equal_but_case(range, sso_type) ? Closeness::exact : closeness_of_wildcard(range);
}

// What the ranges read so far say of one type. Of two that are equally close, the one of higher quality counts.
struct Preference {
    Closeness closeness = Closeness::none;
    int quality = 0;

    void consider(Closeness other, int other_quality) noexcept
    {
        if (other == Closeness::none || other < closeness)
            return;
        quality = other == closeness ? std::max(quality, other_quality) : other_quality;
        closeness = other;
    }
};

}

bool is_json(std::string_view content_type)
{
    return is(content_type, json_type);
}

bool is_sso_json(std::string_view content_type)
{
    return is(content_type, sso_type) || is(content_type, json_type);
}

bool is_form(std::string_view content_type)
{
    return is(content_type, "application/x-www-form-urlencoded");
}

std::optional<std::string_view> sso_media_type(std::optional<std::string_view> accept)
{
    Preference sso;
    Preference json;
    bool lists_nothing = true;
    for (auto rest = accept.value_or(""); !rest.empty();) {
        auto const element = take_part(rest, ',');
        if (element.empty())
            continue;
        lists_nothing = false;
        auto const range = read_media_range(element);
        if (!range)
            continue;
        sso.consider(closeness_to_sso(range->type), range->quality);
        json.consider(closeness_to_json(range->type), range->quality);
    }
    if (lists_nothing)
        return json_type;
    if (sso.quality == 0 && json.quality == 0)
        return std::nullopt;
    if (sso.quality != json.quality)
        return sso.quality > json.quality ? sso_type : json_type;
    auto const sso_named = sso.closeness == Closeness::exact ||
                           (sso.closeness == Closeness::json_suffix && json.closeness != Closeness::exact);
    return sso_named ? sso_type : json_type;
}

}
