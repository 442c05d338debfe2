#include "steps.hpp"

#include <span>
#include <utility>

#include "../audit.hpp"
#include "../uuid.hpp"
#include "email_changes.hpp"
#include "guesses.hpp"
#include "password_links.hpp"

namespace onboard::steps {

namespace {

// From one on, below 2^53.
std::int64_t random_number(Random& random)
{
    constexpr std::uint64_t most = (std::uint64_t{1} << 53) - 1;
    std::uint64_t number = 0;
    while (number == 0) {
        random.fill(std::as_writable_bytes(std::span(&number, 1)));
        number &= most;
    }
    return static_cast<std::int64_t>(number);
}

}

Result<GoodLink> find_link(UnitOfWork const& work, std::optional<LoginToken::Parts> const& presented, Instant now)
{
    auto const unknown = refuse(Errc::link_unknown, "token");
    if (!presented)
        return unknown;
    auto const id = LoginLinkId(presented->selector);
    auto link = work.login_links().find(id);
    if (!link || !same(link->digest, presented->digest))
        return unknown;

    auto account = work.accounts().find(link->account);
    auto const good = account && account->status == AccountStatus::active && account->generation == link->generation;
    if (!good || link->used || now >= link->expires_at)
        return refuse(Errc::link_spent, "token");
    return GoodLink{.id = id, .link = std::move(*link), .account = std::move(*account)};
}

IssuedLink issue_link(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Account const& account,
    std::optional<PartnerId> partner, std::optional<Proposal> proposal)
{
    auto const expires_at = ports.clock.now() + policy.login_link_life;
    auto const verifier = LoginToken::draw(ports.random);
    auto const id = work.login_links().insert(
        {.account = account.id,
         .partner = partner,
         .generation = account.generation,
         .digest = LoginToken::digest(verifier, ports.key),
         .expires_at = expires_at,
         .proposal = std::move(proposal)});
    audit::record(
        work, ports,
        {{.event = AuditEvent::login_link_issued, .account = account.id, .partner = partner, .detail = name_of(id)}});
    return {.token = LoginToken::make(static_cast<std::int64_t>(id), verifier, ports.key), .expires_at = expires_at};
}

std::optional<OpenSession>
find_session(UnitOfWork const& work, Ports const& ports, Policy const& policy, std::string_view token)
{
    auto const presented = SessionToken::read(token, ports.key);
    if (!presented)
        return std::nullopt;
    auto const id = SessionId(presented->selector);
    auto found = work.person_of(id);
    if (!found || !same(found->session.digest, presented->digest) || found->session.ended)
        return std::nullopt;
    auto const& [session, account, partner, enrolment] = *found;
    auto const now = ports.clock.now();
    if (now >= session.opened_at + policy.session_life || now >= session.seen_at + policy.session_idle)
        return std::nullopt;
    if (account.status != AccountStatus::active || account.generation != session.generation)
        return std::nullopt;
    return OpenSession{.id = id, .person = *std::move(found)};
}

OpenedSession open_session(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Account const& account,
    std::optional<PartnerId> partner, std::string_view previous, std::string_view cause)
{
    if (auto const replaced = find_session(work, ports, policy, previous))
        end_session(work, ports, replaced->id, replaced->person.session);

    auto const now = ports.clock.now();
    auto const verifier = SessionToken::draw(ports.random);
    auto const id = work.sessions().insert(
        {.account = account.id,
         .partner = partner,
         .generation = account.generation,
         .digest = SessionToken::digest(verifier, ports.key),
         .opened_at = now,
         .seen_at = now});
    audit::record(
        work, ports,
        {{.event = AuditEvent::session_opened,
          .account = account.id,
          .partner = partner,
          .detail = name_of(id) + " by " + std::string(cause)}});
    return {
        .token = SessionToken::make(static_cast<std::int64_t>(id), verifier, ports.key),
        .person = person_of(work, account, partner),
        .expires_at = now + policy.session_life};
}

void end_session(UnitOfWork& work, Ports const& ports, SessionId id, StoredSession const& session)
{
    work.sessions().end(id);
    audit::record(
        work, ports,
        {{.event = AuditEvent::session_ended,
          .account = session.account,
          .partner = session.partner,
          .detail = name_of(id)}});
}

std::string name_of(LoginLinkId link)
{
    return "link " + std::to_string(static_cast<std::int64_t>(link));
}

std::string name_of(SessionId session)
{
    return "session " + std::to_string(static_cast<std::int64_t>(session));
}

Person person_of(UnitOfWork const& work, Account const& account, std::optional<PartnerId> partner_id)
{
    Person person{.account = account};
    if (!partner_id)
        return person;
    if (auto partner = work.partners().find(*partner_id))
        person.partner = std::move(partner->name);
    person.enrolment = work.accounts().find_enrolment(*partner_id, account.id);
    return person;
}

std::optional<PartnerId> sole_partner(UnitOfWork const& work, AccountId account)
{
    auto const enrolments = work.accounts().enrolments(account);
    return enrolments.size() == 1 ? std::optional(enrolments.front().first) : std::nullopt;
}

Result<void> check_plan(UnitOfWork const& work, PartnerId partner, PlanCode const& code)
{
    auto const plan = work.partners().find_plan(code);
    if (!plan || !plan->open || plan->partner != partner)
        return refuse(Errc::plan_unknown, "plan");
    return {};
}

void release_person_id(
    UnitOfWork& work, Ports const& ports, Policy const& policy, PartnerId partner, PersonId const& person)
{
    if (!policy.release_deleted)
        return;
    auto const holder = work.accounts().find(partner, person);
    auto const account = holder ? work.accounts().find(*holder) : std::nullopt;
    if (!account || account->status != AccountStatus::deleted)
        return;
    auto enrolment = work.accounts().find_enrolment(partner, account->id).value_or(Enrolment{});
    enrolment.person_id.reset();
    work.accounts().enrol(partner, account->id, enrolment, ports.clock.now()).value();
}

Enrolment updated(Enrolment before, Enrolment const& told)
{
    if (told.plan)
        before.plan = told.plan;
    if (told.contract_type)
        before.contract_type = told.contract_type;
    if (told.person_id)
        before.person_id = told.person_id;
    if (told.personnel_number)
        before.personnel_number = told.personnel_number;
    if (!told.additional_data.empty())
        before.additional_data = told.additional_data;
    return before;
}

Result<void>
update_profile(UnitOfWork& work, Account& account, PersonName const& name, Language language, Instant now)
{
    if (account.name == name && account.language == language)
        return {};
    account.name = name;
    account.language = language;
    account.updated_at = now;
    return work.accounts().update(account);
}

void note_verified(UnitOfWork& work, Account& account, Instant now)
{
    if (account.email_verified)
        return;
    account.email_verified = true;
    account.updated_at = now;
    work.accounts().update(account).value();
}

Result<void> take_over(
    UnitOfWork& work, Account& account, PartnerId partner, std::optional<Enrolment> const& before,
    Proposal const& proposal, Instant now)
{
    if (auto const updated = update_profile(work, account, proposal.name, proposal.language, now); !updated)
        return updated.error();
    if (before == proposal.enrolment)
        return {};
    return work.accounts().enrol(partner, account.id, proposal.enrolment, now);
}

Account new_account(Ports const& ports, Recipient const& recipient, Language language)
{
    auto const now = ports.clock.now();
    Account account{.handle = random_uuid(ports.random), .language = language, .created_at = now, .updated_at = now};
    if (auto const* email = std::get_if<EmailAddress>(&recipient)) {
        account.email = *email;
        account.email_verified = true;
    } else {
        account.phone = std::get<PhoneNumber>(recipient);
        account.number = random_number(ports.random);
    }
    return account;
}

SendLimits limits_of(Policy const& policy)
{
    return {.pause = policy.code_pause, .per_hour = policy.codes_per_hour, .per_day = policy.codes_per_day};
}

bool is_of_use(UnitOfWork const& work, Ports const& ports, Letter const& letter, std::string_view secret)
{
    switch (letter.kind) {
    case LetterKind::partner_confirmation:
        return is_alive(work, ports, Purpose::partner_confirmation, key_of(letter.to), secret);
    case LetterKind::otp: return is_alive(work, ports, Purpose::sign_up_email, key_of(letter.to), secret);
    case LetterKind::phone_code: return is_alive(work, ports, Purpose::phone, key_of(letter.to), secret);
    case LetterKind::email_opt_in:
        return find_email_change(work, OptInToken::read(secret, ports.key), ports.clock.now()).has_value();
    case LetterKind::welcome_set_password:
    case LetterKind::reset_password:
        return find_good_password_link(work, PasswordLinkToken::read(secret, ports.key), ports.clock.now())
            .has_value();
    case LetterKind::already_have_account:
    case LetterKind::registration_failed:
    case LetterKind::password_changed:
    case LetterKind::email_changed: break;
    }
    return true;
}

bool may_notify(
    UnitOfWork& work, Ports const& ports, Policy const& policy, LetterKind kind, EmailAddress const& email)
{
    auto const subject = std::string(name_of(kind)) + '\n' + email.key();
    return !work.codes().count_send(
        Purpose::notice, subject, ports.clock.now(), {.pause = policy.notice_pause, .per_hour = 1, .per_day = 1});
}

Letter letter_to(Account const& account, LetterKind kind, Instant expires_at)
{
    return {
        .id = {},
        .kind = kind,
        .to = *account.email,
        .language = account.language,
        .first_name = account.name ? account.name->first() : std::string(),
        .partner = {},
        .expires_at = expires_at};
}

void post(UnitOfWork& work, Ports const& ports, Letter letter, std::string_view secret)
{
    letter.id = random_uuid(ports.random);
    auto sealed = secret.empty() ? std::string() : ports.key.seal(Purpose::letter, letter.id, secret, ports.random);
    audit::record(
        work, ports,
        {{.event = AuditEvent::letter_written,
          .detail = std::string(name_of(letter.kind)) + " to " + audit::fingerprint(ports, letter.to)}});
    work.outbox().add({.letter = std::move(letter), .sealed_secret = std::move(sealed)}, ports.clock.now());
}

void ask_owner(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Account const& account, Partner const& partner)
{
    constexpr auto purpose = Purpose::partner_confirmation;
    auto const now = ports.clock.now();
    auto const& subject = account.email->key();
    if (work.codes().count_send(purpose, subject, now, limits_of(policy)))
        return;
    auto const code = OneTimeCode::draw(ports.random, policy.code_digits);
    auto const expires_at = now + policy.code_life;
    keep_code(work, ports, purpose, subject, binding_of(partner.id), code.reveal(), expires_at);
    auto letter = letter_to(account, LetterKind::partner_confirmation, expires_at);
    letter.partner = partner.name.str();
    post(work, ports, std::move(letter), code.reveal());
}

std::string binding_of(PartnerId partner)
{
    return std::to_string(static_cast<std::int64_t>(partner));
}

}
