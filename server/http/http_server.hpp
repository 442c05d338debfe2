#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "server/address_range.hpp"
#include "server/http/application.hpp"
#include "server/http/traffic.hpp"
#include "server/http/worker.hpp"
#include "server/log.hpp"

namespace onboard::server {

// docs/limits.md lists these limits.
struct HttpLimits {
    std::chrono::seconds handshake{10};
    std::chrono::seconds head{10};  // from the first byte of a request to the end of its head
    std::chrono::seconds body{20};
    std::chrono::seconds write{20};
    std::chrono::seconds idle{30};     // between two requests of a connection
    std::chrono::seconds request{60};  // from the first byte of a request to the last of its answer
    std::chrono::seconds linger{2};    // for a client to read a refusal while it still sends

    std::size_t read_buffer = 16384;
    int requests_per_connection = 1000;
    int connections = 10000;
    int connections_per_client = 100;  // not counted for loopback and trusted proxies
};

struct HttpOptions {
    Endpoint listen;
    std::filesystem::path tls_certificate = {};  // both or neither
    std::filesystem::path tls_key = {};
    std::vector<AddressRange> trusted_proxies = {};
    HttpLimits limits = {};

    // A listener of the operators' own, with places of its own: it can be asked when the other one is full. On loopback
    // it speaks plain HTTP, elsewhere as the other one does.
    std::optional<Endpoint> admin_listen = {};
    HttpLimits admin_limits = {.connections = 64};
};

// Who answers: everybody, and on the operators' listener, if there is one.
struct Applications {
    Application& main;
    Application* admin = nullptr;
};

// Told on the way, each on a thread of the server's.
struct Milestones {
    std::function<void()> listening;
    std::function<void()> reload;  // on SIGHUP, beside the certificate
    std::function<void()> draining;
};

// What happened so far, and what is going on.
struct HttpStatistics {
    std::vector<Traffic::Sum> routes;  // by number
    std::uint64_t under_way = 0;
    std::uint64_t accepted = 0;
    std::uint64_t turned_away = 0;  // connections for which there was no place
    int connections = 0;
    int most_connections = 0;
};

// Who does what sessions cannot do beside their sockets.
struct Workers {
    Worker& writes;
    Worker& computes;  // and then writes
    Worker& waits;     // for others, and then writes
    Worker* reads;     // from a database that is elsewhere and may keep silent; none for one that is here
};

// The sockets: accepts connections, reads requests, has them answered, writes. As many threads as the machine has
// cores; a connection stays with its thread.
class HttpServer {
public:
    // Binds and listens, so that the port is known; throws std::runtime_error, in words for an operator, if the
    // address is taken or the certificate does not load.
    HttpServer(HttpOptions const&, Workers const&, Log const&);
    ~HttpServer();
    HttpServer(HttpServer const&) = delete;
    HttpServer& operator=(HttpServer const&) = delete;

    std::uint16_t port() const noexcept;
    std::uint16_t admin_port() const noexcept;  // 0 without such a listener

    // Serves until SIGTERM or SIGINT; then accepts nothing more, calls `draining`, lets requests under way finish for
    // `grace` at most, and returns. A second signal ends the process at once. SIGHUP loads the certificate again and
    // calls `reload`. `routes` are those of all applications.
    void run(Applications const&, RouteNumbers const& routes, Milestones const&, std::chrono::seconds grace);

    // While it runs, from any thread.
    HttpStatistics statistics() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}
