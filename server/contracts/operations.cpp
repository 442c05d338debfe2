#include "server/contracts/contracts.hpp"

#include <array>

#include "server/contracts/receiver_answers.hpp"

// For whoever runs the server: /healthz says that the process lives, /readyz that it can do its work.
namespace onboard::server {

namespace {

class OperationsContract : public Contract {
public:
    explicit OperationsContract(Readiness ready) : ready_(std::move(ready)) {}

    std::span<Route const> routes() const override { return routes_; }
    bool owns(std::string_view path) const override
    {
        return path.starts_with("/healthz") || path.starts_with("/readyz");
    }
    Response fault(RequestHead const&, FaultDetails const& details) const override
    {
        return receiver::faulted(details);
    }

private:
    Answer ready() const
    {
        return ready_() ? receiver::json_response(200, R"({"status":"ready"})")
                        : receiver::json_response(503, R"({"status":"not ready"})");
    }

    Readiness ready_;
    std::array<Route, 2> routes_{{
        {.method = "GET",
         .path = "/healthz",
         .right = std::nullopt,
         .handle = [](Exchange const&) -> Answer { return receiver::json_response(200, R"({"status":"alive"})"); }},
        {.method = "GET",
         .path = "/readyz",
         .right = std::nullopt,
         .handle = [this](Exchange const&) { return ready(); }},
    }};
};

}

std::unique_ptr<Contract> operations_contract(Readiness ready)
{
    return std::make_unique<OperationsContract>(std::move(ready));
}

}
