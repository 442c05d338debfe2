#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/beast/core/flat_buffer.hpp>

#include "server/http/application.hpp"
#include "server/http/awaitable.hpp"
#include "server/http/http_server.hpp"
#include "server/http/mailbox.hpp"
#include "server/http/request_log.hpp"
#include "server/http/stream.hpp"
#include "server/http/tarpit.hpp"
#include "server/http/traffic.hpp"
#include "server/http/worker.hpp"

namespace onboard::server {

// What all sessions share.
struct SessionWorld {
    Application& application;
    Worker& worker;
    Worker& long_worker;
    Worker& waiting_worker;
    Worker* reading_worker;  // none where reading takes no longer than a look into memory
    Log const& log;
    HttpLimits const& limits;
    std::vector<AddressRange> const& trusted_proxies;
    std::atomic<bool> const& stopping;
};

class Session;

// The sessions of one thread.
struct Sessions {
    std::list<Session*> waiting = {};  // for their clients; who does so longest comes first
    std::list<Session*> busy = {};     // while their clients wait
};

// One connection, from its first byte to its last. Lives on one thread, among the sessions of which it is for as long.
class Session {
public:
    // Sessions, mailbox, log and traffic are those of the session's thread.
    Session(
        SessionWorld const&, Sessions&, Mailbox&, RequestLog&, Traffic&, std::unique_ptr<Stream>, std::string peer);
    ~Session();
    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;

    // Serves requests one after the other until the connection ends.
    Awaitable<void> run();

    // Ends the connection if no request is under way.
    void end_if_idle();

    // Ends the connection if its client lets us wait too long.
    void end_if_late(Stream::Deadline now);

    // Ends the connection, whatever is under way.
    void end();

    bool is_of(SessionWorld const& world) const noexcept { return &world_ == &world; }

private:
    using Instant = Stream::Deadline;

    enum class Next : std::uint8_t { go_on = 1, close };

    // A request as it is read, answered and logged.
    struct Turn {
        std::string head_bytes = {};
        std::string id = {};
        std::string_view trace_id = {};
        std::string client = {};
        std::string_view method = {};
        std::string_view route = {};
        std::size_t route_number = 0;
        std::string partner = {};
        Instant began = {};
        bool with_body = true;
        bool keeps_alive = false;
    };

    Awaitable<Next> serve_one(int served);

    // Reads until a head is whole. False if the connection ended or was refused.
    Awaitable<bool> read_head(Turn&);
    Awaitable<bool> read_body(Turn&, RequestHead const&, Admitted const&, std::string& body);
    Awaitable<bool> read_sized_body(std::size_t size, Instant deadline, std::string& body);
    Awaitable<bool>
    read_chunked_body(Turn&, RequestHead const&, Admitted const&, Instant deadline, std::string& body);
    Awaitable<bool> fill(Instant deadline);
    bool reads_elsewhere(Route const&) const;
    Awaitable<std::optional<Response>> admitted_elsewhere(RequestHead const&, Turn const&, Admitted&);
    Awaitable<Response> answered(Admitted const&, Request const&);
    Awaitable<Response> computed(Admitted const&, Request const&, LongWork const&);
    Awaitable<std::optional<Response>> worked(Worker&, Admitted const&, Request const&, LongWork::Part const&);
    Response overloaded(Admitted const&, Request const&) const;
    Awaitable<void> pause(std::chrono::milliseconds length);
    Awaitable<void> respond(Turn&, Response const&);

    // Answers, and lets the connection end.
    Awaitable<void> refuse(Turn&, Response const&);

    // Ends the connection without cutting off a client that is still sending.
    Awaitable<void> part();

    // Counts what came of a request, and logs it.
    void note(Turn const&, int status);
    void move_to(std::list<Session*>& row) noexcept;
    std::string client_of(RequestHead const&) const;

    SessionWorld const& world_;
    Sessions& sessions_;
    Mailbox& mailbox_;
    RequestLog& log_;
    Traffic& traffic_;
    std::unique_ptr<Stream> stream_;
    std::string peer_;
    boost::beast::flat_buffer buffer_;
    Tarpit tarpit_;
    bool idle_ = true;
    std::list<Session*>* row_;  // of the sessions, the one where this is
    std::list<Session*>::iterator place_;
};

}
