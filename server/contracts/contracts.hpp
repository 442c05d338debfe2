#pragma once

#include <functional>
#include <memory>
#include <string>

#include <onboard/onboard.hpp>

#include "server/events.hpp"
#include "server/http/contract.hpp"
#include "server/http/throttle.hpp"
#include "server/log.hpp"

namespace onboard::jwt {
class IdentityProvider;
}

namespace onboard::server {

// Where links lead.
struct Links {
    std::string public_url;  // "https://onboard.example", without a slash at its end
    std::string login_url;   // with `{token}` in it
    std::string home_url;

    // The login URL as it is by default: our own page.
    std::string own_login_url() const { return public_url + "/login/{token}"; }
    bool own_login() const { return login_url == own_login_url(); }

    // For a link that asks for a code first, which is always our own page.
    std::string login(std::string_view token) const { return filled(login_url, token); }
    std::string own_login(std::string_view token) const { return filled(own_login_url(), token); }

private:
    static std::string filled(std::string text, std::string_view token)
    {
        constexpr std::string_view hole = "{token}";
        return text.replace(text.find(hole), hole.size(), token);
    }
};

// Does a small write later, whose outcome nobody waits for.
using Later = std::function<void(std::function<void()>)>;

// Whether the process should still be sent requests.
using Readiness = std::function<bool()>;

// What is counted, as text for Prometheus.
using Scrape = std::function<std::string()>;

// Events that contracts are given are theirs to count, and must outlive them.

// o2o: user.login and user.create.
std::unique_ptr<Contract> partner_contract(Onboarding&, Links const&);

// An application of its own behind the login URL: redeeming links.
std::unique_ptr<Contract> application_contract(Onboarding&, SignIns&);

// Pages for people, and GET /session. `key` signs the tokens in forms.
std::unique_ptr<Contract> browser_contract(Onboarding&, SecretKey const& key, Links const&, Later, Events&);

// Pages for passwords: setting one through a mailed link, signing in with it, and asking for another link.
std::unique_ptr<Contract> password_pages(Onboarding&, SecretKey const& key, Links const&, SignIns&);

// The page of a mailed link that confirms an address.
std::unique_ptr<Contract> email_pages(Onboarding&, SecretKey const& key, Links const&);

// Phone-first single sign-on: /sso/... National numbers are read as they are dialled in the region. The log must outlive
// the contract.
std::unique_ptr<Contract> sso_contract(Onboarding&, Region phone_region, Log const&, Events&);

// Sunbird's sign-up: /v1/otp/..., /v2/user/create and what belongs to them. `google` is none where that is off; it and
// the log must outlive the contract.
std::unique_ptr<Contract>
sunbird_contract(Onboarding&, Region phone_region, jwt::IdentityProvider* google, Log const&, Events&);

// The door for people whom the portal of a state sends here with its signed token.
std::unique_ptr<Contract>
portal_contract(Onboarding&, SecretKey const& key, Links const&, Region phone_region, Log const&, SignIns&);

// /oauth: access tokens. `failures` counts wrong credentials, and must outlive the contract.
std::unique_ptr<Contract> oauth_contract(Onboarding&, Throttle& failures);

// /openapi.json and /docs: the description of all calls, with the public URL in it.
std::unique_ptr<Contract> documentation_contract(SecretKey const& key, Links const&);

// /healthz and /readyz; and /metrics, where there is a scrape.
std::unique_ptr<Contract> operations_contract(Readiness, Scrape);

}
