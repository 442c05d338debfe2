#include <onboard/onboard.hpp>

namespace onboard {

namespace {

// How long an expired link is still told from one that never was.
constexpr std::chrono::hours memory_of_the_dead{24};

// Longer for what was mailed: a person who finds the letter late is offered a new one, and an operator can see why a
// letter was not delivered.
constexpr std::chrono::hours memory_of_mail{30 * 24};

// Keeps the write lock for a few milliseconds at most.
constexpr int most_at_a_time = 500;

}

Onboarding::Onboarding(Ports const& ports, Policy const& policy) : ports_(ports), policy_(policy) {}

int Onboarding::tidy()
{
    auto const now = ports_.clock.now();
    auto work = ports_.storage.begin();
    auto forgotten = work->login_links().forget(now - memory_of_the_dead, most_at_a_time);
    forgotten += work->sessions().forget(now - policy_.session_life - memory_of_the_dead, most_at_a_time);
    forgotten += work->codes().forget(now - memory_of_the_dead, most_at_a_time);
    forgotten += work->repeated_requests().forget(now - policy_.repeat_window, most_at_a_time);
    forgotten += work->password_links().forget(now - memory_of_mail, most_at_a_time);
    forgotten += work->auth_codes().forget(now - memory_of_the_dead, most_at_a_time);
    forgotten += work->email_changes().forget(now - memory_of_the_dead, most_at_a_time);
    forgotten += work->used_tokens().forget(now - memory_of_the_dead, most_at_a_time);
    forgotten += work->causes().forget(now - policy_.cause_memory, most_at_a_time);
    forgotten += work->outbox().forget(now - memory_of_mail, most_at_a_time);
    work->commit();
    return forgotten;
}

}
