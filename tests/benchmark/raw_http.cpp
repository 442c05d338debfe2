// The bare limit of HTTP: Boost.Beast reads a request and writes the answer it was given, and does nothing else. The
// answer is a file with a whole one, head and body, as another server gave it.
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <sys/socket.h>

#include "benchmark/tool.hpp"

namespace onboard::benchmark {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using Response = http::response<http::string_body>;

constexpr std::string_view usage = R"(raw_http --answer FILE [options]

  --answer FILE       what is answered to every request
  --port N            where it listens (0: any free port); the port is the first line on standard output
  --threads N         each with a loop and a listener of its own (2))";

Response read_answer(std::string const& path)
{
    std::ifstream file(path);
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    beast::error_code error;
    parser.put(asio::buffer(text), error);
    if (error || !parser.is_done())
        throw std::runtime_error(path + " does not hold an answer");
    return parser.release();
}

class Session : public std::enable_shared_from_this<Session> {
public:
    Session(tcp::socket socket, Response const& answer) : stream_(std::move(socket)), answer_(answer) {}

    void read()
    {
        request_ = {};
        http::async_read(
            stream_, buffer_, request_, [self = shared_from_this()](beast::error_code error, std::size_t) {
                if (!error)
                    self->write();
            });
    }

private:
    void write()
    {
        http::async_write(stream_, answer_, [self = shared_from_this()](beast::error_code error, std::size_t) {
            if (!error)
                self->read();
        });
    }

    beast::tcp_stream stream_;
    Response answer_;
    beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
};

tcp::acceptor listen(asio::io_context& context, std::uint16_t port)
{
    tcp::acceptor acceptor(context);
    acceptor.open(tcp::v4());
    int const yes = 1;
    ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes));
    acceptor.bind({asio::ip::address_v4::loopback(), port});
    acceptor.listen();
    return acceptor;
}

void accept(tcp::acceptor& acceptor, Response const& answer)
{
    acceptor.async_accept([&acceptor, &answer](beast::error_code error, tcp::socket socket) {
        if (!error) {
            socket.set_option(tcp::no_delay(true));
            std::make_shared<Session>(std::move(socket), answer)->read();
        }
        accept(acceptor, answer);
    });
}

int serve(Options const& options)
{
    auto const answer = read_answer(options.text("answer"));
    auto const count = options.number("threads", 2);
    auto port = static_cast<std::uint16_t>(options.number("port", 0));
    std::vector<std::unique_ptr<asio::io_context>> contexts;
    std::vector<tcp::acceptor> acceptors;
    acceptors.reserve(static_cast<std::size_t>(count));
    for (std::int64_t number = 0; number < count; ++number) {
        contexts.push_back(std::make_unique<asio::io_context>(1));
        acceptors.push_back(listen(*contexts.back(), port));
        port = acceptors.back().local_endpoint().port();
        accept(acceptors.back(), answer);
    }
    std::cout << port << std::endl;
    std::vector<std::thread> threads;
    for (auto const& context : contexts)
        threads.emplace_back([&context] { context->run(); });
    for (auto& thread : threads)
        thread.join();
    return 0;
}

}

}

int main(int argc, char** argv)
{
    using namespace onboard::benchmark;
    if (argc < 2) {
        std::cerr << usage << '\n';
        return 2;
    }
    return run(argc, argv, serve);
}
