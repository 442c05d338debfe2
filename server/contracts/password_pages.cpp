#include <array>

#include "server/contracts/browser_answers.hpp"
#include "server/contracts/contracts.hpp"
#include "server/http/forms.hpp"
#include "server/http/throttle.hpp"
#include "server/pages/languages.hpp"
#include "server/pages/pages.hpp"

// What a person meets in the browser around a password: the mailed link to set one, signing in with it, and asking for
// another link when it is lost.
namespace onboard::server {

namespace {

constexpr std::size_t form_limit = 8192;  // holds the longest address and password, each octet written as three

// The names that tokens in forms are bound to.
constexpr std::string_view set_password_form = "set-password";
constexpr std::string_view sign_in_form = "sign-in";
constexpr std::string_view forgot_password_form = "forgot-password";

Language language_of(RequestHead const& head)
{
    return pages::preferred(head.field("accept-language"));
}

pages::PasswordNotice notice_of(Errc refusal)
{
    switch (refusal) {
    case Errc::password_too_short: return pages::PasswordNotice::too_short;
    case Errc::password_too_long: return pages::PasswordNotice::too_long;
    case Errc::password_too_common: return pages::PasswordNotice::too_common;
    case Errc::password_malformed: return pages::PasswordNotice::malformed;
    default: return pages::PasswordNotice::none;
    }
}

Response retrying_after(Response response, Error const& error)
{
    if (error.retry_after)
        response.with("Retry-After", std::to_string(error.retry_after->count()));
    return response;
}

class PasswordPages : public Contract {
public:
    PasswordPages(Onboarding& onboarding, SecretKey const& key, Links const& links, SignIns& sign_ins)
        : onboarding_(onboarding), sign_ins_(sign_ins), answers_(links, key)
    {
    }

    std::span<Route const> routes() const override { return routes_; }
    bool owns(std::string_view path) const override { return path.starts_with("/set-password/"); }
    Response fault(RequestHead const& head, FaultDetails const& details) const override
    {
        return answers_.fault(language_of(head), details);
    }

private:
    // GET /set-password/{link}
    Answer ask_for_password(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        auto const link = exchange.parameter;
        auto const invitation = onboarding_.password_invitation(link);
        if (!invitation)
            return answers_.page(404, pages::password_link_unknown(language_of(head)));
        return answers_.with_form_key(head, [&](std::string_view form_key) {
            return invitation_page(*invitation, link, BrowserAnswers::holding(form_key, link));
        });
    }

    // POST /set-password/{link}
    Answer set_password(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        auto link = std::string(exchange.parameter);
        auto held = BrowserAnswers::holding(answers_.form_key(head), link);
        if (!answers_.is_own_form(exchange.request, set_password_form, held))
            return answers_.page(403, pages::forged(language_of(head)));
        auto const invitation = onboarding_.password_invitation(link);
        if (!invitation)
            return answers_.page(404, pages::password_link_unknown(language_of(head)));
        auto client = throttle_key(exchange.request.client);
        if (form_field(exchange.request.body, "again"))
            return [this, invitation = *invitation, link = std::move(link), held = std::move(held),
                    client = std::move(client)] { return renew_link(invitation, link, held, client); };

        auto const password = form_field(exchange.request.body, "password").value_or(std::string());
        auto begun = onboarding_.begin_set_password(
            {.link = link, .password = password, .client = client, .previous = answers_.session_token(head)});
        if (!begun)
            return invitation_page(*invitation, link, held);
        return long_work(
            Entrance::password_link, std::move(*begun),
            [this, invitation = *invitation, link = std::move(link), held = std::move(held)](Error const& error) {
                return refused_password(invitation, link, held, error);
            });
    }

