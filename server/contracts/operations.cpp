#include "server/contracts/contracts.hpp"

#include <vector>

#include "server/contracts/receiver_answers.hpp"

// For whoever runs the server: /healthz says that the process lives, /readyz that it can do its work, and /metrics how it
// has fared.
namespace onboard::server {

namespace {

class OperationsContract : public Contract {
public:
    OperationsContract(Readiness is_ready, Scrape read_all)
        : ready_(std::move(is_ready)), scrape_(std::move(read_all))
    {
        serve("/healthz", [](Exchange const&) { return receiver::json_response(200, R"({"status":"alive"})"); });
        routes_.back().asks_storage = false;
        serve("/readyz", [this](Exchange const&) { return ready(); });
        if (scrape_)
            serve("/metrics", [this](Exchange const&) { return metrics(); });
    }

    std::span<Route const> routes() const override { return routes_; }
    bool owns(std::string_view path) const override
    {
        return path.starts_with("/healthz") || path.starts_with("/readyz") || path.starts_with("/metrics");
    }
    Response fault(RequestHead const&, FaultDetails const& details) const override
    {
        return receiver::faulted(details);
    }

private:
    void serve(std::string_view path, Handler handle)
    {
        routes_.push_back({.method = "GET", .path = path, .right = std::nullopt, .handle = std::move(handle)});
    }

    Response ready() const
    {
        return ready_() ? receiver::json_response(200, R"({"status":"ready"})")
                        : receiver::json_response(503, R"({"status":"not ready"})");
    }

    Response metrics() const
    {
        Response response{.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = scrape_()};
        response.with("Cache-Control", "no-store");
        return response;
    }

    Readiness ready_;
    Scrape scrape_;
    std::vector<Route> routes_;
};

}

std::unique_ptr<Contract> operations_contract(Readiness ready, Scrape scrape)
{
    return std::make_unique<OperationsContract>(std::move(ready), std::move(scrape));
}

}
