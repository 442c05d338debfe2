#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

namespace onboard::server {

// One connection's bytes, in the clear or through TLS, behind one interface: the session is then compiled once, which
// halves the time its file takes. Each call ends at the deadline that was set last.
class Stream {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    virtual ~Stream() = default;

    virtual void set_deadline(Deadline) = 0;
    virtual boost::asio::awaitable<boost::system::error_code> handshake() = 0;

    // At least one byte, or an error.
    virtual boost::asio::awaitable<std::size_t> read(boost::asio::mutable_buffer, boost::system::error_code&) = 0;

    // All of the bytes, or an error.
    virtual boost::asio::awaitable<boost::system::error_code> write(boost::asio::const_buffer) = 0;

    // Says that nothing more will be sent.
    virtual boost::asio::awaitable<void> finish() = 0;

    // Ends every call under way.
    virtual void close() = 0;
};

std::unique_ptr<Stream> plain_stream(boost::asio::ip::tcp::socket);
std::unique_ptr<Stream> tls_stream(boost::asio::ip::tcp::socket, std::shared_ptr<boost::asio::ssl::context>);

}
