#include "server/pages/documentation.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "server/pages/api_description.hpp"
#include "server/pages/curl_line.hpp"
#include "server/pages/escape.hpp"
#include "server/pages/layout.hpp"
#include "server/pages/prose.hpp"
#include "server/text.hpp"

namespace onboard::server::pages {

namespace json = boost::json;

namespace {

std::string code(std::string_view text)
{
    return "<code>" + escaped(text) + "</code>";
}

std::string heading(std::string_view words)
{
    return fmt::format("<h4>{}</h4>\n", words);
}

// A path may break behind each of its parts.
std::string path(std::string_view path)
{
    std::string html;
    for (auto const character : path)
        html += character == '/' || character == '.' ? std::string(1, character) + "<wbr>" : escaped({&character, 1});
    return "<code>" + html + "</code>";
}

std::string method(std::string_view method)
{
    std::string name(method);
    std::ranges::transform(name, name.begin(), lower);
    return fmt::format(R"(<span class="method {}">{}</span>)", name, method);
}

std::string_view word_for(std::string_view type)
{
    if (type == "string")
        return "text";
    if (type == "integer")
        return "number";
    if (type == "boolean")
        return "true or false";
    if (type == "array")
        return "list";
    return type;
}

// Of each of several the words, with others between them.
template <class Words>
std::string joined(json::array const& several, std::string_view between, Words const& words)
{
    std::string text;
    for (auto const& one : several)
        (text += text.empty() ? std::string_view() : between) += words(one);
    return text;
}

// The schema of an object, with those it is composed of: its members, and which of them have to be there.
struct Shape {
    struct Member {
        std::string_view name;
        std::vector<std::string_view> other_spellings;
        json::value const* schema;
    };

    std::vector<Member> members;
    std::set<std::string_view> required;
    std::vector<std::string_view> based_on;  // names of schemas that are told elsewhere
};

// Whether something is asked for, or answered.
enum class Way : std::uint8_t { asked = 1, answered };

class Page {
public:
    Page(std::string_view openapi, std::string_view base) : description_(openapi), base_(base) {}

    std::string write() const
    {
        auto const& info = object_of(description_.document(), "info");
        std::string sections;
        for (auto const& tag : tags())
            sections += section(tag.as_object());
        return fmt::format(
            R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>All calls · {title}</title>
<link rel="stylesheet" href="/assets/onboard.css">
<link rel="stylesheet" href="/assets/docs.css">
<script src="/assets/docs.js" defer></script>
</head>
<body class="docs">
<a class="skip" href="#calls">Skip to the calls</a>
<header>
<a class="brand" href="#top" translate="no">{logo}<span>{title}</span></a>
<p class="version">{version} · <a href="/openapi.json">openapi.json</a></p>
</header>
<nav aria-label="Calls">
{contents}</nav>
<main id="calls">
<div class="introduction" id="top">
<h1>{summary}</h1>
{prose}{credentials}</div>
{sections}{shared}</main>
</body>
</html>
)",
            fmt::arg("title", escaped(text_of(info, "title"))), fmt::arg("logo", logo()),
            fmt::arg("version", escaped(text_of(info, "version"))),
            fmt::arg("summary", escaped(text_of(info, "summary"))),
            fmt::arg("prose", prose(text_of(info, "description"))), fmt::arg("contents", contents()),
            fmt::arg("credentials", credentials()), fmt::arg("sections", sections), fmt::arg("shared", shared()));
    }

private:
    json::array const& tags() const { return description_.document().at("tags").as_array(); }

    json::object const& components(std::string_view kind) const
    {
        return object_of(object_of(description_.document(), "components"), kind);
    }

    static std::string_view title_of(json::object const& tag)
    {
        auto const title = text_of(tag, "x-displayName");
        return title.empty() ? text_of(tag, "name") : title;
    }

    // The calls of a tag, but for those that only say which others there are.
    std::vector<ApiCall const*> calls_of(std::string_view tag) const
    {
        std::vector<ApiCall const*> calls;
        for (auto const& call : description_.calls())
            if (call.tag() == tag)
                calls.push_back(&call);
        std::stable_partition(calls.begin(), calls.end(), [](auto const* call) { return call->method != "OPTIONS"; });
        return calls;
    }

