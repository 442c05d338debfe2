#include <onboard/onboard.hpp>

namespace onboard {

namespace {

struct KnownToken {
    PartnerTokenId id{};
    Partner partner;
};

// A partner's own token.
std::optional<KnownToken> find_own(UnitOfWork const& work, PartnerToken::Body::Parts const& presented)
{
    auto const id = PartnerTokenId(presented.selector);
    auto found = work.partner_of(id);
    if (!found || !same(found->token.digest, presented.digest) || found->token.revoked_at)
        return std::nullopt;
    return KnownToken{.id = id, .partner = std::move(found->partner)};
}

// The token that an access token stands for, which may have been revoked meanwhile.
std::optional<KnownToken> find_meant(UnitOfWork const& work, AccessToken::Parts const& presented, Instant now)
{
    auto const id = PartnerTokenId(presented.token);
    auto found = now < Instant(presented.expires_at) ? work.partner_of(id) : std::nullopt;
    if (!found || found->token.revoked_at)
        return std::nullopt;
    return KnownToken{.id = id, .partner = std::move(found->partner)};
}

}

Result<Partner> Onboarding::identify(std::string_view partner_token)
{
    auto const own = PartnerToken::read(partner_token, ports_.key);
    auto const access = own ? std::nullopt : AccessToken::read(partner_token, ports_.key);
    if (!own && !access)
        return refuse(Errc::partner_token_unknown);
    auto const work = ports_.storage.begin_reading();
    auto known = own ? find_own(*work, *own) : find_meant(*work, *access, ports_.clock.now());
    if (!known)
        return refuse(Errc::partner_token_unknown);
    return std::move(known->partner);
}

Result<IssuedAccessToken> Onboarding::issue_access_token(std::string_view partner_token)
{
    auto const own = PartnerToken::read(partner_token, ports_.key);
    auto const known = own ? find_own(*ports_.storage.begin_reading(), *own) : std::nullopt;
    if (!known)
        return refuse(Errc::partner_token_unknown);
    auto const expires_at = ports_.clock.now() + policy_.access_token_life;
    return IssuedAccessToken{
        .token = AccessToken::make(
            {.token = static_cast<std::int64_t>(known->id), .expires_at = expires_at.time_since_epoch()}, ports_.key,
            ports_.random),
        .life = policy_.access_token_life};
}

}
