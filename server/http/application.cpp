#include "server/http/application.hpp"

#include <algorithm>
#include <exception>
#include <new>

#include "server/http/negotiation.hpp"
#include "server/text.hpp"

namespace onboard::server {

namespace {

// Whether a path fits that of a route, and with which parameter.
std::optional<std::string_view> match(Route const& route, std::string_view path)
{
    auto const brace = route.path.find('{');
    if (brace == std::string_view::npos)
        return path == route.path ? std::optional(std::string_view()) : std::nullopt;
    auto const fixed = route.path.substr(0, brace);
    if (!path.starts_with(fixed))
        return std::nullopt;
    auto const parameter = path.substr(fixed.size());
    if (parameter.empty() || parameter.find('/') != std::string_view::npos)
        return std::nullopt;
    return parameter;
}

bool answers(Route const& route, std::string_view method)
{
    return route.method == method || (route.method == "GET" && method == "HEAD");
}

void allow(std::string& list, std::string_view method)
{
    if (!list.empty())
        list += ", ";
    list += method;
    if (method == "GET")
        list += ", HEAD";
}

}

Application::Application(
    Onboarding& onboarding, std::vector<std::unique_ptr<Contract>> contracts, int failures_per_minute, Log const& log)
    : onboarding_(onboarding), contracts_(std::move(contracts)), throttle_(failures_per_minute), log_(log)
{
}

std::optional<Response> Application::admit(RequestHead const& head, std::string_view client, Admitted& admitted)
{
    if (auto refusal = find_route(head, admitted))
        return refusal;
    auto const& route = *admitted.route;
    if (route.right)
        if (auto refusal = find_caller(head, client, admitted))
            return refusal;

    auto const encoded = head.has("content-encoding") && !equal_but_case(head.field("content-encoding"), "identity");
    auto const media_type = head.field("content-type");
    if (encoded || (route.media == Media::json && !is_json(media_type)) ||
        (route.media == Media::form && !is_form(media_type)))
        return admitted.contract->fault(head, {.fault = Fault::unsupported_media_type});
    if (head.content_length().value_or(0) > route.body_limit)
        return admitted.contract->fault(head, {.fault = Fault::too_large});
    return std::nullopt;
}

std::optional<Response> Application::find_route(RequestHead const& head, Admitted& admitted) const
{
    std::string allowed;
    for (auto const& contract : contracts_)
        for (auto const& route : contract->routes()) {
            auto const parameter = match(route, head.path());
            if (!parameter)
                continue;
            admitted.contract = contract.get();
            if (answers(route, head.method())) {
                admitted.route = &route;
                admitted.parameter = *parameter;
                return std::nullopt;
            }
            allow(allowed, route.method);
        }
    if (admitted.contract)
        return admitted.contract->fault(head, {.fault = Fault::method_not_allowed, .allow = allowed});
    return contract_for(head.path()).fault(head, {.fault = Fault::no_such_resource});
}

std::optional<Response> Application::find_caller(RequestHead const& head, std::string_view client, Admitted& admitted)
{
    auto const given = head.has("authorization");
    auto const token = bearer_token(head.field("authorization")).value_or(std::string_view());
    try {
        auto partner = onboarding_.identify(token);
        if (!partner) {
            auto const wait = given ? throttle_.fail(client, Throttle::Clock::now()) : std::nullopt;
            return admitted.contract->fault(
                head, {.fault = wait ? Fault::too_many_failures : Fault::unauthenticated,
                       .credentials_given = given,
                       .retry_after = wait});
        }
        admitted.caller = std::move(*partner);
    } catch (std::exception const& breakdown) {
        log_.error("credentials could not be checked", {{"reason", breakdown.what()}});
        return admitted.contract->fault(head, {.fault = Fault::overloaded, .retry_after = std::chrono::seconds(1)});
    }
    if (!admitted.caller->rights.contains(*admitted.route->right))
        return admitted.contract->fault(head, {.fault = Fault::forbidden, .code = "right_missing"});
    return std::nullopt;
}

Answer Application::answer(Admitted const& admitted, Request const& request)
{
    try {
        return admitted.route->handle(
            {.request = request, .caller = admitted.caller, .parameter = admitted.parameter});
    } catch (...) {
        return breakdown(admitted, request);
    }
}

std::optional<Response>
Application::run(Admitted const& admitted, Request const& request, LongWork::Part const& work) const
{
    try {
        try {
            return work();
        } catch (StorageConflict const&) {
            return work();
        }
    } catch (...) {
        return breakdown(admitted, request);
    }
}

// Called while an exception is handled. What went wrong is for the log; the caller learns whether to come again.
Response Application::breakdown(Admitted const& admitted, Request const& request) const
{
    FaultDetails details{.fault = Fault::breakdown};
    try {
        throw;
    } catch (StorageFailure const& failure) {
        log_.error("the storage failed", {{"request_id", request.id}, {"reason", failure.what()}});
        details = {.fault = Fault::overloaded, .retry_after = std::chrono::seconds(1)};
    } catch (std::bad_alloc const&) {
        log_.error("there was not enough memory", {{"request_id", request.id}});
        details = {.fault = Fault::overloaded, .retry_after = std::chrono::seconds(1)};
    } catch (std::exception const& failure) {
        log_.error("a request broke down", {{"request_id", request.id}, {"reason", failure.what()}});
    }
    return admitted.contract->fault(request.head, details);
}

Response Application::fault(Admitted const& admitted, RequestHead const& head, FaultDetails const& details) const
{
    return admitted.contract->fault(head, details);
}

Response Application::refusal(RequestHead::Refusal refusal)
{
    auto const status = static_cast<int>(refusal);
    Response response{
        .status = status, .content_type = "text/plain; charset=utf-8", .body = std::string(reason_of(status)) + "\n"};
    response.with("Cache-Control", "no-store");
    return response;
}

Contract const& Application::contract_for(std::string_view path) const
{
    auto const* best = contracts_.front().get();
    for (auto const& contract : contracts_)
        if (path.starts_with(contract->prefix()) &&
            (!path.starts_with(best->prefix()) || contract->prefix().size() > best->prefix().size()))
            best = contract.get();
    return *best;
}

std::optional<std::string_view> bearer_token(std::string_view authorization) noexcept
{
    constexpr std::string_view scheme = "Bearer ";
    if (authorization.size() <= scheme.size() || !equal_but_case(authorization.substr(0, scheme.size()), scheme))
        return std::nullopt;
    authorization.remove_prefix(scheme.size());
    if (authorization.find(' ') != std::string_view::npos)
        return std::nullopt;
    return authorization;
}

}
