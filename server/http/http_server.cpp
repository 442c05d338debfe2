#include "server/http/http_server.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include "server/http/awaitable.hpp"
#include "server/http/session.hpp"
#include "server/http/throttle.hpp"
#include "server/http/tls.hpp"

namespace onboard::server {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Signals = asio::basic_signal_set<Executor>;

// One thread and the connections that are its own.
struct Lane {
    explicit Lane(Log const& log) : request_log(context, log) {}

    // The context goes before these two: with it go the sessions that are cut off.
    Sessions sessions;
    std::optional<Traffic> traffic;  // while it serves
    asio::io_context context{1};
    Mailbox mailbox{context};
    RequestLog request_log;
    asio::executor_work_guard<asio::io_context::executor_type> guard = asio::make_work_guard(context);
    std::thread thread;
};

// How many connections there are, in all and per client.
class Census {
public:
    explicit Census(HttpLimits const& limits) : limits_(limits) {}

    // Whether one more is let in. `counted`: whether the limit per client is for this one.
    bool enter(std::string const& client, bool counted)
    {
        auto const has_place = take_place(client, counted);
        (has_place ? accepted_ : turned_away_).add();
        return has_place;
    }

    void leave(std::string const& client, bool counted)
    {
        {
            std::scoped_lock const lock(mutex_);
            --total_;
            if (counted)
                leave_client(client);
        }
        changed_.notify_all();
    }

    // Whether the last sixteenth of the places is being filled.
    bool is_crowded() const
    {
        std::scoped_lock const lock(mutex_);
        return total_ >= limits_.connections - limits_.connections / 16;
    }

    // Whether all have left before patience ran out.
    bool empty_within(std::chrono::seconds patience)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [this] { return total_ == 0; });
    }

    int total() const
    {
        std::scoped_lock const lock(mutex_);
        return total_;
    }
    std::uint64_t accepted() const noexcept { return accepted_.value(); }
    std::uint64_t turned_away() const noexcept { return turned_away_.value(); }

private:
    bool take_place(std::string const& client, bool counted)
    {
        std::scoped_lock const lock(mutex_);
        if (total_ >= limits_.connections)
            return false;
        if (counted && ++per_client_[client] > limits_.connections_per_client) {
            leave_client(client);
            return false;
        }
        ++total_;
        return true;
    }

    void leave_client(std::string const& client)
    {
        if (--per_client_[client] == 0)
            per_client_.erase(client);
    }

    HttpLimits const& limits_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int total_ = 0;
    std::unordered_map<std::string, int> per_client_;
    Count accepted_;
    Count turned_away_;
};

// A door: where connections come in, how many there are, and who answers.
struct Door {
    Door(asio::io_context& context, Endpoint const& at, HttpLimits const& with) : limits(with)
    {
        try {
            tcp::endpoint const endpoint(asio::ip::make_address(at.address), at.port);
            acceptor.emplace(context);
            acceptor->open(endpoint.protocol());
            acceptor->set_option(Acceptor::reuse_address(true));
            acceptor->bind(endpoint);
            acceptor->listen(4096);
        } catch (boost::system::system_error const& error) {
            auto const where = url_of(at, "tcp").substr(6);
            throw std::runtime_error("cannot listen on " + where + ": " + error.code().message());
        }
    }
    Door(Door const&) = delete;
    Door& operator=(Door const&) = delete;

    std::uint16_t port() const noexcept
    {
        error_code ignored;
        return acceptor->local_endpoint(ignored).port();
    }

    HttpLimits limits;
    Census census{limits};
    std::optional<Acceptor> acceptor;  // goes before the context it is of
    bool speaks_tls = false;
    std::optional<SessionWorld> world = {};  // while it serves
};

}

namespace {

// Leaves the census at the end of a connection, however it ends.
class Place {
public:
    Place(Census& census, std::string client, bool counted)
        : census_(census), client_(std::move(client)), counted_(counted)
    {
    }
    ~Place() { census_.leave(client_, counted_); }
    Place(Place const&) = delete;
    Place& operator=(Place const&) = delete;

private:
    Census& census_;
    std::string client_;
    bool counted_;
};

// As many connections as are wanted, or as there are descriptors for when files, letters and look-ups have theirs. A
// shell or systemd hands on fewer than we may have, unless asked.
int connections_within_descriptors(int wanted)
{
    constexpr rlim_t others = 256;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wanted;
    limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, static_cast<rlim_t>(wanted) + others));
    ::setrlimit(RLIMIT_NOFILE, &limit);
    auto const room = limit.rlim_cur > 2 * others ? limit.rlim_cur - others : limit.rlim_cur / 2;
    return static_cast<int>(std::min(room, static_cast<rlim_t>(wanted)));
}

