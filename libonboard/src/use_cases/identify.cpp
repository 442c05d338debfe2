#include <onboard/onboard.hpp>

namespace onboard {

Result<Partner> Onboarding::identify(std::string_view partner_token)
{
    auto const unknown = refuse(Errc::partner_token_unknown);
    auto const presented = PartnerToken::read(partner_token, ports_.key);
    if (!presented)
        return unknown;
    auto const work = ports_.storage.begin_reading();
    auto const token = work->partners().find_token(PartnerTokenId(presented->selector));
    if (!token || !same(token->digest, presented->digest) || token->revoked_at)
        return unknown;
    auto partner = work->partners().find(token->partner);
    if (!partner)
        return unknown;
    return std::move(*partner);
}

}
