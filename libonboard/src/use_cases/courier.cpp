#include <onboard/courier.hpp>

#include <algorithm>
#include <exception>
#include <span>

#include <onboard/storage.hpp>

#include "steps.hpp"

namespace onboard {

namespace {

constexpr int batch = 32;

// A batch that takes longer than this asks, letter by letter, whether it is still its own.
constexpr std::chrono::seconds fresh{1};

constexpr std::chrono::seconds first_pause{30};
constexpr std::chrono::seconds longest_pause{3600};

// Doubles with every attempt. A quarter more or less keeps what failed together from coming back together.
std::chrono::milliseconds pause_after(int attempts, Random& random)
{
    std::chrono::milliseconds pause = first_pause;
    for (int doubled = 1; doubled < attempts && pause < longest_pause; ++doubled)
        pause *= 2;
    pause = std::min<std::chrono::milliseconds>(pause, longest_pause);
    std::uint8_t dice = 0;
    random.fill(std::as_writable_bytes(std::span(&dice, 1)));
    return pause * 3 / 4 + pause / 2 * dice / 255;
}

}

Courier::Courier(Ports const& ports, Channel channel, Mailer& mailer, std::stop_token stop)
    : ports_(ports), channel_(channel), mailer_(mailer), stop_(std::move(stop))
{
}

int Courier::deliver_due()
{
    auto const now = ports_.clock.now();
    std::vector<ClaimedLetter> letters;
    {
        auto const work = ports_.storage.begin();
        letters = work->outbox().claim(channel_, now, now + lease, batch);
        if (!letters.empty())
            work->commit();
    }
    int delivered = 0;
    for (auto const& letter : letters) {
        if (stop_.stop_requested())
            give_back(letter.claim);
        else if (ports_.clock.now() < now + fresh || extend(letter.claim))
            delivered += deliver(letter) ? 1 : 0;
    }
    return delivered;
}

void Courier::renew_claim()
{
    std::optional<LetterClaim> held;
    {
        std::scoped_lock const lock(mutex_);
        held = held_;
    }
    if (held)
        extend(*held);
}

bool Courier::extend(LetterClaim const& claim)
{
    auto const work = ports_.storage.begin();
    auto const ours = work->outbox().extend(claim, ports_.clock.now() + lease);
    work->commit();
    return ours;
}

void Courier::give_back(LetterClaim const& claim)
{
    auto const work = ports_.storage.begin();
    work->outbox().give_back(claim, ports_.clock.now());
    work->commit();
}

bool Courier::deliver(ClaimedLetter const& claimed)
{
    auto verdict = attempt(claimed);
    if (verdict.is == Verdict::Is::failed && stop_.stop_requested()) {
        give_back(claimed.claim);
        return false;
    }
    auto const now = ports_.clock.now();
    auto const& claim = claimed.claim;
    auto const& letter = claimed.pending.letter;
    auto again_at = Instant();
    if (verdict.is == Verdict::Is::failed) {
        again_at = now + pause_after(claim.attempt, ports_.random);
        if (again_at >= letter.expires_at)
            verdict = {Verdict::Is::dead, "too late to try again: " + verdict.reason};
    }
    auto const state = verdict.is == Verdict::Is::unknown ? LetterState::unknown : LetterState::dead;

    auto const work = ports_.storage.begin();
    auto& outbox = work->outbox();
    auto buried = false;
    switch (verdict.is) {
    case Verdict::Is::delivered:
    case Verdict::Is::pointless: outbox.remove(claim); break;
    case Verdict::Is::unknown:
    case Verdict::Is::dead: buried = outbox.bury(claim, state, now, verdict.reason); break;
    case Verdict::Is::failed: outbox.postpone(claim, again_at, verdict.reason); break;
    }
    work->commit();
    if (buried)
        mailer_.gave_up(letter, state, verdict.reason);
    return verdict.is == Verdict::Is::delivered;
}

Courier::Verdict Courier::attempt(ClaimedLetter const& claimed)
{
    auto const& [letter, sealed_secret] = claimed.pending;
    if (ports_.clock.now() >= letter.expires_at)
        return {Verdict::Is::dead, "it was not delivered in time"};
    auto const secret = sealed_secret.empty() ? std::optional(std::string())
                                              : ports_.key.open(Purpose::letter, letter.id, sealed_secret);
    if (!secret)
        return {Verdict::Is::dead, "its secret cannot be read with this key"};
    if (!steps::is_of_use(*ports_.storage.begin_reading(), ports_, letter, *secret))
        return {Verdict::Is::pointless, {}};
    hold(claimed.claim);
    auto verdict = hand_over(letter, *secret);
    hold(std::nullopt);
    return verdict;
}

Courier::Verdict Courier::hand_over(Letter const& letter, std::string_view secret)
{
    try {
        mailer_.send(letter, secret);
        return {};
    } catch (DeliveryRefused const& refused) {
        return {Verdict::Is::dead, refused.what()};
    } catch (DeliveryUnknown const& lost) {
        return {Verdict::Is::unknown, lost.what()};
    } catch (std::exception const& failure) {
        return {Verdict::Is::failed, failure.what()};
    }
}

void Courier::hold(std::optional<LetterClaim> claim)
{
    std::scoped_lock const lock(mutex_);
    held_ = std::move(claim);
}

}
