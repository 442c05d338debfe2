#include <onboard/onboard.hpp>

#include "../audit.hpp"
#include "guesses.hpp"
#include "password_links.hpp"
#include "password_tasks.hpp"
#include "steps.hpp"

namespace onboard {

namespace {

// Whoever has a session or a link from before may be whom the person wants to be rid of.
void end_everything(UnitOfWork& work, Account& account, Instant now)
{
    account.generation += 1;
    account.updated_at = now;
    work.accounts().update(account).value();
}

class SetPasswordTask : public PasswordTask {
public:
    SetPasswordTask(Ports const& ports, Policy const& policy, SetPassword const& request, Account account)
        : ports_(ports),
          policy_(policy),
          link_(PasswordLinkToken::read(request.link, ports.key)),
          client_(request.client),
          previous_(request.previous),
          password_(Password::read(request.password)),
          account_(std::move(account))
    {
    }

    Result<void> count() override
    {
        auto const work = ports_.storage.begin();
        auto const counted = steps::count_client(*work, ports_, policy_, client_);
        if (counted)
            work->commit();
        return counted;
    }

    Result<void> compute() override
    {
        if (!password_)
            return password_.error();
        if (auto const allowed = password_->check(policy_.password_min_length, account_); !allowed)
            return allowed;
        hash_ = password_->hash(steps::cost_of(policy_));
        return {};
    }

    Result<OpenedSession> finish() override
    {
        auto const work = ports_.storage.begin();
        auto const now = ports_.clock.now();
        auto good = steps::find_good_password_link(*work, link_, now);
        if (!good)
            return good.error();
        if (!work->password_links().spend(good->id, now))
            return refuse(Errc::link_spent, "token");
        auto& account = good->account;
        account.email_verified = true;
        end_everything(*work, account, now);
        keep_password(*work, account, now);
        audit::record(*work, ports_, {{.event = AuditEvent::password_set, .account = account.id}});
        auto opened = steps::open_session(
            *work, ports_, policy_, account, good->link.partner, previous_, "a mailed link to set a password");
        work->commit();
        return opened;
    }

private:
    void keep_password(UnitOfWork& work, Account const& account, Instant now) const
    {
        if (work.passwords().find(account.id))
            steps::post(
                work, ports_, steps::letter_to(account, LetterKind::password_changed, now + policy_.notice_life), {});
        work.passwords().put(
            account.id, ports_.key.seal(Purpose::password, account.handle, hash_, ports_.random), now);
    }

    Ports ports_;
    Policy policy_;
    std::optional<PasswordLinkToken::Parts> link_;
    std::string client_;
    std::string previous_;
    Result<Password> password_;
    Account account_;
    std::string hash_;
};

}

Result<PasswordInvitation> Onboarding::password_invitation(std::string_view password_link)
{
    auto const presented = PasswordLinkToken::read(password_link, ports_.key);
    auto const work = ports_.storage.begin_reading();
    auto const found = steps::find_password_link(*work, presented, ports_.clock.now());
    if (!found)
        return found.error();
    return PasswordInvitation{
        .state = found->state, .email = *found->account.email, .language = found->account.language};
}

Result<std::unique_ptr<PasswordTask>> Onboarding::begin_set_password(SetPassword const& request)
{
    auto const presented = PasswordLinkToken::read(request.link, ports_.key);
    auto const work = ports_.storage.begin_reading();
    auto good = steps::find_good_password_link(*work, presented, ports_.clock.now());
    if (!good)
        return good.error();
    return std::unique_ptr<PasswordTask>(
        std::make_unique<SetPasswordTask>(ports_, policy_, request, std::move(good->account)));
}

Result<OpenedSession> Onboarding::set_password(SetPassword const& request)
{
    return steps::run(begin_set_password(request));
}

Result<void> Onboarding::renew_password_link(std::string_view password_link, std::string_view client)
{
    auto const presented = PasswordLinkToken::read(password_link, ports_.key);
    auto const work = ports_.storage.begin();
    if (auto const counted = steps::count_client(*work, ports_, policy_, client); !counted)
        return counted;
    auto const found = steps::find_password_link(*work, presented, ports_.clock.now());
    if (!found)
        return found.error();
    if (found->state != PasswordLinkState::expired)
        return refuse(Errc::link_spent, "token");
    steps::mail_password_link(*work, ports_, policy_, found->account, found->link.partner);
    work->commit();
    return {};
}

LinkRecipient Onboarding::find_recipient(EmailAddress const& email)
{
    auto const work = ports_.storage.begin_reading();
    auto account = work->accounts().find(email);
    auto const partner = steps::sole_partner(*work, account ? account->id : AccountId{});
    if (!account || account->status != AccountStatus::active)
        return {.account = {.handle = {}, .email = email}};
    return {.account = std::move(*account), .partner = partner};
}

Result<void> Onboarding::mail_password_link(LinkRecipient const& recipient, std::string_view client)
{
    auto const work = ports_.storage.begin();
    if (auto const counted = steps::count_client(*work, ports_, policy_, client); !counted)
        return counted;
    steps::mail_password_link(*work, ports_, policy_, recipient.account, recipient.partner);
    work->commit();
    return {};
}

Result<void> Onboarding::forgot_password(ForgotPassword const& request)
{
    return mail_password_link(find_recipient(request.email), request.client);
}

}
