#include "server/http/session.hpp"

#include <algorithm>

#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "server/http/request_id.hpp"
#include "server/http/trace_context.hpp"
#include "server/text.hpp"

// Every argument of a co_await here is a named local: the compiler of Debian 12 destroys temporaries of some types in
// such an expression twice.
namespace onboard::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

namespace {

// An address as proxies write it: perhaps with a port, and an IPv6 address then in brackets.
std::optional<std::string> address_of_hop(std::string_view hop)
{
    hop = without_blanks(hop);
    if (hop.starts_with('['))
        hop = hop.substr(1, hop.find(']') - 1);
    else if (std::ranges::count(hop, ':') == 1)
        hop = hop.substr(0, hop.find(':'));
    error_code no_address;
    auto const address = asio::ip::make_address(std::string(hop), no_address);
    return no_address ? std::nullopt : std::optional(address.to_string());
}

// Whether another parser may read a chunk's line in another way: for a blank behind its size, or for a control
// character, which the parser of Debian 12 takes between quotes.
bool reads_differently(std::string_view extension)
{
    auto const is_control = [](unsigned char byte) { return (byte < 0x20 && byte != '\t') || byte == 0x7f; };
    return extension.starts_with(' ') || extension.starts_with('\t') || std::ranges::any_of(extension, is_control);
}

std::string_view bytes_of(beast::flat_buffer const& buffer)
{
    auto const bytes = buffer.data();
    return {static_cast<char const*>(bytes.data()), bytes.size()};
}

}

Session::Session(
    SessionWorld const& world, Sessions& sessions, Mailbox& mailbox, RequestLog& log, Traffic& traffic,
    std::unique_ptr<Stream> stream, std::string peer)
    : world_(world),
      sessions_(sessions),
      mailbox_(mailbox),
      log_(log),
      traffic_(traffic),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      buffer_(world.limits.read_buffer),
      row_(&sessions.waiting),
      place_(row_->insert(row_->end(), this))
{
}

Session::~Session()
{
    row_->erase(place_);
}

Awaitable<void> Session::run()
{
    stream_->set_deadline(SteadyClock::now() + world_.limits.handshake);
    auto const error = co_await stream_->handshake();
    if (error)
        co_return;
    for (int served = 0;; ++served) {
        auto const next = co_await serve_one(served);
        if (next == Next::close)
            break;
    }
}

void Session::end_if_idle()
{
    if (idle_)
        stream_->close();
}

void Session::end_if_late(Stream::Deadline now)
{
    if (stream_->is_late(now))
        stream_->close();
}

void Session::end()
{
    move_to(sessions_.busy);
    stream_->close();
}

Awaitable<Session::Next> Session::serve_one(int served)
{
    Turn turn;
    auto const has_head = co_await read_head(turn);
    if (!has_head)
        co_return Next::close;

    UnderWay const under_way(traffic_);
    auto const head = RequestHead::read(turn.head_bytes);
    if (!head) {
        auto const refusal = Application::refusal(head.error());
        co_await refuse(turn, refusal);
        co_return Next::close;
    }
    turn.id = request_id(head->field("x-request-id"));
    turn.trace_id = trace_id_of(*head);
    turn.client = client_of(*head);
    turn.method = head->method();
    turn.with_body = head->method() != "HEAD";

    Admitted admitted;
    auto refusal = world_.application.find_route(*head, admitted);
    if (!refusal && reads_elsewhere(*admitted.route))
        refusal = co_await admitted_elsewhere(*head, turn, admitted);
    else if (!refusal)
        refusal = world_.application.admit(*head, turn.client, admitted);
    if (admitted.route)
        turn.route = admitted.route->path;
    turn.route_number = admitted.route_number;
    if (admitted.caller)
        turn.partner = admitted.caller->name.str();
    auto const may_go_on = head->keeps_alive() && served + 1 < world_.limits.requests_per_connection;
    if (refusal) {
        turn.keeps_alive = may_go_on && !head->has_body() && !world_.stopping;
        co_await respond(turn, *refusal);
        co_return turn.keeps_alive ? Next::go_on : Next::close;
    }

    std::string body;
    auto const has_body = co_await read_body(turn, *head, admitted, body);
    if (!has_body)
        co_return Next::close;

    Request const request{.head = *head, .body = body, .client = turn.client, .id = turn.id};
    move_to(sessions_.busy);
    auto const response = co_await answered(admitted, request);
    turn.keeps_alive = may_go_on && !world_.stopping;
    co_await respond(turn, response);
    co_return turn.keeps_alive ? Next::go_on : Next::close;
}

