#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <onboard/letters.hpp>
#include <onboard/ports.hpp>
#include <onboard/storage.hpp>

#pragma GCC visibility push(default)

namespace onboard {

// Carries one letter out of the building. The wording, in the letter's language, is its own.
class Mailer {
public:
    virtual ~Mailer() = default;

    // Hands over a letter with the secret it is about: a code, a token, or nothing. Throws DeliveryRefused if it will
    // never be taken, DeliveryUnknown if nobody can say whether it was, and DeliveryFailure or anything else if it is
    // to be tried again. May be called again for the same letter, whose id lets the far side notice.
    virtual void send(Letter const&, std::string_view secret) = 0;

    // Told when a letter will not be tried again, and is kept for an operator: it was refused, lost from sight, or there
    // is no time left. Must not throw.
    virtual void gave_up(Letter const&, LetterState, std::string_view reason) { static_cast<void>(reason); }
};

// Delivers what the outbox holds. A letter leaves at least once, and more than once only if a courier dies, stands
// still for longer than `lease`, or loses the storage, between handing it over and noting that. One that fails comes
// back after a pause that doubles from half a minute up to an hour, give or take a quarter; one that is refused, lost
// from sight or too old is kept for an operator, and none holds up another. One whose secret is of no use any more,
// because it was replaced, used or withdrawn, is forgotten.
class Courier {
public:
    // How long a letter is nobody else's without renew_claim(): a letter whose courier died comes back after this.
    static constexpr std::chrono::seconds lease{8};

    // Delivers what travels by this channel. Once a stop is requested, what is not handed over is given back as if it had
    // not been tried.
    Courier(Ports const&, Channel, Mailer&, std::stop_token = {});

    // Delivers what is due, a batch at most, and returns how many letters left. A courier is for one thread, except
    // for renew_claim(); of couriers there may be as many as one likes, in any number of processes.
    int deliver_due();

    // Keeps the letter that deliver_due() is handing over just now. Where that can take longer than `lease`, somebody
    // has to call this every few seconds, from another thread.
    void renew_claim();

private:
    // What came of handing a letter over.
    struct Verdict {
        enum class Is : std::uint8_t { delivered = 1, pointless, failed, dead, unknown };

        Is is = Is::delivered;
        std::string reason = {};
    };

    bool extend(LetterClaim const&);
    void give_back(LetterClaim const&);
    bool deliver(ClaimedLetter const&);
    Verdict attempt(ClaimedLetter const&);
    Verdict hand_over(Letter const&, std::string_view secret);
    void hold(std::optional<LetterClaim>);

    Ports ports_;
    Channel channel_;
    Mailer& mailer_;
    std::stop_token stop_;
    std::mutex mutex_;
    std::optional<LetterClaim> held_;
};

}

#pragma GCC visibility pop
