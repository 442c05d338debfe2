#include "server/pages/documentation.hpp"

#include <regex>
#include <set>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>

#include "server/contracts/contracts.hpp"
#include "server/embedded.hpp"
#include "server/pages/api_description.hpp"
#include "server/pages/curl_line.hpp"
#include "server/pages/pages.hpp"
#include "server/pages/prose.hpp"
#include "support/catch.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::server;
using Catch::Matchers::Contains;
using pages::ApiCall;
using pages::ApiDescription;
using Calls = std::set<std::string>;

// Every contract there is. What a contract is made with outlives it here, and decides nothing about its routes.
Calls calls_of_the_server()
{
    testing::World world;
    auto const key = testing::test_key();
    auto const region = Region::parse("DE").value();
    Links const links{
        .public_url = "https://a.example",
        .login_url = "https://a.example/login/{token}",
        .home_url = "https://a.example/home"};
    Log const log(LogLevel::error);
    Throttle failures(1);
    Events events;

    std::vector<std::unique_ptr<Contract>> contracts;
    contracts.push_back(application_contract(world.onboarding, events.sign_ins));
    contracts.push_back(browser_contract(
        world.onboarding, key, links, [](auto const&) {}, events));
    contracts.push_back(documentation_contract(key, links));
    contracts.push_back(email_pages(world.onboarding, key, links));
    contracts.push_back(oauth_contract(world.onboarding, failures));
    contracts.push_back(operations_contract([] { return true; }, [] { return std::string(); }));
    contracts.push_back(partner_contract(world.onboarding, links));
    contracts.push_back(password_pages(world.onboarding, key, links, events.sign_ins));
    contracts.push_back(portal_contract(world.onboarding, key, links, region, log, events.sign_ins));
    contracts.push_back(sso_contract(world.onboarding, region, log, events));
    contracts.push_back(sunbird_contract(world.onboarding, region, nullptr, log, events));

    Calls calls;
    for (auto const& contract : contracts)
        for (auto const& route : contract->routes())
            calls.insert(std::string(route.method) + ' ' + std::string(route.path));
    return calls;
}

// Where HEAD has a meaning of its own it is described beside GET, of whose route it is.
Calls calls_of(ApiDescription const& description)
{
    Calls calls;
    for (auto const& call : description.calls()) {
        if (call.method == "HEAD")
            continue;
        auto const method = std::string(call.method) + ' ';
        calls.insert(method + std::string(call.path));
        for (auto const other : call.other_paths)
            calls.insert(method + std::string(other));
    }
    return calls;
}

ApiCall const& call_named(ApiDescription const& description, std::string_view id)
{
    for (auto const& call : description.calls())
        if (call.id() == id)
            return call;
    throw std::invalid_argument("no such call");
}

std::vector<std::string> all_matches(std::string const& text, std::string const& pattern)
{
    std::regex const expression(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match)
        found.push_back((*match)[1]);
    return found;
}

std::string page()
{
    return pages::documentation(embedded::api_description(), "https://a.example");
}

}

TEST_CASE("every call of the server is described, and nothing else is")
{
    CHECK(calls_of(ApiDescription(embedded::api_description())) == calls_of_the_server());
}

