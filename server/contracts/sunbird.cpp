#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <onboard/jwt.hpp>

#include "server/contracts/contracts.hpp"
#include "server/contracts/sunbird_envelope.hpp"
#include "server/contracts/sunbird_members.hpp"
#include "server/http/forms.hpp"
#include "server/http/json_reader.hpp"
#include "server/pages/languages.hpp"
#include "server/text.hpp"

// Sunbird's sign-up: codes for an address or a telephone, people who sign up with one, or with Google.
namespace onboard::server {

namespace json = boost::json;

namespace {

using sunbird::Members;

constexpr std::size_t body_limit = 65536;

// What only the portal of a state may say of a person, in calls of later versions.
constexpr std::array<std::string_view, 7> forbidden{"registeredOrgId",    "rootOrgId",      "provider", "externalId",
                                                    "externalIdProvider", "externalIdType", "idType"};

bool is_sunbird(std::string_view path)
{
    return path.starts_with("/v1/otp/") || path.starts_with("/v1/user/") || path.starts_with("/v2/user/") ||
           path.starts_with("/api/user/");
}

class SunbirdContract : public Contract {
public:
    SunbirdContract(
        Onboarding& onboarding, Region region, jwt::IdentityProvider* google, Log const& log, Events& events)
        : onboarding_(onboarding), region_(region), google_(google), log_(log), events_(events)
    {
    }

    std::span<Route const> routes() const override { return routes_; }
    bool owns(std::string_view path) const override { return is_sunbird(path); }
    Response fault(RequestHead const& head, FaultDetails const& details) const override
    {
        return sunbird::faulted(head, details);
    }

private:
    // Reads a call by what `read` makes of its members, and has `act` do it; both are told everything that is wrong.
    template <class Read, class Act>
    Answer call(Exchange const& exchange, Read const& read, Act act)
    {
        auto caller = sunbird::caller_of(exchange);
        auto const document = read_json(exchange.request.body);
        if (!document)
            return failure(
                caller, {.code = "INVALID_REQUESTED_DATA",
                         .message = "The body cannot be read: " + document.error().code + "."});
        Members members(*document);
        auto command = read(members);
        if (members.fault())
            return failure(caller, *members.fault());
        return act(std::move(caller), *std::move(command));
    }

    // POST /v1/otp/generate
    Answer generate(Exchange const& exchange)
    {
        auto const language = language_of(exchange);
        auto const partner = exchange.caller->id;
        return call(
            exchange,
            [&](Members& members) -> std::optional<SendSignUpCode> {
                auto contact = read_key(members);
                if (!contact)
                    return std::nullopt;
                return SendSignUpCode{.partner = partner, .to = *std::move(contact), .language = language};
            },
            [this](sunbird::Caller caller, SendSignUpCode command) -> Answer {
                return [this, caller = std::move(caller), command = std::move(command)] {
                    auto const sent = onboarding_.send_sign_up_code(command);
                    return sent ? success(caller, {{"response", "SUCCESS"}}) : refused(caller, sent.error());
                };
            });
    }

    // POST /v1/otp/verify
    Answer verify(Exchange const& exchange)
    {
        struct Proof {
            Recipient contact;
            std::string code;
        };
        return call(
            exchange,
            [&](Members& members) -> std::optional<Proof> {
                auto contact = read_key(members);
                auto code = members.text_or_number({"otp", "OTP"}, onboarding_.policy().code_digits);
                if (!code)
                    members.complain("MANDATORY_PARAMETER_MISSING", "The parameter otp is missing.");
                if (!contact || !code)
                    return std::nullopt;
                return Proof{.contact = *std::move(contact), .code = *std::move(code)};
            },
            [this, partner = exchange.caller->id](sunbird::Caller caller, Proof proof) -> Answer {
                return [this, partner, caller = std::move(caller), proof = std::move(proof)] {
                    auto const proven =
                        onboarding_.prove_contact({.partner = partner, .contact = proof.contact, .code = proof.code});
                    if (proven)
                        note_proved(proof.contact);
                    return proven ? success(caller, {{"response", "SUCCESS"}}) : refused(caller, proven.error());
                };
            });
    }

