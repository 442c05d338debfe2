#include "server/http/stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>

// Every argument of a co_await here is a named local: the compiler of Debian 12 destroys temporaries of some types in
// such an expression twice.
namespace onboard::server {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

class PlainStream : public Stream {
public:
    explicit PlainStream(asio::ip::tcp::socket socket) : stream_(std::move(socket)) {}

    void set_deadline(Deadline deadline) override { stream_.expires_at(deadline); }

    asio::awaitable<error_code> handshake() override { co_return error_code(); }

    asio::awaitable<std::size_t> read(asio::mutable_buffer buffer, error_code& error) override
    {
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_return co_await stream_.async_read_some(buffer, token);
    }

    asio::awaitable<error_code> write(asio::const_buffer bytes) override
    {
        error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await asio::async_write(stream_, bytes, token);
        co_return error;
    }

    asio::awaitable<void> finish() override
    {
        error_code ignored;
        stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        co_return;
    }

    void close() override { stream_.close(); }

private:
    beast::tcp_stream stream_;
};

class TlsStream : public Stream {
public:
    TlsStream(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
        : context_(std::move(context)), stream_(beast::tcp_stream(std::move(socket)), *context_)
    {
    }

    void set_deadline(Deadline deadline) override { stream_.next_layer().expires_at(deadline); }

    asio::awaitable<error_code> handshake() override
    {
        error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await stream_.async_handshake(asio::ssl::stream_base::server, token);
        co_return error;
    }

    asio::awaitable<std::size_t> read(asio::mutable_buffer buffer, error_code& error) override
    {
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_return co_await stream_.async_read_some(buffer, token);
    }

    asio::awaitable<error_code> write(asio::const_buffer bytes) override
    {
        error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await asio::async_write(stream_, bytes, token);
        co_return error;
    }

    asio::awaitable<void> finish() override
    {
        error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await stream_.async_shutdown(token);
        stream_.next_layer().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    }

    void close() override { stream_.next_layer().close(); }

private:
    std::shared_ptr<asio::ssl::context> context_;
    asio::ssl::stream<beast::tcp_stream> stream_;
};

}

std::unique_ptr<Stream> plain_stream(asio::ip::tcp::socket socket)
{
    return std::make_unique<PlainStream>(std::move(socket));
}

std::unique_ptr<Stream> tls_stream(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
{
    return std::make_unique<TlsStream>(std::move(socket), std::move(context));
}

}
