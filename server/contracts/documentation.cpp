#include <array>

#include <fmt/format.h>

#include "server/contracts/browser_answers.hpp"
#include "server/contracts/contracts.hpp"
#include "server/embedded.hpp"
#include "server/pages/documentation.hpp"
#include "server/pages/languages.hpp"
#include "server/text.hpp"

// The description of all calls: /openapi.json for programs, /docs for people.
namespace onboard::server {

namespace {

// The file speaks of a server at this place; each server of itself.
constexpr std::string_view nobodys_url = "https://onboard.example";

std::string described_at(std::string_view public_url)
{
    std::string text(embedded::api_description());
    for (auto at = text.find(nobodys_url); at != std::string::npos; at = text.find(nobodys_url, at))
        text.replace(at, nobodys_url.size(), public_url), at += public_url.size();
    return text;
}

// RFC 9110, 13.1.2, for tags that have no comma in them.
bool lists(std::string_view tags, std::string_view wanted)
{
    while (!tags.empty()) {
        auto const comma = tags.find(',');
        auto tag = without_blanks(tags.substr(0, comma));
        if (tag.starts_with("W/"))
            tag.remove_prefix(2);
        if (tag == wanted || tag == "*")
            return true;
        tags = comma == std::string_view::npos ? std::string_view() : tags.substr(comma + 1);
    }
    return false;
}

// One that does not change while the server runs.
struct Document {
    std::string_view media_type;
    std::string text;
    std::string tag = fmt::format("\"{:016x}\"", std::hash<std::string>()(text));
};

class DocumentationContract : public Contract {
public:
    DocumentationContract(SecretKey const& key, Links const& links)
        : answers_(links, key),
          description_{.media_type = "application/json", .text = described_at(links.public_url)},
          page_{
              .media_type = "text/html; charset=utf-8",
              .text = pages::documentation(description_.text, links.public_url)}
    {
    }

    std::span<Route const> routes() const override { return routes_; }
    bool owns(std::string_view) const override { return false; }
    Response fault(RequestHead const& head, FaultDetails const& details) const override
    {
        return answers_.fault(pages::preferred(head.field("accept-language")), details);
    }

private:
    // Loads our script, which talks to nobody but us.
    static constexpr std::string_view content_policy =
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

    Answer show(Exchange const& exchange, Document const& document) const
    {
        Response response;
        if (lists(exchange.request.head.list("if-none-match"), document.tag)) {
            response.status = 304;
        } else {
            response.content_type = document.media_type;
            response.body = document.text;
        }
        response.with("Cache-Control", "no-cache").with("ETag", document.tag);
        answers_.dress(response, content_policy);
        return response;
    }

    BrowserAnswers answers_;
    Document description_;
    Document page_;
    std::array<Route, 4> routes_{{
        {.method = "GET",
         .path = "/openapi.json",
         .right = std::nullopt,
         .asks_storage = false,
         .handle = [this](Exchange const& exchange) { return show(exchange, description_); }},
        {.method = "GET",
         .path = "/docs",
         .right = std::nullopt,
         .asks_storage = false,
         .handle = [this](Exchange const& exchange) { return show(exchange, page_); }},
        {.method = "GET",
         .path = "/assets/docs.css",
         .right = std::nullopt,
         .asks_storage = false,
         .handle =
             [](Exchange const&) {
                 return BrowserAnswers::asset("text/css; charset=utf-8", embedded::documentation_style());
             }},
        {.method = "GET",
         .path = "/assets/docs.js",
         .right = std::nullopt,
         .asks_storage = false,
         .handle =
             [](Exchange const&) {
                 return BrowserAnswers::asset("text/javascript; charset=utf-8", embedded::documentation_script());
             }},
    }};
};

}

std::unique_ptr<Contract> documentation_contract(SecretKey const& key, Links const& links)
{
    return std::make_unique<DocumentationContract>(key, links);
}

}
