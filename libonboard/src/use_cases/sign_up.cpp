#include <onboard/onboard.hpp>

#include <memory>

#include "../audit.hpp"
#include "../user_names.hpp"
#include "contact_codes.hpp"
#include "guesses.hpp"
#include "look_up.hpp"
#include "phone_codes.hpp"
#include "steps.hpp"
#include "user_accounts.hpp"

namespace onboard {

namespace {

// A code is what the person holds, whichever partner had it sent.
constexpr std::string_view sign_up_binding = "sign-up";

Result<void> mail_code(
    UnitOfWork& work, Ports const& ports, Policy const& policy, EmailAddress const& to, SendSignUpCode const& request)
{
    auto const now = ports.clock.now();
    auto const again_at = work.codes().count_send(Purpose::sign_up_email, to.key(), now, steps::limits_of(policy));
    if (again_at)
        return Error{
            .code = Errc::attempts_spent,
            .field = "email",
            .retry_after = std::chrono::ceil<std::chrono::seconds>(*again_at - now)};
    auto const code = OneTimeCode::draw(ports.random, policy.code_digits);
    auto const expires_at = now + policy.code_life;
    steps::keep_code(work, ports, Purpose::sign_up_email, to.key(), sign_up_binding, code.reveal(), expires_at);
    Letter letter{
        .id = {},
        .kind = LetterKind::otp,
        .to = to,
        .language = request.language,
        .first_name = {},
        .partner = {},
        .expires_at = expires_at};
    steps::post(work, ports, std::move(letter), code.reveal());
    return {};
}

Result<void> send(UnitOfWork& work, Ports const& ports, Policy const& policy, SendSignUpCode const& request)
{
    if (auto const* email = std::get_if<EmailAddress>(&request.to))
        return mail_code(work, ports, policy, *email, request);
    auto const sent = steps::text_code(
        work, ports, policy,
        {.phone = std::get<PhoneNumber>(request.to), .language = request.language, .binding = sign_up_binding});
    return sent ? Result<void>() : sent.error();
}

// Uses up the code that was typed. The guess is counted already.
Result<void>
spend_code(UnitOfWork& work, Ports const& ports, Recipient const& contact, std::string_view typed, int left)
{
    auto const code = steps::find_contact_code(work, ports, contact, sign_up_binding, typed);
    if (!code && !steps::any_contact_code(work, ports, contact, sign_up_binding))
        return refuse(Errc::code_expired, "code");
    if (!code || !work.codes().spend(code->id, ports.clock.now()))
        return Error{.code = Errc::code_wrong, .field = "code", .attempts_left = left};
    steps::give_back_code_try(work, contact);
    return {};
}

// What is told to a partner, which may learn so much in a day of who is here, and then learns nothing.
Error tell(Ports const& ports, Policy const& policy, PartnerId partner, Error const& refusal)
{
    switch (refusal.code) {
    case Errc::email_taken:
    case Errc::phone_taken:
    case Errc::user_name_taken:
    case Errc::account_blocked:
    case Errc::contact_unproven: break;
    default: return refusal;
    }
    auto const work = ports.storage.begin();
    auto const left = steps::count_look_ups(*work, ports, policy, partner, 1);
    work->commit();
    return left ? refusal : left.error();
}

// A proof is the code again, kept for the partner that has seen it.
Purpose proof_of(Recipient const& contact) noexcept
{
    return std::holds_alternative<PhoneNumber>(contact) ? Purpose::phone_proof : Purpose::email_proof;
}

void keep_proof(UnitOfWork& work, Ports const& ports, Policy const& policy, ProveContact const& request)
{
    auto const expires_at = ports.clock.now() + policy.proof_life;
    steps::keep_code(
        work, ports, proof_of(request.contact), key_of(request.contact), steps::binding_of(request.partner),
        request.code, expires_at);
}

Result<void> spend_proof(UnitOfWork& work, Ports const& ports, SignUp const& request)
{
    auto const now = ports.clock.now();
    for (auto const& proof : work.codes().alive(proof_of(request.contact), key_of(request.contact), now))
        if (proof.binding == steps::binding_of(request.partner) && work.codes().spend(proof.id, now))
            return {};
    return refuse(Errc::contact_unproven, std::holds_alternative<PhoneNumber>(request.contact) ? "phone" : "email");
}

// All but the code.
Result<Membership> check(UnitOfWork& work, Policy const& policy, SignUp const& request)
{
    work.codes().hold(steps::purpose_of(request.contact), key_of(request.contact));
    auto membership = steps::find_membership(work, policy, request.channel, request.organisation);
    if (!membership)
        return membership;
    if (request.user_name && work.accounts().find(*request.user_name))
        return refuse(Errc::user_name_taken, "user_name");
    if (auto const free = steps::check_contact(work, policy, request.contact); !free)
        return free.error();
    return membership;
}

Result<SignedUp> open(
    UnitOfWork& work, Ports const& ports, Policy const& policy, SignUp const& request, Membership const& membership,
    std::string_view base)
{
    auto account = steps::new_account(ports, request.contact, request.language);
    account.name = request.name;
    account.user_name = request.user_name;
    account.membership = membership;
    if (auto const opened = steps::open_account(work, ports, policy, account, base); !opened)
        return opened.error();
    audit::record(
        work, ports, {{.event = AuditEvent::account_opened, .account = account.id, .partner = request.partner}});
    return SignedUp{.account = std::move(account)};
}

Result<SignedUp>
sign_up_proven(Ports const& ports, Policy const& policy, SignUp const& request, std::string_view base)
{
    auto const work = ports.storage.begin();
    auto const membership = check(*work, policy, request);
    if (!membership)
        return membership.error();
    if (auto const proven = spend_proof(*work, ports, request); !proven)
        return proven.error();
    auto signed_up = open(*work, ports, policy, request, *membership, base);
    if (signed_up)
        work->commit();
    return signed_up;
}

// Uses up the code that was typed; or the proof, if the code was used up by prove_contact() before.
Result<void> spend_code_or_proof(UnitOfWork& work, Ports const& ports, SignUp const& request, int left)
{
    auto const& contact = request.contact;
    auto const spent = spend_code(work, ports, contact, *request.code, left);
    if (spent)
        return spent;
    auto const proof = steps::find_code(
        work, ports, proof_of(contact), key_of(contact), {steps::binding_of(request.partner)}, *request.code);
    if (!proof || !work.codes().spend(proof->id, ports.clock.now()))
        return spent;
    steps::give_back_code_try(work, contact);
    return {};
}

// Counts a guess, unless it would lead to nothing anyway.
Result<int> count_useful_try(Ports const& ports, Policy const& policy, SignUp const& request)
{
    auto const work = ports.storage.begin();
    auto const useful = check(*work, policy, request);
    if (!useful)
        return useful.error();
    auto const left =
        steps::count_try(*work, ports, policy, steps::purpose_of(request.contact), key_of(request.contact));
    if (left)
        steps::note_code_try(*work, ports, request.contact);
    work->commit();
    return left;
}

// With a guess that is counted already. What is refused for another reason than a wrong code costs no guess.
Result<SignedUp>
sign_up_with_code(Ports const& ports, Policy const& policy, SignUp const& request, std::string_view base, int left)
{
    auto work = ports.storage.begin();
    auto const membership = check(*work, policy, request);
    auto const spent = membership ? spend_code_or_proof(*work, ports, request, left) : membership.error();
    auto signed_up = spent ? open(*work, ports, policy, request, *membership, base) : spent.error();
    if (signed_up) {
        work->commit();
        return signed_up;
    }
    work.reset();
    if (signed_up.error().code != Errc::code_wrong)
        steps::give_back_code_try(ports, request.contact);
    return signed_up;
}

}

void Onboarding::warm_up()
{
    user_name_base("王");
}

Result<void> Onboarding::send_sign_up_code(SendSignUpCode const& request)
{
    auto work = ports_.storage.begin();
    work->codes().hold(steps::purpose_of(request.to), key_of(request.to));
    auto const free = steps::check_contact(*work, policy_, request.to);
    auto const sent = free ? send(*work, ports_, policy_, request) : free;
    if (!sent) {
        work.reset();
        return tell(ports_, policy_, request.partner, sent.error());
    }
    work->commit();
    return sent;
}

Result<void> Onboarding::prove_contact(ProveContact const& request)
{
    auto const left = steps::count_code_try(ports_, policy_, request.contact);
    if (!left)
        return left.error();
    return steps::unless_conflicting(ports_, request.contact, [&]() -> Result<void> {
        auto work = ports_.storage.begin();
        auto const spent = spend_code(*work, ports_, request.contact, request.code, *left);
        if (spent) {
            keep_proof(*work, ports_, policy_, request);
            audit::record(
                *work, ports_,
                {{.event = AuditEvent::contact_proven,
                  .partner = request.partner,
                  .detail = "of " + audit::fingerprint(ports_, request.contact)}});
            work->commit();
            return spent;
        }
        work.reset();
        if (spent.error().code == Errc::code_expired)
            steps::give_back_code_try(ports_, request.contact);
        return spent;
    });
}

Result<SignedUp> Onboarding::sign_up(SignUp const& request)
{
    auto const base = request.user_name ? std::string() : user_name_base(request.name.first(), request.name.last());
    if (!request.code) {
        auto signed_up = sign_up_proven(ports_, policy_, request, base);
        return signed_up ? signed_up : tell(ports_, policy_, request.partner, signed_up.error());
    }
    auto const left = count_useful_try(ports_, policy_, request);
    if (!left)
        return tell(ports_, policy_, request.partner, left.error());
    return steps::unless_conflicting(
        ports_, request.contact, [&] { return sign_up_with_code(ports_, policy_, request, base, *left); });
}

}
