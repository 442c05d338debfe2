// Tests a rule of one's own in a millisecond: time stands still until the test moves it, letters can be read, and
// everything is in memory. The rule: who was mailed a link to set a password and has not used it within an hour is
// reminded, once.
#include <cstdlib>
#include <iostream>
#include <set>

#include <onboard/memory_storage.hpp>
#include <onboard/onboard.hpp>
#include <onboard/testing.hpp>

namespace {

using namespace std::chrono_literals;

// The rule, as a service would have it.
class Reminders {
public:
    explicit Reminders(onboard::Onboarding& onboarding) : onboarding_(onboarding) {}

    bool due(std::string const& link, onboard::Instant mailed_at, onboard::Instant now)
    {
        auto const invitation = onboarding_.password_invitation(link);
        auto const waits = invitation && invitation->state == onboard::PasswordLinkState::good;
        return waits && now - mailed_at >= 1h && reminded_.insert(link).second;
    }

private:
    onboard::Onboarding& onboarding_;
    std::set<std::string> reminded_;
};

void expect(bool holds, char const* what)
{
    std::cout << (holds ? "ok: " : "FAILED: ") << what << '\n';
    if (!holds)
        std::exit(1);
}

}

int main()
{
    auto const storage = onboard::open_memory();
    onboard::testing::FixedClock clock;
    onboard::testing::ScriptedRandom random;
    onboard::testing::RecordingMailer mailer;
    onboard::Ports const ports{
        .storage = *storage, .key = onboard::testing::test_key(), .clock = clock, .random = random};
    onboard::Onboarding onboarding(ports, {.password_passes = 1, .password_memory = 8192});
    onboard::Courier courier(ports, onboard::Channel::mail, mailer);
    Reminders reminders(onboarding);

    auto const email = onboard::EmailAddress::parse("jane@example.com").value();
    auto const name = onboard::PersonName::parse("Jane", "Johansson").value();
    onboarding.log_in({.email = email, .name = name}).value();
    onboarding.forgot_password({.email = email}).value();
    courier.deliver_due();
    auto const link = mailer.sent().at(0).secret;
    auto const mailed_at = clock.now();

    clock.advance(1h - 1ms);
    expect(!reminders.due(link, mailed_at, clock.now()), "nobody is reminded before the hour is over");
    clock.advance(1ms);
    expect(reminders.due(link, mailed_at, clock.now()), "after an hour they are");
    expect(!reminders.due(link, mailed_at, clock.now()), "and only once");

    onboarding.forgot_password({.email = email}).value();
    courier.deliver_due();
    auto const second = mailer.sent().at(1).secret;
    onboarding.set_password({.link = second, .password = "a long walk by the sea"}).value();
    expect(!reminders.due(second, clock.now() - 2h, clock.now()), "who has set a password is left alone");
}