    Response renew_link(
        PasswordInvitation const& invitation, std::string_view link, std::string_view held, std::string_view client)
    {
        auto const renewed = onboarding_.renew_password_link(link, client);
        if (renewed)
            return answers_.page(200, pages::password_link_sent(invitation.language));
        if (renewed.error().code == Errc::attempts_spent)
            return too_many(invitation.language, renewed.error());
        return invitation_page(invitation, link, held);
    }

    Response refused_password(
        PasswordInvitation const& invitation, std::string_view link, std::string_view held, Error const& error) const
    {
        auto const notice = notice_of(error.code);
        if (notice != pages::PasswordNotice::none)
            return set_password_page(422, invitation, link, held, notice);
        if (error.code == Errc::attempts_spent)
            return too_many(invitation.language, error);
        auto changed = invitation;
        changed.state = error.code == Errc::link_expired ? PasswordLinkState::expired : PasswordLinkState::spent;
        return invitation_page(changed, link, held);
    }

    Response invitation_page(PasswordInvitation const& invitation, std::string_view link, std::string_view held) const
    {
        switch (invitation.state) {
        case PasswordLinkState::good: break;
        case PasswordLinkState::spent: return answers_.page(410, pages::password_link_used(invitation.language));
        case PasswordLinkState::expired:
            return answers_.page(
                410, pages::password_link_expired(
                         invitation.language, link, answers_.form_token(set_password_form, held)));
        }
        return set_password_page(200, invitation, link, held, pages::PasswordNotice::none);
    }

    Response set_password_page(
        int status, PasswordInvitation const& invitation, std::string_view link, std::string_view held,
        pages::PasswordNotice notice) const
    {
        return answers_.page(
            status,
            pages::set_password(
                invitation.language, invitation.email.str(), link, answers_.form_token(set_password_form, held),
                onboarding_.policy().password_min_length, notice));
    }

    Response too_many(Language language, Error const& error) const
    {
        return retrying_after(answers_.page(429, pages::trouble(language, 429)), error);
    }

    // A task around a password, each step where it belongs. `refused` makes the page of a refusal.
    template <class Refused>
    LongWork long_work(Entrance entrance, std::unique_ptr<PasswordTask> begun, Refused refused) const
    {
        std::shared_ptr<PasswordTask> const task = std::move(begun);
        auto const turned_away = [this, entrance, refused](Error const& error) {
            sign_ins_.note(entrance, error.code);
            return refused(error);
        };
        auto const page_unless = [turned_away](Result<void> const& done) {
            return done ? std::nullopt : std::optional<Response>(turned_away(done.error()));
        };
        return {
            .before = [task, page_unless] { return page_unless(task->count()); },
            .compute = [task, page_unless] { return page_unless(task->compute()); },
            .after =
                [this, entrance, task, turned_away] {
                    auto const opened = task->finish();
                    if (!opened)
                        return turned_away(opened.error());
                    sign_ins_.note(entrance);
                    return signed_in(*opened);
                }};
    }

    // GET /sign-in
    Answer ask_to_sign_in(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        return answers_.with_form_key(head, [&](std::string_view form_key) {
            return sign_in_page(200, language_of(head), {}, form_key, pages::SignInNotice::none);
        });
    }

    // POST /sign-in
    Answer sign_in(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        auto const language = language_of(head);
        auto form_key = std::string(answers_.form_key(head));
        if (!answers_.is_own_form(exchange.request, sign_in_form, form_key))
            return answers_.page(403, pages::forged(language));
        auto typed = form_field(exchange.request.body, "email").value_or(std::string());
        auto const email = EmailAddress::parse(typed);
        if (!email)
            return sign_in_page(401, language, typed, form_key, pages::SignInNotice::wrong);
        auto const password = form_field(exchange.request.body, "password").value_or(std::string());
        auto const client = throttle_key(exchange.request.client);
        auto begun = onboarding_.begin_sign_in(
            {.email = *email, .password = password, .client = client, .previous = answers_.session_token(head)});
        return long_work(
            Entrance::password, std::move(begun.value()),
            [this, language, typed = std::move(typed), form_key = std::move(form_key)](Error const& error) {
                if (error.code == Errc::attempts_spent)
                    return retrying_after(
                        sign_in_page(429, language, typed, form_key, pages::SignInNotice::too_many_tries), error);
                return sign_in_page(401, language, typed, form_key, pages::SignInNotice::wrong);
            });
    }

