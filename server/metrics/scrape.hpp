#pragma once

#include <string>

#include <onboard/ports.hpp>

#include "server/events.hpp"
#include "server/http/http_server.hpp"
#include "server/http/traffic.hpp"
#include "server/http/worker.hpp"

namespace onboard::server {

// Where the numbers come from.
struct Watched {
    Ports const& ports;
    HttpServer const& http;
    RouteNumbers const& routes;
    Workers workers;
    Events const& events;
    std::string version;
    int schema = 0;
};

// Every number, as docs/watching.md lists them. Reads the storage, at most a few thousand letters of it, and says what it
// can where that fails.
std::string scrape(Watched const&);

}
