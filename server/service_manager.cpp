#include "server/service_manager.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace onboard::server {
namespace {

std::string socket_from_environment()
{
    auto const* const name = std::getenv("NOTIFY_SOCKET");
    return name ? name : "";
}

}

ServiceManager::ServiceManager() : ServiceManager(socket_from_environment()) {}

bool ServiceManager::tell(std::string_view state) const noexcept
{
    if (socket_.empty())
        return true;

    sockaddr_un address{};
    if (socket_.size() >= sizeof address.sun_path)
        return false;
    address.sun_family = AF_UNIX;
    std::ranges::copy(socket_, address.sun_path);
    if (socket_.front() == '@')
        address.sun_path[0] = '\0';  // abstract: its name has no end but its length
    auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());

    auto const descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return false;
    auto const sent = ::sendto(
        descriptor, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
        reinterpret_cast<sockaddr const*>(&address), size);
    ::close(descriptor);
    return sent == static_cast<ssize_t>(state.size());
}

}