    void note_proved(Recipient const& contact)
    {
        if (auto const* phone = std::get_if<PhoneNumber>(&contact))
            events_.texted_codes.note_proved(*phone);
    }

    // An address or a number, as the type says.
    std::optional<Recipient> read_key(Members& members) const
    {
        auto const key = members.text_or_number("key");
        auto const type = members.text("type");
        if (!key)
            members.complain("MANDATORY_PARAMETER_MISSING", "The parameter key is missing.");
        if (!type)
            members.complain("MANDATORY_PARAMETER_MISSING", "The parameter type is missing.");
        if (!key || !type)
            return std::nullopt;
        if (*type == "email")
            return read_email(members, key, "key");
        if (*type == "phone")
            return read_phone(members, key, "key");
        members.complain("INVALID_VALUE", "The parameter type is neither phone nor email.");
        return std::nullopt;
    }

    static std::optional<Recipient>
    read_email(Members& members, std::optional<std::string> const& text, std::string_view name)
    {
        auto const email = members.parsed(text, name, "EMAIL_FORMAT_ERROR", &EmailAddress::parse);
        return email ? std::optional<Recipient>(*email) : std::nullopt;
    }

    std::optional<Recipient>
    read_phone(Members& members, std::optional<std::string> const& text, std::string_view name) const
    {
        if (text && without_blanks(*text).find('+', 1) != std::string_view::npos)
            members.complain("INVALID_PHONE_NUMBER", "The parameter " + std::string(name) + " has a + inside.");
        auto const phone = members.parsed(text, name, "INVALID_PHONE_NO_FORMAT", [&](std::string_view number) {
            return PhoneNumber::parse(number, region_);
        });
        return phone ? std::optional<Recipient>(*phone) : std::nullopt;
    }

    // What a sign-up says; the views of its command are of what is beside it.
    struct SignUpCall {
        SignUp command;
        std::optional<std::string> code;
    };

    // In this order: types, members that nobody may send, the name, whether there is one address or number, its form, and
    // the rest.
    std::optional<SignUpCall> read_sign_up(Members& members, PartnerId partner, Language language) const
    {
        auto const first_name = members.text("firstName");
        auto const last_name = members.text("lastName");
        auto const email = members.text("email");
        auto const phone = members.text_or_number("phone");
        auto const user_name = members.text({"username", "userName"});
        auto const channel = members.text("channel");
        auto const organisation = members.text("organisationId");
        auto code = members.text_or_number({"OTP", "otp"}, onboarding_.policy().code_digits);
        auto const phone_verified = members.truth("phoneVerified");
        auto const email_verified = members.truth("emailVerified");

        for (auto const name : forbidden)
            if (members.has(name))
                members.complain(
                    "INVALID_REQUEST_PARAMETER", "The parameter " + std::string(name) + " may not be sent.");
        if (members.text("password"))
            members.complain(
                "INVALID_REQUEST_PARAMETER", "A password cannot be set here: people sign in by OTP or mailed link.");
        if (!first_name)
            members.complain("MANDATORY_PARAMETER_MISSING", "The parameter firstName is missing.");
        if (!email && !phone)
            members.complain("EMAIL_OR_PHONE_MISSING", "The parameter email or the parameter phone is required.");
        if (email && phone)
            members.complain("ERROR_ATTRIBUTE_CONFLICT", "The parameters email and phone may not be sent together.");
        if (phone_verified && !phone)
            members.complain("PHONE_VERIFY_ERROR", "There is no phone number that could be verified.");
        if (email_verified && !email)
            members.complain("EMAIL_VERIFY_ERROR", "There is no email address that could be verified.");
        auto contact = email ? read_email(members, email, "email") : read_phone(members, phone, "phone");
        auto name = members.parsed(first_name, "firstName", "INVALID_PARAMETER_VALUE", [&](std::string_view first) {
            return last_name ? PersonName::parse(first, *last_name) : PersonName::parse(first);
        });
        auto const invalid = std::string_view("INVALID_PARAMETER_VALUE");
        auto wanted = members.parsed(user_name, "username", invalid, &UserName::parse);
        auto where = members.parsed(channel, "channel", invalid, &ChannelName::parse);
        auto below =
            members.parsed(organisation, "organisationId", "INVALID_ORGANIZATION_DATA", &OrganisationId::parse);
        if (members.fault())
            return std::nullopt;
        return SignUpCall{
            .command =
                {.partner = partner,
                 .name = *std::move(name),
                 .contact = *std::move(contact),
                 .user_name = std::move(wanted),
                 .channel = std::move(where),
                 .organisation = std::move(below),
                 .language = language},
            .code = std::move(code)};
    }

