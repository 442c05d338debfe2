#include <onboard/onboard.hpp>

#include <charconv>

#include "../audit.hpp"
#include "../uuid.hpp"
#include "steps.hpp"

namespace onboard {

namespace {

struct Registration {
    Account account;
    Registered registered;
};

// Opens an account for the address, or finds the one that has it. The storage decides who was first.
Result<Registration> register_person(UnitOfWork& work, Ports const& ports, Policy const& policy, LogIn const& request)
{
    auto const now = ports.clock.now();
    Account account{
        .handle = random_uuid(ports.random),
        .email = request.email,
        .name = request.name,
        .language = request.language.value_or(Language::english),
        .created_at = now,
        .updated_at = now};
    auto inserted = work.accounts().insert(account);
    if (!inserted) {
        auto owner = work.accounts().find(request.email);
        if (!owner)
            throw StorageConflict("an account came and went while it was looked for");
        if (owner->status == AccountStatus::blocked)
            return refuse(Errc::account_blocked, "email");
        if (owner->status == AccountStatus::active)
            return Registration{std::move(*owner), Registered::updated};
        if (!policy.release_deleted)
            return refuse(Errc::account_deleted, "email");
        work.accounts().release_identifiers(owner->id);
        inserted = work.accounts().insert(account);
        if (!inserted)
            return inserted.error();
    }
    account.id = *inserted;
    audit::record(
        work, ports, {{.event = AuditEvent::account_opened, .account = account.id, .partner = request.partner}});
    return Registration{std::move(account), Registered::created};
}

// What the partner says, on top of what it said before.
Proposal proposal_of(LogIn const& request, Account const& account, std::optional<Enrolment> const& before)
{
    Enrolment const told{
        .plan = request.plan,
        .contract_type = request.contract_type,
        .person_id = request.person_id,
        .personnel_number = request.personnel_number,
        .additional_data = request.additional_data.value_or("")};
    return {
        .name = request.name,
        .language = request.language.value_or(account.language),
        .enrolment = steps::updated(before.value_or(Enrolment{}), told)};
}

LoggedIn logged_in(Registration const& person, steps::IssuedLink link, bool confirmation_required)
{
    return {
        .account = person.account.id,
        .registered = person.registered,
        .token = std::move(link.token),
        .expires_at = link.expires_at,
        .confirmation_required = confirmation_required};
}

// The partner knows the person already, or opened the account, or is trusted to link it.
Result<LoggedIn> log_in_own(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Registration person, PartnerId partner,
    std::optional<Enrolment> const& before, Proposal const& proposal)
{
    auto const taken_over = steps::take_over(work, person.account, partner, before, proposal, ports.clock.now());
    if (!taken_over)
        return taken_over.error();
    auto link = steps::issue_link(work, ports, policy, person.account, partner, std::nullopt);
    return logged_in(person, std::move(link), false);
}

// The person is somebody else's customer: nothing is linked or updated until they agree.
Result<LoggedIn> log_in_foreign(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Registration const& person, Partner const& partner,
    Proposal proposal)
{
    if (auto const& id = proposal.enrolment.person_id; id && work.accounts().find(partner.id, *id))
        return refuse(Errc::person_id_taken, "person_id");
    steps::ask_owner(work, ports, policy, person.account, partner);
    auto link = steps::issue_link(work, ports, policy, person.account, partner.id, std::move(proposal));
    return logged_in(person, std::move(link), true);
}

Result<LoggedIn> log_in_for_partner(UnitOfWork& work, Ports const& ports, Policy const& policy, LogIn const& request)
{
    if (request.plan)
        if (auto const open = steps::check_plan(work, *request.partner, *request.plan); !open)
            return open.error();
    auto person = register_person(work, ports, policy, request);
    if (!person)
        return person.error();
    if (request.person_id)
        steps::release_person_id(work, ports, policy, *request.partner, *request.person_id);

    auto const is_new = person->registered == Registered::created;
    auto const before = is_new ? std::nullopt : work.accounts().find_enrolment(*request.partner, person->account.id);
    auto proposal = proposal_of(request, person->account, before);
    if (before || is_new)
        return log_in_own(work, ports, policy, std::move(*person), *request.partner, before, proposal);

    auto const partner = work.partners().find(*request.partner);
    if (!partner)
        return refuse(Errc::partner_unknown);
    switch (partner->link_existing) {
    case LinkExisting::refuse: return refuse(Errc::email_taken, "email");
    case LinkExisting::trust:
        audit::record(
            work, ports,
            {{.event = AuditEvent::account_linked, .account = person->account.id, .partner = partner->id}});
        return log_in_own(work, ports, policy, std::move(*person), *request.partner, before, proposal);
    case LinkExisting::confirm: break;
    }
    return log_in_foreign(work, ports, policy, *person, *partner, std::move(proposal));
}

// The host speaks for itself: it is trusted with the account and tells nothing but the profile.
Result<LoggedIn> log_in_for_host(UnitOfWork& work, Ports const& ports, Policy const& policy, LogIn const& request)
{
    auto person = register_person(work, ports, policy, request);
    if (!person)
        return person.error();
    auto& account = person->account;
    auto const language = request.language.value_or(account.language);
    if (auto const updated = steps::update_profile(work, account, request.name, language, ports.clock.now());
        !updated)
        return updated.error();
    auto link = steps::issue_link(work, ports, policy, account, std::nullopt, std::nullopt);
    return logged_in(*person, std::move(link), false);
}

// What a repetition is answered from: whether the account was created.
constexpr std::string_view answered_created = "created";
constexpr std::string_view answered_updated = "updated";

std::string_view answer_of(LoggedIn const& outcome)
{
    return outcome.registered == Registered::created ? answered_created : answered_updated;
}

// A request that came again: nothing is written but a fresh link, since no live token is ever kept.
Result<LoggedIn> log_in_again(
    UnitOfWork& work, Ports const& ports, Policy const& policy, LogIn const& request, std::string_view answer)
{
    auto owner = work.accounts().find(request.email);
    if (!owner || owner->status == AccountStatus::deleted)
        return refuse(Errc::account_deleted, "email");
    if (owner->status == AccountStatus::blocked)
        return refuse(Errc::account_blocked, "email");

    Registration const person{
        std::move(*owner), answer == answered_created ? Registered::created : Registered::updated};
    auto const before = work.accounts().find_enrolment(*request.partner, person.account.id);
    auto proposal = before ? std::nullopt : std::optional(proposal_of(request, person.account, before));
    auto link = steps::issue_link(work, ports, policy, person.account, request.partner, std::move(proposal));
    auto outcome = logged_in(person, std::move(link), !before);
    outcome.repeated = true;
    return outcome;
}

}

Result<LoggedIn> Onboarding::log_in(LogIn const& request)
{
    auto work = ports_.storage.begin();
    auto const now = ports_.clock.now();

    if (!request.partner) {
        auto outcome = log_in_for_host(*work, ports_, policy_, request);
        if (outcome)
            work->commit();
        return outcome;
    }

    if (auto const& repeatable = request.repeatable) {
        auto const digest = ports_.key.digest(Purpose::repeated_request, "log_in", repeatable->request);
        auto const before = work->repeated_requests().claim(
            *request.partner, repeatable->key, digest, now, now - policy_.repeat_window);
        if (before && !same(before->request, digest))
            return refuse(Errc::request_repeated_differently, "idempotency_key");
        if (before) {
            auto again = log_in_again(*work, ports_, policy_, request, before->answer);
            if (again)
                work->commit();
            return again;
        }
    }

    auto outcome = log_in_for_partner(*work, ports_, policy_, request);
    if (!outcome)
        return outcome;
    if (auto const& repeatable = request.repeatable)
        work->repeated_requests().answer(*request.partner, repeatable->key, answer_of(*outcome));
    work->commit();
    return outcome;
}

}
