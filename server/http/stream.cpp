#include "server/http/stream.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

// Every argument of a co_await here is a named local: the compiler of Debian 12 destroys temporaries of some types in
// such an expression twice.
namespace onboard::server {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

class PlainStream : public Stream {
public:
    explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}

    Awaitable<error_code> handshake() override { co_return error_code(); }

    Awaitable<std::size_t> read(asio::mutable_buffer buffer, error_code& error) override
    {
        Call const call(*this);
        auto token = into(error);
        co_return co_await socket_.async_read_some(buffer, token);
    }

    Awaitable<error_code> write(asio::const_buffer bytes) override
    {
        Call const call(*this);
        error_code error;
        auto token = into(error);
        co_await asio::async_write(socket_, bytes, token);
        co_return error;
    }

    Awaitable<void> finish() override
    {
        error_code ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
        co_return;
    }

    void close() override
    {
        error_code ignored;
        socket_.close(ignored);
    }

private:
    Socket socket_;
};

class TlsStream : public Stream {
public:
    TlsStream(Socket socket, std::shared_ptr<asio::ssl::context> context)
        : context_(std::move(context)), stream_(std::move(socket), *context_)
    {
    }

    Awaitable<error_code> handshake() override
    {
        Call const call(*this);
        error_code error;
        auto token = into(error);
        co_await stream_.async_handshake(asio::ssl::stream_base::server, token);
        co_return error;
    }

    Awaitable<std::size_t> read(asio::mutable_buffer buffer, error_code& error) override
    {
        Call const call(*this);
        auto token = into(error);
        co_return co_await stream_.async_read_some(buffer, token);
    }

    Awaitable<error_code> write(asio::const_buffer bytes) override
    {
        Call const call(*this);
        error_code error;
        auto token = into(error);
        co_await asio::async_write(stream_, bytes, token);
        co_return error;
    }

    Awaitable<void> finish() override
    {
        Call const call(*this);
        error_code ignored;
        auto token = into(ignored);
        co_await stream_.async_shutdown(token);
        stream_.next_layer().shutdown(Socket::shutdown_send, ignored);
    }

    void close() override
    {
        error_code ignored;
        stream_.next_layer().close(ignored);
    }

private:
    std::shared_ptr<asio::ssl::context> context_;
    asio::ssl::stream<Socket> stream_;
};

}

std::unique_ptr<Stream> plain_stream(Socket socket)
{
    return std::make_unique<PlainStream>(std::move(socket));
}

std::unique_ptr<Stream> tls_stream(Socket socket, std::shared_ptr<asio::ssl::context> context)
{
    return std::make_unique<TlsStream>(std::move(socket), std::move(context));
}

}
