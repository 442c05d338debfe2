#include "token.hpp"

#include "base64url.hpp"
#include "strict_json.hpp"

namespace onboard::jwt {

namespace {

constexpr std::size_t longest_token = 8192;

}

Checked<Segments> take_apart(std::string_view token)
{
    if (token.size() > longest_token)
        return Refusal{Reason::token_too_long};
    auto const first = token.find('.');
    auto const second = token.find('.', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
        return Refusal{Reason::segments_wrong};
    return Segments{
        .header = token.substr(0, first),
        .payload = token.substr(first + 1, second - first - 1),
        .signature = token.substr(second + 1),
        .signed_text = token.substr(0, second)};
}

Checked<std::string> decode(std::string_view segment, char const* about)
{
    auto octets = from_base64url(segment);
    if (!octets)
        return Refusal{Reason::encoding_wrong, about};
    return std::move(*octets);
}

Checked<boost::json::object> read_segment(std::string_view segment, char const* about)
{
    auto const text = decode(segment, about);
    if (!text)
        return text.error();
    auto object = read_object(*text);
    if (!object)
        return Refusal{
            object.error() == JsonFault::member_repeated ? Reason::member_repeated : Reason::json_wrong, about};
    return std::move(*object);
}

}
