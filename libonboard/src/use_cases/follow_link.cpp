#include <onboard/onboard.hpp>

#include <memory>

#include "../audit.hpp"
#include "guesses.hpp"
#include "steps.hpp"

namespace onboard {

namespace {

// A link that signs its holder in by itself, used up.
Result<steps::GoodLink> spend_link(UnitOfWork& work, std::optional<LoginToken::Parts> const& presented, Instant now)
{
    auto good = steps::find_link(work, presented, now);
    if (!good)
        return good;
    if (good->link.proposal)
        return refuse(Errc::confirmation_required, "token");
    if (!work.login_links().spend(good->id, now))
        return refuse(Errc::link_spent, "token");
    return good;
}

// A link that waits for the mailed code. To anybody else it does not exist.
Result<steps::GoodLink>
find_waiting_link(UnitOfWork const& work, std::optional<LoginToken::Parts> const& presented, Instant now)
{
    auto good = steps::find_link(work, presented, now);
    if (good && (!good->link.proposal || !good->link.partner))
        return refuse(Errc::link_unknown, "token");
    return good;
}

// A guess that is counted, of the code that was mailed to this address.
struct CountedTry {
    EmailAddress email;
    int left = 0;
};

// Counts a guess of the code a link waits for, in a unit of work of its own: whatever follows, it stays counted.
Result<CountedTry>
spend_try(Ports const& ports, Policy const& policy, std::optional<LoginToken::Parts> const& presented)
{
    auto work = ports.storage.begin();
    auto const waiting = find_waiting_link(*work, presented, ports.clock.now());
    if (!waiting)
        return waiting.error();
    auto const left =
        steps::count_try(*work, ports, policy, Purpose::partner_confirmation, waiting->account.email->key());
    if (left)
        audit::record(
            *work, ports,
            {{.event = AuditEvent::code_tried,
              .account = waiting->account.id,
              .partner = waiting->link.partner,
              .detail = steps::name_of(waiting->id)}});
    work->commit();
    if (!left)
        return left.error();
    return CountedTry{.email = *waiting->account.email, .left = *left};
}

// Uses up the link and does what the partner asked for.
Result<void> accept(UnitOfWork& work, Ports const& ports, steps::GoodLink& good)
{
    auto const now = ports.clock.now();
    if (!work.login_links().spend(good.id, now))
        return refuse(Errc::link_spent, "token");
    auto const partner = *good.link.partner;
    auto proposal = *good.link.proposal;
    auto const before = work.accounts().find_enrolment(partner, good.account.id);
    if (before)
        proposal.enrolment = steps::updated(*before, proposal.enrolment);
    steps::note_verified(work, good.account, now);
    audit::record(
        work, ports, {{.event = AuditEvent::account_linked, .account = good.account.id, .partner = partner}});
    return steps::take_over(work, good.account, partner, before, proposal, now);
}

// A link whose code was entered, used up in a unit of work that is still open.
struct Accepted {
    std::unique_ptr<UnitOfWork> work;
    steps::GoodLink good;
};

// With a guess that is counted already.
Result<Accepted>
enter_code(Ports const& ports, std::optional<LoginToken::Parts> const& presented, std::string_view code, int left)
{
    constexpr auto purpose = Purpose::partner_confirmation;
    auto work = ports.storage.begin();
    auto const now = ports.clock.now();
    auto good = find_waiting_link(*work, presented, now);
    if (!good)
        return good.error();
    auto const email = *good->account.email;
    auto const right =
        steps::spend_code(*work, ports, purpose, email.key(), steps::binding_of(*good->link.partner), code);
    if (!right)
        return Error{.code = Errc::code_wrong, .field = "code", .attempts_left = left};
    auto const accepted = accept(*work, ports, *good);
    if (accepted)
        return Accepted{.work = std::move(work), .good = std::move(*good)};

    // A guess that was right costs nothing, even where it led to nothing.
    work.reset();
    steps::give_back_guess(ports, purpose, email.key());
    return accepted.error();
}

// Has `finish` do the rest, in the unit of work in which the code was entered.
template <class Finish>
auto confirm_with(
    Ports const& ports, Policy const& policy, std::string_view login_token, std::string_view code,
    Finish const& finish) -> Result<decltype(finish(std::declval<Accepted const&>()))>
{
    auto const presented = LoginToken::read(login_token, ports.key);
    auto const counted = spend_try(ports, policy, presented);
    if (!counted)
        return counted.error();
    using Finished = Result<decltype(finish(std::declval<Accepted const&>()))>;
    return steps::unless_conflicting(ports, Purpose::partner_confirmation, counted->email.key(), [&]() -> Finished {
        auto const accepted = enter_code(ports, presented, code, counted->left);
        if (!accepted)
            return accepted.error();
        auto finished = finish(*accepted);
        accepted->work->commit();
        return finished;
    });
}

}

Result<Person> Onboarding::redeem(std::string_view login_token)
{
    auto const presented = LoginToken::read(login_token, ports_.key);
    if (!presented)
        return refuse(Errc::link_unknown, "token");
    auto work = ports_.storage.begin();
    auto const good = spend_link(*work, presented, ports_.clock.now());
    if (!good)
        return good.error();
    auto person = steps::person_of(*work, good->account, good->link.partner);
    audit::record(
        *work, ports_,
        {{.event = AuditEvent::login_link_used,
          .account = good->account.id,
          .partner = good->link.partner,
          .detail = steps::name_of(good->id)}});
    work->commit();
    return person;
}

Result<OpenedSession> Onboarding::open_session(std::string_view login_token, std::string_view previous)
{
    auto const presented = LoginToken::read(login_token, ports_.key);
    if (!presented)
        return refuse(Errc::link_unknown, "token");
    auto work = ports_.storage.begin();
    auto const good = spend_link(*work, presented, ports_.clock.now());
    if (!good)
        return good.error();
    auto opened = steps::open_session(
        *work, ports_, policy_, good->account, good->link.partner, previous, steps::name_of(good->id));
    work->commit();
    return opened;
}

Result<PendingConfirmation> Onboarding::pending_confirmation(std::string_view login_token)
{
    auto const presented = LoginToken::read(login_token, ports_.key);
    auto const work = ports_.storage.begin_reading();
    auto good = find_waiting_link(*work, presented, ports_.clock.now());
    if (!good)
        return good.error();
    auto partner = work->partners().find(*good->link.partner);
    if (!partner)
        return refuse(Errc::link_unknown, "token");
    return PendingConfirmation{
        .partner = std::move(partner->name),
        .email = *std::move(good->account.email),
        .language = good->account.language};
}

Result<OpenedSession>
Onboarding::confirm(std::string_view login_token, std::string_view code, std::string_view previous)
{
    return confirm_with(ports_, policy_, login_token, code, [&](Accepted const& accepted) {
        auto const& [work, good] = accepted;
        return steps::open_session(
            *work, ports_, policy_, good.account, good.link.partner, previous, steps::name_of(good.id));
    });
}

Result<LoggedIn> Onboarding::confirm_and_relink(std::string_view login_token, std::string_view code)
{
    return confirm_with(ports_, policy_, login_token, code, [&](Accepted const& accepted) {
        auto const& [work, good] = accepted;
        auto link = steps::issue_link(*work, ports_, policy_, good.account, good.link.partner, std::nullopt);
        return LoggedIn{
            .account = good.account.id,
            .registered = Registered::updated,
            .token = std::move(link.token),
            .expires_at = link.expires_at};
    });
}

}