// Ends the two of these sessions, of one door, whose clients have let us wait longest: two, so that room is made faster
// than it is taken, and no more, since whoever is served waits for it.
void end_slowest(Sessions const& sessions, SessionWorld const& world)
{
    int ended = 0;
    for (auto each = sessions.waiting.begin(); each != sessions.waiting.end() && ended < 2;) {
        auto* const session = *each++;
        if (session->is_of(world)) {
            session->end();
            ++ended;
        }
    }
}

}

struct HttpServer::Impl {
    Impl(HttpOptions const& with, Workers const& shared_workers, Log const& shared_log)
        : options(with), workers(shared_workers), log(shared_log)
    {
        for (unsigned count = 0; count < std::max(1U, std::thread::hardware_concurrency()); ++count)
            lanes.emplace_back(log);
        signals.emplace(lanes.front().context, SIGTERM, SIGINT, SIGHUP);
        options.limits.connections = connections_within_descriptors(options.limits.connections);
        if (!options.tls_certificate.empty())
            tls = load_tls(options.tls_certificate, options.tls_key);
        auto& context = lanes.front().context;
        main.emplace(context, options.listen, options.limits).speaks_tls = tls != nullptr;
        if (auto const& at = options.admin_listen)
            admin.emplace(context, *at, options.admin_limits).speaks_tls = tls && !at->loopback;
    }

    // The first lane goes before the others: its pending accepts hold sockets of those.
    ~Impl()
    {
        main->acceptor.reset();
        if (admin)
            admin->acceptor.reset();
        signals.reset();
        while (!lanes.empty())
            lanes.pop_front();
    }
    Impl(Impl const&) = delete;
    Impl& operator=(Impl const&) = delete;

    Awaitable<void> accept(Door& door)
    {
        constexpr std::chrono::milliseconds pause_without_descriptors{100};
        Timer timer(lanes.front().context);
        for (std::size_t turn = 0; !stopping; turn = (turn + 1) % lanes.size()) {
            auto& lane = lanes[turn];
            error_code error;
            auto token = into(error);
            auto socket = co_await door.acceptor->async_accept(lane.context, token);
            if (stopping)
                co_return;
            if (error) {
                timer.expires_after(pause_without_descriptors);
                co_await timer.async_wait(token);
                continue;
            }
            try {
                admit(door, lane, std::move(socket));
            } catch (std::exception const& breakdown) {
                log.error("a connection was not taken in", {{"reason", breakdown.what()}});
            }
        }
    }

    void admit(Door& door, Lane& lane, Socket socket)
    {
        error_code error;
        auto const peer = socket.remote_endpoint(error);
        if (error)
            return;
        auto const address = peer.address().to_string();
        auto const counted =
            !peer.address().is_loopback() &&
            std::ranges::none_of(options.trusted_proxies, [&](auto const& range) { return range.contains(address); });
        auto client = throttle_key(address);
        if (door.census.is_crowded())
            asio::post(lane.context, [&lane, &world = *door.world] { end_slowest(lane.sessions, world); });
        if (!door.census.enter(client, counted))
            return;
        socket.set_option(tcp::no_delay(true), error);

        auto const shared = std::make_shared<Socket>(std::move(socket));
        asio::post(lane.context, [this, &door, &lane, shared, address, client, counted] {
            auto session = converse(door, lane, std::move(*shared), address, client, counted);
            asio::co_spawn(lane.context, std::move(session), asio::detached);
        });
    }

    Awaitable<void>
    converse(Door& door, Lane& lane, Socket socket, std::string address, std::string client, bool counted)
    {
        Place const place(door.census, client, counted);
        try {
            auto const context = door.speaks_tls ? current_tls() : nullptr;
            auto stream = context ? tls_stream(std::move(socket), context) : plain_stream(std::move(socket));
            Session session(
                *door.world, lane.sessions, lane.mailbox, lane.request_log, *lane.traffic, std::move(stream),
                std::move(address));
            co_await session.run();
        } catch (std::exception const& breakdown) {
            log.error("a connection broke down", {{"reason", breakdown.what()}});
        }
    }

    // Ends, on one lane, what takes too long.
    Awaitable<void> watch(Lane& lane)
    {
        constexpr std::chrono::milliseconds pause{250};
        Timer timer(lane.context);
        error_code error;
        auto token = into(error);
        for (;;) {
            timer.expires_after(pause);
            co_await timer.async_wait(token);
            auto const now = Stream::Deadline::clock::now();
            for (auto const* row : {&lane.sessions.waiting, &lane.sessions.busy})
                for (auto* session : *row)
                    session->end_if_late(now);
        }
    }

    std::shared_ptr<asio::ssl::context> current_tls()
    {
        std::scoped_lock const lock(tls_mutex);
        return tls;
    }

