#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "server/address_range.hpp"
#include "server/http/application.hpp"
#include "server/http/worker.hpp"
#include "server/log.hpp"

namespace onboard::server {

// docs/operations.md lists these limits.
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
};

// Who does what sessions cannot do beside their sockets.
struct Workers {
    Worker& writes;
    Worker& computes;  // and then writes
    Worker& waits;     // for others, and then writes
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

    // Serves until SIGTERM or SIGINT; then accepts nothing more, calls `draining`, lets requests under way finish for
    // `grace` at most, and returns. A second signal ends the process at once. SIGHUP loads the certificate again.
    void
    run(Application&, std::function<void()> const& listening, std::function<void()> const& draining,
        std::chrono::seconds grace);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}
