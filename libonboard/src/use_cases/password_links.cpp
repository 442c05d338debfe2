#include "password_links.hpp"

#include "steps.hpp"

namespace onboard::steps {

Result<FoundPasswordLink>
find_password_link(UnitOfWork const& work, std::optional<PasswordLinkToken::Parts> const& presented, Instant now)
{
    auto const unknown = refuse(Errc::link_unknown, "token");
    if (!presented)
        return unknown;
    auto const id = PasswordLinkId(presented->selector);
    auto const link = work.password_links().find(id);
    if (!link || !same(link->digest, presented->digest))
        return unknown;
    auto account = work.accounts().find(link->account);
    if (!account)
        return unknown;

    auto state = now < link->expires_at ? PasswordLinkState::good : PasswordLinkState::expired;
    if (link->used || account->status != AccountStatus::active || account->generation != link->generation)
        state = PasswordLinkState::spent;
    return FoundPasswordLink{.state = state, .id = id, .link = *link, .account = std::move(*account)};
}

Result<FoundPasswordLink>
find_good_password_link(UnitOfWork const& work, std::optional<PasswordLinkToken::Parts> const& presented, Instant now)
{
    auto found = find_password_link(work, presented, now);
    if (found && found->state == PasswordLinkState::spent)
        return refuse(Errc::link_spent, "token");
    if (found && found->state == PasswordLinkState::expired)
        return refuse(Errc::link_expired, "token");
    return found;
}

IssuedPasswordLink issue_password_link(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Account const& account,
    std::optional<PartnerId> partner)
{
    auto const expires_at = ports.clock.now() + policy.password_link_life;
    auto const verifier = PasswordLinkToken::draw(ports.random);
    auto const id = work.password_links().insert(
        {.account = account.id,
         .partner = partner,
         .generation = account.generation,
         .digest = PasswordLinkToken::digest(verifier, ports.key),
         .expires_at = expires_at});
    return {
        .token = PasswordLinkToken::make(static_cast<std::int64_t>(id), verifier, ports.key),
        .expires_at = expires_at};
}

void mail_password_link(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Account const& account,
    std::optional<PartnerId> partner)
{
    auto const too_soon =
        work.codes().count_send(Purpose::password_link, account.email->key(), ports.clock.now(), limits_of(policy));
    if (too_soon)
        return;
    auto const link = issue_password_link(work, ports, policy, account, partner);
    post(work, ports, letter_to(account, LetterKind::reset_password, link.expires_at), link.token.reveal());
}

}
