#include "password_links.hpp"

#include "steps.hpp"

namespace onboard::steps {

Result<GoodPasswordLink>
find_password_link(UnitOfWork const& work, std::optional<PasswordLinkToken::Parts> const& presented, Instant now)
{
    auto const unknown = refuse(Errc::link_unknown, "token");
    if (!presented)
        return unknown;
    auto const id = PasswordLinkId(presented->selector);
    auto link = work.password_links().find(id);
    if (!link || !same(link->digest, presented->digest))
        return unknown;

    auto account = work.accounts().find(link->account);
    auto const good = account && account->status == AccountStatus::active && account->generation == link->generation;
    if (!good || link->used)
        return refuse(Errc::link_spent, "token");
    if (now >= link->expires_at)
        return refuse(Errc::link_expired, "token");
    return GoodPasswordLink{.id = id, .link = *link, .account = std::move(*account)};
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
    UnitOfWork& work, Ports const& ports, Policy const& policy, EmailAddress const& email,
    std::optional<Account> const& account, std::optional<PartnerId> partner)
{
    auto const now = ports.clock.now();
    auto const too_soon = work.codes().count_send(
        Purpose::password_link, email.key(), now,
        {.pause = policy.code_pause, .per_hour = policy.codes_per_hour, .per_day = policy.codes_per_day});
    if (too_soon)
        return;

    // A stranger gets a link, too, to nowhere and never mailed: how long this takes says nothing about who is here.
    Account const nobody{.handle = {}, .email = email, .name = PersonName::parse("-", "-").value()};
    auto const link = issue_password_link(work, ports, policy, account.value_or(nobody), partner);
    auto letter = letter_to(account.value_or(nobody), LetterKind::reset_password, link.expires_at);
    if (account)
        post(work, ports, std::move(letter), link.token.reveal());
}

}
