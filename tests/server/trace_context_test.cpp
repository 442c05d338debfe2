#include "server/http/trace_context.hpp"

#include "support/catch.hpp"

using namespace onboard::server;

namespace {

constexpr std::string_view trace = "4bf92f3577b34da6a3ce929d0e0e4736";

std::string trace_of(std::string const& fields)
{
    auto const bytes = "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
    auto const head = RequestHead::read(bytes);
    REQUIRE(head.has_value());
    return std::string(trace_id_of(*head));
}

}

TEST_CASE("a request is part of the trace that its traceparent names")
{
    CHECK(trace_of("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n") == trace);
    CHECK(trace_of("TraceParent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00\r\n") == trace);
    CHECK(trace_of("traceparent: cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n") == trace);
    CHECK(trace_of("traceparent: cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what.else\r\n") == trace);
}

TEST_CASE("a traceparent that is not as it should be names no trace")
{
    auto const field = GENERATE(
        as<std::string>(), "", "traceparent: \r\n", "traceparent: 00\r\n",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7\r\n",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0\r\n",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more\r\n",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011\r\n",
        "traceparent: cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more\r\n",
        "traceparent: ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n",
        "traceparent: 0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-001\r\n",
        "traceparent: 00-00000000000000000000000000000000-00f067aa0ba902b7-01\r\n",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01\r\n",
        "traceparent: 00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01\r\n",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01\r\n",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902bg-01\r\n",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g\r\n",
        "traceparent: 00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01\r\n",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n");
    INFO(field);
    CHECK(trace_of(field).empty());
}