    std::string contents() const
    {
        std::string html = "<ul>\n";
        for (auto const& tag : tags()) {
            auto const& name = text_of(tag.as_object(), "name");
            html += fmt::format(R"(<li><a href="#{}">{}</a><ul>)", name, escaped(title_of(tag.as_object())));
            for (auto const* call : calls_of(name))
                if (call->method != "OPTIONS")
                    html += fmt::format(
                        R"(<li><a href="#{}">{}</a></li>)", call->id(),
                        escaped(text_of(*call->operation, "summary")));
            html += "</ul></li>\n";
        }
        return html + "<li><a href=\"#shared\">Answers that calls share</a></li>\n</ul>\n";
    }

    std::string credentials() const
    {
        std::string html =
            "<section aria-labelledby=\"credentials\">\n<h2 id=\"credentials\">Credentials</h2>\n<dl>\n";
        for (auto const& [name, scheme] : components("securitySchemes"))
            html += fmt::format(
                "<div id=\"{}\"><dt>{}</dt><dd>{}</dd></div>\n", std::string_view(name), name_of_scheme(name),
                phrase(text_of(scheme.as_object(), "description")));
        return html + "</dl>\n</section>\n";
    }

    std::string name_of_scheme(std::string_view name) const
    {
        auto const& scheme = components("securitySchemes").at(name).as_object();
        auto const type = text_of(scheme, "type");
        if (type == "oauth2")
            return "Access token";
        if (type == "apiKey")
            return "Session cookie " + code(text_of(scheme, "name"));
        return text_of(scheme, "scheme") == "basic" ? "Basic" : "Bearer token";
    }

    std::string section(json::object const& tag) const
    {
        auto const name = text_of(tag, "name");
        std::string html = fmt::format(
            "<section aria-labelledby=\"{}\">\n<h2 id=\"{}\">{}</h2>\n{}", name, name, escaped(title_of(tag)),
            prose(text_of(tag, "description")));
        for (auto const* call : calls_of(name))
            html += article(*call);
        return html + "</section>\n";
    }

    std::string article(ApiCall const& call) const
    {
        auto const& operation = *call.operation;
        std::string others;
        for (auto const other : call.other_paths)
            others += fmt::format("<p class=\"also\">The same as {}</p>\n", path(other));
        return fmt::format(
            R"(<article class="call" id="{id}" aria-labelledby="{id}-title"{data}>
<div class="told">
<h3 id="{id}-title"><a href="#{id}">{summary}</a></h3>
<p class="route">{method} {path}</p>
{others}{prose}{who}{parameters}{body}{answers}</div>
<div class="shown">
{shown}</div>
</article>
)",
            fmt::arg("id", call.id()), fmt::arg("data", data(call)),
            fmt::arg("summary", escaped(text_of(operation, "summary"))), fmt::arg("method", method(call.method)),
            fmt::arg("path", path(call.path)), fmt::arg("others", others),
            fmt::arg("prose", prose(text_of(operation, "description"))), fmt::arg("who", who(call)),
            fmt::arg("parameters", parameters(call)), fmt::arg("body", body(call)),
            fmt::arg("answers", answers(call)), fmt::arg("shown", shown(call)));
    }

    // What the script needs to make the call. Pages, and what they are made of, are to be opened instead.
    static std::string data(ApiCall const& call)
    {
        if (call.method == "HEAD" || call.method == "OPTIONS" || call.tag() == "pages" || call.tag() == "portal" ||
            call.tag() == "documentation")
            return "";
        return fmt::format(
            R"( data-method="{}" data-path="{}" data-media="{}"{}{})", call.method, escaped(call.path),
            escaped(body_of(call).media_type), call.takes("partnerToken") ? " data-token" : "",
            call.takes("sessionCookie") ? " data-session" : "");
    }

    std::string who(ApiCall const& call) const
    {
        std::string ways;
        for (auto const& way : call.operation->at("security").as_array())
            for (auto const& scheme : way.as_object())
                ways += fmt::format(
                    "{}<a href=\"#{}\">{}</a>", ways.empty() ? "" : " or ", std::string_view(scheme.key()),
                    name_of_scheme(scheme.key()));
        if (ways.empty())
            return "";
        return fmt::format(
            "<p class=\"who\">{}{}.</p>\n", call.open_to_all() ? "Open to all; may come with " : "", ways);
    }

    static bool is_everywhere(json::object const& parameter) { return parameter.contains("x-everywhere"); }

    std::string parameters(ApiCall const& call) const
    {
        std::string html;
        for (auto const* parameter : call.parameters)
            if (!is_everywhere(*parameter))
                html += fmt::format(
                    R"(<li data-name="{0}" data-in="{1}" data-example="{2}"><p class="member">{3} <span>{4}</span>{5}</p>
<p>{6}</p></li>
)",
                    text_of(*parameter, "name"), text_of(*parameter, "in"), escaped(example_of_parameter(*parameter)),
                    code(text_of(*parameter, "name")), place_of(text_of(*parameter, "in")),
                    parameter->contains("required") ? " <b>required</b>" : "",
                    phrase(text_of(*parameter, "description")));
        return html.empty() ? "" : heading("Parameters") + "<ul class=\"members\">\n" + html + "</ul>\n";
    }

