#include <algorithm>
#include <array>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "server/contracts/contracts.hpp"
#include "server/contracts/sso_answers.hpp"
#include "server/http/credentials.hpp"
#include "server/http/forms.hpp"

// POST /oauth: a token for a while in exchange for a partner's own (RFC 6749, 4.4).
namespace onboard::server {

namespace json = boost::json;

namespace {

constexpr std::size_t form_limit = 8192;

class OAuthContract : public Contract {
public:
    OAuthContract(Onboarding& onboarding, Throttle& failures) : onboarding_(onboarding), failures_(failures) {}

    std::span<Route const> routes() const override { return routes_; }
    bool owns(std::string_view path) const override { return path.starts_with("/oauth"); }
    Response fault(RequestHead const&, FaultDetails const& details) const override { return sso::faulted(details); }

private:
    // Credentials in the form, or in the Authorization field, but not in both (RFC 6749, 2.3).
    Answer issue(Exchange const& exchange)
    {
        auto const& request = exchange.request;
        auto const in_form = count_form_field(request.body, "client_secret") > 0;
        auto const given = request.head.has("authorization");
        auto const grant = form_field(request.body, "grant_type");
        if (!grant || (in_form && given) || comes_twice(request.body))
            return refused(400, "invalid_request");
        if (*grant != "client_credentials")
            return refused(400, "unsupported_grant_type");
        auto const credentials = in_form ? credentials_in(request.body) : credentials_of(request);
        auto const issued =
            credentials ? exchange_for_access_token(*credentials) : refuse(Errc::partner_token_unknown);
        if (!issued)
            return wrong_client(request);
        return answer(
            200, {{"access_token", issued->token.reveal()},
                  {"token_type", "Bearer"},
                  {"expires_in", issued->life.count()}});
    }

    static bool comes_twice(std::string_view form)
    {
        return std::ranges::any_of(
            std::array<std::string_view, 3>{"grant_type", "client_id", "client_secret"},
            [&](std::string_view name) { return count_form_field(form, name) > 1; });
    }

    static std::optional<Credentials> credentials_in(std::string_view form)
    {
        auto name = form_field(form, "client_id");
        auto token = form_field(form, "client_secret");
        if (!name || !token)
            return std::nullopt;
        return Credentials{.name = *std::move(name), .token = *std::move(token)};
    }

    // A client_id beside the field has to say the same.
    static std::optional<Credentials> credentials_of(Request const& request)
    {
        auto credentials = read_credentials(request.head.field("authorization"));
        auto const name = form_field(request.body, "client_id");
        if (!credentials || credentials->name.empty() || (name && *name != credentials->name))
            return std::nullopt;
        return credentials;
    }

    Result<IssuedAccessToken> exchange_for_access_token(Credentials const& credentials) const
    {
        auto const partner = onboarding_.identify(credentials.token);
        if (!partner || !is_name(credentials.name, *partner))
            return refuse(Errc::partner_token_unknown);
        return onboarding_.issue_access_token(credentials.token);
    }

    // RFC 6749, 2.3.1 has the name encoded like a form before Basic encodes it; many programs do not.
    static bool is_name(std::string const& given, Partner const& partner)
    {
        return given == partner.name.str() || form_field("name=" + given, "name") == partner.name.str();
    }

    Response wrong_client(Request const& request) const
    {
        if (auto const wait = failures_.fail(throttle_key(request.client), Throttle::Clock::now()))
            return refused(429, "temporarily_unavailable").with("Retry-After", std::to_string(wait->count()));
        return refused(401, "invalid_client").with("WWW-Authenticate", R"(Basic realm="onboard", charset="UTF-8")");
    }

    static Response answer(int status, json::object const& body)
    {
        Response response{.status = status, .content_type = "application/json", .body = json::serialize(body)};
        return response.with("Cache-Control", "no-store").with("Pragma", "no-cache");
    }

    static Response refused(int status, std::string_view error) { return answer(status, {{"error", error}}); }

    Onboarding& onboarding_;
    Throttle& failures_;
    std::array<Route, 1> routes_{{
        {.method = "POST",
         .path = "/oauth",
         .right = std::nullopt,
         .media = Media::form,
         .body_limit = form_limit,
         .handle = [this](Exchange const& exchange) { return issue(exchange); }},
    }};
};

}

std::unique_ptr<Contract> oauth_contract(Onboarding& onboarding, Throttle& failures)
{
    return std::make_unique<OAuthContract>(onboarding, failures);
}

}
