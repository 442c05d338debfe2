#include "email_changes.hpp"

#include "../audit.hpp"
#include "guesses.hpp"
#include "steps.hpp"

namespace onboard {

namespace {

// The active account with this number. Refuses with person_unknown and account_blocked.
Result<Account> find_owner(UnitOfWork const& work, PhoneNumber const& phone)
{
    auto account = work.accounts().find(phone);
    if (!account || account->status == AccountStatus::deleted)
        return refuse(Errc::person_unknown, "phone");
    if (account->status == AccountStatus::blocked)
        return refuse(Errc::account_blocked, "phone");
    return *std::move(account);
}

// Whether somebody who has an address keeps it from this account.
bool is_rival(std::optional<Account> const& owner, Policy const& policy, AccountId account)
{
    return owner && owner->id != account && !(owner->status == AccountStatus::deleted && policy.release_deleted);
}

// Who has an address that somebody else wants. Nobody, if it may be had.
std::optional<Account>
find_rival(UnitOfWork const& work, Policy const& policy, AccountId account, EmailAddress const& email)
{
    auto owner = work.accounts().find(email);
    return is_rival(owner, policy, account) ? std::move(owner) : std::nullopt;
}

// Has the address wait, in place of whatever waited before, and returns the token that confirms it; one that confirms
// nothing, if the address may not be had.
OptInToken wait_for_opt_in(
    UnitOfWork& work, Ports const& ports, Account const& account, EmailAddress const& email, Instant expires_at,
    bool may_be_had)
{
    auto const verifier = OptInToken::draw(ports.random);
    auto const other = OptInToken::draw(ports.random);
    work.email_changes().put(
        {.account = account.id,
         .email = email,
         .digest = OptInToken::digest(verifier, ports.key),
         .expires_at = expires_at});
    return OptInToken::make(static_cast<std::int64_t>(account.id), may_be_had ? verifier : other, ports.key);
}

// Without a name, since the address may be a stranger's.
void mail_opt_in(
    UnitOfWork& work, Ports const& ports, Account const& account, EmailAddress const& email, OptInToken const& token,
    Instant expires_at)
{
    Letter letter{
        .id = {},
        .kind = LetterKind::email_opt_in,
        .to = email,
        .language = account.language,
        .first_name = {},
        .partner = {},
        .expires_at = expires_at};
    steps::post(work, ports, std::move(letter), token.reveal());
}

// Whoever asked is not named: they may have mistyped their own address.
void tell_rival(UnitOfWork& work, Ports const& ports, Policy const& policy, Account const& rival)
{
    auto const expires_at = ports.clock.now() + policy.notice_life;
    steps::post(work, ports, steps::letter_to(rival, LetterKind::already_have_account, expires_at), {});
}

bool waits(UnitOfWork const& work, AccountId account, EmailAddress const& email, Instant now)
{
    auto const change = work.email_changes().find(account);
    return change && change->email == email && now < change->expires_at;
}

// Whom to tell, if the address is somebody else's. It is settled for good at the confirmation, so this is a unit of work
// of its own, without whose locks no two people who want each other's address wait for each other in a circle.
std::optional<Account> look_for_rival(Ports const& ports, Policy const& policy, ChangeEmail const& request)
{
    auto const work = ports.storage.begin();
    auto const account = work->accounts().find(request.phone);
    return find_rival(*work, policy, account ? account->id : AccountId{}, request.email);
}

// What is seen from outside, what is left behind, and what it costs is the same whether the address may be had or not:
// where there is nobody to be told, a letter with a token that confirms nothing is written, and never leaves.
void ask_for_opt_in(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Account const& account, EmailAddress const& email,
    std::optional<Account> const& rival)
{
    auto const now = ports.clock.now();
    auto const too_soon = work.codes().count_send(Purpose::email_opt_in, email.key(), now, steps::limits_of(policy));
    if (too_soon && waits(work, account.id, email, now))
        return;
    auto const expires_at = now + policy.opt_in_life;
    auto const token = wait_for_opt_in(work, ports, account, email, expires_at, !rival);
    if (too_soon)
        return;
    auto const kind = rival ? LetterKind::already_have_account : LetterKind::email_opt_in;
    auto const may_notify = steps::may_notify(work, ports, policy, kind, email);
    if (rival && may_notify && rival->status == AccountStatus::active)
        tell_rival(work, ports, policy, *rival);
    else
        mail_opt_in(work, ports, account, email, token, expires_at);
}

// Puts the new address in force. A deleted account lets go of it, if that is the policy.
Result<void>
replace_email(UnitOfWork& work, Policy const& policy, Account& account, EmailAddress const& email, Instant now)
{
    // Looked for once: a second look might see whoever confirmed it meanwhile.
    auto const owner = work.accounts().find(email);
    if (is_rival(owner, policy, account.id))
        return refuse(Errc::email_taken, "email");
    if (owner && owner->id != account.id)
        work.accounts().release_identifiers(owner->id);
    account.email = email;
    account.email_verified = true;
    account.generation += 1;  // links mailed to the old address are good for nothing
    account.updated_at = now;
    return work.accounts().update(account);
}

}

namespace steps {

Result<FoundEmailChange>
find_email_change(UnitOfWork const& work, std::optional<OptInToken::Parts> const& presented, Instant now)
{
    auto const unknown = refuse(Errc::link_unknown, "token");
    if (!presented)
        return unknown;
    auto const id = AccountId(presented->selector);
    auto change = work.email_changes().find(id);
    if (!change || !same(change->digest, presented->digest) || now >= change->expires_at)
        return unknown;
    auto account = work.accounts().find(id);
    if (!account || account->status != AccountStatus::active)
        return unknown;
    return FoundEmailChange{.change = *std::move(change), .account = *std::move(account)};
}

}

std::string_view name_of(EmailState state) noexcept
{
    switch (state) {
    case EmailState::pending: return "pending";
    case EmailState::confirmed: return "confirmed";
    }
    return "";
}

Result<EmailState> Onboarding::change_email(ChangeEmail const& request)
{
    auto const rival = look_for_rival(ports_, policy_, request);
    auto const work = ports_.storage.begin();
    auto const account = find_owner(*work, request.phone);
    if (!account)
        return account.error();
    auto const is_theirs = account->email == request.email && account->email_verified;
    if (is_theirs)
        work->email_changes().erase(account->id);
    else
        ask_for_opt_in(*work, ports_, policy_, *account, request.email, rival);
    work->commit();
    return is_theirs ? EmailState::confirmed : EmailState::pending;
}

Result<OptInInvitation> Onboarding::opt_in_invitation(std::string_view opt_in_token)
{
    auto const presented = OptInToken::read(opt_in_token, ports_.key);
    auto const work = ports_.storage.begin_reading();
    auto found = steps::find_email_change(*work, presented, ports_.clock.now());
    if (!found)
        return found.error();
    return OptInInvitation{.email = std::move(found->change.email), .language = found->account.language};
}

Result<Account> Onboarding::confirm_email(std::string_view opt_in_token)
{
    auto const presented = OptInToken::read(opt_in_token, ports_.key);
    auto const work = ports_.storage.begin();
    auto const now = ports_.clock.now();
    auto found = steps::find_email_change(*work, presented, now);
    if (!found)
        return found.error();
    auto& [change, account] = *found;
    if (!work->email_changes().spend(account.id, change.digest, now))
        return refuse(Errc::link_unknown, "token");
    auto const before = account;
    if (auto const replaced = replace_email(*work, policy_, account, change.email, now); !replaced)
        return replaced.error();
    if (before.email && before.email != account.email)
        steps::post(
            *work, ports_, steps::letter_to(before, LetterKind::email_changed, now + policy_.notice_life), {});
    audit::record(*work, ports_, {{.event = AuditEvent::email_confirmed, .account = account.id}});
    work->commit();
    return std::move(account);
}

// A stranger may ask, so that whether there is such a person makes no difference to what is done.
Result<EmailState> Onboarding::email_state(AskEmailState const& request)
{
    auto const work = ports_.storage.begin();
    if (auto const counted = steps::count_client(*work, ports_, policy_, request.client); !counted)
        return counted.error();
    auto const account = work->accounts().find(request.phone);
    auto const waiting = waits(*work, account ? account->id : AccountId{}, request.email, ports_.clock.now());
    work->commit();
    if (!account || account->status != AccountStatus::active)
        return refuse(Errc::person_unknown, "phone");
    if (account->email == request.email && account->email_verified)
        return EmailState::confirmed;
    if (waiting)
        return EmailState::pending;
    return refuse(Errc::person_unknown, "phone");
}

}
