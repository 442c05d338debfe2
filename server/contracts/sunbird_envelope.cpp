#include "server/contracts/sunbird_envelope.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "server/contracts/receiver_answers.hpp"
#include "server/http/request_id.hpp"

namespace onboard::server::sunbird {

namespace json = boost::json;

namespace {

// "2018-12-20 10:00:00:000+0000"
std::string timestamp(std::chrono::system_clock::time_point now)
{
    auto const milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    return fmt::format("{:%Y-%m-%d %H:%M:%S}:{:03}+0000", fmt::gmtime(now), milliseconds % 1000);
}

std::string_view name_of_status(int status)
{
    switch (status) {
    case 200: return "OK";
    case 401: return "UNAUTHORIZED";
    case 403: return "FORBIDDEN";
    case 404: return "RESOURCE_NOT_FOUND";
    case 429: return "TOO_MANY_REQUESTS";
    default: return status < 500 ? "CLIENT_ERROR" : "SERVER_ERROR";
    }
}

json::value text_or_null(std::string_view text)
{
    return text.empty() ? json::value(nullptr) : json::value(text);
}

Response
enveloped(Caller const& caller, int status, std::string_view error, std::string_view message, json::object result)
{
    json::object params;
    params["resmsgid"] = nullptr;
    params["msgid"] = caller.message_id;
    params["err"] = text_or_null(error);
    params["status"] = error.empty() ? std::string_view("success") : error;
    params["errmsg"] = text_or_null(message);
    json::object envelope;
    envelope["id"] = caller.api.id;
    envelope["ver"] = caller.api.version;
    envelope["ts"] = timestamp(std::chrono::system_clock::now());
    envelope["params"] = std::move(params);
    envelope["responseCode"] = name_of_status(status);
    envelope["result"] = std::move(result);
    Response response{.status = status, .content_type = "application/json", .body = json::serialize(envelope)};
    return response.with("Cache-Control", "no-store");
}

bool is_version(std::string_view segment)
{
    return segment.size() == 2 && segment[0] == 'v' && segment[1] >= '0' && segment[1] <= '9';
}

std::string message_id_of(RequestHead const& head, std::string_view ours)
{
    return request_id(head.has("x-msgid") ? head.field("x-msgid") : ours);
}

Refusal about_code(Error const& error, int most_tries)
{
    auto const left = error.attempts_left.value_or(0);
    return {
        .code = "OTP_VERIFICATION_FAILED",
        .message = fmt::format("The OTP is not the one that was sent. Attempts left: {}.", left),
        .result = {{"maxAllowedAttempt", most_tries}, {"remainingAttempt", left}}};
}

Refusal too_many(Error const& error)
{
    if (error.field == "code")
        return {.code = "ERROR_INVALID_OTP", .message = "The OTP is not valid any more."};
    return {
        .status = 429,
        .code = "ERROR_RATE_LIMIT_EXCEEDED",
        .message = "There were too many requests. Please try again later.",
        .retry_after = error.retry_after};
}

struct Words {
    std::string_view code;
    std::string_view message;
};

Words words_of(Error const& error)
{
    switch (error.code) {
    case Errc::field_missing: return {"MANDATORY_PARAMETER_MISSING", "The parameter firstName is missing."};
    case Errc::email_taken: return {"EMAIL_IN_USE", "The email address is in use already."};
    case Errc::phone_taken: return {"PHONE_ALREADY_IN_USE", "The phone number is in use already."};
    case Errc::user_name_taken: return {"USERNAME_IN_USE", "The user name is in use already."};
    case Errc::account_blocked: return {"USER_ACCOUNT_BLOCKED", "The account of this person is blocked."};
    case Errc::channel_unknown: return {"INVALID_PARAMETER_VALUE", "The channel is not known."};
    case Errc::organisation_unknown: return {"INVALID_ORGANIZATION_DATA", "The organisation is not known."};
    case Errc::organisation_elsewhere:
        return {"PARAMETER_MISMATCH", "The parameters channel and organisationId do not belong together."};
    case Errc::code_expired: return {"ERROR_INVALID_OTP", "There is no valid OTP. Please ask for a new one."};
    case Errc::phone_not_served: return {"INVALID_PHONE_NUMBER", "No text messages are sent to this phone number."};
    case Errc::contact_unproven:
        return error.field == "email"
                   ? Words{"EMAIL_VERIFY_ERROR", "The email address has to be verified by an OTP first."}
                   : Words{"PHONE_VERIFY_ERROR", "The phone number has to be verified by an OTP first."};
    default: return {"INVALID_REQUESTED_DATA", "The request was refused."};
    }
}

std::string_view code_of(Fault fault)
{
    switch (fault) {
    case Fault::unauthenticated: return "UNAUTHORIZED_USER";
    case Fault::forbidden: return "FORBIDDEN";
    case Fault::too_many_failures: return "ERROR_RATE_LIMIT_EXCEEDED";
    case Fault::no_such_resource: return "RESOURCE_NOT_FOUND";
    case Fault::method_not_allowed: return "METHOD_NOT_ALLOWED";
    case Fault::overloaded: return "SERVER_ERROR";
    case Fault::breakdown: return "INTERNAL_ERROR";
    default: return "INVALID_REQUESTED_DATA";
    }
}

}

Api api_of(std::string_view path)
{
    Api api{.id = "api", .version = "v1"};
    bool known = false;
    while (!path.empty()) {
        path.remove_prefix(1);
        auto const segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        if (is_version(segment))
            api.version = segment;
        else if (segment != "api" && !known)
            api.id += '.' + std::string(segment);
        known = known || segment == "exists";  // what follows is whom it is about
    }
    return api;
}

Caller caller_of(Exchange const& exchange)
{
    auto const& head = exchange.request.head;
    return {.api = api_of(head.path()), .message_id = message_id_of(head, exchange.request.id)};
}

Caller caller_of(RequestHead const& head)
{
    return {.api = api_of(head.path()), .message_id = message_id_of(head, {})};
}

Response success(Caller const& caller, json::object result)
{
    return enveloped(caller, 200, {}, {}, std::move(result));
}

Response failure(Caller const& caller, Refusal const& refusal)
{
    auto response = enveloped(caller, refusal.status, refusal.code, refusal.message, refusal.result);
    if (refusal.retry_after)
        response.with("Retry-After", std::to_string(refusal.retry_after->count()));
    return response;
}

Refusal refusal_of(Error const& error, int most_tries)
{
    if (error.code == Errc::code_wrong)
        return about_code(error, most_tries);
    if (error.code == Errc::attempts_spent)
        return too_many(error);
    if (error.code == Errc::identity_unverified)
        return {
            .status = 401,
            .code = "UNAUTHORIZED_USER",
            .message = "The identity provider does not vouch for the email address."};
    auto const words = words_of(error);
    return {.code = std::string(words.code), .message = std::string(words.message)};
}

Response faulted(RequestHead const& head, FaultDetails const& details)
{
    auto response = enveloped(
        caller_of(head), status_of(details.fault), code_of(details.fault), receiver::sentence_of(details.fault), {});
    response.fields.clear();
    dress_fault(response, details);
    return response;
}

}
