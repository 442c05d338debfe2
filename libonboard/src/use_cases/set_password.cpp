#include <onboard/onboard.hpp>

#include "../password.hpp"
#include "guesses.hpp"
#include "password_links.hpp"
#include "steps.hpp"

namespace onboard {

namespace {

Result<Password> read_new_password(Policy const& policy, Account const& account, std::string_view typed)
{
    auto password = Password::read(typed);
    if (!password)
        return password;
    if (auto const allowed = password->check(policy.password_min_length, account); !allowed)
        return allowed.error();
    return password;
}

// Whoever has a session or a link from before may be whom the person wants to be rid of.
void end_everything(UnitOfWork& work, Account& account, Instant now)
{
    account.generation += 1;
    account.updated_at = now;
    work.accounts().update(account).value();
}

void keep_password(
    UnitOfWork& work, Ports const& ports, Policy const& policy, Account const& account, std::string const& hash)
{
    auto const now = ports.clock.now();
    if (work.passwords().find(account.id))
        steps::post(
            work, ports, steps::letter_to(account, LetterKind::password_changed, now + policy.notice_life), {});
    work.passwords().put(account.id, ports.key.seal(Purpose::password, account.handle, hash, ports.random), now);
}

}

Result<PasswordInvitation> Onboarding::password_invitation(std::string_view password_link)
{
    auto const presented = PasswordLinkToken::read(password_link, ports_.key);
    auto const work = ports_.storage.begin_reading();
    auto good = steps::find_password_link(*work, presented, ports_.clock.now());
    if (!good)
        return good.error();
    return PasswordInvitation{.email = std::move(good->account.email), .language = good->account.language};
}

Result<OpenedSession> Onboarding::set_password(SetPassword const& request)
{
    auto const presented = PasswordLinkToken::read(request.link, ports_.key);
    auto const invited = steps::find_password_link(*ports_.storage.begin_reading(), presented, ports_.clock.now());
    if (!invited)
        return invited.error();
    auto const password = read_new_password(policy_, invited->account, request.password);
    if (!password)
        return password.error();
    auto const hash = password->hash({.passes = policy_.password_passes, .memory = policy_.password_memory});

    auto const now = ports_.clock.now();
    auto work = ports_.storage.begin();
    auto good = steps::find_password_link(*work, presented, now);
    if (!good)
        return good.error();
    if (!work->password_links().spend(good->id, now))
        return refuse(Errc::link_spent, "token");
    auto& account = good->account;
    end_everything(*work, account, now);
    keep_password(*work, ports_, policy_, account, hash);
    auto opened = steps::open_session(*work, ports_, policy_, account, good->link.partner, request.previous);
    work->commit();
    return opened;
}

Result<void> Onboarding::forgot_password(ForgotPassword const& request)
{
    auto work = ports_.storage.begin();
    if (auto const counted = steps::count_client(*work, ports_, policy_, request.client); !counted)
        return counted;
    auto account = work->accounts().find(request.email);
    if (account && account->status != AccountStatus::active)
        account.reset();
    auto const partner = account ? steps::sole_partner(*work, account->id) : std::nullopt;
    steps::mail_password_link(*work, ports_, policy_, request.email, account, partner);
    work->commit();
    return {};
}

Result<void> Onboarding::renew_password_link(std::string_view password_link)
{
    auto const presented = PasswordLinkToken::read(password_link, ports_.key);
    if (!presented)
        return refuse(Errc::link_unknown, "token");
    auto work = ports_.storage.begin();
    auto const good = steps::find_password_link(*work, presented, ports_.clock.now());
    if (good)
        return refuse(Errc::link_spent, "token");
    if (good.error().code != Errc::link_expired)
        return good.error();
    auto const link = work->password_links().find(PasswordLinkId(presented->selector));
    auto const account = work->accounts().find(link->account);
    steps::mail_password_link(*work, ports_, policy_, account->email, account, link->partner);
    work->commit();
    return {};
}

}
