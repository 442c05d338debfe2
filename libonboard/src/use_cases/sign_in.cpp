#include <onboard/onboard.hpp>

#include "../audit.hpp"
#include "../password.hpp"
#include "guesses.hpp"
#include "password_tasks.hpp"
#include "steps.hpp"

namespace onboard {

namespace {

// What there is of whom a sign-in is about. The hash is nobody's, if there is no such person or they have no password.
struct Guessed {
    std::optional<Account> account = {};
    std::string hash = {};
    std::optional<SessionId> owner = {};  // the session of the very account that the browser has
};

Guessed find_guessed(UnitOfWork const& work, Ports const& ports, Policy const& policy, SignIn const& request)
{
    Guessed guessed;
    auto account = work.accounts().find(request.email);
    auto const sealed = work.passwords().find(account ? account->id : AccountId{});
    auto hash = sealed ? ports.key.open(Purpose::password, account->handle, *sealed) : std::nullopt;
    auto const good = hash && account->status == AccountStatus::active;
    guessed.hash = good ? std::move(*hash) : decoy_hash(steps::cost_of(policy));
    if (good)
        guessed.account = std::move(account);

    auto const open = steps::find_session(work, ports, policy, request.previous);
    if (open && open->person.account.email == request.email)
        guessed.owner = open->id;
    return guessed;
}

class SignInTask : public PasswordTask {
public:
    SignInTask(Ports const& ports, Policy const& policy, SignIn const& request)
        : ports_(ports),
          policy_(policy),
          email_(request.email),
          client_(request.client),
          previous_(request.previous),
          password_(Password::read(request.password)),
          guessed_(find_guessed(*ports_.storage.begin_reading(), ports_, policy_, request))
    {
    }

    Result<void> count() override
    {
        auto const work = ports_.storage.begin();
        auto const client = steps::count_client(*work, ports_, policy_, client_);
        if (!client)
            return client;
        auto const counted = guessed_.owner ? count_for_owner(*work) : count_for_address(*work);
        if (counted)
            audit::record(
                *work, ports_,
                {{.event = AuditEvent::sign_in_tried, .detail = "of " + audit::fingerprint(ports_, email_)}});
        work->commit();  // the client's count stands, also where the address has to wait
        return counted;
    }

    Result<void> compute() override
    {
        auto const wrong = refuse(Errc::sign_in_wrong);
        if (!password_)
            return password_.error().code == Errc::password_too_long ? password_.error() : wrong;
        if (!password_->matches(guessed_.hash) || !guessed_.account)
            return wrong;
        auto const cost = steps::cost_of(policy_);
        if (is_outdated(guessed_.hash, cost))
            renewed_ = password_->hash(cost);
        return {};
    }

    Result<OpenedSession> finish() override
    {
        auto const work = ports_.storage.begin();
        auto const account = work->accounts().find(guessed_.account->id);
        if (!account || account->status != AccountStatus::active ||
            account->generation != guessed_.account->generation)
            return refuse(Errc::sign_in_wrong);
        give_back(*work);
        if (renewed_)
            work->passwords().put(
                account->id, ports_.key.seal(Purpose::password, account->handle, *renewed_, ports_.random),
                ports_.clock.now());
        auto const partner = steps::sole_partner(*work, account->id);
        auto opened = steps::open_session(*work, ports_, policy_, *account, partner, previous_, "password");
        work->commit();
        return opened;
    }

private:
    // Its owner is not shut out by what others guess, and may guess as often as anybody.
    std::string owner_subject() const
    {
        return "session " + std::to_string(static_cast<std::int64_t>(*guessed_.owner));
    }

    Result<void> count_for_owner(UnitOfWork& work) const
    {
        return count(
            work, Purpose::password, owner_subject(), policy_.password_tries_per_hour, std::chrono::hours(1));
    }

    Result<void> count_for_address(UnitOfWork& work) const
    {
        auto const this_hour =
            count(work, Purpose::password, email_.key(), policy_.password_tries_per_hour, std::chrono::hours(1));
        if (!this_hour)
            return this_hour;
        return count(
            work, Purpose::password_day, email_.key(), policy_.password_tries_per_day, std::chrono::hours(24));
    }

    Result<void>
    count(UnitOfWork& work, Purpose purpose, std::string_view subject, int most, std::chrono::seconds window) const
    {
        auto const left = steps::count_guess(
            work, ports_, {.purpose = purpose, .subject = subject, .field = "email", .most = most, .window = window});
        return left ? Result<void>() : left.error();
    }

    void give_back(UnitOfWork& work) const
    {
        if (guessed_.owner)
            return work.codes().give_back_try(Purpose::password, owner_subject());
        work.codes().give_back_try(Purpose::password, email_.key());
        work.codes().give_back_try(Purpose::password_day, email_.key());
    }

    Ports ports_;
    Policy policy_;
    EmailAddress email_;
    std::string client_;
    std::string previous_;
    Result<Password> password_;
    Guessed guessed_;
    std::optional<std::string> renewed_;
};

}

Result<std::unique_ptr<PasswordTask>> Onboarding::begin_sign_in(SignIn const& request)
{
    return std::unique_ptr<PasswordTask>(std::make_unique<SignInTask>(ports_, policy_, request));
}

Result<OpenedSession> Onboarding::sign_in(SignIn const& request)
{
    return steps::run(begin_sign_in(request));
}

}