Awaitable<bool> Session::read_head(Turn& turn)
{
    move_to(sessions_.waiting);
    idle_ = buffer_.size() == 0;
    if (idle_) {
        if (world_.stopping)
            co_return false;
        auto const more = co_await fill(SteadyClock::now() + world_.limits.idle);
        if (!more)
            co_return false;
    }
    idle_ = false;
    turn.began = SteadyClock::now();

    HeadScanner scanner;
    for (;;) {
        switch (scanner.scan(bytes_of(buffer_))) {
        case HeadScanner::State::complete:
            turn.head_bytes = bytes_of(buffer_).substr(0, scanner.size());
            buffer_.consume(scanner.size());
            co_return true;
        case HeadScanner::State::incomplete: break;
        case HeadScanner::State::malformed: {
            auto const refusal = Application::refusal(RequestHead::Refusal::malformed);
            co_await refuse(turn, refusal);
            co_return false;
        }
        case HeadScanner::State::too_long: {
            auto const in_target =
                bytes_of(buffer_).substr(0, HeadLimits::bytes).find("\r\n") == std::string_view::npos;
            auto const refusal = Application::refusal(
                in_target ? RequestHead::Refusal::target_too_long : RequestHead::Refusal::too_large);
            co_await refuse(turn, refusal);
            co_return false;
        }
        }
        auto const more = co_await fill(turn.began + world_.limits.head);
        if (!more)
            co_return false;
    }
}

Awaitable<bool> Session::read_body(Turn& turn, RequestHead const& head, Admitted const& admitted, std::string& body)
{
    if (!head.has_body())
        co_return true;
    if (head.expects_continue() && buffer_.size() == 0) {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        stream_->set_deadline(SteadyClock::now() + world_.limits.write);
        auto const bytes = asio::buffer(go_on);
        auto const error = co_await stream_->write(bytes);
        if (error)
            co_return false;
    }

    auto const deadline = std::min(SteadyClock::now() + world_.limits.body, turn.began + world_.limits.request);
    if (auto const size = head.content_length())
        co_return co_await read_sized_body(*size, deadline, body);
    co_return co_await read_chunked_body(turn, head, admitted, deadline, body);
}

// Of a size that was found small enough before.
Awaitable<bool> Session::read_sized_body(std::size_t size, Instant deadline, std::string& body)
{
    body.reserve(size);
    for (;;) {
        auto const piece = bytes_of(buffer_).substr(0, size - body.size());
        body += piece;
        buffer_.consume(piece.size());
        if (body.size() == size)
            co_return true;
        auto const more = co_await fill(deadline);
        if (!more)
            co_return false;
    }
}

