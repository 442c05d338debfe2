#include "server/http/forms.hpp"
#include "server/http/message.hpp"
#include "server/http/negotiation.hpp"
#include "server/http/request_id.hpp"
#include "server/http/tarpit.hpp"
#include "server/http/throttle.hpp"

#include <onboard/testing.hpp>

#include "support/catch.hpp"

using namespace onboard::server;
using namespace std::chrono_literals;

TEST_CASE("a form's field is decoded, and one that comes twice or broken is none")
{
    CHECK(form_field("code=12+34%2B5&x=y", "code") == "12 34+5");
    CHECK(form_field("a=b&code=", "code") == "");
    CHECK_FALSE(form_field("code=1&code=2", "code"));
    CHECK_FALSE(form_field("code=%2", "code"));
    CHECK_FALSE(form_field("code=%zz", "code"));
    CHECK_FALSE(form_field("xcode=1", "code"));
    CHECK_FALSE(form_field("", "code"));
}

TEST_CASE("a cookie is found by its whole name, and one that comes twice is none")
{
    CHECK(cookie("a=b; onboard=x=y; c=d", "onboard") == "x=y");
    CHECK_FALSE(cookie("onboard-pending=x", "onboard"));
    CHECK_FALSE(cookie("onboard=x; onboard=y", "onboard"));
    CHECK_FALSE(cookie("onboard", "onboard"));
}

TEST_CASE("a form's token belongs to one page and one cookie")
{
    auto const key = onboard::testing::test_key();
    auto const token = form_token(key, "home", "cookie");
    CHECK(is_form_token(key, "home", "cookie", token));
    CHECK_FALSE(is_form_token(key, "otp", "cookie", token));
    CHECK_FALSE(is_form_token(key, "home", "another", token));
    CHECK_FALSE(is_form_token(key, "home", "cookie", ""));
    CHECK_FALSE(is_form_token(key, "home", "cookie", token + "0"));
}

TEST_CASE("who is refused over and over has to wait, longer and longer, and within bounds")
{
    Tarpit tarpit;
    for (int refusal = 0; refusal < 16; ++refusal)
        CHECK(tarpit.note(401) == 0ms);
    CHECK(tarpit.note(422) == 1ms);
    CHECK(tarpit.note(400) == 2ms);
    for (int refusal = 0; refusal < 100; ++refusal)
        tarpit.note(503);
    CHECK(tarpit.note(429) == 25ms);

    CHECK(tarpit.note(200) == 0ms);
    CHECK(tarpit.note(401) == 25ms);
    for (int answer = 0; answer < 25; ++answer)
        CHECK(tarpit.note(200) == 0ms);
    CHECK(tarpit.note(401) == 1ms);
}

TEST_CASE("what a contract answers to a right question is no refusal")
{
    Tarpit tarpit;
    for (int answer = 0; answer < 100; ++answer)
        for (auto const status : {200, 201, 204, 303, 404, 405, 406, 409, 410, 412, 500})
            CHECK(tarpit.note(status) == 0ms);
    CHECK(tarpit.note(401) == 0ms);
}

TEST_CASE("JSON is JSON in UTF-8 and nothing else")
{
    auto const [field, accepted] = GENERATE(table<char const*, bool>(
        {{"application/json", true},
         {"Application/JSON", true},
         {"application/json; charset=utf-8", true},
         {"application/json;charset=\"UTF-8\"", true},
         {"application/json; version=1", true},
         {"application/json; charset=utf-16", false},
         {"application/json; charset", false},
         {"application/json; charset=utf-8; charset=utf-8", false},
         {"application/jsonp", false},
         {"application/vnd.sso.v2+json", false},
         {"text/plain", false},
         {"application/x-www-form-urlencoded", false},
         {"", false}}));
    INFO(field);
    CHECK(is_json(field) == accepted);
}

TEST_CASE("an offered request id is taken if it can do no harm")
{
    CHECK(request_id("abc-DEF_1.2") == "abc-DEF_1.2");
    CHECK(request_id(std::string(128, 'a')) == std::string(128, 'a'));
    auto const [why, offered] = GENERATE(table<char const*, std::string>(
        {{"nothing", ""}, {"a blank", "a b"}, {"a quote", "a\""}, {"too long", std::string(129, 'a')}}));
    INFO(why);
    auto const made = request_id(offered);
    CHECK(made.size() == 36);
    CHECK(made.find_first_not_of("0123456789abcdef-") == std::string::npos);
    CHECK(made[14] == '4');
    CHECK(made != request_id(offered));
}

TEST_CASE("a response that would break out of a line is not sent")
{
    Response response{.status = 303};
    response.with("Location", "/a\r\nSet-Cookie: x=y");
    CHECK_THROWS_AS(to_bytes(response, "id", true, true), std::invalid_argument);
}

TEST_CASE("a response without its body still says how long it would be")
{
    Response const response{.status = 200, .content_type = "text/plain", .body = "hello"};
    auto const bytes = to_bytes(response, "id", false, false);
    CHECK(bytes.find("Content-Length: 5\r\n") != std::string::npos);
    CHECK(bytes.find("Connection: close\r\n") != std::string::npos);
    CHECK(bytes.ends_with("\r\n\r\n"));
}

TEST_CASE("failures of one address are counted for a minute, and those of another apart")
{
    Throttle throttle(2);
    auto const start = Throttle::Clock::time_point(std::chrono::hours(1));
    CHECK_FALSE(throttle.fail("192.0.2.1", start));
    CHECK_FALSE(throttle.fail("192.0.2.1", start + std::chrono::seconds(10)));
    CHECK(throttle.fail("192.0.2.1", start + std::chrono::seconds(20)) == std::chrono::seconds(40));
    CHECK_FALSE(throttle.fail("192.0.2.2", start + std::chrono::seconds(20)));
    CHECK_FALSE(throttle.fail("192.0.2.1", start + std::chrono::seconds(60)));
}

TEST_CASE("all addresses of an IPv6 host are one")
{
    CHECK(throttle_key("2001:db8:1:2:3:4:5:6") == throttle_key("2001:db8:1:2::1"));
    CHECK(throttle_key("2001:db8:1:2::1") != throttle_key("2001:db8:1:3::1"));
    CHECK(throttle_key("::ffff:192.0.2.1") == "192.0.2.1");
}
