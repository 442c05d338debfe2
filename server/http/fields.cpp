#include "server/http/fields.hpp"

namespace onboard::server {

Fields::Found Fields::find(Spellings spellings)
{
    Found found{.name = spellings.first()};
    bool seen = false;
    for (auto const spelling : spellings) {
        auto const* value = object_.if_contains(spelling);
        if (!value)
            continue;
        if (seen)
            ambiguous_.push_back({std::string(spelling), "field_twice"});
        seen = true;
        found.name = spelling;
        found.value = value->is_null() ? nullptr : value;
    }
    return found;
}

std::string_view Fields::spelling(Spellings spellings) const
{
    for (auto const spelling : spellings)
        if (object_.contains(spelling))
            return spelling;
    return spellings.first();
}

std::optional<std::string_view> Fields::text(Found const& found)
{
    if (!found.value->is_string())
        return note(found.name, "type_mismatch"), std::nullopt;
    auto const& text = found.value->get_string();
    return std::string_view(text.data(), text.size());
}

std::optional<std::string> Fields::required_text(Spellings spellings)
{
    auto const found = find(spellings);
    if (!found.value)
        return note(spellings.first(), name_of(Errc::field_missing)), std::nullopt;
    auto const given = text(found);
    return given ? std::optional(std::string(*given)) : std::nullopt;
}

std::optional<std::string> Fields::optional_text(Spellings spellings)
{
    auto const found = find(spellings);
    auto const given = found.value ? text(found) : std::nullopt;
    return given ? std::optional(std::string(*given)) : std::nullopt;
}

bool Fields::truth(Spellings spellings)
{
    auto const found = find(spellings);
    if (!found.value)
        return false;
    auto const& value = *found.value;
    if (value.is_bool())
        return value.get_bool();
    if (value == "true" || value == "1" || value == 1)
        return true;
    if (value != "false" && value != "0" && value != 0)
        note(found.name, "type_mismatch");
    return false;
}

boost::json::object const* Fields::optional_object(Spellings spellings)
{
    auto const found = find(spellings);
    if (!found.value)
        return nullptr;
    if (!found.value->is_object())
        return note(found.name, "type_mismatch"), nullptr;
    return &found.value->get_object();
}

}
