#include <onboard/onboard.hpp>

#include <algorithm>
#include <memory>

#include "../audit.hpp"
#include "guesses.hpp"
#include "phone_codes.hpp"
#include "steps.hpp"

namespace onboard {

namespace {

// What a device tells of itself is kept and given out again, and has to stand in any storage.
bool is_push_token(std::string_view text)
{
    constexpr std::size_t longest = 4096;
    return text.size() <= longest &&
           std::ranges::all_of(text, [](char letter) { return letter >= ' ' && letter <= '~'; });
}

struct Known {
    Account account;
    bool is_new = false;
};

Result<Known> open_account(UnitOfWork& work, Ports const& ports, ConfirmPhone const& request)
{
    if (!request.agrees_to_terms)
        return refuse(Errc::consent_missing, "agrees_to_terms");
    if (!request.agrees_to_privacy)
        return refuse(Errc::consent_missing, "agrees_to_privacy");
    auto account = steps::new_account(ports, request.phone, request.language);
    account.push_token = request.push_token.value_or("");
    auto const id = work.accounts().insert(account);
    if (!id)
        throw StorageConflict("somebody took the telephone number while it was looked for");
    account.id = *id;
    audit::record(
        work, ports, {{.event = AuditEvent::account_opened, .account = account.id, .partner = request.partner}});
    return Known{.account = std::move(account), .is_new = true};
}

Result<Known>
find_or_open_account(UnitOfWork& work, Ports const& ports, Policy const& policy, ConfirmPhone const& request)
{
    auto owner = work.accounts().find(request.phone);
    if (!owner)
        return open_account(work, ports, request);
    switch (owner->status) {
    case AccountStatus::active: break;
    case AccountStatus::blocked: return refuse(Errc::account_blocked, "phone");
    case AccountStatus::deleted:
        if (!policy.release_deleted)
            return refuse(Errc::account_deleted, "phone");
        work.accounts().release_identifiers(owner->id);
        return open_account(work, ports, request);
    }
    if (request.push_token && *request.push_token != owner->push_token) {
        owner->push_token = *request.push_token;
        owner->updated_at = ports.clock.now();
        work.accounts().update(*owner).value();
    }
    return Known{.account = std::move(*owner)};
}

void note_consents(
    UnitOfWork& work, Ports const& ports, Policy const& policy, AccountId account, ConfirmPhone const& request)
{
    auto const note = [&](bool agrees, Agreement to, std::string const& version) {
        if (agrees)
            work.consents().add(
                {.account = account,
                 .to = to,
                 .version = version,
                 .partner = request.partner,
                 .given_at = ports.clock.now()});
    };
    note(request.agrees_to_terms, Agreement::terms, policy.terms_version);
    note(request.agrees_to_privacy, Agreement::privacy, policy.privacy_version);
}

PhoneConfirmed
issue_auth_code(UnitOfWork& work, Ports const& ports, Policy const& policy, Known const& person, PartnerId partner)
{
    auto const id = person.account.id;
    auto const expires_at = ports.clock.now() + policy.auth_code_life;
    auto const verifier = AuthCode::draw(ports.random);
    work.auth_codes().put(
        {.account = id,
         .partner = partner,
         .digest = AuthCode::digest(verifier, ports.key),
         .expires_at = expires_at});
    audit::record(work, ports, {{.event = AuditEvent::auth_code_issued, .account = id, .partner = partner}});
    return {
        .account = id,
        .is_new = person.is_new,
        .auth_code = AuthCode::make(static_cast<std::int64_t>(id), verifier, ports.key),
        .expires_at = expires_at};
}

}

namespace {

// With a guess that is counted already.
Result<PhoneConfirmed>
enter_code(Ports const& ports, Policy const& policy, ConfirmPhone const& request, Result<int> const& left)
{
    auto const& phone = request.phone;
    auto work = ports.storage.begin();
    auto const code = steps::spend_texted_code(*work, ports, phone, steps::sign_in_binding, request.code, left);
    if (!code)
        return code.error();

    auto const person = find_or_open_account(*work, ports, policy, request);
    if (!person) {
        // The code was right: it stays good, and the guess costs nothing.
        work.reset();
        steps::give_back_code_try(ports, phone);
        return person.error();
    }
    steps::note_answered_text(*work, phone, *code);
    note_consents(*work, ports, policy, person->account.id, request);
    auto confirmed = issue_auth_code(*work, ports, policy, *person, request.partner);
    work->commit();
    return confirmed;
}

}

Result<PhoneConfirmed> Onboarding::confirm_phone(ConfirmPhone const& request)
{
    if (request.push_token && !is_push_token(*request.push_token))
        return refuse(Errc::text_malformed, "push_token");
    auto const left = steps::count_code_try(ports_, policy_, request.phone);
    return steps::unless_conflicting(
        ports_, request.phone, [&] { return enter_code(ports_, policy_, request, left); });
}

Result<Account> Onboarding::profile(ShowProfile const& request)
{
    auto const wrong = refuse(Errc::auth_code_wrong, "auth_code");
    auto const presented = AuthCode::read(request.auth_code, ports_.key);
    if (!presented)
        return wrong;
    auto const id = AccountId(presented->selector);
    auto const work = ports_.storage.begin_reading();
    auto const code = work->auth_codes().find(id);
    auto account = work->accounts().find(id);
    if (!code || !same(code->digest, presented->digest) || code->partner != request.partner ||
        ports_.clock.now() >= code->expires_at)
        return wrong;
    if (!account || account->status != AccountStatus::active || account->phone != request.phone)
        return wrong;
    return *std::move(account);
}

}
