#include "steps.hpp"

#include <algorithm>
#include <utility>

#include "../uuid.hpp"

namespace onboard::steps {

namespace {

// A code says nothing of whom it was sent to or why; its digest does.
Digest digest_of_code(
    SecretKey const& key, Purpose purpose, std::string_view subject, std::string_view binding, std::string_view code)
{
    auto const whose = std::string(subject) + '\n' + std::string(binding);
    return key.digest(purpose, whose, code);
}

std::string without_spaces(std::string_view typed)
{
    std::string code(typed);
    std::erase_if(
        code, [](char letter) { return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n'; });
    return code;
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
    UnitOfWork& work, Ports const& ports, Policy const& policy, GoodLink const& good, std::string_view previous)
{
    if (auto const replaced = find_session(work, ports, policy, previous))
        work.sessions().end(replaced->id);

    auto const now = ports.clock.now();
    auto const verifier = SessionToken::draw(ports.random);
    auto const id = work.sessions().insert(
        {.account = good.account.id,
         .partner = good.link.partner,
         .generation = good.account.generation,
         .digest = SessionToken::digest(verifier, ports.key),
         .opened_at = now,
         .seen_at = now});
    return {
        .token = SessionToken::make(static_cast<std::int64_t>(id), verifier, ports.key),
        .person = person_of(work, good.account, good.link.partner),
        .expires_at = now + policy.session_life};
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

void ask_owner(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Account const& account, Partner const& partner)
{
    constexpr auto purpose = Purpose::partner_confirmation;
    auto const now = ports.clock.now();
    auto const& subject = account.email.key();
    auto const too_soon = work.codes().count_send(
        purpose, subject, now,
        {.pause = policy.code_pause, .per_hour = policy.codes_per_hour, .per_day = policy.codes_per_day});
    if (too_soon)
        return;

    auto const binding = binding_of(partner.id);
    auto const code = OneTimeCode::draw(ports.random, policy.code_digits);
    auto const expires_at = now + policy.code_life;
    work.codes().add(
        {.purpose = purpose,
         .subject = subject,
         .binding = binding,
         .digest = digest_of_code(ports.key, purpose, subject, binding, code.reveal()),
         .expires_at = expires_at});

    Letter letter{
        .id = random_uuid(ports.random),
        .kind = LetterKind::partner_confirmation,
        .to = account.email,
        .language = account.language,
        .first_name = account.name.first(),
        .partner = partner.name.str(),
        .expires_at = expires_at};
    auto sealed = ports.key.seal(Purpose::letter, letter.id, code.reveal(), ports.random);
    work.outbox().add({.letter = std::move(letter), .sealed_secret = std::move(sealed)}, now);
}

Result<int>
count_try(UnitOfWork& work, Ports const& ports, Policy const& policy, Purpose purpose, std::string_view subject)
{
    auto const now = ports.clock.now();
    auto const tries = work.codes().count_try(purpose, subject, now, policy.code_window);
    if (tries.used > policy.code_tries)
        return Error{
            .code = Errc::attempts_spent,
            .field = "code",
            .attempts_left = 0,
            .retry_after = std::chrono::ceil<std::chrono::seconds>(tries.window_ends - now)};
    return policy.code_tries - tries.used;
}

bool spend_code(
    UnitOfWork& work, Ports const& ports, Purpose purpose, std::string_view subject, std::string_view binding,
    std::string_view typed)
{
    auto const now = ports.clock.now();
    auto const digest = digest_of_code(ports.key, purpose, subject, binding, without_spaces(typed));
    for (auto const& code : work.codes().alive(purpose, subject, now)) {
        if (code.binding != binding || !same(code.digest, digest))
            continue;
        if (!work.codes().spend(code.id, now))
            return false;
        work.codes().give_back_try(purpose, subject);
        return true;
    }
    return false;
}

std::string binding_of(PartnerId partner)
{
    return std::to_string(static_cast<std::int64_t>(partner));
}

}