    void reload_tls()
    {
        if (options.tls_certificate.empty())
            return;
        try {
            auto fresh = load_tls(options.tls_certificate, options.tls_key);
            std::scoped_lock const lock(tls_mutex);
            tls = std::move(fresh);
            log.info("certificate loaded again");
        } catch (std::exception const& error) {
            log.error("the certificate was not loaded; the old one stays", {{"reason", error.what()}});
        }
    }

    // Until the first signal to stop.
    Awaitable<void> heed_signals(std::function<void()> reload)
    {
        error_code error;
        auto token = into(error);
        for (;;) {
            auto const signal = co_await signals->async_wait(token);
            if (error)
                co_return;
            if (signal == SIGHUP) {
                reload_tls();
                reload();
            } else if (stopping.exchange(true))
                std::_Exit(EXIT_FAILURE);
            else
                begin_stop();
        }
    }

    void begin_stop()
    {
        error_code ignored;
        main->acceptor->close(ignored);
        if (admin)
            admin->acceptor->close(ignored);
        for (auto& lane : lanes)
            asio::post(lane.context, [&lane] {
                for (auto* session : lane.sessions.waiting)
                    session->end_if_idle();
            });
        {
            std::scoped_lock const lock(stop_mutex);
            stop_begun = true;
        }
        stop_changed.notify_all();
    }

    SessionWorld world_of(Application& application, Door const& door) const
    {
        return {
            .application = application,
            .worker = workers.writes,
            .long_worker = workers.computes,
            .waiting_worker = workers.waits,
            .reading_worker = workers.reads,
            .log = log,
            .limits = door.limits,
            .trusted_proxies = options.trusted_proxies,
            .stopping = stopping};
    }

    void wait_for_stop()
    {
        std::unique_lock lock(stop_mutex);
        stop_changed.wait(lock, [this] { return stop_begun; });
    }

    void start_threads()
    {
        for (auto& lane : lanes)
            lane.thread = std::thread([&lane] { lane.context.run(); });
    }

    void end_threads()
    {
        for (auto& lane : lanes)
            lane.context.stop();
        for (auto& lane : lanes)
            if (lane.thread.joinable())
                lane.thread.join();
    }

    HttpOptions options;
    Workers workers;
    Log const& log;
    std::mutex tls_mutex;
    std::shared_ptr<asio::ssl::context> tls;
    std::optional<Door> main;
    std::optional<Door> admin;
    std::deque<Lane> lanes;  // whose connections leave the doors' censuses when they go
    std::optional<Signals> signals;
    std::atomic<bool> stopping = false;
    std::mutex stop_mutex;
    std::condition_variable stop_changed;
    bool stop_begun = false;
};

HttpServer::HttpServer(HttpOptions const& options, Workers const& workers, Log const& log)
    : impl_(std::make_unique<Impl>(options, workers, log))
{
}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const noexcept
{
    return impl_->main->port();
}

std::uint16_t HttpServer::admin_port() const noexcept
{
    return impl_->admin ? impl_->admin->port() : 0;
}

void HttpServer::run(
    Applications const& applications, RouteNumbers const& routes, Milestones const& milestones,
    std::chrono::seconds grace)
{
    impl_->main->world.emplace(impl_->world_of(applications.main, *impl_->main));
    if (impl_->admin)
        impl_->admin->world.emplace(impl_->world_of(*applications.admin, *impl_->admin));
    for (auto& lane : impl_->lanes)
        lane.traffic.emplace(routes.paths().size());
    auto& first = impl_->lanes.front().context;
    asio::co_spawn(first, impl_->accept(*impl_->main), asio::detached);
    if (impl_->admin)
        asio::co_spawn(first, impl_->accept(*impl_->admin), asio::detached);
    asio::co_spawn(first, impl_->heed_signals(milestones.reload), asio::detached);
    for (auto& lane : impl_->lanes)
        asio::co_spawn(lane.context, impl_->watch(lane), asio::detached);
    impl_->start_threads();
    milestones.listening();

    impl_->wait_for_stop();
    milestones.draining();
    if (!impl_->main->census.empty_within(grace))
        impl_->log.warn("requests were cut off at the end of the grace period");
    // So that no work refers to a session that is gone.
    if (impl_->workers.reads)
        impl_->workers.reads->stop();
    impl_->workers.waits.stop();
    impl_->workers.computes.stop();
    impl_->workers.writes.stop();
    impl_->end_threads();
}

HttpStatistics HttpServer::statistics() const
{
    auto const& census = impl_->main->census;
    HttpStatistics statistics{
        .routes = std::vector<Traffic::Sum>(impl_->lanes.front().traffic->routes()),
        .accepted = census.accepted(),
        .turned_away = census.turned_away(),
        .connections = census.total(),
        .most_connections = impl_->main->limits.connections};
    for (auto const& lane : impl_->lanes) {
        statistics.under_way += lane.traffic->under_way();
        lane.traffic->add_to(statistics.routes);
    }
    return statistics;
}

}