    Response sign_in_page(
        int status, Language language, std::string_view email, std::string_view form_key,
        pages::SignInNotice notice) const
    {
        return answers_.page(
            status, pages::sign_in(language, email, answers_.form_token(sign_in_form, form_key), notice));
    }

    // GET /forgot-password
    Answer ask_for_address(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        return answers_.with_form_key(head, [&](std::string_view form_key) {
            return forgot_page(200, language_of(head), {}, form_key, pages::ForgotNotice::none);
        });
    }

    // POST /forgot-password
    Answer mail_link(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        auto const language = language_of(head);
        auto form_key = std::string(answers_.form_key(head));
        if (!answers_.is_own_form(exchange.request, forgot_password_form, form_key))
            return answers_.page(403, pages::forged(language));
        auto const typed = form_field(exchange.request.body, "email").value_or(std::string());
        auto const email = EmailAddress::parse(typed);
        if (!email)
            return forgot_page(422, language, typed, form_key, pages::ForgotNotice::malformed);
        auto recipient = onboarding_.find_recipient(*email);
        return [this, language, email = *email, recipient = std::move(recipient), form_key = std::move(form_key),
                client = throttle_key(exchange.request.client)] {
            auto const asked = onboarding_.mail_password_link(recipient, client);
            if (asked)
                return answers_.page(200, pages::forgot_password_sent(language, email.str()));
            return retrying_after(
                forgot_page(429, language, email.str(), form_key, pages::ForgotNotice::too_many_tries),
                asked.error());
        };
    }

    Response forgot_page(
        int status, Language language, std::string_view email, std::string_view form_key,
        pages::ForgotNotice notice) const
    {
        return answers_.page(
            status,
            pages::forgot_password(language, email, answers_.form_token(forgot_password_form, form_key), notice));
    }

    Response signed_in(OpenedSession const& opened) const
    {
        return answers_.signed_in(opened, onboarding_.policy().session_life);
    }

    Onboarding& onboarding_;
    SignIns& sign_ins_;
    BrowserAnswers answers_;
    std::array<Route, 6> routes_{{
        {.method = "GET",
         .path = "/set-password/{link}",
         .right = std::nullopt,
         .handle = [this](Exchange const& exchange) { return ask_for_password(exchange); }},
        {.method = "POST",
         .path = "/set-password/{link}",
         .right = std::nullopt,
         .media = Media::form,
         .body_limit = form_limit,
         .handle = [this](Exchange const& exchange) { return set_password(exchange); }},
        {.method = "GET",
         .path = "/sign-in",
         .right = std::nullopt,
         .handle = [this](Exchange const& exchange) { return ask_to_sign_in(exchange); }},
        {.method = "POST",
         .path = "/sign-in",
         .right = std::nullopt,
         .media = Media::form,
         .body_limit = form_limit,
         .handle = [this](Exchange const& exchange) { return sign_in(exchange); }},
        {.method = "GET",
         .path = "/forgot-password",
         .right = std::nullopt,
         .handle = [this](Exchange const& exchange) { return ask_for_address(exchange); }},
        {.method = "POST",
         .path = "/forgot-password",
         .right = std::nullopt,
         .media = Media::form,
         .body_limit = form_limit,
         .handle = [this](Exchange const& exchange) { return mail_link(exchange); }},
    }};
};

}

std::unique_ptr<Contract>
password_pages(Onboarding& onboarding, SecretKey const& key, Links const& links, SignIns& sign_ins)
{
    return std::make_unique<PasswordPages>(onboarding, key, links, sign_ins);
}

}
