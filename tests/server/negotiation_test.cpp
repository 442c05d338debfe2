#include "server/http/negotiation.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "support/catch.hpp"

using namespace onboard::server;

namespace {

using Answer = std::optional<std::string_view>;

constexpr Answer json = "application/json";
constexpr Answer sso = "application/vnd.sso.v1+json";
constexpr Answer neither = std::nullopt;

std::string repeated(std::string_view text, std::size_t times)
{
    std::string all;
    for (std::size_t count = 0; count < times; ++count)
        all += text;
    return all;
}

constexpr std::size_t very_long = 65536;

}

TEST_CASE("the SSO calls take their own type and plain JSON, in UTF-8")
{
    auto const [field, accepted] = GENERATE(table<std::string, bool>(
        {{"application/vnd.sso.v1+json", true},
         {"application/json", true},
         {"APPLICATION/VND.SSO.V1+JSON", true},
         {" \tapplication/vnd.sso.v1+json ", true},
         {"application/vnd.sso.v1+json;charset=utf-8", true},
         {"application/vnd.sso.v1+json ; Charset=\"UTF-8\"", true},
         {"application/vnd.sso.v1+json; version=2; charset=utf-8", true},
         {"application/vnd.sso.v1+json;", true},
         {"application/vnd.sso.v1+json; charset=iso-8859-1", false},
         {"application/vnd.sso.v1+json; CHARSET=utf-16", false},
         {"application/vnd.sso.v1+json; charset", false},
         {"application/vnd.sso.v1+json; charset=", false},
         {"application/vnd.sso.v1+json; charset=utf-8; charset=utf-8", false},
         {"application/json; charset=utf-8; charset=utf-16", false},
         {"application/vnd.sso.v2+json", false},
         {"application/vnd.sso.v11+json", false},
         {"application/vnd.sso.v1", false},
         {"application/vnd.sso.v1+jsonp", false},
         {"application/vnd.sso.v1+json/x", false},
         {"application/vnd.sso.v1+json, application/json", false},
         {"application/vndXsso.v1+json", false},
         {"application/hal+json", false},
         {"application/*+json", false},
         {"application/*", false},
         {"*/*", false},
         {"text/json", false},
         {"text/plain; application/json", false},
         {";charset=utf-8", false},
         {"", false},
         {"application/vnd.sso.v1+json" + std::string(very_long, ';'), true},
         {"application/vnd.sso.v1+json" + std::string(very_long, 'n'), false}}));
    INFO(field.substr(0, 100));
    CHECK(is_sso_json(field) == accepted);
}

TEST_CASE("the type of the SSO calls is none that other calls take")
{
    CHECK_FALSE(is_json("application/vnd.sso.v1+json"));
    CHECK_FALSE(is_form("application/vnd.sso.v1+json"));
}

TEST_CASE("whoever accepts anything is answered in plain JSON")
{
    CHECK(sso_media_type(std::nullopt) == json);
    auto const field =
        GENERATE(as<std::string>(), "", " \t", ",", " , ,", "*/*", "*/*;q=0.001", "application/*", ",*/*,");
    INFO(field);
    CHECK(sso_media_type(field) == json);
}

