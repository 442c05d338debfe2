#include "server/http/application.hpp"

#include <algorithm>
#include <exception>
#include <new>

#include "server/http/credentials.hpp"
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
    if (method == "OPTIONS")
        return;
    if (!list.empty())
        list += ", ";
    list += method;
    if (method == "GET")
        list += ", HEAD";
}

}

Application::Application(
    Onboarding& onboarding, std::vector<std::unique_ptr<Contract>> contracts, RouteNumbers& numbers,
    Throttle& failures, Log const& log)
    : onboarding_(onboarding), contracts_(std::move(contracts)), failures_(failures), log_(log)
{
    for (auto const& contract : contracts_)
        for (auto const& route : contract->routes())
            numbers_.push_back(numbers.number_of(route.path));
}

std::optional<Response> Application::admit(RequestHead const& head, std::string_view client, Admitted& admitted)
{
    auto const& route = *admitted.route;
    if (route.right && (!route.open_to_all || head.has("authorization")))
        if (auto refusal = find_caller(head, client, admitted))
            return refusal;
    if (auto const fault = judge_media(route, head))
        return admitted.contract->fault(head, {.fault = *fault});
    if (head.content_length().value_or(0) > route.body_limit)
        return admitted.contract->fault(head, {.fault = Fault::too_large});
    return std::nullopt;
}

std::optional<Fault> Application::judge_media(Route const& route, RequestHead const& head)
{
    auto const media_type = head.field("content-type");
    switch (route.media) {
    case Media::none: break;
    case Media::json:
        if (!is_json(media_type))
            return Fault::unsupported_media_type;
        break;
    case Media::json_or_nothing:
        if (head.has_body() && !is_json(media_type))
            return Fault::unsupported_media_type;
        break;
    case Media::form:
        if (!is_form(media_type))
            return Fault::unsupported_media_type;
        break;
    case Media::sso:
        if (head.has("accept") && !sso_media_type(head.list("accept")))
            return Fault::not_acceptable;
        if (head.has_body() && !is_sso_json(media_type))
            return Fault::unsupported_media_type;
        break;
    }
    if (head.has("content-encoding") && !equal_but_case(head.field("content-encoding"), "identity"))
        return Fault::unsupported_media_type;
    return std::nullopt;
}

std::optional<Response> Application::find_route(RequestHead const& head, Admitted& admitted) const
{
    std::string allowed;
    auto number = numbers_.begin();
    for (auto const& contract : contracts_)
        for (auto const& route : contract->routes()) {
            auto const route_number = *number++;
            auto const parameter = match(route, head.path());
            if (!parameter)
                continue;
            admitted.contract = contract.get();
            admitted.route_number = route_number;
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
    auto const credentials = read_credentials(head.field("authorization"));
    try {
        auto const readable = credentials && (credentials->name.empty() || admitted.contract->takes_basic());
        auto partner = onboarding_.identify(readable ? credentials->token : std::string_view());
        if (!partner || !credentials->fits(*partner)) {
            auto const wait = given ? failures_.fail(client, Throttle::Clock::now()) : std::nullopt;
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
    if (admitted.caller->rights.contains(*admitted.route->right))
        return std::nullopt;
    admitted.caller.reset();
    if (admitted.route->open_to_all)
        return std::nullopt;  // like anybody who shows nothing
    return admitted.contract->fault(head, {.fault = Fault::forbidden, .code = "right_missing"});
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
    auto const owner =
        std::ranges::find_if(contracts_, [path](auto const& contract) { return contract->owns(path); });
    return owner == contracts_.end() ? *contracts_.back() : **owner;
}

}
