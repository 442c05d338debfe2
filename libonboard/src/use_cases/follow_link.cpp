#include <onboard/onboard.hpp>

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

// Uses up code and link, and does what the partner asked for.
Result<steps::GoodLink> accept(
    UnitOfWork& work, Ports const& ports, std::optional<LoginToken::Parts> const& presented, std::string_view code,
    int tries_left)
{
    auto const now = ports.clock.now();
    auto good = find_waiting_link(work, presented, now);
    if (!good)
        return good;
    auto const partner = *good->link.partner;
    if (!steps::spend_code(
            work, ports, Purpose::partner_confirmation, good->account.email.key(), steps::binding_of(partner), code))
        return Error{.code = Errc::code_wrong, .field = "code", .attempts_left = tries_left};
    if (!work.login_links().spend(good->id, now))
        return refuse(Errc::link_spent, "token");
    auto proposal = *good->link.proposal;
    if (auto before = work.accounts().find_enrolment(partner, good->account.id))
        proposal.enrolment = steps::updated(std::move(*before), proposal.enrolment);
    if (auto const taken_over = steps::take_over(work, good->account, partner, proposal, now); !taken_over)
        return taken_over.error();
    return good;
}

// A guess that was right costs nothing, even where it led to nothing.
Error not_accepted(Ports const& ports, EmailAddress const& email, Error const& error)
{
    if (error.code == Errc::person_id_taken) {
        auto work = ports.storage.begin();
        work->codes().give_back_try(Purpose::partner_confirmation, email.key());
        work->commit();
    }
    return error;
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
    auto opened = steps::open_session(*work, ports_, policy_, *good, previous);
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
        .email = std::move(good->account.email),
        .language = good->account.language};
}

Result<OpenedSession>
Onboarding::confirm(std::string_view login_token, std::string_view code, std::string_view previous)
{
    auto const waiting = pending_confirmation(login_token);
    if (!waiting)
        return waiting.error();
    auto const tries_left = steps::spend_try(ports_, policy_, Purpose::partner_confirmation, waiting->email.key());
    if (!tries_left)
        return tries_left.error();

    auto work = ports_.storage.begin();
    auto const accepted = accept(*work, ports_, LoginToken::read(login_token, ports_.key), code, *tries_left);
    if (!accepted) {
        work.reset();
        return not_accepted(ports_, waiting->email, accepted.error());
    }
    auto opened = steps::open_session(*work, ports_, policy_, *accepted, previous);
    work->commit();
    return opened;
}

Result<LoggedIn> Onboarding::confirm_and_relink(std::string_view login_token, std::string_view code)
{
    auto const waiting = pending_confirmation(login_token);
    if (!waiting)
        return waiting.error();
    auto const tries_left = steps::spend_try(ports_, policy_, Purpose::partner_confirmation, waiting->email.key());
    if (!tries_left)
        return tries_left.error();

    auto work = ports_.storage.begin();
    auto const accepted = accept(*work, ports_, LoginToken::read(login_token, ports_.key), code, *tries_left);
    if (!accepted) {
        work.reset();
        return not_accepted(ports_, waiting->email, accepted.error());
    }
    auto link = steps::issue_link(*work, ports_, policy_, accepted->account, accepted->link.partner, std::nullopt);
    work->commit();
    return LoggedIn{
        .account = accepted->account.id,
        .registered = Registered::updated,
        .token = std::move(link.token),
        .expires_at = link.expires_at};
}

}
