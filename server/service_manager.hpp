#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace onboard::server {

// Who started us and wants to know how we are: systemd, and others who do as it does; see sd_notify(3).
class ServiceManager {
public:
    // The one that NOTIFY_SOCKET names, or none.
    ServiceManager();

    // By the name of its socket: a path, or '@' and the name of an abstract socket; or empty for none.
    explicit ServiceManager(std::string socket) : socket_(std::move(socket)) {}

    // Tells it, and waits for nothing: who does not listen is not told. True if it was, or there is none.
    bool tell(std::string_view state) const noexcept;

private:
    std::string socket_;
};

}
