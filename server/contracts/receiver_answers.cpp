#include "server/contracts/receiver_answers.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace onboard::server::receiver {

namespace json = boost::json;

int status_of(Errc code) noexcept
{
    switch (code) {
    case Errc::field_missing:
    case Errc::email_malformed:
    case Errc::name_malformed:
    case Errc::language_unknown:
    case Errc::contract_type_unknown:
    case Errc::phone_malformed:
    case Errc::region_unknown:
    case Errc::phone_not_served:
    case Errc::text_malformed:
    case Errc::additional_data_malformed:
    case Errc::plan_unknown:
    case Errc::code_wrong:
    case Errc::code_expired:
    case Errc::contact_unproven:
    case Errc::contact_missing:
    case Errc::consent_missing:
    case Errc::password_malformed:
    case Errc::password_too_short:
    case Errc::password_too_long:
    case Errc::password_too_common:
    case Errc::request_repeated_differently: return 422;
    case Errc::person_id_taken:
    case Errc::email_taken:
    case Errc::phone_taken:
    case Errc::confirmation_required:
    case Errc::partner_exists:
    case Errc::plan_exists:
    case Errc::user_name_taken:
    case Errc::channel_exists:
    case Errc::organisation_exists:
    case Errc::organisation_elsewhere:
    case Errc::issuer_exists: return 409;
    case Errc::account_blocked:
    case Errc::account_deleted: return 403;
    case Errc::auth_code_wrong:
    case Errc::link_unknown:
    case Errc::partner_unknown:
    case Errc::person_unknown:
    case Errc::letter_unknown:
    case Errc::channel_unknown:
    case Errc::organisation_unknown:
    case Errc::issuer_unknown: return 404;
    case Errc::link_spent:
    case Errc::link_expired: return 410;
    case Errc::attempts_spent: return 429;
    case Errc::session_unknown:
    case Errc::sign_in_wrong:
    case Errc::token_spent:
    case Errc::identity_unverified:
    case Errc::partner_token_unknown: return 401;
    }
    return 500;
}

std::string_view sentence_of(Errc code) noexcept
{
    switch (code) {
    case Errc::field_missing: return "A required field is missing.";
    case Errc::email_malformed: return "The email address is not valid.";
    case Errc::name_malformed: return "A name must have 1 to 100 printable characters.";
    case Errc::language_unknown: return "The language is not supported.";
    case Errc::contract_type_unknown: return "The contract type is neither clerk nor worker.";
    case Errc::phone_malformed: return "The telephone number is not valid.";
    case Errc::region_unknown: return "The country code is not known.";
    case Errc::phone_not_served: return "No text messages are sent to this telephone number.";
    case Errc::text_malformed: return "An identifier must have 1 to 64 printable characters.";
    case Errc::additional_data_malformed: return "The additional data must be an object of 16 KiB at most.";
    case Errc::plan_unknown: return "The bike plan code is not valid.";
    case Errc::person_id_taken: return "The person id belongs to somebody else.";
    case Errc::email_taken: return "The email address belongs to somebody else.";
    case Errc::phone_taken: return "The telephone number belongs to somebody else.";
    case Errc::account_blocked: return "The account is blocked.";
    case Errc::account_deleted: return "The account was deleted.";
    case Errc::link_unknown: return "The login token is not known.";
    case Errc::link_spent: return "The login token was used or has expired.";
    case Errc::link_expired: return "The link has expired.";
    case Errc::confirmation_required: return "The person has to enter the mailed code first.";
    case Errc::code_wrong: return "The code is not valid.";
    case Errc::attempts_spent: return "There were too many wrong codes.";
    case Errc::consent_missing: return "A new person has to agree to the terms and the privacy notice.";
    case Errc::auth_code_wrong: return "The authentication code is not valid.";
    case Errc::password_malformed: return "The password holds characters that cannot be typed.";
    case Errc::password_too_short: return "The password is too short.";
    case Errc::password_too_long: return "The password is too long.";
    case Errc::password_too_common: return "The password is too easy to guess.";
    case Errc::sign_in_wrong: return "The email address or the password is wrong.";
    case Errc::session_unknown: return "Nobody is signed in.";
    case Errc::partner_token_unknown: return "The bearer token is not valid.";
    case Errc::request_repeated_differently: return "The Idempotency-Key was used for another request.";
    case Errc::partner_unknown: return "The partner is not known.";
    case Errc::partner_exists: return "There is such a partner already.";
    case Errc::plan_exists: return "There is such a plan already.";
    case Errc::person_unknown: return "The person is not known.";
    case Errc::letter_unknown: return "There is no such letter that was given up.";
    case Errc::user_name_taken: return "The user name belongs to somebody else.";
    case Errc::code_expired: return "There is no valid code.";
    case Errc::contact_unproven: return "The address or the number has to be verified first.";
    case Errc::contact_missing: return "There is neither an address nor a number.";
    case Errc::token_spent: return "The token was used already.";
    case Errc::identity_unverified: return "The identity provider does not vouch for the address.";
    case Errc::channel_unknown: return "The channel is not known.";
    case Errc::channel_exists: return "There is such a channel already.";
    case Errc::organisation_unknown: return "The organisation is not known.";
    case Errc::organisation_exists: return "There is such an organisation already.";
    case Errc::organisation_elsewhere: return "The organisation is not in this channel.";
    case Errc::issuer_unknown: return "The issuer is not known.";
    case Errc::issuer_exists: return "There is such an issuer already.";
    }
    return "The request was refused.";
}

