#include "server/http/throttle.hpp"

#include <array>

#include <arpa/inet.h>

namespace onboard::server {

std::optional<std::chrono::seconds> Throttle::fail(std::string_view client, Clock::time_point now)
{
    constexpr std::chrono::minutes window_length{1};
    std::scoped_lock const lock(mutex_);
    if (windows_.size() >= most_clients)
        std::erase_if(windows_, [now](auto const& entry) { return entry.second.ends <= now; });
    if (windows_.size() >= most_clients)
        windows_.clear();

    auto& window = windows_[throttle_key(client)];
    if (window.ends <= now)
        window = {.ends = now + window_length, .failures = 0};
    if (++window.failures <= per_minute_)
        return std::nullopt;
    return std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(window.ends - now));
}

std::string throttle_key(std::string_view client)
{
    std::string const text(client);
    in6_addr address{};
    if (::inet_pton(AF_INET6, text.c_str(), &address) != 1)
        return text;
    if (IN6_IS_ADDR_V4MAPPED(&address))
        return text.substr(text.rfind(':') + 1);
    std::array<char, INET6_ADDRSTRLEN> network{};
    for (std::size_t index = 8; index < sizeof(address.s6_addr); ++index)
        address.s6_addr[index] = 0;
    ::inet_ntop(AF_INET6, &address, network.data(), network.size());
    return network.data();
}

}