TEST_CASE("a description that is none is refused")
{
    auto const text = GENERATE("", "{", "[]", "{}", R"({"paths": {"/a": {"$ref": "#/paths/~1b"}}})");
    CHECK_THROWS_AS(ApiDescription(text), std::invalid_argument);
}

TEST_CASE("the page of all calls tells every path, and leads to places that are there")
{
    auto const html = page();
    ApiDescription const description(embedded::api_description());
    for (auto const& call : description.calls()) {
        INFO(call.id());
        CHECK_THAT(html, Contains("<article class=\"call\" id=\"" + std::string(call.id()) + '"'));
    }
    auto const ids = all_matches(html, " id=\"([^\"]+)\"");
    CHECK(std::set(ids.begin(), ids.end()).size() == ids.size());
    for (auto const& place : all_matches(html, " href=\"#([^\"]+)\"")) {
        INFO(place);
        CHECK(std::ranges::find(ids, place) != ids.end());
    }
}

TEST_CASE("the page of all calls loads what is ours, and has neither script nor style inside of it")
{
    auto const html = page();
    CHECK(
        all_matches(html, " (?:src|href)=\"([^#\"][^\"]*)\"") ==
        std::vector<std::string>{"/assets/onboard.css", "/assets/docs.css", "/assets/docs.js", "/openapi.json"});
    CHECK(all_matches(html, "<(style|script>| style=| on[a-z]+=)").empty());
    CHECK_THAT(html, !Contains("https://onboard.example/login/{"));
}

TEST_CASE("what a description says is text, whatever it looks like")
{
    std::string text(embedded::api_description());
    for (auto at = text.find("Log in a user"); at != std::string::npos; at = text.find("Log in a user", at))
        text.replace(at, std::string_view("Log in a user").size(), "<script>&");
    CHECK_THAT(pages::documentation(text, "https://a.example"), Contains("&lt;script&gt;&amp;"));
    CHECK_THAT(pages::documentation(text, "https://a.example"), !Contains("<script>"));
}

TEST_CASE("every class on the page of all calls is known to a stylesheet")
{
    auto const css = std::string(pages::stylesheet()) + std::string(embedded::documentation_style());
    for (auto const& classes : all_matches(page(), " class=\"([^\"]+)\""))
        for (auto const& name : all_matches(classes, "([a-z-]+)")) {
            INFO(name);
            CHECK_THAT(css, Contains('.' + name));
        }
}

TEST_CASE("a line for the terminal has everything that the call needs")
{
    ApiDescription const description(embedded::api_description());
    auto const line = [&](std::string_view id) {
        return pages::curl_line(description, call_named(description, id), "https://a.example");
    };
    CHECK(line("healthz") == "curl 'https://a.example/healthz'");
    CHECK(
        line("redeemLoginToken") ==
        "curl 'https://a.example/v1/login-tokens/redeem' \\\n"
        "  -H \"Authorization: Bearer $TOKEN\" \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        "  -d '{\n  \"token\": \"a4dzslg0lIIx1fO-h9_uDhCR-0jmpo2nctGf9EyAp5Dx-3DL6XwErA\"\n}'");
    CHECK(
        line("sendCode") == "curl 'https://a.example/sso/sms' \\\n"
                            "  -H 'Content-Type: application/json' \\\n"
                            "  -d '{\"telephone\":\"0151 12345678\"}'");
    CHECK_THAT(line("changeEmail"), Contains("curl -X PATCH 'https://a.example/sso/email'"));
    CHECK_THAT(line("getUser"), Contains("/sso/user?username=%2B4915112345678&authCode="));
    CHECK_THAT(line("emailExists"), Contains("/v1/user/exists/email/asha%40example.com'"));
    CHECK_THAT(line("getSession"), Contains("-H \"Cookie: __Host-onboard=$SESSION\""));
    CHECK_THAT(line("issueAccessToken"), Contains("--data-urlencode 'grant_type=client_credentials'"));
    CHECK_THAT(line("lookAtLoginLink"), Contains("curl --head '"));
}

TEST_CASE("JSON for people stands on a line where it fits, and stays the same JSON")
{
    auto const text =
        R"({"a":[1,2,{"b":"the one who does not fit in here","c":"or does, with some luck and effort"}],"d":{},"e":[]})";
    auto const value = boost::json::parse(text);
    auto const laid_out = pages::laid_out(value);
    CHECK(boost::json::parse(laid_out) == value);
    CHECK(pages::laid_out(boost::json::parse(R"({"a":[1,2]})")) == R"({"a":[1,2]})");
    CHECK_THAT(laid_out, Contains("\n  \"d\": {},\n"));
}

TEST_CASE("prose has paragraphs, code and strong words, and no other HTML")
{
    CHECK(pages::prose("one\n\ntwo") == "<p>one</p>\n<p>two</p>\n");
    CHECK(pages::phrase("say `a<b` **now**") == "say <code>a&lt;b</code> <strong>now</strong>");
    CHECK(pages::phrase("`**x**`") == "<code>**x**</code>");
    CHECK(pages::phrase("5 * 3 ` 2 ** 1") == "5 * 3 ` 2 ** 1");
    CHECK(pages::prose("").empty());
}