std::string_view sentence_of(Fault fault) noexcept
{
    switch (fault) {
    case Fault::no_such_resource: return "There is no such resource.";
    case Fault::method_not_allowed: return "This method is not allowed here.";
    case Fault::unauthenticated: return "A valid bearer token is required.";
    case Fault::forbidden: return "This bearer token does not allow this call.";
    case Fault::too_many_failures: return "Too many wrong bearer tokens came from this address.";
    case Fault::not_acceptable: return "The answer is application/json.";
    case Fault::unsupported_media_type: return "The body must be application/json.";
    case Fault::too_large: return "The body is too large.";
    case Fault::unreadable: return "The request could not be read.";
    case Fault::overloaded: return "The service is not available just now.";
    case Fault::breakdown: return "Something went wrong on our side.";
    }
    return "The request was refused.";
}

namespace {

std::string_view code_of(Fault fault) noexcept
{
    switch (fault) {
    case Fault::no_such_resource: return "no_such_resource";
    case Fault::method_not_allowed: return "method_not_allowed";
    case Fault::unauthenticated: return "unauthenticated";
    case Fault::forbidden: return "forbidden";
    case Fault::too_many_failures: return "too_many_failures";
    case Fault::not_acceptable: return "not_acceptable";
    case Fault::unsupported_media_type: return "unsupported_media_type";
    case Fault::too_large: return "too_large";
    case Fault::unreadable: return "unreadable";
    case Fault::overloaded: return "overloaded";
    case Fault::breakdown: return "breakdown";
    }
    return "unknown";
}

// What a fault of a member is called in a sentence.
std::string_view sentence_of_code(std::string_view code) noexcept
{
    if (auto const refusal = errc_named(code))
        return receiver::sentence_of(*refusal);
    if (code == "type_mismatch")
        return "A field has the wrong type.";
    if (code == "field_twice")
        return "A field is given in two spellings.";
    return "A field is not valid.";
}

}

Response json_response(int status, std::string body)
{
    Response response{.status = status, .content_type = "application/json", .body = std::move(body)};
    response.with("Cache-Control", "no-store");
    return response;
}

Refusal refusal_of(Error const& error, WireName const& on_wire)
{
    return {
        .status = status_of(error.code),
        .sentence = sentence_of(error.code),
        .errors = {{on_wire(error.field), std::string(name_of(error.code))}}};
}

Refusal refusal_of(Fields const& fields)
{
    auto const& errors = fields.ambiguous().empty() ? fields.errors() : fields.ambiguous();
    return {
        .status = fields.ambiguous().empty() ? 422 : 400,
        .sentence = sentence_of_code(errors.front().code),
        .errors = errors};
}

Refusal mistyped(std::string_view member)
{
    constexpr std::string_view code = "type_mismatch";
    return {.status = 422, .sentence = sentence_of_code(code), .errors = {{std::string(member), std::string(code)}}};
}

json::object body_of(Refusal const& refusal)
{
    json::array list;
    for (auto const& error : refusal.errors)
        list.push_back(json::object{{"field", error.field}, {"code", error.code}});
    json::object body;
    body["result"] = refusal.sentence;
    body["success"] = false;
    body["errors"] = std::move(list);
    return body;
}

Response refused(Refusal const& refusal)
{
    return json_response(refusal.status, json::serialize(body_of(refusal)));
}

Response refused(Error const& error, WireName const& on_wire)
{
    auto response = refused(refusal_of(error, on_wire));
    if (error.retry_after)
        response.with("Retry-After", std::to_string(error.retry_after->count()));
    return response;
}

Response faulted(FaultDetails const& details)
{
    auto const code = details.code.empty() ? code_of(details.fault) : details.code;
    auto response = refused({.sentence = sentence_of(details.fault), .errors = {{details.field, std::string(code)}}});
    response.fields.clear();
    dress_fault(response, details);
    return response;
}

Response unreadable(std::string_view code, std::string_view member)
{
    return refused(
        {.status = 400,
         .sentence = "The body is not the JSON object it should be.",
         .errors = {{std::string(member), std::string(code)}}});
}

}
