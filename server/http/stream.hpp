#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include "server/http/awaitable.hpp"

namespace onboard::server {

// One connection's bytes, in the clear or through TLS, behind one interface: the session is then compiled once, which
// halves the time its file takes.
//
// Each call has until the deadline that was set last. There is no timer: whoever keeps the stream closes it when a call
// is late, which costs nothing as long as none is.
class Stream {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    virtual ~Stream() = default;

    virtual Awaitable<boost::system::error_code> handshake() = 0;

    // At least one byte, or an error.
    virtual Awaitable<std::size_t> read(boost::asio::mutable_buffer, boost::system::error_code&) = 0;

    // All of the bytes, or an error.
    virtual Awaitable<boost::system::error_code> write(boost::asio::const_buffer) = 0;

    // Says that nothing more will be sent.
    virtual Awaitable<void> finish() = 0;

    // Ends every call under way.
    virtual void close() = 0;

    void set_deadline(Deadline deadline) noexcept { deadline_ = deadline; }
    bool is_late(Deadline now) const noexcept { return calls_ > 0 && now >= deadline_; }

protected:
    // A call under way.
    class Call {
    public:
        explicit Call(Stream& stream) noexcept : stream_(stream) { ++stream_.calls_; }
        ~Call() { --stream_.calls_; }
        Call(Call const&) = delete;
        Call& operator=(Call const&) = delete;

    private:
        Stream& stream_;
    };

private:
    Deadline deadline_{};
    int calls_ = 0;
};

std::unique_ptr<Stream> plain_stream(Socket);
std::unique_ptr<Stream> tls_stream(Socket, std::shared_ptr<boost::asio::ssl::context>);

}
