#include <onboard/courier.hpp>

#include <exception>

#include <onboard/storage.hpp>

namespace onboard {

std::string_view name_of(LetterKind kind) noexcept
{
    switch (kind) {
    case LetterKind::partner_confirmation: return "partner-confirmation";
    }
    return "";
}

namespace {

constexpr int batch = 32;

// Longer than a mailer takes for a batch. A letter whose carrier died comes back after this.
constexpr std::chrono::seconds lease{8};

constexpr std::chrono::seconds pause_after_failure{30};

}

Courier::Courier(Ports const& ports, Mailer& mailer) : ports_(ports), mailer_(mailer) {}

int Courier::deliver_due()
{
    auto const now = ports_.clock.now();
    auto work = ports_.storage.begin();
    auto const letters = work->outbox().claim(now, now + lease, batch);
    if (letters.empty())
        return 0;
    work->commit();
    work.reset();

    int delivered = 0;
    for (auto const& [letter, sealed_secret] : letters) {
        auto const secret = ports_.key.open(Purpose::letter, letter.id, sealed_secret);
        auto const pointless = !secret || ports_.clock.now() >= letter.expires_at;
        auto sent = pointless;
        if (!pointless) {
            try {
                mailer_.send(letter, *secret);
                sent = true;
                ++delivered;
            } catch (std::exception const&) {
                // It comes back later, and the others do not wait for it.
            }
        }
        auto settled = ports_.storage.begin();
        if (sent)
            settled->outbox().remove(letter.id);
        else
            settled->outbox().postpone(letter.id, ports_.clock.now() + pause_after_failure);
        settled->commit();
    }
    return delivered;
}

}
