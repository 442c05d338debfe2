#include "server/http/request_head.hpp"

#include "support/catch_boost.hpp"

using onboard::server::HeadScanner;
using onboard::server::RequestHead;
using Refusal = RequestHead::Refusal;
using namespace std::string_literals;

namespace {

HeadScanner::State scan(std::string_view bytes)
{
    HeadScanner scanner;
    return scanner.scan(bytes);
}

std::string head_with(std::string_view fields)
{
    return "POST /x HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

}

TEST_CASE("a head is complete at its empty line and not before")
{
    std::string const head = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    HeadScanner scanner;
    for (std::size_t size = 1; size < head.size(); ++size)
        REQUIRE(scanner.scan(std::string_view(head).substr(0, size)) == HeadScanner::State::incomplete);
    REQUIRE(scanner.scan(head + "what follows") == HeadScanner::State::complete);
    CHECK(scanner.size() == head.size());
}

TEST_CASE("bytes that no head may have are refused at once, however little has arrived")
{
    auto const [why, bytes] = GENERATE(table<char const*, std::string>(
        {{"a line that ends without a carriage return", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
         {"a carriage return alone", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"},
         {"an empty line before the request", "\r\nGET / HTTP/1.1\r\n"},
         {"a NUL", "GET / HTTP/1.1\r\nX: \0"s},
         {"a control character", "GET / HTTP/1.1\r\nX: \x01"},
         {"a delete character", "GET / HTTP/1.1\r\nX: \x7f"},
         {"a TLS handshake", "\x16\x03\x01"s},
         {"a blank at the start", " GET / HTTP/1.1\r\n"}}));
    INFO(why);
    CHECK(scan(bytes) == HeadScanner::State::malformed);
}

TEST_CASE("a head may have 8192 bytes and no more")
{
    std::string const start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    std::string const end = "\r\n\r\n";
    auto const filled = [&](std::size_t size) {
        return start + std::string(size - start.size() - end.size(), 'x') + end;
    };
    CHECK(scan(filled(8192)) == HeadScanner::State::complete);
    CHECK(scan(filled(8193)) == HeadScanner::State::too_long);
    CHECK(scan(start + std::string(9000, 'x')) == HeadScanner::State::too_long);
}

TEST_CASE("a request line is taken apart without decoding anything")
{
    std::string const bytes = "GET /login/a%2Fb?next=%2f&x HTTP/1.1\r\nHost: a:8080\r\nX-Y: \t z \r\n\r\n";
    auto const head = RequestHead::read(bytes);
    REQUIRE(head);
    CHECK(head->method() == "GET");
    CHECK(head->path() == "/login/a%2Fb");
    CHECK(head->query() == "next=%2f&x");
    CHECK(head->field("x-y") == "z");
    CHECK(head->field("X-Z").empty());
    CHECK(head->keeps_alive());
    CHECK_FALSE(head->has_body());
}

TEST_CASE("a request line that can be read in two ways is refused")
{
    auto const [why, line, refusal] = GENERATE(table<char const*, std::string, Refusal>(
        {{"no version", "GET /", Refusal::malformed},
         {"two blanks", "GET  / HTTP/1.1", Refusal::malformed},
         {"a blank in the target", "GET /a b HTTP/1.1", Refusal::malformed},
         {"a lower-case method", "get / HTTP/1.1", Refusal::malformed},
         {"a method nobody has", "ABCDEFGHIJKLMNOPQ / HTTP/1.1", Refusal::method_unknown},
         {"the form for proxies", "GET http://evil.example/ HTTP/1.1", Refusal::malformed},
         {"the form for tunnels", "CONNECT evil.example:80 HTTP/1.1", Refusal::malformed},
         {"a fragment", "GET /#x HTTP/1.1", Refusal::malformed},
         {"half an escape", "GET /%2 HTTP/1.1", Refusal::malformed},
         {"an escape of no digits", "GET /%zz HTTP/1.1", Refusal::malformed},
         {"a byte beyond ASCII", "GET /\xc3\xa4 HTTP/1.1", Refusal::malformed},
         {"a backslash", "GET /\\evil HTTP/1.1", Refusal::malformed},
         {"no slash at the start", "GET x HTTP/1.1", Refusal::malformed},
         {"HTTP/1.2", "GET / HTTP/1.2", Refusal::version_unknown},
         {"HTTP/2", "PRI * HTTP/2.0", Refusal::version_unknown},
         {"another protocol", "GET / ICAP/1.0", Refusal::malformed},
         {"a target of 2049 bytes", "GET /" + std::string(2048, 'a') + " HTTP/1.1", Refusal::target_too_long}}));
    INFO(why);
    auto const bytes = line + "\r\nHost: a\r\n\r\n";
    auto const head = RequestHead::read(bytes);
    REQUIRE_FALSE(head);
    CHECK(head.error() == refusal);
}

TEST_CASE("fields that frame a request in two ways are refused")
{
    auto const [why, fields] = GENERATE(table<char const*, std::string>(
        {{"a folded line", "X: a\r\n b\r\n"},
         {"a blank before the colon", "X : a\r\n"},
         {"no name", ": a\r\n"},
         {"no colon", "X\r\n"},
         {"a second Host", "Host: b\r\n"},
         {"two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n"},
         {"the same length twice", "Content-Length: 5\r\nContent-Length: 5\r\n"},
         {"a list of lengths", "Content-Length: 5, 5\r\n"},
         {"a length with a sign", "Content-Length: +5\r\n"},
         {"a negative length", "Content-Length: -5\r\n"},
         {"a hexadecimal length", "Content-Length: 0x5\r\n"},
         {"an empty length", "Content-Length:\r\n"},
         {"a length beyond 64 bits", "Content-Length: 18446744073709551616\r\n"},
         {"a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"},
         {"chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"},
         {"a coding after chunked", "Transfer-Encoding: chunked, gzip\r\n"},
         {"a coding before chunked", "Transfer-Encoding: gzip, chunked\r\n"},
         {"another coding", "Transfer-Encoding: gzip\r\n"},
         {"the identity coding", "Transfer-Encoding: identity\r\n"},
         {"a coding that sounds like chunked", "Transfer-Encoding: xchunked\r\n"},
         {"chunked behind a tab", "Transfer-Encoding: \tchunked\r\n"},
         {"an empty coding", "Transfer-Encoding:\r\n"},
         {"chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"},
         {"fields announced for the end", "Transfer-Encoding: chunked\r\nTrailer: Authorization\r\n"},
         {"two credentials", "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"},
         {"two cookies", "Cookie: a=b\r\nCookie: a=c\r\n"},
         {"two media types", "Content-Type: text/plain\r\nContent-Type: application/json\r\n"}}));
    INFO(why);
    auto const bytes = head_with(fields);
    auto const head = RequestHead::read(bytes);
    REQUIRE_FALSE(head);
    CHECK(head.error() == Refusal::malformed);
}

TEST_CASE("a host that could send links elsewhere is refused")
{
    auto const host = GENERATE(
        as<std::string>(), "", "a/b", "a@b", "a/b@c", "a b", "a:80:80", "a:port", "a:123456", "[::1", "a,b",
        std::string(256, 'a'));
    INFO(host);
    auto const bytes = "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    CHECK_FALSE(RequestHead::read(bytes));
}

TEST_CASE("an honest host is accepted")
{
    auto const host = GENERATE(as<std::string>(), "a", "a.example:8080", "127.0.0.1", "[::1]", "[::1]:80", "a:");
    INFO(host);
    auto const bytes = "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    CHECK(RequestHead::read(bytes));
}

TEST_CASE("HTTP/1.1 needs a host, and HTTP/1.0 has neither chunks nor a second request")
{
    CHECK_FALSE(RequestHead::read("GET / HTTP/1.1\r\n\r\n"));
    CHECK_FALSE(RequestHead::read("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"));
    auto const old = RequestHead::read("GET / HTTP/1.0\r\n\r\n");
    REQUIRE(old);
    CHECK_FALSE(old->keeps_alive());
}

TEST_CASE("a head may have 64 fields and no more")
{
    std::string fields;
    for (int number = 0; number < 63; ++number)
        fields += "X" + std::to_string(number) + ":\r\n";
    auto const all = head_with(fields);
    CHECK(RequestHead::read(all));
    auto const one_more = head_with(fields + "Y:\r\n");
    auto const refused = RequestHead::read(one_more);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == Refusal::too_large);
}

TEST_CASE("only 100-continue may be expected")
{
    auto const bytes = head_with("Content-Length: 5\r\nExpect: 100-Continue\r\n");
    auto const head = RequestHead::read(bytes);
    REQUIRE(head);
    CHECK(head->expects_continue());
    auto const other = RequestHead::read(head_with("Expect: a miracle\r\n"));
    REQUIRE_FALSE(other);
    CHECK(other.error() == Refusal::expectation_unknown);
}

TEST_CASE("a connection is kept unless the client says otherwise")
{
    auto const [fields, kept] = GENERATE(table<std::string, bool>(
        {{"", true},
         {"Connection: keep-alive\r\n", true},
         {"Connection: Upgrade, close\r\n", false},
         {"Connection: CLOSE\r\n", false},
         {"Connection: keep-alive\r\nConnection: close\r\n", false}}));
    INFO(fields);
    auto const bytes = head_with(fields);
    CHECK(RequestHead::read(bytes).value().keeps_alive() == kept);
}