    static std::string_view place_of(std::string_view in)
    {
        if (in == "header")
            return "field of the head";
        return in == "path" ? "in the path" : "in the query";
    }

    std::string body(ApiCall const& call) const
    {
        auto const& content = object_of(object_of(*call.operation, "requestBody"), "content");
        if (content.empty())
            return "";
        std::string types;
        for (auto const& media : content)
            types += (types.empty() ? "" : " or ") + code(media.key());
        return heading("Body") + "<p class=\"types\">" + types + "</p>\n" + members(schema_of(content), Way::asked);
    }

    // Media types of one content have one schema.
    json::object const& schema_of(json::object const& content) const
    {
        return description_.meant(content.begin()->value().at("schema"));
    }

    // Answers of this call alone are told in full, those that many share by their number.
    std::string answers(ApiCall const& call) const
    {
        std::string own;
        std::string common;
        for (auto const& [status, answer] : object_of(*call.operation, "responses"))
            if (auto const name = ApiDescription::name_of_reference(answer); name.empty())
                own += own_answer(status, answer.as_object());
            else
                common += fmt::format(
                    R"(<li><a href="#{}" title="{}">{}</a></li>)", name,
                    escaped(text_of(description_.meant(answer), "description")), std::string_view(status));
        return heading("Answers") + "<dl class=\"answers\">\n" + own + "</dl>\n" +
               (common.empty()
                    ? ""
                    : "<p class=\"common\">And as elsewhere:</p>\n<ul class=\"common\">" + common + "</ul>\n");
    }

    std::string own_answer(std::string_view status, json::object const& answer) const
    {
        std::string shape;
        auto const& content = object_of(answer, "content");
        if (!content.empty() && status.starts_with('2'))
            shape = members(schema_of(content), Way::answered);
        return fmt::format(
            "<div><dt class=\"status\">{}</dt><dd><p>{}{}</p>\n{}</dd></div>\n", status,
            phrase(text_of(answer, "description")), fields_of(answer), shape);
    }

    // The fields of the head that not every answer has.
    std::string fields_of(json::object const& answer) const
    {
        std::string names;
        for (auto const& [name, field] : object_of(answer, "headers"))
            if (!is_everywhere(description_.meant(field)))
                names += (names.empty() ? " With " : ", ") + code(name);
        return names.empty() ? "" : names + '.';
    }

    std::string shown(ApiCall const& call) const
    {
        std::string html = listing("In a terminal", curl_line(description_, call, base_), "curl");
        for (auto const& [status, answer] : object_of(*call.operation, "responses")) {
            auto const& content = object_of(description_.meant(answer), "content");
            if (!std::string_view(status).starts_with('2') || content.empty())
                continue;
            if (auto const* example = example_of(content.begin()->value().as_object()))
                html += listing("Answer " + std::string(status), laid_out(*example));
        }
        return html;
    }

    static std::string listing(std::string_view title, std::string_view text, std::string_view kind = "")
    {
        return fmt::format(
            "<figure{}><figcaption>{}</figcaption><pre><code>{}</code></pre></figure>\n",
            kind.empty() ? "" : fmt::format(" class=\"{}\"", kind), title, escaped(text));
    }

    // Answers that several calls give, and the shapes they have.
    std::string shared() const
    {
        std::string html =
            "<section aria-labelledby=\"shared\" class=\"shared\">\n<h2 id=\"shared\">Answers that calls share</h2>\n"
            "<dl class=\"answers\">\n";
        for (auto const& [name, answer] : components("responses")) {
            auto const& content = object_of(answer.as_object(), "content");
            auto const* example = example_of(content.begin()->value().as_object());
            html += fmt::format(
                "<div id=\"{}\"><dt class=\"status\">{}</dt><dd><p>{}{}</p>\n{}</dd></div>\n", std::string_view(name),
                status_of(name), phrase(text_of(answer.as_object(), "description")), fields_of(answer.as_object()),
                example ? "<pre><code>" + escaped(laid_out(*example)) + "</code></pre>\n" : "");
        }
        html += "</dl>\n<h3>What they are made of</h3>\n";
        for (auto const name : {"Refusal", "Problem", "ValidationProblem", "SunbirdEnvelope"})
            html += fmt::format(
                "<div id=\"{0}\">\n<h4>{0}</h4>\n<p>{1}</p>\n{2}</div>\n", name,
                phrase(text_of(components("schemas").at(name).as_object(), "description")),
                members(components("schemas").at(name).as_object(), Way::answered));
        return html + "</section>\n";
    }

