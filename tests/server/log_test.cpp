#include "server/log.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <unistd.h>

#include "support/catch.hpp"

using namespace onboard::server;

namespace {

constexpr LogInstant noon{std::chrono::milliseconds(1'715'000'000'042)};

std::string line_of(std::string_view message, LogFields fields = {})
{
    std::string line;
    append_log_line(line, noon, LogLevel::info, message, fields);
    return line;
}

std::string text_of(std::string_view text)
{
    auto const line = boost::json::parse(line_of("said", {{"text", text}}));
    return std::string(line.at("text").as_string());
}

// The lines that were written to a pipe.
class Pipe {
public:
    Pipe() { REQUIRE(::pipe(ends_.data()) == 0); }
    ~Pipe()
    {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }

    Pipe(Pipe const&) = delete;
    Pipe& operator=(Pipe const&) = delete;

    int in() const { return ends_[1]; }

    std::string read_some() const
    {
        std::string text(65536, '\0');
        auto const size = ::read(ends_[0], text.data(), text.size());
        text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return text;
    }

private:
    std::array<int, 2> ends_{};
};

}

TEST_CASE("a log line is one JSON object with its moment, level and message first")
{
    CHECK(
        line_of("listening", {{"url", std::string("http://127.0.0.1:8080")}, {"port", 8080}}) ==
        R"({"ts":"2024-05-06T12:53:20.042Z","level":"info","msg":"listening","url":"http://127.0.0.1:8080","port":8080})"
        "\n");
}

TEST_CASE("a log line keeps numbers as numbers")
{
    auto const line = boost::json::parse(line_of(
        "numbers", {{"whole", -5},
                    {"broken", 1.5},
                    {"large", std::uint32_t{4'000'000'000}},
                    {"truth", true},
                    {"endless", std::numeric_limits<double>::infinity()}}));

    CHECK(line.at("whole").as_int64() == -5);
    CHECK(line.at("broken").as_double() == 1.5);
    CHECK(line.at("large").as_int64() == 4'000'000'000);
    CHECK(line.at("truth").as_bool());
    CHECK(line.at("endless").is_null());
}

TEST_CASE("whatever a text holds, its log line stays one line of JSON")
{
    auto const [why, text, kept] = GENERATE(table<char const*, std::string, std::string>({
        {"quotes", "say \"hello\" \\ bye", "say \"hello\" \\ bye"},
        {"a line break", "one\r\n{\"level\":\"error\"}", "one\r\n{\"level\":\"error\"}"},
        {"a zero", std::string("a\0b", 3), std::string("a\0b", 3)},
        {"an escape sequence", "\x1b[31mred\x7f", "\x1b[31mred\x7f"},
        {"a C1 control",
         "a\xC2\x9B"
         "b",
         "a\xC2\x9B"
         "b"},
        {"a line separator",
         "a\xE2\x80\xA8"
         "b",
         "a\xE2\x80\xA8"
         "b"},
        {"letters beyond ASCII", "Zo\xC3\xAB \xF0\x9F\x9A\xB2", "Zo\xC3\xAB \xF0\x9F\x9A\xB2"},
        {"a lone byte",
         "a\xFF"
         "b",
         "a\xEF\xBF\xBD"
         "b"},
        {"half a character", "a\xC3", "a\xEF\xBF\xBD"},
        {"an overlong form", "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"a surrogate", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    }));
    INFO(why);

    auto const line = line_of("said", {{"text", text}});

    CHECK(text_of(text) == kept);
    CHECK(std::ranges::count_if(line, [](unsigned char byte) { return byte < ' ' || byte == 0x7F; }) == 1);
}

TEST_CASE("a long text is cut, and never inside a character")
{
    CHECK(text_of(std::string(512, 'a')) == std::string(512, 'a'));
    CHECK(text_of(std::string(513, 'a')) == std::string(512, 'a') + "...");
    CHECK(text_of(std::string(511, 'a') + "\xC3\xAB") == std::string(511, 'a') + "...");
}

TEST_CASE("lines below the level are not written")
{
    Pipe const pipe;
    Log const log(LogLevel::warn, pipe.in());

    log.debug("one");
    log.info("two");
    log.warn("three");
    log.error("four");

    auto const text = pipe.read_some();
    CHECK(std::ranges::count(text, '\n') == 2);
    CHECK(text.find(R"("level":"warn","msg":"three")") != std::string::npos);
    CHECK(text.find(R"("level":"error","msg":"four")") != std::string::npos);
}

TEST_CASE("lines of many threads do not mix")
{
    Pipe const pipe;
    Log const log(LogLevel::info, pipe.in());
    {
        std::vector<std::jthread> threads;
        for (auto number = 0; number < 4; ++number)
            threads.emplace_back([&log, number] {
                for (auto turn = 0; turn < 50; ++turn)
                    log.info("turn", {{"thread", number}, {"filler", std::string(100, 'x')}});
            });
    }

    auto const text = pipe.read_some();
    auto lines = 0;
    for (std::size_t begin = 0, end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        CHECK_NOTHROW(boost::json::parse(text.substr(begin, end - begin)));
        begin = end + 1;
        ++lines;
    }
    CHECK(lines == 200);
}

TEST_CASE("the level of a log can change while others write")
{
    Pipe pipe;
    Log log(LogLevel::warn, pipe.in());
    log.info("too soon");
    log.set_least(LogLevel::debug);
    log.debug("in time");
    log.set_least(LogLevel::error);
    log.warn("too late");
    log.error("always");
    auto const text = pipe.read_some();
    CHECK(std::ranges::count(text, '\n') == 2);
    CHECK_THAT(text, Catch::Contains("in time") && Catch::Contains("always"));
}
