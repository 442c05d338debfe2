#include <onboard/onboard.hpp>

namespace onboard {

Result<Partner> Onboarding::identify(std::string_view partner_token)
{
    auto const unknown = refuse(Errc::partner_token_unknown);
    auto const presented = PartnerToken::read(partner_token, ports_.key);
    if (!presented)
        return unknown;
    auto const work = ports_.storage.begin_reading();
    auto found = work->partner_of(PartnerTokenId(presented->selector));
    if (!found || !same(found->token.digest, presented->digest) || found->token.revoked_at)
        return unknown;
    return std::move(found->partner);
}

}