    // POST /v2/user/create
    Answer create(Exchange const& exchange)
    {
        return call(
            exchange,
            [&](Members& members) { return read_sign_up(members, exchange.caller->id, language_of(exchange)); },
            [this](sunbird::Caller caller, SignUpCall call) -> Answer {
                return [this, caller = std::move(caller), call = std::move(call)] {
                    auto command = call.command;
                    if (call.code)
                        command.code = *call.code;
                    auto const result = onboarding_.sign_up(command);
                    if (result && call.code)
                        note_proved(command.contact);
                    return signed_up(caller, result);
                };
            });
    }

    // What somebody signs up with who is known to Google.
    struct GoogleCall {
        std::string token;
        EmailAddress email;
        SignUpWithIdentity command = {};
    };

    std::optional<GoogleCall> read_google(Members& members, Language language) const
    {
        auto const first_name = members.text("firstName");
        auto const email = members.text("email");
        auto const login_type = members.text("loginType");
        auto token = members.text("verificationKey");
        if (!email)
            members.complain("MANDATORY_PARAMETER_MISSING", "The parameter email is missing.");
        if (!token)
            members.complain("MANDATORY_PARAMETER_MISSING", "The parameter verificationKey is missing.");
        if (login_type && !equal_but_case(*login_type, "google"))
            members.complain("INVALID_VALUE", "The parameter loginType is not google.");
        auto address = members.parsed(email, "email", "EMAIL_FORMAT_ERROR", &EmailAddress::parse);
        auto const name =
            members.parsed(first_name, "firstName", "INVALID_PARAMETER_VALUE", [](std::string_view whole) {
                return PersonName::parse(whole);
            });
        if (members.fault())
            return std::nullopt;
        return GoogleCall{
            .token = *std::move(token),
            .email = *std::move(address),
            .command = {.identity = {}, .name = name, .language = language}};
    }

    // POST /v2/user/google/create. Google's keys may have to be fetched first, which takes its time.
    Answer create_with_google(Exchange const& exchange)
    {
        return call(
            exchange, [&](Members& members) { return read_google(members, language_of(exchange)); },
            [this](sunbird::Caller const& caller, GoogleCall call) -> Answer {
                if (!google_)
                    return failure(
                        caller, {.status = 501,
                                 .code = "SERVER_ERROR",
                                 .message = "Sign-up with Google is not set up here."});
                auto const shared = std::make_shared<GoogleCall>(std::move(call));
                return LongWork{
                    .waits_for_others = true,
                    .before = {},
                    .compute = [this, caller, shared]() -> std::optional<Response> {
                        return identify(caller, *shared);
                    },
                    .after =
                        [this, caller, shared] {
                            auto const result = onboarding_.sign_up_with_identity(shared->command);
                            events_.sign_ins.note(Entrance::identity, result);
                            return signed_up(caller, result);
                        }};
            });
    }

    // Who the token is about; or why it is not believed.
    std::optional<Response> identify(sunbird::Caller const& caller, GoogleCall& call) const
    {
        auto identity = google_->identify(call.token);
        if (!identity) {
            auto const reason = identity.error().reason;
            log_.info(
                "an identity token was refused", {{"reason", name_of(reason)}, {"about", identity.error().about}});
            if (reason == jwt::Reason::keys_unavailable)
                return failure(
                    caller, {.status = 503,
                             .code = "SERVER_ERROR",
                             .message = "Google cannot be asked just now.",
                             .retry_after = std::chrono::seconds(10)});
            return failure(
                caller, {.status = 401, .code = "UNAUTHORIZED_USER", .message = "The verificationKey is not valid."});
        }
        if (identity->email != call.email)
            return failure(
                caller, {.code = "INVALID_PARAMETER_VALUE",
                         .message = "The parameter email is not the address of the verificationKey."});
        Identity& person = *identity;
        call.command.identity = std::move(person);
        return std::nullopt;
    }

