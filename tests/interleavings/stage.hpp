#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <onboard/administration.hpp>
#include <onboard/courier.hpp>
#include <onboard/onboard.hpp>
#include <onboard/testing.hpp>

#include "interleavings/paced_storage.hpp"

namespace onboard::interleavings {

// As the library comes, but for limits and pauses that no scenario here is about, and for hashing that costs next to
// nothing.
Policy patient_policy();

// Everything that one order of one scenario needs. Several may stand on one storage, one after the other: `number` tells
// their people apart.
class Stage {
public:
    Stage(Storage& beneath, Conductor&, Bug, Policy const&, int number);

    EmailAddress email(std::string_view who) const;
    PhoneNumber phone(int which) const;  // from 0 to 9
    PartnerName partner_name(std::string_view who) const;

    PartnerId partner(std::string_view who, LinkExisting = LinkExisting::confirm);
    LogIn log_in(std::string_view who, std::optional<PartnerId> = {}) const;

    // A fresh login link of a person whom the host brings on board.
    std::string login_link(std::string_view who);

    // Somebody with this telephone, who signed in through this partner.
    PhoneConfirmed sign_in(PartnerId, PhoneNumber const&);
    ConfirmPhone entry(PartnerId, PhoneNumber const&, std::string_view code) const;

    // What couriers deliver until nothing is due; and the secret in the last letter.
    std::vector<testing::RecordingMailer::Sent> delivered(Channel);
    std::string secret_delivered(Channel channel) { return delivered(channel).back().secret; }

    // Tokens and codes that people have, by what they are.
    std::map<std::string, std::string> hands;

    // Around whatever a client does.
    void begin_task();
    void end_task();

    bool is_traced() const { return static_cast<bool>(conductor.trace); }

    // In one of the mistakes it stands still as long as a client does something.
    class TaskClock : public testing::FixedClock {
    public:
        explicit TaskClock(Conductor const& conductor) : conductor_(conductor) {}
        Instant now() const override;
        std::map<int, Instant> begun;  // by client

    private:
        Conductor const& conductor_;
    };

    Conductor& conductor;
    TaskClock clock;
    PacedStorage storage;
    testing::ScriptedRandom random;
    testing::RecordingMailer mailer;
    testing::RecordingMailer texter;
    Ports ports;
    Onboarding onboarding;
    Administration administration;

private:
    Bug bug_;
    int number_;
};

}
