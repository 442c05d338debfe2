#include "server/metrics/exposition.hpp"

#include "server/metrics/process.hpp"
#include "support/catch.hpp"

using namespace onboard::server;
using namespace std::chrono_literals;

TEST_CASE("metrics are written as Prometheus reads them")
{
    Exposition text;
    text.family("jobs_total", Exposition::Type::counter, "Jobs that were done.");
    text.sample(std::uint64_t{7});
    text.sample(std::uint64_t{1}, {{"by", "me"}, {"how", "well"}});
    text.family("age_seconds", Exposition::Type::gauge, "How old it is.");
    text.sample(0.25);
    CHECK(
        std::move(text).take() == "# HELP jobs_total Jobs that were done.\n"
                                  "# TYPE jobs_total counter\n"
                                  "jobs_total 7\n"
                                  "jobs_total{by=\"me\",how=\"well\"} 1\n"
                                  "# HELP age_seconds How old it is.\n"
                                  "# TYPE age_seconds gauge\n"
                                  "age_seconds 0.25\n");
}

TEST_CASE("a label cannot break out of its quotes")
{
    Exposition text;
    text.family("x", Exposition::Type::gauge, "x");
    text.sample(std::uint64_t{1}, {{"path", "a\"b\\c\nd"}});
    CHECK_THAT(std::move(text).take(), Catch::Contains(R"(x{path="a\"b\\c\nd"} 1)"));
}

TEST_CASE("a histogram counts by the first bound that holds, and adds up")
{
    Durations durations;
    durations.note(500us);        // just within the first bound
    durations.note(500us + 1ns);  // just beyond it
    durations.note(1h);           // beyond all
    durations.note(-1s);          // a clock that went back is no time at all
    DurationSpread spread;
    durations.add_to(spread);
    CHECK(spread.counts.front() == 2);
    CHECK(spread.counts[1] == 1);
    CHECK(spread.counts.back() == 1);
    CHECK(spread.total() == 4);

    Exposition text;
    text.family("took_seconds", Exposition::Type::histogram, "How long.");
    text.histogram(spread, {{"queue", "write"}});
    auto const written = std::move(text).take();
    CHECK_THAT(written, Catch::Contains("took_seconds_bucket{queue=\"write\",le=\"0.0005\"} 2\n"));
    CHECK_THAT(written, Catch::Contains("took_seconds_bucket{queue=\"write\",le=\"0.001\"} 3\n"));
    CHECK_THAT(written, Catch::Contains("took_seconds_bucket{queue=\"write\",le=\"10\"} 3\n"));
    CHECK_THAT(written, Catch::Contains("took_seconds_bucket{queue=\"write\",le=\"+Inf\"} 4\n"));
    CHECK_THAT(written, Catch::Contains("took_seconds_count{queue=\"write\"} 4\n"));
}

TEST_CASE("a process knows what it uses")
{
    auto const process = process_statistics();
    CHECK(process.cpu_seconds > 0);
    CHECK(process.resident_bytes > 1'000'000);
    CHECK(process.open_files >= 3);
    CHECK(process.most_open_files >= process.open_files);
    auto const now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    CHECK(process.started > now - 86400);
    CHECK(process.started < now + 2);  // both are rounded
}