    Response signed_up(sunbird::Caller const& caller, Result<SignedUp> const& outcome) const
    {
        if (!outcome)
            return refused(caller, outcome.error());
        auto const& account = outcome->account;
        json::object result{{"response", "SUCCESS"}, {"userId", account.handle}, {"errors", json::array()}};
        if (account.user_name)
            result["userName"] = account.user_name->str();
        if (auto const id = login_id(account))
            result["loginId"] = *id;
        return success(caller, std::move(result));
    }

    // GET /v1/user/exists/email/{value}
    Answer has_email(Exchange const& exchange)
    {
        return exists(exchange, "EMAIL_FORMAT_ERROR", &EmailAddress::parse);
    }

    // GET /v1/user/exists/phone/{value}
    Answer has_phone(Exchange const& exchange)
    {
        return exists(exchange, "INVALID_PHONE_NO_FORMAT", [this](std::string_view text) {
            return PhoneNumber::parse(text, region_);
        });
    }

    // GET /v1/user/exists/userName/{value}
    Answer has_user_name(Exchange const& exchange)
    {
        return exists(exchange, "INVALID_PARAMETER_VALUE", &UserName::parse);
    }

    template <class Parse>
    Answer exists(Exchange const& exchange, std::string_view code, Parse const& parse)
    {
        auto caller = sunbird::caller_of(exchange);
        auto const text = percent_decoded(exchange.parameter);
        auto who = parse(text.value_or(std::string()));
        if (!who)
            return failure(caller, {.code = std::string(code), .message = "The value in the path is not valid."});
        return [this, caller = std::move(caller),
                question = AskExistence{.partner = exchange.caller->id, .who = *std::move(who)}] {
            auto const known = onboarding_.exists(question);
            return known ? success(caller, {{"exists", *known}}) : refused(caller, known.error());
        };
    }

    Response refused(sunbird::Caller const& caller, Error const& error) const
    {
        return failure(caller, sunbird::refusal_of(error, onboarding_.policy().code_tries));
    }

    static Language language_of(Exchange const& exchange)
    {
        return pages::preferred(exchange.request.head.field("accept-language"));
    }

    using Handle = Answer (SunbirdContract::*)(Exchange const&);

    Route route(std::string_view method, std::string_view path, Handle handle)
    {
        return {
            .method = method,
            .path = path,
            .right = Right::sunbird,
            .media = method == "POST" ? Media::json_or_nothing : Media::none,
            .body_limit = method == "POST" ? body_limit : 0,
            .handle = [this, handle](Exchange const& exchange) { return (this->*handle)(exchange); }};
    }

    Onboarding& onboarding_;
    Region region_;
    jwt::IdentityProvider* google_;
    Log const& log_;
    Events& events_;
    std::array<Route, 8> routes_{{
        route("POST", "/v1/otp/generate", &SunbirdContract::generate),
        route("POST", "/v1/otp/verify", &SunbirdContract::verify),
        route("POST", "/v2/user/create", &SunbirdContract::create),
        route("POST", "/api/user/v2/create", &SunbirdContract::create),
        route("POST", "/v2/user/google/create", &SunbirdContract::create_with_google),
        route("GET", "/v1/user/exists/email/{value}", &SunbirdContract::has_email),
        route("GET", "/v1/user/exists/phone/{value}", &SunbirdContract::has_phone),
        route("GET", "/v1/user/exists/userName/{value}", &SunbirdContract::has_user_name),
    }};
};

}

std::unique_ptr<Contract> sunbird_contract(
    Onboarding& onboarding, Region phone_region, jwt::IdentityProvider* google, Log const& log, Events& events)
{
    return std::make_unique<SunbirdContract>(onboarding, phone_region, google, log, events);
}

}
