#include "user_accounts.hpp"

#include <algorithm>

#include "../audit.hpp"
#include "../user_names.hpp"

namespace onboard::steps {

namespace {

std::optional<Account> find_account(UnitOfWork const& work, Recipient const& contact)
{
    return std::visit([&](auto const& key) { return work.accounts().find(key); }, contact);
}

Error taken(Recipient const& contact)
{
    return std::holds_alternative<EmailAddress>(contact) ? refuse(Errc::email_taken, "email")
                                                         : refuse(Errc::phone_taken, "phone");
}

void release_contact(UnitOfWork& work, Recipient const& contact)
{
    auto const owner = find_account(work, contact);
    if (owner && owner->status == AccountStatus::deleted)
        work.accounts().release_identifiers(owner->id);
}

void release_identity(UnitOfWork& work, std::string_view issuer, std::string_view subject)
{
    auto const id = work.identities().find(issuer, subject);
    auto const owner = id ? work.accounts().find(*id) : std::nullopt;
    if (owner && owner->status == AccountStatus::deleted)
        work.identities().erase(owner->id);
}

}

Result<Membership> find_membership(
    UnitOfWork const& work, Policy const& policy, std::optional<ChannelName> const& channel,
    std::optional<OrganisationId> const& organisation)
{
    auto const home = organisation ? work.organisations().find(*organisation) : std::nullopt;
    if (organisation && !home)
        return refuse(Errc::organisation_unknown, "organisation");
    if (channel && *channel != policy.default_channel && !work.organisations().has(*channel))
        return refuse(Errc::channel_unknown, "channel");
    if (home && channel && *home != *channel)
        return refuse(Errc::organisation_elsewhere, "organisation");
    return Membership{
        .channel = channel.value_or(home.value_or(policy.default_channel)), .organisation = organisation};
}

Result<void> check_contact(UnitOfWork const& work, Policy const& policy, Recipient const& contact)
{
    auto const owner = find_account(work, contact);
    if (!owner)
        return {};
    if (owner->status == AccountStatus::blocked)
        return refuse(Errc::account_blocked, taken(contact).field);
    if (owner->status == AccountStatus::active || !policy.release_deleted)
        return taken(contact);
    return {};
}

Result<void>
open_account(UnitOfWork& work, Ports const& ports, Policy const& policy, Account& account, std::string_view base)
{
    if (policy.release_deleted && account.email)
        release_contact(work, *account.email);
    if (policy.release_deleted && account.phone)
        release_contact(work, *account.phone);
    auto const insert = [&]() -> Result<void> {
        auto const id = work.accounts().insert(account);
        if (!id)
            return id.error();
        account.id = *id;
        return {};
    };
    if (account.user_name)
        return insert();
    UserNameCandidates candidates(std::string(base), ports.random);
    while (true) {
        account.user_name = candidates.next();
        auto const inserted = insert();
        if (inserted || inserted.error().code != Errc::user_name_taken)
            return inserted;
    }
}

Result<std::optional<Account>>
find_owner(UnitOfWork const& work, Policy const& policy, std::string_view issuer, std::string_view subject)
{
    auto const id = work.identities().find(issuer, subject);
    auto owner = id ? work.accounts().find(*id) : std::nullopt;
    if (!owner)
        return std::optional<Account>();
    switch (owner->status) {
    case AccountStatus::active: break;
    case AccountStatus::blocked: return refuse(Errc::account_blocked, "identity");
    case AccountStatus::deleted:
        if (!policy.release_deleted)
            return refuse(Errc::account_deleted, "identity");
        return std::optional<Account>();
    }
    return owner;
}

bool is_known_to(UnitOfWork const& work, AccountId account, std::string_view issuer)
{
    auto const identities = work.identities().of(account);
    return std::ranges::any_of(identities, [&](auto const& identity) { return identity.issuer == issuer; });
}

void link_identity(
    UnitOfWork& work, Ports const& ports, Policy const& policy, AccountId account, std::string_view issuer,
    std::string_view subject)
{
    if (policy.release_deleted)
        release_identity(work, issuer, subject);
    auto const linked = work.identities().add(
        {.issuer = std::string(issuer),
         .subject = std::string(subject),
         .account = account,
         .linked_at = ports.clock.now()});
    if (!linked)
        throw StorageConflict("somebody linked the identity while it was looked for");
    audit::record(
        work, ports,
        {{.event = AuditEvent::account_linked, .account = account, .detail = "at " + std::string(issuer)}});
}

}
