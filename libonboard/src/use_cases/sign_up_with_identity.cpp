#include <onboard/onboard.hpp>

#include "../audit.hpp"
#include "../user_names.hpp"
#include "steps.hpp"
#include "user_accounts.hpp"

namespace onboard {

namespace {

// A provider may have any text for a name.
std::optional<PersonName> name_at_provider(Identity const& identity)
{
    auto const parts = identity.given_name && identity.family_name
                           ? PersonName::parse(*identity.given_name, *identity.family_name)
                           : Result<PersonName>(refuse(Errc::field_missing));
    if (parts)
        return *parts;
    for (auto const& whole : {identity.name, identity.given_name})
        if (whole)
            if (auto name = PersonName::parse(*whole))
                return *std::move(name);
    return std::nullopt;
}

// Finds who has the address of the identity. Refuses unless that is the same person beyond doubt, or nobody. Somebody
// whom the provider knows already is not: it gives an address to another when its owner has gone.
Result<std::optional<Account>> find_namesake(UnitOfWork const& work, Policy const& policy, Identity const& identity)
{
    auto owner = work.accounts().find(*identity.email);
    if (!owner)
        return owner;
    auto const same_person = owner->status == AccountStatus::active && owner->email_verified &&
                             identity.email_authoritative && !steps::is_known_to(work, owner->id, identity.issuer);
    if (same_person)
        return owner;
    auto const free = steps::check_contact(work, policy, *identity.email);
    return free ? Result<std::optional<Account>>(std::optional<Account>()) : free.error();
}

// Whoever has the address may be this person, who came at the same moment and was faster.
void check_unlinked(UnitOfWork const& work, Policy const& policy, Identity const& identity)
{
    auto const owner = steps::find_owner(work, policy, identity.issuer, identity.subject);
    if (!owner || *owner)
        throw StorageConflict("somebody linked the identity while it was looked for");
}

Result<Account> open(
    UnitOfWork& work, Ports const& ports, Policy const& policy, SignUpWithIdentity const& request,
    std::optional<PersonName> const& name, std::string_view base)
{
    if (!name)
        return refuse(Errc::field_missing, "first_name");
    auto account = steps::new_account(ports, *request.identity.email, request.language);
    account.name = name;
    account.membership = Membership{.channel = policy.default_channel};
    if (!steps::open_account(work, ports, policy, account, base))
        throw StorageConflict("somebody took the address while it was looked for");
    audit::record(work, ports, {{.event = AuditEvent::account_opened, .account = account.id}});
    return account;
}

}

Result<SignedUp> Onboarding::sign_up_with_identity(SignUpWithIdentity const& request)
{
    auto const& identity = request.identity;
    if (!identity.email || !identity.email_verified)
        return refuse(Errc::identity_unverified, "email");
    auto const name = request.name ? request.name : name_at_provider(identity);
    auto const base = name ? user_name_base(name->first(), name->last()) : std::string();

    auto const work = ports_.storage.begin();
    auto owner = steps::find_owner(*work, policy_, identity.issuer, identity.subject);
    if (!owner)
        return owner.error().code == Errc::account_deleted ? refuse(Errc::email_taken, "email") : owner.error();
    if (*owner)
        return SignedUp{.account = **std::move(owner), .is_new = false};

    auto namesake = find_namesake(*work, policy_, identity);
    if (!namesake) {
        check_unlinked(*work, policy_, identity);
        return namesake.error();
    }
    auto const is_new = !*namesake;
    auto account =
        is_new ? open(*work, ports_, policy_, request, name, base) : Result<Account>(**std::move(namesake));
    if (!account)
        return account.error();
    steps::link_identity(*work, ports_, policy_, account->id, identity.issuer, identity.subject);
    work->commit();
    return SignedUp{.account = *std::move(account), .is_new = is_new};
}

}
