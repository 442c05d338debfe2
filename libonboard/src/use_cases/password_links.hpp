#pragma once

#include <optional>

#include <onboard/onboard.hpp>

// Steps for mailed links to set a password. Each works inside the caller's unit of work.
namespace onboard::steps {

// A mailed link to set a password, of which an active account is the owner.
struct GoodPasswordLink {
    PasswordLinkId id{};
    PasswordLink link;
    Account account;
};

// Refuses with link_unknown, link_spent and link_expired. Uses nothing up.
Result<GoodPasswordLink>
find_password_link(UnitOfWork const&, std::optional<PasswordLinkToken::Parts> const& presented, Instant now);

struct IssuedPasswordLink {
    PasswordLinkToken token;
    Instant expires_at{};
};

IssuedPasswordLink
issue_password_link(UnitOfWork&, Ports const&, Policy const&, Account const&, std::optional<PartnerId>);

// Mails a link to set another password, unless too many letters have left for this address already. `account` is the
// active one that has the address; if there is none, nothing is mailed, and as much is done.
void mail_password_link(
    UnitOfWork&, Ports const&, Policy const&, EmailAddress const&, std::optional<Account> const& account,
    std::optional<PartnerId>);

}