// The guard has judged the head; the parser takes it once more to know how the body is framed. Fields at the end of a
// chunked body have no guard before them, and the parser takes folded ones: a body that brings any along is refused.
Awaitable<bool> Session::read_chunked_body(
    Turn& turn, RequestHead const& head, Admitted const& admitted, Instant deadline, std::string& body)
{
    http::request_parser<http::string_body> parser;
    parser.header_limit(HeadLimits::bytes * 2);
    parser.body_limit(admitted.route->body_limit);
    parser.eager(true);
    auto judge_extension = [](std::uint64_t, beast::string_view extension, error_code& ambiguous) {
        if (reads_differently(extension))
            ambiguous = http::error::bad_chunk_extension;
    };
    parser.on_chunk_header(judge_extension);
    error_code error;
    parser.put(asio::buffer(turn.head_bytes), error);
    auto const fields_before = std::ranges::distance(parser.get().begin(), parser.get().end());

    while ((!error || error == http::error::need_more) && !parser.is_done()) {
        error = {};
        auto const taken = buffer_.size() > 0 ? parser.put(buffer_.data(), error) : 0;
        buffer_.consume(taken);
        if ((error && error != http::error::need_more) || parser.is_done())
            break;
        if (buffer_.size() == buffer_.max_size()) {
            error = http::error::buffer_overflow;
            break;
        }
        auto const more = co_await fill(deadline);
        if (!more)
            co_return false;
    }
    auto const fields = std::ranges::distance(parser.get().begin(), parser.get().end());
    if (parser.is_done() && fields == fields_before) {
        body = std::move(parser.get().body());
        co_return true;
    }
    auto const fault = error == http::error::body_limit ? Fault::too_large : Fault::unreadable;
    auto const refusal = world_.application.fault(admitted, head, {.fault = fault});
    co_await refuse(turn, refusal);
    co_return false;
}

Awaitable<bool> Session::fill(Instant deadline)
{
    constexpr std::size_t piece = 4096;
    stream_->set_deadline(deadline);
    auto const room = buffer_.prepare(std::min(piece, buffer_.max_size() - buffer_.size()));
    error_code error;
    auto const size = co_await stream_->read(room, error);
    buffer_.commit(size);
    co_return !error;
}

// Whether what a route asks may have to wait for a database that keeps silent, which the threads of sockets must not do.
bool Session::reads_elsewhere(Route const& route) const
{
    return world_.reading_worker && route.asks_storage;
}

Awaitable<std::optional<Response>>
Session::admitted_elsewhere(RequestHead const& head, Turn const& turn, Admitted& admitted)
{
    Request const request{.head = head, .body = {}, .client = turn.client, .id = turn.id};
    LongWork::Part const admission = [&] { return world_.application.admit(head, turn.client, admitted); };
    auto refusal = co_await worked(*world_.reading_worker, admitted, request, admission);
    co_return refusal;
}

Awaitable<Response> Session::answered(Admitted const& admitted, Request const& request)
{
    std::optional<Answer> answer;
    if (reads_elsewhere(*admitted.route)) {
        LongWork::Part const handling = [&]() -> std::optional<Response> {
            answer = world_.application.answer(admitted, request);
            return std::nullopt;
        };
        auto overload = co_await worked(*world_.reading_worker, admitted, request, handling);
        if (overload)
            co_return std::move(*overload);
    } else {
        answer = world_.application.answer(admitted, request);
    }
    if (auto* response = std::get_if<Response>(&*answer))
        co_return std::move(*response);
    if (auto const* long_work = std::get_if<LongWork>(&*answer))
        co_return co_await computed(admitted, request, *long_work);
    LongWork::Part const work = std::move(std::get<Work>(*answer));
    auto response = co_await worked(world_.worker, admitted, request, work);
    co_return std::move(*response);
}

Awaitable<Response> Session::computed(Admitted const& admitted, Request const& request, LongWork const& work)
{
    auto& worker = work.waits_for_others ? world_.waiting_worker : world_.long_worker;
    // Told before anything is counted.
    if (!worker.has_room())
        co_return overloaded(admitted, request);
    std::optional<Response> refusal;
    if (work.before)
        refusal = co_await worked(world_.worker, admitted, request, work.before);
    if (!refusal)
        refusal = co_await worked(worker, admitted, request, work.compute);
    if (refusal)
        co_return std::move(*refusal);
    LongWork::Part const after = work.after;
    auto response = co_await worked(world_.worker, admitted, request, after);
    co_return std::move(*response);
}

