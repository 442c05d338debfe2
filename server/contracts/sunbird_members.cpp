#include "server/contracts/sunbird_members.hpp"

#include <algorithm>

namespace onboard::server::sunbird {

namespace json = boost::json;

namespace {

json::object const& request_in(json::value const& document)
{
    static json::object const none;
    auto const* object = document.if_object();
    auto const* request = object ? object->if_contains("request") : nullptr;
    return request && request->is_object() ? request->get_object() : none;
}

bool is_blank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::optional<std::string> text_in(json::value const& value)
{
    return value.is_string() ? std::optional(std::string(value.get_string())) : std::nullopt;
}

// A number has lost the zeros that a code begins with.
std::optional<std::string> text_or_number_in(json::value const& value, std::size_t digits)
{
    if (!value.is_int64() || value.get_int64() < 0)
        return text_in(value);
    auto text = std::to_string(value.get_int64());
    text.insert(0, digits - std::min(digits, text.size()), '0');
    return text;
}

}

Members::Members(json::value const& document) : members_(request_in(document))
{
    auto const* object = document.if_object();
    auto const* request = object ? object->if_contains("request") : nullptr;
    if (!request || !request->is_object())
        complain("INVALID_REQUESTED_DATA", "The member request is missing or is not an object.");
}

std::optional<std::string> Members::text(Spellings spellings)
{
    return read(spellings, &text_in);
}

std::optional<std::string> Members::text_or_number(Spellings spellings, int digits)
{
    return read(spellings, [&](json::value const& value) {
        return text_or_number_in(value, static_cast<std::size_t>(digits));
    });
}

bool Members::has(std::string_view name) const
{
    auto const* value = members_.if_contains(name);
    if (!value || value->is_null())
        return false;
    return !value->is_string() || !is_blank(std::string_view(value->get_string()));
}

template <class Read>
std::optional<std::string> Members::read(Spellings spellings, Read const& in)
{
    std::optional<std::string> found;
    for (auto const name : spellings) {
        auto const* value = members_.if_contains(name);
        if (!value || value->is_null())
            continue;
        auto text = in(*value);
        if (!text) {
            complain("INVALID_REQUESTED_DATA", "The parameter " + std::string(name) + " has to be a text.");
            continue;
        }
        if (is_blank(*text))
            continue;
        if (found && *found != *text)
            complain(
                "PARAMETER_MISMATCH", "The parameter " + std::string(name) + " came in two spellings that differ.");
        found = std::move(text);
    }
    return found;
}

bool Members::truth(std::string_view name)
{
    auto const* value = members_.if_contains(name);
    if (!value || value->is_null())
        return false;
    if (!value->is_bool())
        complain("INVALID_REQUESTED_DATA", "The parameter " + std::string(name) + " has to be true or false.");
    return value->is_bool() && value->get_bool();
}

void Members::complain(std::string_view code, std::string message)
{
    if (!fault_)
        fault_ = Refusal{.code = std::string(code), .message = std::move(message)};
}

}
