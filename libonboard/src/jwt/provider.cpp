#include <algorithm>

#include <onboard/jwt.hpp>

#include "ascii.hpp"

namespace onboard::jwt {

namespace {

// What an address ends in behind the last '@', in lower case as far as it is ASCII.
std::string domain_of(std::string_view address)
{
    std::string domain(address.substr(address.rfind('@') + 1));
    std::ranges::transform(domain, domain.begin(), to_lower);
    return domain;
}

bool contains(std::vector<std::string> const& list, std::string const& text)
{
    return std::ranges::find(list, text) != list.end();
}

class TokenProvider : public IdentityProvider {
public:
    TokenProvider(ProviderRules rules, KeyCache::Fetch fetch, Clock& clock, KeyCache::Complaint complain)
        : rules_(std::move(rules)),
          verifier_(rules_.tokens),
          keys_(std::move(fetch), clock, {}, std::move(complain)),
          clock_(clock)
    {
    }

    Checked<VerifiedIdentity> identify(std::string_view token) override
    {
        auto const claims = verifier_.verify(token, keys_, clock_.now());
        if (!claims)
            return claims.error();
        VerifiedIdentity identity;
        identity.issuer = rules_.tokens.issuers.front();
        identity.subject = claims->subject();
        identity.name = claims->text("name");
        identity.given_name = claims->text("given_name");
        identity.family_name = claims->text("family_name");
        identity.nonce = claims->text("nonce");
        identity.token_id = claims->id();
        identity.fingerprint = claims->fingerprint();
        identity.refused_from = claims->refused_from();
        if (auto const refusal = read_organisation(*claims, identity))
            return *refusal;
        if (auto const refusal = read_address(*claims, identity))
            return *refusal;
        return identity;
    }

private:
    std::optional<Refusal> read_organisation(Claims const& claims, VerifiedIdentity& identity) const
    {
        auto domain = claims.text("hd");
        if (claims.has("hd") && (!domain || domain->empty()))
            return Refusal{Reason::claim_malformed, "hd"};
        if (!rules_.hosted_domains.empty() && !(domain && contains(rules_.hosted_domains, *domain)))
            return Refusal{Reason::hosted_domain_wrong, "hd"};
        identity.hosted_domain = std::move(domain);
        return std::nullopt;
    }

    std::optional<Refusal> read_address(Claims const& claims, VerifiedIdentity& identity) const
    {
        auto const text = claims.text("email");
        auto const verified = claims.truth("email_verified");
        auto const email = EmailAddress::parse(text.value_or(""));
        if (claims.has("email") && !email)
            return Refusal{Reason::claim_malformed, "email"};
        if (claims.has("email_verified") && !verified)
            return Refusal{Reason::claim_malformed, "email_verified"};
        if (rules_.verified_email_required && !email)
            return Refusal{Reason::claim_missing, "email"};
        if (rules_.verified_email_required && verified != true)
            return Refusal{Reason::address_unverified, "email_verified"};
        if (!email)
            return std::nullopt;
        identity.email = *email;
        identity.email_verified = verified.value_or(false);
        identity.email_authoritative = identity.email_verified && is_authority(*text, identity);
        return std::nullopt;
    }

    // A domain that reading the address has changed is not the one that the provider has written.
    bool is_authority(std::string_view text, VerifiedIdentity const& identity) const
    {
        auto const domain = domain_of(text);
        return identity.email->key().ends_with('@' + domain) &&
               (contains(rules_.own_domains, domain) ||
                (rules_.hosts_organisations && identity.hosted_domain.has_value()));
    }

    ProviderRules rules_;
    Verifier verifier_;
    KeyCache keys_;
    Clock& clock_;
};

}

ProviderRules google(std::vector<std::string> client_ids)
{
    return {
        .tokens =
            {.issuers = {"https://accounts.google.com", "accounts.google.com"},
             .audiences = std::move(client_ids),
             .algorithms = {Algorithm::rs256},
             .refused = {"events"},
             .oldest = std::chrono::hours(1)},
        .own_domains = {"gmail.com"},
        .hosts_organisations = true};
}

std::unique_ptr<IdentityProvider>
open_provider(ProviderRules rules, KeyCache::Fetch fetch, Clock& clock, KeyCache::Complaint complain)
{
    return std::make_unique<TokenProvider>(std::move(rules), std::move(fetch), clock, std::move(complain));
}

}