// Hands work to a worker's thread and comes back to this one with its response, if it has one.
Awaitable<std::optional<Response>>
Session::worked(Worker& worker, Admitted const& admitted, Request const& request, LongWork::Part const& work)
{
    std::optional<Response> response;
    auto hand_over = [&](auto handler) {
        auto const resume = std::make_shared<decltype(handler)>(std::move(handler));
        auto const back = [this, resume] { mailbox_.put([resume] { std::move (*resume)(); }); };
        auto const accepted = worker.submit(
            {.run = [&] { response = world_.application.run(admitted, request, work); },
             .settle =
                 [&, back](Worker::Outcome outcome) {
                     if (outcome != Worker::Outcome::done)
                         response = overloaded(admitted, request);
                     back();
                 }});
        if (!accepted) {
            response = overloaded(admitted, request);
            back();
        }
    };
    UseAwaitable token;
    co_await asio::async_initiate<UseAwaitable&, void()>(hand_over, token);
    co_return response;
}

Response Session::overloaded(Admitted const& admitted, Request const& request) const
{
    return world_.application.fault(
        admitted, request.head, {.fault = Fault::overloaded, .retry_after = std::chrono::seconds(1)});
}

Awaitable<void> Session::pause(std::chrono::milliseconds length)
{
    auto const executor = co_await asio::this_coro::executor;
    Timer timer(executor, length);
    error_code ignored;
    auto token = into(ignored);
    co_await timer.async_wait(token);
}

Awaitable<void> Session::respond(Turn& turn, Response const& response)
{
    auto const bytes = to_bytes(response, turn.id, turn.with_body, turn.keeps_alive);
    auto const hold = tarpit_.note(response.status);
    if (hold.count() > 0 && !world_.stopping)
        co_await pause(hold);
    move_to(sessions_.waiting);
    stream_->set_deadline(std::min(SteadyClock::now() + world_.limits.write, turn.began + world_.limits.request));
    auto const buffer = asio::buffer(bytes);
    auto const error = co_await stream_->write(buffer);
    if (error)
        turn.keeps_alive = false;
    note(turn, response.status);
    if (!turn.keeps_alive && !error)
        co_await part();
}

Awaitable<void> Session::refuse(Turn& turn, Response const& response)
{
    if (turn.id.empty())
        turn.id = request_id({});
    turn.keeps_alive = false;
    co_await respond(turn, response);
}

// To close while more is on its way would make the kernel throw away what the client has not read yet.
Awaitable<void> Session::part()
{
    auto const deadline = SteadyClock::now() + world_.limits.linger;
    stream_->set_deadline(deadline);
    co_await stream_->finish();
    constexpr std::size_t most = 262144;
    for (std::size_t dropped = 0; dropped < most;) {
        buffer_.consume(buffer_.size());
        auto const more = co_await fill(deadline);
        if (!more)
            break;
        dropped += buffer_.size();
    }
}

void Session::note(Turn const& turn, int status)
{
    auto const duration = SteadyClock::now() - turn.began;
    traffic_.note(turn.route_number, turn.method, status, duration);
    if (!world_.log.writes(LogLevel::info))
        return;
    auto const spent = std::chrono::duration<double, std::milli>(duration);
    log_.note(
        {{"request_id", turn.id},
         {"trace_id", turn.trace_id},
         {"method", turn.method},
         {"route", turn.route},
         {"status", status},
         {"duration_ms", spent.count()},
         {"partner", turn.partner}});
}

void Session::move_to(std::list<Session*>& row) noexcept
{
    row.splice(row.end(), *row_, place_);
    row_ = &row;
}

// The nearest address on the way here that is not one of our own proxies'.
std::string Session::client_of(RequestHead const& head) const
{
    auto const trusted = [this](std::string_view address) {
        return std::ranges::any_of(
            world_.trusted_proxies, [&](AddressRange const& range) { return range.contains(address); });
    };
    std::string client = peer_;
    auto const hops = head.list("x-forwarded-for");
    std::string_view forwarded = hops;
    while (trusted(client) && !forwarded.empty()) {
        auto const comma = forwarded.rfind(',');
        auto const hop = address_of_hop(forwarded.substr(comma == std::string_view::npos ? 0 : comma + 1));
        if (!hop)
            break;  // whatever stands before it is hearsay
        client = *hop;
        forwarded = forwarded.substr(0, comma == std::string_view::npos ? 0 : comma);
    }
    return client;
}

}
