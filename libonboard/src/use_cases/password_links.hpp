#pragma once

#include <optional>

#include <onboard/onboard.hpp>

// Steps for mailed links to set a password. Each works inside the caller's unit of work.
namespace onboard::steps {

// A mailed link to set a password, whether it is still good, and whose it is.
struct FoundPasswordLink {
    PasswordLinkState state = PasswordLinkState::good;
    PasswordLinkId id{};
    PasswordLink link;
    Account account;
};

// Refuses with link_unknown. Uses nothing up.
Result<FoundPasswordLink>
find_password_link(UnitOfWork const&, std::optional<PasswordLinkToken::Parts> const& presented, Instant now);

// The same, and refuses with link_spent and link_expired where it is not good.
Result<FoundPasswordLink>
find_good_password_link(UnitOfWork const&, std::optional<PasswordLinkToken::Parts> const& presented, Instant now);

struct IssuedPasswordLink {
    PasswordLinkToken token;
    Instant expires_at{};
};

IssuedPasswordLink
issue_password_link(UnitOfWork&, Ports const&, Policy const&, Account const&, std::optional<PartnerId>);

// Mails a link to set another password, unless too many letters have left for this address already. The account may be
// one that does not exist: its link will never be good, and its letter never leaves.
void mail_password_link(UnitOfWork&, Ports const&, Policy const&, Account const&, std::optional<PartnerId>);

}