    // The status that calls give an answer by.
    std::string status_of(std::string_view response) const
    {
        for (auto const& call : description_.calls())
            for (auto const& [status, answer] : object_of(*call.operation, "responses"))
                if (ApiDescription::name_of_reference(answer) == response)
                    return status;
        return "";
    }

    // The members of an object, and what is inside of them; of a list those of its items.
    std::string members(json::object const& schema, Way way) const
    {
        if (auto const* variants = schema.if_contains("anyOf"); variants && !schema.contains("properties"))
            return either(variants->as_array(), way);
        auto const shape = shape_of(schema);
        std::string html;
        for (auto const name : shape.based_on)
            html += fmt::format("<p class=\"variant\">All of <a href=\"#{0}\">{0}</a>, and:</p>\n", name);
        if (shape.members.empty())
            return html;
        html += "<ul class=\"members\">\n";
        for (auto const& member : shape.members)
            html += this->member(member, way == Way::asked && shape.required.contains(member.name), way);
        return html + "</ul>\n";
    }

    // A list of what was told before is not told again.
    std::string either(json::array const& variants, Way way) const
    {
        std::string html;
        std::set<std::string_view> told{""};
        for (auto const& variant : variants) {
            auto const& schema = description_.meant(variant);
            auto const* items = schema.if_contains("items");
            auto const known = items && told.contains(ApiDescription::name_of_reference(*items));
            auto const text = text_of(schema, "description");
            html += fmt::format(
                "<p class=\"variant\">{} {}{}{}</p>\n{}", html.empty() ? "Either" : "Or", kind_of(schema),
                known ? " of such" : "", text.empty() ? "" : ": " + phrase(text), known ? "" : below(schema, way));
            told.insert(ApiDescription::name_of_reference(variant));
        }
        return html;
    }

    // What one value may be, in a few words.
    std::string kind_of(json::object const& schema) const
    {
        if (auto const* constant = schema.if_contains("const"))
            return code(json::serialize(*constant));
        if (auto const* choice = schema.if_contains("enum"))
            return "one of " + joined(choice->as_array(), ", ", [](json::value const& value) {
                       return code(json::serialize(value));
                   });
        auto const* type = schema.if_contains("type");
        if (auto const* variants = schema.if_contains("anyOf"); variants && !type)
            return joined(variants->as_array(), " or ", [this](json::value const& variant) {
                return kind_of(description_.meant(variant));
            });
        if (!type)
            return "object";
        if (type->is_string())
            return std::string(word_for(type->get_string()));
        return joined(type->as_array(), " or ", [](json::value const& one) { return word_for(one.as_string()); });
    }

    std::string below(json::object const& schema, Way way) const
    {
        auto const* items = schema.if_contains("items");
        return members(items ? description_.meant(*items) : schema, way);
    }

    std::string member(Shape::Member const& member, bool required, Way way) const
    {
        auto const& schema = description_.meant(*member.schema);
        std::string others;
        for (auto const spelling : member.other_spellings)
            others += " or " + code(spelling);
        auto const* own = member.schema->as_object().if_contains("description");
        auto const text = own ? std::string_view(own->as_string()) : text_of(schema, "description");
        return fmt::format(
            "<li><p class=\"member\">{}{} <span>{}</span>{}</p>\n{}{}</li>\n", code(member.name), others,
            kind_of(schema), required ? " <b>required</b>" : "", text.empty() ? "" : "<p>" + phrase(text) + "</p>\n",
            below(schema, way));
    }

    Shape shape_of(json::object const& schema) const
    {
        Shape shape;
        add(shape, schema);
        return shape;
    }

    // A part that has a name, beside others, is told once for all.
    void add(Shape& shape, json::object const& schema) const
    {
        if (auto const* required = schema.if_contains("required"))
            for (auto const& name : required->as_array())
                shape.required.insert(std::string_view(name.as_string()));
        for (auto const& [name, value] : object_of(schema, "properties"))
            if (auto const same = text_of(value.as_object(), "x-spelling-of"); same.empty())
                shape.members.push_back({.name = name, .other_spellings = {}, .schema = &value});
            else
                std::ranges::find(shape.members, same, &Shape::Member::name)->other_spellings.emplace_back(name);
        // Of two spellings the first stands for both.
        if (auto const* either = schema.if_contains("anyOf"))
            add(shape, either->as_array().front().as_object());
        if (auto const* parts = schema.if_contains("allOf"))
            for (auto const& part : parts->as_array()) {
                auto const name = ApiDescription::name_of_reference(part);
                if (name.empty())
                    add(shape, part.as_object());
                else
                    shape.based_on.push_back(name);
            }
    }

    ApiDescription description_;
    std::string_view base_;
};

}

std::string documentation(std::string_view openapi, std::string_view base)
{
    return Page(openapi, base).write();
}

}
