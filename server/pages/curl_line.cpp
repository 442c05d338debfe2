#include "server/pages/curl_line.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace onboard::server::pages {

namespace json = boost::json;

namespace {

constexpr std::size_t widest = 64;

std::string quoted(std::string_view text)
{
    std::string quoted = "'";
    for (auto const character : text)
        quoted += character == '\'' ? std::string("'\\''") : std::string(1, character);
    return quoted + "'";
}

// RFC 3986, 2.3: what needs no escape anywhere.
std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    std::string encoded;
    for (auto const character : text)
        encoded += unreserved.find(character) != std::string_view::npos
                       ? std::string(1, character)
                       : fmt::format("%{:02X}", static_cast<unsigned char>(character));
    return encoded;
}

// The URL with its parameters filled in; those of the query that may be missing are missing.
std::string url_of(ApiCall const& call, std::string_view base)
{
    std::string path(call.path);
    std::string query;
    for (auto const* parameter : call.parameters) {
        std::string const name(text_of(*parameter, "name"));
        auto const value = percent_encoded(example_of_parameter(*parameter));
        if (text_of(*parameter, "in") == "path")
            path.replace(path.find('{'), name.size() + std::string_view("{}").size(), value);
        if (text_of(*parameter, "in") == "query" && parameter->contains("required"))
            query.append(query.empty() ? "?" : "&").append(name).append("=").append(value);
    }
    return std::string(base) + path + query;
}

std::string option_of(ApiCall const& call)
{
    if (call.method == "GET" || (call.method == "POST" && body_of(call).value))
        return "";
    return call.method == "HEAD" ? "--head " : fmt::format("-X {} ", call.method);
}

}

std::string laid_out(json::value const& value, std::size_t indent)
{
    constexpr std::size_t step = 2;
    auto line = json::serialize(value);
    if (line.size() + indent <= widest || !value.is_structured())
        return line;
    auto const inner = indent + step;
    std::string text(1, line.front());
    auto const add = [&](std::string const& part) {
        text += fmt::format("{}\n{:{}}{}", text.size() == 1 ? "" : ",", "", inner, part);
    };
    if (auto const* items = value.if_array())
        for (auto const& item : *items)
            add(laid_out(item, inner));
    else
        for (auto const& [name, member] : value.get_object())
            add(json::serialize(name) + ": " + laid_out(member, inner));
    return fmt::format("{}\n{:{}}{}", text, "", indent, line.back());
}

ExampleBody body_of(ApiCall const& call)
{
    auto const& content = object_of(object_of(*call.operation, "requestBody"), "content");
    if (content.empty())
        return {};
    auto const& [media_type, media] = *content.begin();
    return {.media_type = media_type, .value = example_of(media.as_object())};
}

std::string_view example_of_parameter(json::object const& parameter)
{
    return text_of(parameter, "example");
}

std::string curl_line(ApiDescription const& description, ApiCall const& call, std::string_view base)
{
    constexpr std::string_view next = " \\\n  ";
    auto line = "curl " + option_of(call) + quoted(url_of(call, base));
    if (call.takes("partnerToken") && !call.open_to_all())
        (line += next) += R"(-H "Authorization: Bearer $TOKEN")";
    if (call.takes("sessionCookie")) {
        auto const& schemes = object_of(object_of(description.document(), "components"), "securitySchemes");
        line += fmt::format(
            R"({}-H "Cookie: {}=$SESSION")", next, text_of(schemes.at("sessionCookie").as_object(), "name"));
    }
    auto const body = body_of(call);
    if (!body.value)
        return line;
    if (body.media_type == "application/x-www-form-urlencoded") {
        for (auto const& [name, value] : body.value->as_object())
            (line += next) += "--data-urlencode " + quoted(std::string(name) + '=' + std::string(value.as_string()));
        return line;
    }
    line += fmt::format("{}-H {}", next, quoted("Content-Type: " + std::string(body.media_type)));
    return line + fmt::format("{}-d {}", next, quoted(laid_out(*body.value)));
}

}
