#include "server/http/json_reader.hpp"

#include <boost/json/serialize.hpp>

#include "support/catch_boost.hpp"

using onboard::server::raw_member;
using onboard::server::read_json;
using onboard::server::with_raw_member;

TEST_CASE("a document is read as it is written")
{
    auto const document = read_json(R"({"a": [1, -2, 3.5, true, null], "b": {"c": "\u00e9\n"}})");
    REQUIRE(document);
    CHECK(boost::json::serialize(*document) == "{\"a\":[1,-2,3.5E0,true,null],\"b\":{\"c\":\"\xc3\xa9\\n\"}}");
}

TEST_CASE("a key that comes twice is refused and named, however it is written")
{
    auto const text = GENERATE(
        as<std::string>(), R"({"email": 1, "email": 2})", R"({"email": 1, "\u0065mail": 2})",
        R"({"x": {"email": 1, "y": 0, "ema\u0069l": {}}})");
    INFO(text);
    auto const document = read_json(text);
    REQUIRE_FALSE(document);
    CHECK(document.error().code == "key_duplicate");
    CHECK(document.error().member == "email");
}

TEST_CASE("the same key in two objects is no duplicate")
{
    CHECK(read_json(R"({"a": {"x": 1}, "b": {"x": 2}, "x": [{"x": 3}, {"x": 4}]})"));
}

TEST_CASE("text that is not one JSON document is refused")
{
    auto const [why, text] = GENERATE(table<char const*, std::string>(
        {{"nothing", ""},
         {"blanks", "  "},
         {"half a document", "{\"a\":"},
         {"two documents", "{} {}"},
         {"a comma too many", "[1,]"},
         {"a comment", "{} // x"},
         {"a byte order mark", "\xef\xbb\xbf{}"},
         {"broken UTF-8", "\"\xff\""},
         {"overlong UTF-8", "\"\xc0\xaf\""},
         {"half a surrogate pair", R"("\ud800")"},
         {"NaN", "NaN"},
         {"a single quote", "{'a': 1}"},
         {"a number with a leading zero", "01"},
         {"a control character in text", "\"\x01\""}}));
    INFO(why);
    auto const document = read_json(text);
    REQUIRE_FALSE(document);
    CHECK(document.error().code == "json_malformed");
}

TEST_CASE("a number without a finite value is refused")
{
    auto const document = read_json(R"({"a": 1e400})");
    REQUIRE_FALSE(document);
    CHECK(document.error().code == "number_out_of_range");
}

TEST_CASE("depth, members and texts have limits")
{
    CHECK(read_json(std::string(16, '[') + std::string(16, ']')));
    auto const deep = read_json(std::string(17, '[') + std::string(17, ']'));
    REQUIRE_FALSE(deep);
    CHECK(deep.error().code == "json_too_deep");

    std::string many = "[0";
    for (int number = 0; number < 3000; ++number)
        many += ",0";
    auto const large = read_json(many + "]");
    REQUIRE_FALSE(large);
    CHECK(large.error().code == "json_too_large");

    auto const long_text = read_json("\"" + std::string(16385, 'x') + "\"");
    REQUIRE_FALSE(long_text);
    CHECK(long_text.error().code == "json_too_large");
}

TEST_CASE("a member's own text is found, whatever stands around it")
{
    auto const [document, raw] = GENERATE(table<std::string, std::string>(
        {{R"({"user":{"data":{"a":1.10}}})", R"({"a":1.10})"},
         {R"( { "x" : "}{" , "user" : { "email":"a\"b" , "data" :  {"n": 12345678901234567890123 } } } )",
          R"({"n": 12345678901234567890123 })"},
         {R"({"user":{"d\u0061ta":{"x":[{"data":1},"]"]},"z":0}})", R"({"x":[{"data":1},"]"]})"},
         {R"({"user":{"data":{}}})", "{}"},
         {R"({"user":{"other":{"data":{}}}})", ""},
         {R"({"data":{}})", ""},
         {R"({"user":[]})", ""}}));
    INFO(document);
    REQUIRE(read_json(document));
    CHECK(raw_member(raw_member(document, "user"), "data") == raw);
}

TEST_CASE("a member is added to an object without touching its text")
{
    CHECK(with_raw_member("{}", "a", "1.10") == R"({"a":1.10})");
    CHECK(with_raw_member(R"({"x":1})", "a\"b", "{ }") == R"({"x":1,"a\"b":{ }})");
}
