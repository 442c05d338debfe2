#include "support/postgres_wire.hpp"

#include <array>
#include <cstring>
#include <stdexcept>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/postgres_schema.hpp"

namespace onboard::testing {

namespace {

constexpr auto socket_name = "/.s.PGSQL.5432";

// Where the folder of the server's socket stands in a URL.
std::pair<std::size_t, std::size_t> host_in(std::string const& url)
{
    auto const begin = url.find("host=") + std::strlen("host=");
    return {begin, std::min(url.find('&', begin), url.size()) - begin};
}

sockaddr_un address_of(std::string const& folder)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (folder + socket_name).c_str(), sizeof address.sun_path - 1);
    return address;
}

bool send_all(int to, char const* bytes, ssize_t size)
{
    while (size > 0) {
        auto const sent = ::send(to, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= sent;
    }
    return true;
}

}

PostgresWire::PostgresWire() : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    auto const address = address_of(folder_.path().string());
    if (::bind(listener_, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 64) != 0)
        throw std::runtime_error("cannot listen in " + folder_.path().string());
    acceptor_ = std::thread([this] { accept_all(); });
}

PostgresWire::~PostgresWire()
{
    over_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (auto& carrier : carriers_)
        carrier.join();
    ::close(listener_);
}

std::string PostgresWire::over(std::string const& url) const
{
    auto const [begin, size] = host_in(url);
    return std::string(url).replace(begin, size, folder_.path().string());
}

void PostgresWire::accept_all()
{
    while (!over_) {
        auto const client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client >= 0)
            carriers_.emplace_back([this, client] { carry(client); });
    }
}

void PostgresWire::carry(int client)
{
    auto const url = postgres_url();
    auto const [begin, size] = host_in(url);
    auto const address = address_of(url.substr(begin, size));
    auto const server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto open = ::connect(server, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0;
    auto answered = true;
    auto lost = false;
    std::array<char, 16'384> bytes;
    while (open && !over_) {
        std::array<pollfd, 2> ends{
            pollfd{.fd = client, .events = POLLIN, .revents = 0},
            pollfd{.fd = server, .events = POLLIN, .revents = 0}};
        ::poll(ends.data(), ends.size(), 100);
        if (ends[0].revents != 0) {
            auto const got = ::recv(client, bytes.data(), bytes.size(), 0);
            lost = lost || losing_.exchange(false);
            turns_ += answered;
            answered = false;
            open = got > 0 && send_all(server, bytes.data(), got);
        }
        if (open && ends[1].revents != 0) {
            auto const got = ::recv(server, bytes.data(), bytes.size(), 0);
            answered = true;
            open = got > 0 && !lost && send_all(client, bytes.data(), got);
        }
    }
    ::close(server);
    ::close(client);
}

}
