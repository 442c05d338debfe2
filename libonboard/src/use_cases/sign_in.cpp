#include <onboard/onboard.hpp>

#include "../password.hpp"
#include "guesses.hpp"
#include "steps.hpp"

namespace onboard {

namespace {

PasswordCost cost_of(Policy const& policy)
{
    return {.passes = policy.password_passes, .memory = policy.password_memory};
}

// Whose password is guessed, and the hash to compare with: nobody's, if there is no such person or they have no
// password.
struct Guess {
    std::optional<Account> account = {};
    std::string hash = {};
    bool counted_for_address = true;
};

Guess find_guessed(UnitOfWork const& work, Ports const& ports, Policy const& policy, EmailAddress const& email)
{
    Guess guess{.account = work.accounts().find(email)};
    auto const sealed = guess.account ? work.passwords().find(guess.account->id) : std::nullopt;
    auto hash = sealed ? ports.key.open(Purpose::password, guess.account->handle, *sealed) : std::nullopt;
    if (!hash || guess.account->status != AccountStatus::active)
        return {.hash = decoy_hash(cost_of(policy))};
    guess.hash = std::move(*hash);
    return guess;
}

// Whether the browser has a session of the very account: its owner is not shut out by what others guess.
bool is_owner(
    UnitOfWork const& work, Ports const& ports, Policy const& policy, EmailAddress const& email,
    std::string_view session_token)
{
    auto const open = steps::find_session(work, ports, policy, session_token);
    return open && open->person.account.email.key() == email.key();
}

Result<void> count_for_address(UnitOfWork& work, Ports const& ports, Policy const& policy, EmailAddress const& email)
{
    steps::GuessLimit const an_hour{
        .purpose = Purpose::password,
        .subject = email.key(),
        .field = "email",
        .most = policy.password_tries_per_hour,
        .window = std::chrono::hours(1)};
    steps::GuessLimit const a_day{
        .purpose = Purpose::password_day,
        .subject = email.key(),
        .field = "email",
        .most = policy.password_tries_per_day,
        .window = std::chrono::hours(24)};
    auto const this_hour = steps::count_guess(work, ports, an_hour);
    if (!this_hour)
        return this_hour.error();
    auto const today = steps::count_guess(work, ports, a_day);
    return today ? Result<void>() : today.error();
}

// Counts the guess, in a unit of work of its own: it stays counted whatever follows, even where this process dies.
Result<Guess> count_sign_in(Ports const& ports, Policy const& policy, SignIn const& request)
{
    auto work = ports.storage.begin();
    if (auto const counted = steps::count_client(*work, ports, policy, request.client); !counted)
        return counted.error();
    auto guess = find_guessed(*work, ports, policy, request.email);
    guess.counted_for_address = !is_owner(*work, ports, policy, request.email, request.previous);
    auto const counted =
        guess.counted_for_address ? count_for_address(*work, ports, policy, request.email) : Result<void>();
    work->commit();
    if (!counted)
        return counted.error();
    return guess;
}

void give_back(UnitOfWork& work, SignIn const& request, Guess const& guess)
{
    work.codes().give_back_try(Purpose::sign_in_client, request.client);
    if (!guess.counted_for_address)
        return;
    work.codes().give_back_try(Purpose::password, request.email.key());
    work.codes().give_back_try(Purpose::password_day, request.email.key());
}

}

Result<OpenedSession> Onboarding::sign_in(SignIn const& request)
{
    auto const wrong = refuse(Errc::sign_in_wrong);
    auto const password = Password::read(request.password);
    if (!password && password.error().code == Errc::password_too_long)
        return password.error();
    if (!password)
        return wrong;
    auto const guess = count_sign_in(ports_, policy_, request);
    if (!guess)
        return guess.error();
    if (!password->matches(guess->hash) || !guess->account)
        return wrong;
    auto const renewed =
        is_outdated(guess->hash, cost_of(policy_)) ? std::optional(password->hash(cost_of(policy_))) : std::nullopt;

    auto work = ports_.storage.begin();
    auto const account = work->accounts().find(guess->account->id);
    if (!account || account->status != AccountStatus::active || account->generation != guess->account->generation)
        return wrong;
    give_back(*work, request, *guess);
    if (renewed) {
        auto sealed = ports_.key.seal(Purpose::password, account->handle, *renewed, ports_.random);
        work->passwords().put(account->id, sealed, ports_.clock.now());
    }
    auto const partner = steps::sole_partner(*work, account->id);
    auto opened = steps::open_session(*work, ports_, policy_, *account, partner, request.previous);
    work->commit();
    return opened;
}

}
