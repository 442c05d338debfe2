#include "server/metrics/scrape.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <vector>

#include <onboard/storage.hpp>

#include "server/metrics/exposition.hpp"
#include "server/metrics/process.hpp"

namespace onboard::server {

namespace {

using enum Exposition::Type;

// How many waiting letters are counted at most, so that a scrape costs little when many wait.
constexpr int most_letters = 2000;

double in_seconds(std::chrono::nanoseconds duration)
{
    return std::chrono::duration<double>(duration).count();
}

std::string_view name_of(MethodClass method)
{
    switch (method) {
    case MethodClass::reads: return "read";
    case MethodClass::writes: return "write";
    case MethodClass::other: return "other";
    }
    return "";
}

std::string_view name_of(LettersOut::Outcome outcome)
{
    switch (outcome) {
    case LettersOut::Outcome::sent: return "sent";
    case LettersOut::Outcome::failed: return "failed";
    case LettersOut::Outcome::given_up: return "given_up";
    }
    return "";
}

// "mail", "text"
std::string_view name_of(Channel channel)
{
    return channel == Channel::mail ? "mail" : "text";
}

void add_requests(Exposition& text, RouteNumbers const& routes, HttpStatistics const& http)
{
    text.family("onboard_http_requests_total", counter, "Requests answered, by route, class of method and status.");
    for (std::size_t route = 0; route < http.routes.size(); ++route)
        for (auto const method : all_method_classes)
            for (std::size_t place = 0; place < told_statuses.size(); ++place) {
                auto const count = http.routes[route].answered[static_cast<std::size_t>(method)][place];
                auto const status = told_statuses[place];
                if (count > 0)
                    text.sample(
                        count, {{"route", routes.paths()[route]},
                                {"method", name_of(method)},
                                {"status", status == 0 ? "other" : std::to_string(status)}});
            }

    text.family(
        "onboard_http_request_duration_seconds", histogram,
        "From the first byte of a request to the last of its answer, waiting included.");
    for (std::size_t route = 0; route < http.routes.size(); ++route)
        if (http.routes[route].durations.total() > 0)
            text.histogram(http.routes[route].durations, {{"route", routes.paths()[route]}});

    text.family("onboard_http_requests_in_flight", gauge, "Requests read and not answered yet.");
    text.sample(http.under_way);
}

void add_connections(Exposition& text, HttpStatistics const& http)
{
    text.family("onboard_http_connections", gauge, "Connections that are open.");
    text.sample(static_cast<std::uint64_t>(http.connections));
    text.family("onboard_http_connections_limit", gauge, "Connections that may be open.");
    text.sample(static_cast<std::uint64_t>(http.most_connections));
    text.family("onboard_http_connections_total", counter, "Connections, by whether there was a place for them.");
    text.sample(http.accepted, {{"result", "accepted"}});
    text.sample(http.turned_away, {{"result", "turned_away"}});
}

void add_workers(Exposition& text, Workers const& workers)
{
    struct Named {
        std::string_view name;
        Worker& worker;
    };
    std::array<Named, 3> const all{
        {{"write", workers.writes}, {"hash", workers.computes}, {"identity", workers.waits}}};

    text.family("onboard_queue_jobs", gauge, "Jobs that wait for their turn, by queue.");
    for (auto const& [name, worker] : all)
        text.sample(static_cast<std::uint64_t>(worker.backlog().waiting), {{"queue", name}});
    text.family("onboard_queue_age_seconds", gauge, "How long the first job of a queue has waited.");
    for (auto const& [name, worker] : all)
        text.sample(in_seconds(worker.backlog().age), {{"queue", name}});
    text.family("onboard_queue_busy", gauge, "Turns under way: groups of writes, or single jobs.");
    for (auto const& [name, worker] : all) {
        auto const ended = worker.tally().done_with.value();
        text.sample(worker.tally().at_work.value() - ended, {{"queue", name}});
    }
    text.family("onboard_queue_refusals_total", counter, "Jobs that were not done, each a 503, by queue and reason.");
    for (auto const& [name, worker] : all) {
        text.sample(worker.tally().refused.value(), {{"queue", name}, {"reason", "full"}});
        text.sample(worker.tally().too_late.value(), {{"queue", name}, {"reason", "too_late"}});
        text.sample(worker.tally().failed.value(), {{"queue", name}, {"reason", "failed"}});
    }
    text.family(
        "onboard_queue_turn_duration_seconds", histogram,
        "How long a turn took: a group of writes with its commit, or a single job.");
    for (auto const& [name, worker] : all) {
        DurationSpread spread;
        worker.tally().turns.add_to(spread);
        text.histogram(spread, {{"queue", name}});
    }
    text.family("onboard_write_group_size", histogram, "Writes that shared a commit; none where each has its own.");
    SizeSpread sizes;
    workers.writes.tally().groups.add_to(sizes);
    text.histogram(sizes);
}

struct Waiting {
    Channel channel;
    OutboxBacklog backlog;
};

// What waits in the outbox; nothing if the storage cannot be asked, which onboard_storage_up tells.
std::vector<Waiting> outbox_of(Storage& storage)
{
    std::vector<Waiting> waiting;
    try {
        auto const work = storage.begin_reading();
        for (auto const channel : {Channel::mail, Channel::text})
            waiting.push_back({.channel = channel, .backlog = work->outbox().backlog(channel, most_letters)});
    } catch (std::exception const&) {
        waiting.clear();
    }
    return waiting;
}

void add_storage(Exposition& text, Storage& storage, Instant now)
{
    auto const counts = storage.statistics();
    text.family("onboard_storage_units_total", counter, "Units of work that were committed.");
    text.sample(counts.units);
    text.family("onboard_storage_commits_total", counter, "Commits, each of which waited for the disk.");
    text.sample(counts.commits);

    auto const outbox = outbox_of(storage);
    text.family("onboard_storage_up", gauge, "Whether the database could be read just now.");
    text.sample(std::uint64_t{outbox.empty() ? 0U : 1U});
    if (outbox.empty())
        return;
    text.family("onboard_outbox_letters", gauge, "Letters that wait, by channel; 2000 stands for as many or more.");
    for (auto const& [channel, backlog] : outbox)
        text.sample(static_cast<std::uint64_t>(backlog.letters), {{"channel", name_of(channel)}});
    text.family("onboard_outbox_oldest_age_seconds", gauge, "For how long the first letter has waited, by channel.");
    for (auto const& [channel, backlog] : outbox)
        text.sample(in_seconds(now - std::min(backlog.oldest.value_or(now), now)), {{"channel", name_of(channel)}});
}

void add_letters(Exposition& text, LettersOut const& letters)
{
    text.family("onboard_letters_total", counter, "Attempts to deliver letters, and letters given up, by kind.");
    for (std::size_t kind = 1; kind < LettersOut::kinds; ++kind)
        for (auto const outcome : LettersOut::outcomes)
            text.sample(
                letters.count(static_cast<LetterKind>(kind), outcome),
                {{"kind", onboard::name_of(static_cast<LetterKind>(kind))}, {"outcome", name_of(outcome)}});
}

void add_people(Exposition& text, Events const& events)
{
    text.family("onboard_sign_ins_total", counter, "Who came in, and who was refused and why, by the way they took.");
    for (auto const entrance : all_entrances)
        for (std::size_t result = 0; result < SignIns::results; ++result) {
            auto const count = events.sign_ins.count(entrance, result);
            auto const name = result == 0 ? "signed_in" : onboard::name_of(static_cast<Errc>(result));
            if (count > 0 || result == 0)
                text.sample(count, {{"by", name_of(entrance)}, {"result", name}});
        }

    text.family("onboard_otp_sent_total", counter, "Codes that left as text messages, by country of the number.");
    events.texted_codes.for_each([&](std::string_view country, std::uint64_t sent, std::uint64_t) {
        text.sample(sent, {{"country", country}});
    });
    text.family("onboard_otp_proved_total", counter, "Texted codes that came back right, by country of the number.");
    events.texted_codes.for_each([&](std::string_view country, std::uint64_t, std::uint64_t proved) {
        text.sample(proved, {{"country", country}});
    });
}

void add_process(Exposition& text, Watched const& watched)
{
    auto const process = process_statistics();
    text.family("onboard_process_cpu_seconds_total", counter, "Processor time, of user and system.");
    text.sample(process.cpu_seconds);
    text.family("onboard_process_resident_memory_bytes", gauge, "Memory that is in use.");
    text.sample(process.resident_bytes);
    text.family("onboard_process_open_fds", gauge, "Open file descriptors.");
    text.sample(process.open_files);
    text.family("onboard_process_max_fds", gauge, "File descriptors that may be open.");
    text.sample(process.most_open_files);
    text.family("onboard_process_start_time_seconds", gauge, "When the process started, in seconds since 1970.");
    text.sample(process.started);
    text.family("onboard_build_info", gauge, "Which program this is: its version, and the schema it writes.");
    text.sample(std::uint64_t{1}, {{"version", watched.version}, {"schema", std::to_string(watched.schema)}});
}

}

std::string scrape(Watched const& watched)
{
    Exposition text;
    auto const http = watched.http.statistics();
    add_requests(text, watched.routes, http);
    add_connections(text, http);
    add_workers(text, watched.workers);
    add_storage(text, watched.ports.storage, watched.ports.clock.now());
    add_letters(text, watched.events.letters);
    add_people(text, watched.events);
    add_process(text, watched);
    return std::move(text).take();
}

}
