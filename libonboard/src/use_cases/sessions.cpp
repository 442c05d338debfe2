#include <onboard/onboard.hpp>

#include "steps.hpp"

namespace onboard {

namespace {

// A busy session is noted at most this often, which costs one write a minute and ends an idle one at most a minute
// early, never late.
constexpr std::chrono::minutes touch_interval{1};

}

Result<Session> Onboarding::session(std::string_view session_token)
{
    auto const work = ports_.storage.begin_reading();
    auto open = steps::find_session(*work, ports_, policy_, session_token);
    if (!open)
        return refuse(Errc::session_unknown);
    auto& [session, account, partner, enrolment] = open->person;
    return Session{
        .id = open->id,
        .person = {.account = std::move(account), .partner = std::move(partner), .enrolment = std::move(enrolment)},
        .touch_due = ports_.clock.now() - session.seen_at >= touch_interval};
}

void Onboarding::touch(SessionId id)
{
    auto work = ports_.storage.begin();
    auto const now = ports_.clock.now();
    auto const session = work->sessions().find(id);
    // One that ran out meanwhile does not come back to life.
    if (!session || session->ended || now >= session->seen_at + policy_.session_idle)
        return;
    work->sessions().touch(id, now);
    work->commit();
}

void Onboarding::end_session(std::string_view session_token)
{
    auto const presented = SessionToken::read(session_token, ports_.key);
    if (!presented)
        return;
    auto const id = SessionId(presented->selector);
    auto work = ports_.storage.begin();
    auto const session = work->sessions().find(id);
    if (!session || !same(session->digest, presented->digest) || session->ended)
        return;
    steps::end_session(*work, ports_, id, *session);
    work->commit();
}

}
