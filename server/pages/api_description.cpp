#include "server/pages/api_description.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace onboard::server::pages {

namespace json = boost::json;

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> methods{
    {{"get", "GET"}, {"head", "HEAD"}, {"options", "OPTIONS"}, {"patch", "PATCH"}, {"post", "POST"}, {"put", "PUT"}}};

json::value read(std::string_view text)
{
    boost::system::error_code malformed;
    auto value = json::parse(text, malformed);
    if (malformed || !value.is_object() || !value.get_object().contains("paths"))
        throw std::invalid_argument("the description of the calls is no OpenAPI document");
    return value;
}

}

std::string_view text_of(json::object const& object, std::string_view member)
{
    auto const* value = object.if_contains(member);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

json::object const& object_of(json::object const& object, std::string_view member)
{
    static json::object const none;
    auto const* value = object.if_contains(member);
    return value && value->is_object() ? value->get_object() : none;
}

json::value const* example_of(json::object const& media)
{
    if (auto const* example = media.if_contains("example"))
        return example;
    auto const& several = object_of(media, "examples");
    return several.empty() ? nullptr : several.begin()->value().get_object().if_contains("value");
}

std::string_view ApiCall::id() const
{
    return text_of(*operation, "operationId");
}

std::string_view ApiCall::tag() const
{
    return operation->at("tags").at(0).get_string();
}

bool ApiCall::open_to_all() const
{
    auto const& ways = operation->at("security").as_array();
    return ways.empty() || std::ranges::any_of(ways, [](auto const& way) { return way.as_object().empty(); });
}

bool ApiCall::takes(std::string_view scheme) const
{
    return std::ranges::any_of(
        operation->at("security").as_array(), [&](auto const& way) { return way.as_object().contains(scheme); });
}

ApiDescription::ApiDescription(std::string_view text) : document_(read(text))
{
    auto const& paths = object_of(document(), "paths");
    for (auto const& [path, item] : paths)
        if (&meant(item) == &item.as_object())
            read_path(path, item.as_object());
    for (auto const& [path, item] : paths)
        for (auto& call : calls_)
            if (call.path != std::string_view(path) && &paths.at(call.path).as_object() == &meant(item))
                call.other_paths.emplace_back(path);
}

void ApiDescription::read_path(std::string_view path, json::object const& item)
{
    for (auto const& [member, value] : item) {
        auto const* method = std::ranges::find(
            methods, std::string_view(member), &std::pair<std::string_view, std::string_view>::first);
        if (method == methods.end())
            continue;
        ApiCall call{
            .method = method->second,
            .path = path,
            .other_paths = {},
            .operation = &value.as_object(),
            .parameters = {}};
        for (auto const* owner : {&item, call.operation})
            if (auto const* parameters = owner->if_contains("parameters"))
                for (auto const& parameter : parameters->as_array())
                    call.parameters.push_back(&meant(parameter));
        calls_.push_back(std::move(call));
    }
}

json::object const& ApiDescription::meant(json::value const& value) const
{
    auto const reference = text_of(value.as_object(), "$ref");
    if (reference.empty())
        return value.as_object();
    boost::system::error_code nothing;
    auto const* found = document_.find_pointer(reference.substr(std::string_view("#").size()), nothing);
    if (!found)
        throw std::invalid_argument("a reference leads nowhere: " + std::string(reference));
    return found->as_object();
}

std::string_view ApiDescription::name_of_reference(json::value const& value)
{
    auto const reference = value.is_object() ? text_of(value.get_object(), "$ref") : std::string_view();
    return reference.substr(reference.rfind('/') + 1);
}

}
