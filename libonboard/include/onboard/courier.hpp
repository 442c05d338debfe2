#pragma once

#include <chrono>
#include <string_view>

#include <onboard/letters.hpp>
#include <onboard/ports.hpp>

namespace onboard {

// Carries one letter out of the building. The wording, in the letter's language, is its own.
class Mailer {
public:
    virtual ~Mailer() = default;

    // Hands over a letter with the secret it is about: a code or a token. Throws DeliveryFailure if it could not.
    // May be called again for the same letter, whose id lets the far side notice.
    virtual void send(Letter const&, std::string_view secret) = 0;
};

// Delivers what the outbox holds. A letter leaves at least once; one whose secret has died is dropped, and one that the
// mailer refuses stays for later and holds up no other.
class Courier {
public:
    Courier(Ports const&, Mailer&);

    // Delivers what is due, a batch at most, and returns how many letters left. Safe to run in several threads or
    // processes at once.
    int deliver_due();

private:
    Ports ports_;
    Mailer& mailer_;
};

}