TEST_CASE("a type that is named is answered, and nothing else")
{
    auto const [field, answer] = GENERATE(table<std::string, Answer>(
        {{"application/json", json},
         {"application/vnd.sso.v1+json", sso},
         {"Application/JSON", json},
         {"APPLICATION/VND.SSO.V1+JSON", sso},
         {"APPLICATION/*+JSON", sso},
         {"APPLICATION/*", json},
         {"Application/Hal+Json", json},
         {"\t application/vnd.sso.v1+json \t", sso},
         {"text/html", neither},
         {"text/*", neither},
         {"text/json", neither},
         {"application/xml", neither},
         {"application/jsonp", neither},
         {"application/jso", neither},
         {"xapplication/json", neither},
         {"application/vnd.sso.v1", neither},
         {"application/vnd.sso.v1+xml", neither},
         {"text/html, application/vnd.sso.v1+json", sso},
         {"application/xml,application/json", json},
         // As browsers and axios send it.
         {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", json},
         {"application/json, text/plain, */*", json}}));
    INFO(field);
    CHECK(sso_media_type(field) == answer);
}

TEST_CASE("the type of higher quality is answered, whatever the order")
{
    auto const [field, answer] = GENERATE(table<std::string, Answer>(
        {{"application/json;q=0.5, application/vnd.sso.v1+json;q=0.4", json},
         {"application/vnd.sso.v1+json;q=0.4, application/json;q=0.5", json},
         {"application/json;q=0.4, application/vnd.sso.v1+json;q=0.5", sso},
         {"application/json;q=0.9, application/vnd.sso.v1+json;q=0.10", json},
         {"application/json;q=0.09, application/vnd.sso.v1+json;q=0.1", sso},
         {"application/json;q=0.999, application/vnd.sso.v1+json;q=0.998", json},
         {"application/json;q=0.01, application/vnd.sso.v1+json;q=0.009", json},
         {"application/json, application/vnd.sso.v1+json;q=0.999", json},
         {"application/json;Q=0.2, application/vnd.sso.v1+json;q=0.3", sso},
         {"application/vnd.sso.v1+json ; q=0.2\t;, application/json\t;\tq=0.3", json},
         {"application/json;q=0.1;q2=1, application/vnd.sso.v1+json;q=0.05", json},
         // The same type twice: its best.
         {"application/json;q=0.2, application/vnd.sso.v1+json;q=0.5, application/json;q=0.8", json},
         {"application/json;q=0.8, application/vnd.sso.v1+json;q=0.5, application/json;q=0.2", json},
         {"application/json;version=2;q=0, application/json", json}}));
    INFO(field);
    CHECK(sso_media_type(field) == answer);
}

TEST_CASE("between two of the same quality, the SSO type is answered if it was asked for")
{
    auto const [field, answer] = GENERATE(table<std::string, Answer>(
        {{"application/json, application/vnd.sso.v1+json", sso},
         {"application/vnd.sso.v1+json, application/json", sso},
         {"application/json;q=1.000, application/vnd.sso.v1+json;q=1", sso},
         {"application/json;q=0.5, application/vnd.sso.v1+json;q=0.50", sso},
         {"application/vnd.sso.v1+json, */*", sso},
         {"*/*, application/vnd.sso.v1+json", sso},
         {"application/vnd.sso.v1+json, application/hal+json", sso},
         {"application/*+json", sso},
         {"application/*+json, */*", sso},
         {"application/*+json, application/hal+json", sso},
         {"application/*+json;q=0.3, */*;q=0.8", sso},
         {"application/*+json, application/json", json},
         {"application/json;q=0.7, application/*+json;q=0.7", json},
         {"application/*+json, application/json, application/vnd.sso.v1+json", sso},
         {"application/*, application/json", json},
         {"*/*, application/json", json},
         {"*/*, application/hal+json", json}}));
    INFO(field);
    CHECK(sso_media_type(field) == answer);
}

TEST_CASE("the closest range decides, though another has a higher quality")
{
    auto const [field, answer] = GENERATE(table<std::string, Answer>(
        {{"application/json;q=0.5, */*", sso},
         {"*/*, application/json;q=0.5", sso},
         {"application/vnd.sso.v1+json;q=0.5, */*", json},
         {"*/*;q=0.1, application/json", json},
         {"application/*;q=0.2, */*, application/json;q=0.3", json},
         {"application/*+json;q=0.2, application/*;q=0.9, application/json;q=0.3", json},
         {"application/json;q=0.5, application/*+json;q=0.6", sso},
         {"application/json;q=0.5, application/*+json;q=0.4", json},
         {"application/vnd.sso.v1+json;q=0.1, application/*+json;q=0.2", json},
         {"application/hal+json;q=0.3, application/*;q=0.2", json},
         {"application/hal+json;q=0.2, application/*;q=0.3", sso},
         {"application/hal+json, application/json;q=0.2, application/vnd.sso.v1+json;q=0.3", sso},
         {"application/hal+json, application/*+json;q=0.5", sso},
         {"application/hal+json;q=0.1, application/problem+json;q=0.9, */*;q=0.5", json}}));
    INFO(field);
    CHECK(sso_media_type(field) == answer);
}

TEST_CASE("a quality of 0 excludes what its range describes")
{
    auto const [field, answer] = GENERATE(table<std::string, Answer>(
        {{"application/json;q=0", neither},
         {"application/json;q=0.000", neither},
         {"application/json;q=0.", neither},
         {"*/*;q=0", neither},
         {"application/vnd.sso.v1+json;q=0, application/json;q=0", neither},
         {"*/*;q=0.1, application/json;q=0", sso},
         {"application/json;q=0, */*;q=0.1", sso},
         {"*/*;q=0.1, application/vnd.sso.v1+json;q=0", json},
         {"application/*;q=0, */*", neither},
         {"application/*;q=0, application/json;q=0.001", json},
         {"*/*;q=0, application/vnd.sso.v1+json;q=0.001", sso},
         {"application/*+json;q=0, */*", neither},
         {"application/*+json;q=0, application/json", json},
         {"application/*+json, application/json;q=0", sso},
         {"application/*+json, application/vnd.sso.v1+json;q=0", json},
         {"application/*+json, application/vnd.sso.v1+json;q=0, application/json;q=0", neither},
         {"application/hal+json, application/json;q=0", neither},
         {"application/hal+json;q=0, application/json", json},
         {"application/hal+json;q=0, */*", sso},
         {"text/html;q=0, */*", json}}));
    INFO(field);
    CHECK(sso_media_type(field) == answer);
}

TEST_CASE("a wish for JSON of some kind is met by plain JSON, and one for another version of SSO is not")
{
    auto const [field, answer] = GENERATE(table<std::string, Answer>(
        {{"application/hal+json", json},
         {"application/problem+json;q=0.1", json},
         {"application/vnd.api+json", json},
         {"application/vnd.sso+json", json},
         {"application/vnd.sso.verbose+json", json},
         {"application/+json", neither},
         {"application/a/b+json", neither},
         {"application/a b+json", neither},
         {"application/hal+json+xml", neither},
         {"application/hal+jsonp", neither},
         {"text/hal+json", neither},
         {"model/vnd.example+json", neither},
         {"text/*+json", neither},
         {"*/*+json", neither},
         {"application/vnd.sso.v2+json", neither},
         {"APPLICATION/VND.SSO.V2+JSON", neither},
         {"application/vnd.sso.v0+json", neither},
         {"application/vnd.sso.v10+json", neither},
         {"application/vnd.sso.v01+json", neither},
         {"application/vnd.sso.v1.1+json", neither},
         {"application/vnd.sso.v2+json, application/vnd.sso.v1+json;q=0.1", sso},
         {"application/vnd.sso.v2+json, application/json;q=0.1", json},
         {"application/vnd.sso.v2+json, */*;q=0.1", json},
         {"application/vnd.sso.v2+json;q=0, */*", json}}));
    INFO(field);
    CHECK(sso_media_type(field) == answer);
}

TEST_CASE("parameters change nothing, whatever they hold")
{
    auto const [field, answer] = GENERATE(table<std::string, Answer>(
        {{"application/vnd.sso.v1+json;charset=utf-8", sso},
         {"application/vnd.sso.v1+json; charset=utf-16", sso},
         {"application/json;q=0.5;version=1, application/vnd.sso.v1+json;q=0.4", json},
         {"application/json;version=1;q=0.3, application/vnd.sso.v1+json;q=0.4", sso},
         {"*/*;version=1;q=0", neither},
         {"application/json;;q=0.4;, application/vnd.sso.v1+json;q=0.3", json},
         {"text/plain;x=\"a, application/json\"", neither},
         {"text/plain;x=\", application/json, \", application/vnd.sso.v1+json", sso},
         {"application/json;x=\";q=0\"", json},
         {"application/json;x=\"a;q=1;\";q=0", neither},
         {"application/json;x=\"\";q=0, application/vnd.sso.v1+json", sso},
         {R"(text/plain;x="\", application/json, \"")", neither},
         {R"(text/plain;x="\\", application/json)", json},
         {R"(application/json;x="\";q=0")", json},
         {R"(application/json;x="\\";q=0)", neither}}));
    INFO(field);
    CHECK(sso_media_type(field) == answer);
}

TEST_CASE("a malformed range is as if it were not there, and nothing but such is not as if there were no field")
{
    auto const malformed = GENERATE(
        as<std::string>(), "application/json;q=", "application/json;q", "application/json;q=1.1",
        "application/json;q=1.001", "application/json;q=0.1234", "application/json;q=0.0000", "application/json;q=.",
        "application/json;q=00.5", "application/json;q=2", "application/json;q=10", "application/json;q=-1",
        "application/json;q=-", "application/json;q=/.5", "application/json;q=+1", "application/json;q=1e0",
        "application/json;q=0x1", "application/json;q=0:5", "application/json;q=0.5x", "application/json;q=0.-1",
        "application/json;q=nan", "application/json;q=\"1\"", "application/json;q =1", "application/json;q= 1",
        "application/json;q=0 .5", "application/json;q=1;q=1", "application/json;q=0.5;q=x",
        "application/json;version", "application/json;version=", "application/json;=1", "application/json;a b=1",
        "application/json;a=b c", "application/json;a=b=c", "application/json;a=\"b\"c", "application/json;a=b\"c\"",
        "application/json;\"a\"=b", "application/json;a=\"", "application/json;a=\"b", "application/json;a=\"b\\\"",
        "application /json", "application/ json", "application", "application/", "/json", "/", "*", "*/", "*/json",
        "* / *", ";q=1", "q=1", "application/json application/json", "\"application/json\"", "application/json/",
        "application//json");
    INFO(malformed);
    CHECK(sso_media_type(malformed) == neither);
    CHECK(sso_media_type(malformed + ", text/plain") == neither);
    CHECK(sso_media_type("application/vnd.sso.v1+json;q=0.1, " + malformed) == sso);  // it is not 1
    CHECK(sso_media_type("*/*;q=0.1," + malformed) == json);                          // nor 0
}

TEST_CASE("what stands after a malformed range is read")
{
    auto const [field, answer] = GENERATE(table<std::string, Answer>(
        {{"application/json;q=x, application/vnd.sso.v1+json;q=0.1", sso},
         {"application/vnd.sso.v1+json;q=2, application/json;q=0.1", json},
         {"application/json;q=0,5, application/vnd.sso.v1+json;q=0.1", sso},
         {"*, application/json", json},
         {"application/json;x=\"a\"b, application/vnd.sso.v1+json", sso},
         {"\"application/json, \", application/vnd.sso.v1+json", sso},
         {"application/json\\, application/vnd.sso.v1+json", sso},
         {"application/json;x=a\\, application/vnd.sso.v1+json", sso},
         // But quotes that do not end take in all the rest.
         {"text/plain;x=\", application/json", neither},
         {"application/vnd.sso.v1+json, text/plain;x=\", application/json;q=0.5", sso},
         // As old Java sends it.
         {"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", json},
         {"text/html, image/gif, image/jpeg, */*; q=0.2", json}}));
    INFO(field);
    CHECK(sso_media_type(field) == answer);
}

TEST_CASE("a quality may end in its point")
{
    CHECK(sso_media_type("application/json;q=1., application/vnd.sso.v1+json;q=0.999") == json);
    CHECK(sso_media_type("application/json;q=0., application/vnd.sso.v1+json;q=0.001") == sso);
    CHECK(sso_media_type("application/json;q=1.000") == json);
}

TEST_CASE("an Accept field may be as long as it likes")
{
    auto const [why, field, answer] = GENERATE(table<char const*, std::string, Answer>(
        {{"200 ranges, then ours", repeated("text/plain;q=0.9, ", 200) + "application/vnd.sso.v1+json;q=0.1", sso},
         {"ours, then 200 ranges", "application/json;q=0.1" + repeated(", text/plain", 200), json},
         {"200 ranges and none of ours", repeated("application/xml, ", 200), neither},
         {"200 times the same", repeated("application/json, ", 200) + "application/vnd.sso.v1+json", sso},
         {"200 other kinds of JSON", repeated("application/hal+json;q=0.5, ", 200) + "*/*;q=0.4", json},
         {"200 parameters", "application/json" + repeated(";a=b", 200) + ";q=0", neither},
         {"commas", std::string(very_long, ','), json},
         {"commas, then ours", std::string(very_long, ',') + "application/vnd.sso.v1+json", sso},
         {"semicolons", std::string(very_long, ';'), neither},
         {"semicolons after ours", "application/vnd.sso.v1+json" + std::string(very_long, ';'), sso},
         {"blanks", std::string(very_long, ' '), json},
         {"blanks before ours", std::string(very_long, '\t') + "application/vnd.sso.v1+json", sso},
         {"blanks between commas", repeated(" ,", very_long / 2), json},
         {"quotes in pairs, then ours", std::string(very_long, '"') + ", application/json", json},
         {"empty quotes after one another", "text/plain;x=" + std::string(very_long, '"') + ", application/json",
          json},
         {"a quote that does not end", "text/plain;x=\"" + std::string(very_long, 'a') + ", */*", neither},
         {"escapes", "application/json;x=\"" + std::string(very_long, '\\') + '"', json},
         {"escapes, one too many", "application/json;x=\"" + std::string(very_long + 1, '\\') + '"', neither},
         {"a long type", "application/" + std::string(very_long, 'a') + "+json", json},
         {"a long quality", "application/json;q=0." + std::string(very_long, '0'), neither},
         {"a long quality of ones", "application/json;q=" + std::string(very_long, '1'), neither},
         {"a long parameter", "application/json;x=\"" + std::string(very_long, ',') + "\";q=0, */*;q=0.1", sso},
         {"bytes beyond ASCII", repeated("\xff\x80;,", very_long / 4), neither}}));
    INFO(why);
    CHECK(sso_media_type(field) == answer);
}
