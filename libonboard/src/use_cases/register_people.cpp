#include <onboard/onboard.hpp>

#include <algorithm>
#include <numeric>

#include "../audit.hpp"
#include "../uuid.hpp"
#include "password_links.hpp"
#include "steps.hpp"

namespace onboard {

namespace {

// One request for people, at work.
struct Registering {
    UnitOfWork& work;
    Ports const& ports;
    Policy const& policy;
    Partner const& partner;
    Instant now;
};

// Everything that was asked for. Only the last part can hold a line end.
std::string text_of(NewPerson const& person)
{
    std::string text;
    auto const add = [&text](std::string_view part) { (text += part) += '\n'; };
    add(person.plan.str());
    add(person.email.str());
    add(person.name.first());
    add(person.name.last());
    add(code_of(person.language));
    add(person.contract_type ? name_of(*person.contract_type) : "");
    add(person.person_id ? person.person_id->str() : "");
    add(person.personnel_number ? person.personnel_number->str() : "");
    return text + person.additional_data;
}

// Whether this partner asks for this very thing for the first time. Of what keeps being asked for, it is noted now and
// then that it still is.
bool is_new_cause(Registering const& in, NewPerson const& person)
{
    auto const digest = in.ports.key.digest(Purpose::cause, {}, text_of(person));
    auto const memory = in.policy.cause_memory;
    return in.work.causes().note(in.partner.id, digest, in.now, in.now - memory / 2, in.now - memory);
}

// The active account that has the address, or none if it is free.
Result<std::optional<Account>> find_owner(Registering const& in, EmailAddress const& email)
{
    auto owner = in.work.accounts().find(email);
    if (!owner || owner->status == AccountStatus::active)
        return owner;
    if (owner->status == AccountStatus::blocked)
        return refuse(Errc::account_blocked, "email");
    if (!in.policy.release_deleted)
        return refuse(Errc::account_deleted, "email");
    in.work.accounts().release_identifiers(owner->id);
    return std::optional<Account>();
}

Result<void> check_person_id(Registering const& in, NewPerson const& person, std::optional<Account> const& owner)
{
    if (!person.person_id)
        return {};
    steps::release_person_id(in.work, in.ports, in.policy, in.partner.id, *person.person_id);
    auto const holder = in.work.accounts().find(in.partner.id, *person.person_id);
    if (holder && (!owner || owner->id != *holder))
        return refuse(Errc::person_id_taken, "person_id");
    return {};
}

// The account a person has here already. None if there is nothing against opening one.
Result<std::optional<Account>> admit(Registering const& in, NewPerson const& person)
{
    if (auto const open = steps::check_plan(in.work, in.partner.id, person.plan); !open)
        return open.error();
    auto owner = find_owner(in, person.email);
    if (!owner)
        return owner;
    if (auto const free = check_person_id(in, person, *owner); !free)
        return free.error();
    return owner;
}

// All questions were asked before, so that a refusal leaves nothing behind among the other people of the request, but
// that the deleted may have let go of something; who comes between the question and this is a conflict.
Account open_account(Registering const& in, NewPerson const& person)
{
    Account account{
        .handle = random_uuid(in.ports.random),
        .email = person.email,
        .name = person.name,
        .language = person.language,
        .created_at = in.now,
        .updated_at = in.now};
    auto const id = in.work.accounts().insert(account);
    if (!id)
        throw StorageConflict("somebody took the address while it was looked for");
    account.id = *id;
    auto const enrolled = in.work.accounts().enrol(
        in.partner.id, account.id,
        {.plan = person.plan,
         .contract_type = person.contract_type,
         .person_id = person.person_id,
         .personnel_number = person.personnel_number,
         .additional_data = person.additional_data},
        in.now);
    if (!enrolled)
        throw StorageConflict("somebody took the person id while it was looked for");
    audit::record(
        in.work, in.ports, {{.event = AuditEvent::account_opened, .account = account.id, .partner = in.partner.id}});
    return account;
}

void post(Registering const& in, Letter letter, std::string_view secret = {})
{
    letter.partner = in.partner.name.str();
    steps::post(in.work, in.ports, std::move(letter), secret);
}

void welcome(Registering const& in, Account const& account)
{
    if (!steps::may_notify(in.work, in.ports, in.policy, LetterKind::welcome_set_password, *account.email))
        return;
    auto const link = steps::issue_password_link(in.work, in.ports, in.policy, account, in.partner.id);
    post(in, steps::letter_to(account, LetterKind::welcome_set_password, link.expires_at), link.token.reveal());
}

void tell_known(Registering const& in, Account const& account)
{
    if (steps::may_notify(in.work, in.ports, in.policy, LetterKind::already_have_account, *account.email))
        post(in, steps::letter_to(account, LetterKind::already_have_account, in.now + in.policy.notice_life));
}

// In the words of the account that has the address, if there is one with a name left.
void tell_refused(Registering const& in, NewPerson const& person)
{
    if (!steps::may_notify(in.work, in.ports, in.policy, LetterKind::registration_failed, person.email))
        return;
    auto const owner = in.work.accounts().find(person.email);
    auto const has_name = owner && owner->status != AccountStatus::deleted;
    Account const told{.handle = {}, .email = person.email, .name = person.name, .language = person.language};
    post(
        in,
        steps::letter_to(has_name ? *owner : told, LetterKind::registration_failed, in.now + in.policy.notice_life));
}

Result<Registered> register_one(Registering const& in, NewPerson const& person)
{
    auto const is_new = is_new_cause(in, person);
    auto const admitted = admit(in, person);
    if (!admitted) {
        if (is_new)
            tell_refused(in, person);
        return admitted.error();
    }
    if (*admitted) {
        if (is_new)
            tell_known(in, **admitted);
        return Registered::unchanged;
    }
    // Whoever is created needs the link, also where this very request was refused before.
    welcome(in, open_account(in, person));
    return Registered::created;
}

// By address, so that two requests for the same people at the same moment do not wait for each other in a circle.
std::vector<std::size_t> order_of(std::vector<NewPerson> const& people)
{
    std::vector<std::size_t> order(people.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t index) { return people[index].email.key(); });
    return order;
}

std::vector<Result<Registered>> register_all(Registering const& in, std::vector<NewPerson> const& people)
{
    std::vector<Result<Registered>> outcomes(people.size(), Registered::unchanged);
    for (auto const index : order_of(people))
        outcomes[index] = register_one(in, people[index]);
    return outcomes;
}

// What a repetition is answered from, a line a person: what became of them, or the refusal and its field.
constexpr std::string_view answered_created = "created";
constexpr std::string_view answered_unchanged = "unchanged";

std::string answer_of(std::vector<Result<Registered>> const& outcomes)
{
    std::string answer;
    for (auto const& outcome : outcomes) {
        if (outcome)
            answer += *outcome == Registered::created ? answered_created : answered_unchanged;
        else
            (answer += name_of(outcome.error().code)) += ' ' + outcome.error().field;
        answer += '\n';
    }
    return answer;
}

Result<Registered> outcome_in(std::string_view line)
{
    if (line == answered_created)
        return Registered::created;
    if (line == answered_unchanged)
        return Registered::unchanged;
    auto const space = line.find(' ');
    auto const code = errc_named(line.substr(0, space));
    if (!code || space == std::string_view::npos)
        throw StorageFailure("an answer that was kept cannot be read any more");
    return refuse(*code, line.substr(space + 1));
}

std::vector<Result<Registered>> outcomes_in(std::string_view answer)
{
    std::vector<Result<Registered>> outcomes;
    while (!answer.empty()) {
        auto const end = answer.find('\n');
        outcomes.push_back(outcome_in(answer.substr(0, end)));
        answer.remove_prefix(end + 1);
    }
    return outcomes;
}

}

Result<PeopleRegistered> Onboarding::register_people(Registration const& request)
{
    auto work = ports_.storage.begin();
    auto const now = ports_.clock.now();
    auto const& repeatable = request.repeatable;
    if (repeatable) {
        auto const digest = ports_.key.digest(Purpose::repeated_request, "register_people", repeatable->request);
        auto const before = work->repeated_requests().claim(
            request.partner, repeatable->key, digest, now, now - policy_.repeat_window);
        if (before && !same(before->request, digest))
            return refuse(Errc::request_repeated_differently, "idempotency_key");
        if (before)
            return PeopleRegistered{.outcomes = outcomes_in(before->answer), .repeated = true};
    }

    auto const partner = work->partners().find(request.partner);
    if (!partner)
        return refuse(Errc::partner_unknown);
    PeopleRegistered registered{
        .outcomes = register_all(
            {.work = *work, .ports = ports_, .policy = policy_, .partner = *partner, .now = now}, request.people)};
    if (repeatable)
        work->repeated_requests().answer(request.partner, repeatable->key, answer_of(registered.outcomes));
    work->commit();
    return registered;
}

}
