#include "server/http/contract.hpp"

namespace onboard::server {

int status_of(Fault fault) noexcept
{
    switch (fault) {
    case Fault::no_such_resource: return 404;
    case Fault::method_not_allowed: return 405;
    case Fault::unauthenticated: return 401;
    case Fault::forbidden: return 403;
    case Fault::too_many_failures: return 429;
    case Fault::not_acceptable: return 406;
    case Fault::unsupported_media_type: return 415;
    case Fault::too_large: return 413;
    case Fault::unreadable: return 400;
    case Fault::overloaded: return 503;
    case Fault::breakdown: return 500;
    }
    return 500;
}

void dress_fault(Response& response, FaultDetails const& details)
{
    response.status = status_of(details.fault);
    response.with("Cache-Control", "no-store");
    if (!details.allow.empty())
        response.with("Allow", details.allow);
    if (details.retry_after)
        response.with("Retry-After", std::to_string(details.retry_after->count()));
    if (details.fault == Fault::unauthenticated)
        response.with(
            "WWW-Authenticate", details.credentials_given ? R"(Bearer realm="onboard", error="invalid_token")"
                                                          : R"(Bearer realm="onboard")");
}

}
