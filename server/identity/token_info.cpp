#include "server/identity/token_info.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <boost/json/object.hpp>

#include "server/http/json_reader.hpp"
#include "server/identity/https_get.hpp"

namespace onboard::server {

namespace json = boost::json;

namespace {

using jwt::Reason;
using jwt::Refusal;

constexpr std::size_t longest_token = 8192;
constexpr std::size_t longest_subject = 255;  // OpenID Connect Core 1.0, 2
constexpr std::array<std::string_view, 2> issuers{"https://accounts.google.com", "accounts.google.com"};

std::string text_in(json::object const& answer, std::string_view name)
{
    auto const* value = answer.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

// The call tells times as text and truths as "true".
std::optional<Instant> time_in(json::object const& answer, std::string_view name)
{
    auto const digits = text_in(answer, name);
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || number < 0 ||
        number > 253402300799)  // the end of the year 9999
        return std::nullopt;
    return Instant(std::chrono::seconds(number));
}

bool truth_in(json::object const& answer, std::string_view name)
{
    auto const* value = answer.if_contains(name);
    return value && (*value == true || *value == "true");
}

class TokenInfo : public jwt::IdentityProvider {
public:
    TokenInfo(std::string url, std::vector<std::string> client_ids, Clock& clock, std::stop_token stop)
        : url_(std::move(url)), client_ids_(std::move(client_ids)), clock_(clock), stop_(std::move(stop))
    {
    }

    jwt::Checked<jwt::VerifiedIdentity> identify(std::string_view token) override
    {
        if (token.size() > longest_token)
            return Refusal{Reason::token_too_long};
        auto const separator = url_.find('?') == std::string::npos ? '?' : '&';
        Fetched fetched;
        try {
            fetched = https_get(url_ + separator + "id_token=" + escaped_for_query(token), stop_);
        } catch (std::runtime_error const&) {
            return Refusal{Reason::keys_unavailable};
        }
        if (fetched.status == 400 || fetched.status == 401)
            return Refusal{Reason::signature_wrong};
        if (fetched.status != 200)
            return Refusal{Reason::keys_unavailable};
        auto const answer = read_json(fetched.body);
        if (!answer || !answer->is_object())
            return Refusal{Reason::keys_unavailable};
        return judged(answer->get_object());
    }

private:
    jwt::Checked<jwt::VerifiedIdentity> judged(json::object const& answer) const
    {
        if (std::ranges::find(issuers, text_in(answer, "iss")) == issuers.end())
            return Refusal{Reason::issuer_wrong, "iss"};
        if (std::ranges::find(client_ids_, text_in(answer, "aud")) == client_ids_.end())
            return Refusal{Reason::audience_wrong, "aud"};
        auto const expires_at = time_in(answer, "exp");
        if (!expires_at)
            return Refusal{Reason::claim_malformed, "exp"};
        if (clock_.now() >= *expires_at)
            return Refusal{Reason::expired, "exp"};
        auto const subject = text_in(answer, "sub");
        if (subject.empty())
            return Refusal{Reason::claim_missing, "sub"};
        if (subject.size() > longest_subject)
            return Refusal{Reason::claim_malformed, "sub"};
        auto const email = EmailAddress::parse(text_in(answer, "email"));
        if (!email || !truth_in(answer, "email_verified"))
            return Refusal{Reason::address_unverified, "email"};
        return identity_of(answer, subject, *email, *expires_at);
    }

    static jwt::VerifiedIdentity
    identity_of(json::object const& answer, std::string const& subject, EmailAddress const& email, Instant expires_at)
    {
        jwt::VerifiedIdentity identity;
        identity.issuer = issuers.front();
        identity.subject = subject;
        identity.email = email;
        identity.email_verified = true;
        auto const optional = [&](std::string_view name) {
            auto text = text_in(answer, name);
            return text.empty() ? std::nullopt : std::optional(std::move(text));
        };
        identity.hosted_domain = optional("hd");
        identity.email_authoritative = identity.hosted_domain || email.key().ends_with("@gmail.com");
        identity.name = optional("name");
        identity.given_name = optional("given_name");
        identity.family_name = optional("family_name");
        identity.refused_from = expires_at;
        return identity;
    }

    std::string url_;
    std::vector<std::string> client_ids_;
    Clock& clock_;
    std::stop_token stop_;
};

}

std::unique_ptr<jwt::IdentityProvider>
open_token_info(std::string url, std::vector<std::string> client_ids, Clock& clock, std::stop_token stop)
{
    return std::make_unique<TokenInfo>(std::move(url), std::move(client_ids), clock, std::move(stop));
}

}
