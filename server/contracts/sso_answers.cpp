#include "server/contracts/sso_answers.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/contracts/receiver_answers.hpp"
#include "server/http/negotiation.hpp"

namespace onboard::server::sso {

namespace json = boost::json;

namespace {

// The framework's own, where a status says enough.
constexpr std::string_view problem_type = "http://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html";

// The rule of a member that is missing or empty, as the framework calls it; ours have the library's names.
constexpr std::string_view rule_of_missing = "isEmpty";

Response document(int status, std::string_view detail, json::object more = {})
{
    json::object body = std::move(more);
    body["type"] = problem_type;
    body["title"] = reason_of(status);
    body["status"] = status;
    body["detail"] = detail;
    Response response{.status = status, .content_type = "application/problem+json", .body = json::serialize(body)};
    return response.with("Cache-Control", "no-store");
}

std::string_view text_of(std::string_view code)
{
    if (code == name_of(Errc::text_malformed))
        return "The text is too long, or has characters that are not allowed.";
    if (auto const refusal = errc_named(code))
        return refusal == Errc::field_missing ? "Value is required and can't be empty."
                                              : receiver::sentence_of(*refusal);
    if (code == "too_many")
        return "There may be 1 to 100 telephone numbers.";
    return "The value has the wrong type.";
}

bool is_about_code(Error const& error)
{
    return error.code == Errc::code_wrong || (error.code == Errc::attempts_spent && error.field == "code");
}

std::string_view detail_of(FaultDetails const& details)
{
    switch (details.fault) {
    case Fault::no_such_resource: return "Page not found.";
    case Fault::method_not_allowed: return "The method is not allowed for this resource.";
    case Fault::unauthenticated: return "Unauthorized";
    case Fault::forbidden: return "Forbidden";
    case Fault::too_many_failures: return "Too many wrong credentials came from this address.";
    case Fault::not_acceptable: return "Cannot honor Accept type specified";
    case Fault::unsupported_media_type: return "Invalid content-type specified";
    case Fault::too_large: return "The body is too large.";
    case Fault::unreadable: return "The request could not be read.";
    case Fault::overloaded: return "The service is not available just now.";
    case Fault::breakdown: return "Something went wrong on our side.";
    }
    return "";
}

}

Response answer(RequestHead const& head, int status, json::value const& body)
{
    auto const type = sso_media_type(head.list("accept"));
    Response response{
        .status = status,
        .content_type = std::string(type.value_or("application/json")),
        .body = json::serialize(body)};
    return response.with("Cache-Control", "no-store");
}

Response problem(int status, std::string_view detail)
{
    return document(status, detail);
}

Response invalid(std::vector<FieldError> const& errors)
{
    json::object messages;
    for (auto const& error : errors) {
        auto const rule = error.code == name_of(Errc::field_missing) ? rule_of_missing : std::string_view(error.code);
        auto& rules = messages[error.field];
        if (rules.is_null())
            rules.emplace_object();
        rules.get_object()[rule] = text_of(error.code);
    }
    return document(422, "Failed Validation", {{"validation_messages", std::move(messages)}});
}

Response refused(Error const& error, WireName on_wire)
{
    // One answer for wrong, expired, used and never sent, and for one guess too many.
    if (is_about_code(error))
        return document(400, "The code is not valid or has expired.");
    auto const status = receiver::status_of(error.code);
    switch (error.code) {
    case Errc::email_taken:
    case Errc::phone_not_served:
    case Errc::text_malformed:
    case Errc::consent_missing:
        return invalid({{std::string(on_wire(error.field)), std::string(name_of(error.code))}});
    case Errc::attempts_spent: {
        auto response = document(status, "Too many requests. Please try again later.");
        if (error.retry_after)
            response.with("Retry-After", std::to_string(error.retry_after->count()));
        return response;
    }
    case Errc::person_unknown: return document(status, "There is no such person.");
    case Errc::link_unknown: return document(status, "The code is not known, was used or has expired.");
    default: return document(status, receiver::sentence_of(error.code));
    }
}

Response faulted(FaultDetails const& details)
{
    auto response = document(status_of(details.fault), detail_of(details));
    response.fields.clear();
    dress_fault(response, details);
    for (auto& [name, value] : response.fields)
        if (name == "WWW-Authenticate")
            value.insert(0, R"(Basic realm="onboard", charset="UTF-8", )");
    return response;
}

}
