#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <onboard/onboard.hpp>

// Steps for accounts with user names, however people sign up. Each works inside the caller's unit of work.
namespace onboard::steps {

// Where somebody will belong. Refuses with channel_unknown, organisation_unknown and organisation_elsewhere.
Result<Membership> find_membership(
    UnitOfWork const&, Policy const&, std::optional<ChannelName> const&, std::optional<OrganisationId> const&);

// Refuses with email_taken or phone_taken, or with account_blocked, unless the address or the number may be had: it is
// nobody's, or a deleted account's that would let go of it.
Result<void> check_contact(UnitOfWork const&, Policy const&, Recipient const&);

// Stores a new account; under a user name made from `base`, see user_name_base(), unless it has one. A deleted account
// lets go of the address and the number, if that is the policy. Refuses like Accounts::insert().
Result<void> open_account(UnitOfWork&, Ports const&, Policy const&, Account&, std::string_view base);

// The owner of an identity. Refuses with account_blocked and account_deleted; but if the policy is to release what the
// deleted had, then nobody owns it.
Result<std::optional<Account>>
find_owner(UnitOfWork const&, Policy const&, std::string_view issuer, std::string_view subject);

// Whether the owner of an account has an identity of this issuer's.
bool is_known_to(UnitOfWork const&, AccountId, std::string_view issuer);

// Links an identity that nobody owns. Throws StorageConflict if somebody linked it meanwhile.
void link_identity(
    UnitOfWork&, Ports const&, Policy const&, AccountId, std::string_view issuer, std::string_view subject);

}
