#include "server/contracts/contracts.hpp"

#include <array>

#include "server/contracts/browser_answers.hpp"
#include "server/contracts/person_json.hpp"
#include "server/contracts/receiver_answers.hpp"
#include "server/http/forms.hpp"
#include "server/pages/languages.hpp"
#include "server/pages/pages.hpp"
#include "server/text.hpp"

// What a person meets in the browser: the login link, the page for a mailed code, home, and signing out.
namespace onboard::server {

namespace {

constexpr std::size_t form_limit = 4096;

// "•••••• 3210": enough to know one's own number by.
std::string masked(PhoneNumber const& phone)
{
    constexpr std::size_t shown = 4;
    auto const& number = phone.e164();
    return "•••••• " + number.substr(number.size() - shown);
}

class BrowserContract : public Contract {
public:
    BrowserContract(Onboarding& onboarding, SecretKey const& key, Links const& links, Later later, Events& events)
        : onboarding_(onboarding), links_(links), later_(std::move(later)), events_(events), answers_(links, key)
    {
    }

    std::span<Route const> routes() const override { return routes_; }
    bool owns(std::string_view) const override { return true; }

    Response fault(RequestHead const& head, FaultDetails const& details) const override
    {
        return answers_.fault(language_of(head), details);
    }

private:
    // GET /login/{token}
    Answer follow_link(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        auto const language = language_of(head);
        if (head.method() == "HEAD")
            return answers_.page(200, pages::link_unusable(language));
        if (is_prefetch(head))
            return answers_.no_content();

        auto token = std::string(exchange.parameter);
        auto previous = std::string(answers_.session_token(head));
        return [this, language, token = std::move(token), previous = std::move(previous)] {
            auto const opened = onboarding_.open_session(token, previous);
            events_.sign_ins.note(Entrance::login_link, opened);
            if (opened)
                return signed_in(*opened);
            if (opened.error().code == Errc::confirmation_required)
                return answers_.redirect("/otp").with(
                    "Set-Cookie", answers_.pending_cookie(token, onboarding_.policy().login_link_life));
            return unusable(language, opened.error());
        };
    }

    // GET /otp
    Answer ask_for_code(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        auto const token = answers_.pending_token(head);
        if (auto const visit = onboarding_.pending_visit(token))
            return visit_page(200, *visit, token, pages::CodeNotice::none);
        auto const pending = onboarding_.pending_confirmation(token);
        if (!pending)
            return unusable(language_of(head), pending.error());
        return code_page(200, *pending, token, pages::CodeNotice::none);
    }

    // POST /otp
    Answer enter_code(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        auto const language = language_of(head);
        auto token = std::string(answers_.pending_token(head));
        if (!answers_.is_own_form(exchange.request, "otp", token))
            return answers_.page(403, pages::forged(language));
        auto code = form_field(exchange.request.body, "code").value_or(std::string());
        auto previous = std::string(answers_.session_token(head));
        if (auto visit = onboarding_.pending_visit(token))
            return [this, visit = std::move(*visit), token = std::move(token), code = std::move(code),
                    previous = std::move(previous)] { return finish_visit(visit, token, code, previous); };
        auto pending = onboarding_.pending_confirmation(token);
        if (!pending)
            return unusable(language, pending.error());

        return [this, language, pending = std::move(*pending), token = std::move(token), code = std::move(code),
                previous = std::move(previous)] {
            if (links_.own_login()) {
                auto const opened = onboarding_.confirm(token, code, previous);
                events_.sign_ins.note(Entrance::login_link, opened);
                return opened ? signed_in(*opened).with("Set-Cookie", answers_.no_pending_cookie())
                              : refused_code(opened.error(), language, pending, token);
            }
            auto const relinked = onboarding_.confirm_and_relink(token, code);
            return relinked ? answers_.redirect(links_.login(relinked->token.reveal()))
                                  .with("Set-Cookie", answers_.no_pending_cookie())
                            : refused_code(relinked.error(), language, pending, token);
        };
    }

    // A person whom a portal sent enters the code that was texted to them.
    Response
    finish_visit(PendingVisit const& visit, std::string_view token, std::string_view code, std::string_view previous)
    {
        auto const finished = onboarding_.finish_visit(token, code, previous);
        events_.sign_ins.note(Entrance::portal, finished);
        if (finished) {
            events_.texted_codes.note_proved(visit.phone);
            return answers_.redirect(finished->target)
                .with(
                    "Set-Cookie",
                    answers_.session_cookie(finished->session.token.reveal(), onboarding_.policy().session_life))
                .with("Set-Cookie", answers_.no_pending_cookie());
        }
        auto const& error = finished.error();
        auto const code_page = [&](int status, pages::CodeNotice notice) {
            return visit_page(status, visit, token, notice);
        };
        if (error.code == Errc::account_blocked || error.code == Errc::account_deleted)
            return answers_.page(403, pages::portal_refused(visit.language, pages::PortalTrouble::blocked));
        return refused_code(error, visit.language, code_page);
    }

    Response visit_page(int status, PendingVisit const& visit, std::string_view token, pages::CodeNotice notice) const
    {
        return answers_.page(
            status, pages::enter_texted_code(
                        visit.language,
                        {.portal = visit.issuer,
                         .name = visit.name ? visit.name->first() : std::string_view(),
                         .masked_phone = masked(visit.phone)},
                        answers_.form_token("otp", token), notice));
    }

    Response refused_code(
        Error const& error, Language language, PendingConfirmation const& pending, std::string_view token) const
    {
        return refused_code(error, language, [&](int status, pages::CodeNotice notice) {
            return code_page(status, pending, token, notice);
        });
    }

    template <class CodePage>
    Response refused_code(Error const& error, Language language, CodePage const& code_page) const
    {
        if (error.code == Errc::code_wrong)
            return code_page(422, pages::CodeNotice::wrong);
        if (error.code == Errc::attempts_spent) {
            auto response = code_page(429, pages::CodeNotice::no_more_tries);
            if (error.retry_after)
                response.with("Retry-After", std::to_string(error.retry_after->count()));
            return response;
        }
        if (error.code == Errc::link_unknown || error.code == Errc::link_spent)
            return unusable(language, error);
        auto const status = receiver::status_of(error.code);
        return answers_.page(status, pages::trouble(language, status));
    }

    // GET /home
    Answer home(Exchange const& exchange)
    {
        auto const token = answers_.session_token(exchange.request.head);
        auto const session = onboarding_.session(token);
        if (!session)
            return answers_.page(401, pages::not_signed_in(language_of(exchange.request.head)));
        note_use(*session);
        auto const& account = session->person.account;
        return answers_.page(
            200, pages::home(
                     account.language, account.name ? account.name->first() : std::string(),
                     answers_.form_token("home", token)));
    }

    // POST /sign-out
    Answer sign_out(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        auto token = std::string(answers_.session_token(head));
        auto const session = onboarding_.session(token);
        if (!session)
            return answers_.page(401, pages::not_signed_in(language_of(head)))
                .with("Set-Cookie", answers_.no_session_cookie());
        if (!answers_.is_own_form(exchange.request, "home", token))
            return answers_.page(403, pages::forged(session->person.account.language));
        auto const language = session->person.account.language;
        return [this, language, token = std::move(token)] {
            onboarding_.end_session(token);
            return answers_.redirect("/signed-out?lang=" + std::string(code_of(language)))
                .with("Set-Cookie", answers_.no_session_cookie());
        };
    }

    // GET /signed-out, in the language of the person who just left
    Answer signed_out(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        auto const language = parse_language(form_field(head.query(), "lang").value_or(std::string()));
        return answers_.page(200, pages::signed_out(language ? *language : language_of(head)));
    }

    // GET /session
    Answer who(Exchange const& exchange)
    {
        auto const session = onboarding_.session(answers_.session_token(exchange.request.head));
        if (!session)
            return receiver::refused(session.error(), [](std::string_view field) { return std::string(field); });
        note_use(*session);
        return receiver::json_response(200, person_json(session->person));
    }

    void note_use(Session const& session)
    {
        if (session.touch_due)
            later_([this, id = session.id] { onboarding_.touch(id); });
    }

    Response signed_in(OpenedSession const& opened) const
    {
        return answers_.signed_in(opened, onboarding_.policy().session_life);
    }

    // The same words whatever the reason; a program may read it from the status.
    Response unusable(Language language, Error const& error) const
    {
        return answers_.page(error.code == Errc::link_spent ? 410 : 404, pages::link_unusable(language));
    }

    Response
    code_page(int status, PendingConfirmation const& pending, std::string_view token, pages::CodeNotice notice) const
    {
        return answers_.page(
            status, pages::enter_code(
                        pending.language, pending.partner.str(), pending.email.str(),
                        answers_.form_token("otp", token), notice));
    }

    static Language language_of(RequestHead const& head) { return pages::preferred(head.field("accept-language")); }

    Onboarding& onboarding_;
    Links links_;
    Later later_;
    Events& events_;
    BrowserAnswers answers_;
    std::array<Route, 10> routes_{{
        {.method = "GET",
         .path = "/login/{token}",
         .right = std::nullopt,
         .handle = [this](Exchange const& exchange) { return follow_link(exchange); }},
        {.method = "GET",
         .path = "/otp",
         .right = std::nullopt,
         .handle = [this](Exchange const& exchange) { return ask_for_code(exchange); }},
        {.method = "POST",
         .path = "/otp",
         .right = std::nullopt,
         .media = Media::form,
         .body_limit = form_limit,
         .handle = [this](Exchange const& exchange) { return enter_code(exchange); }},
        {.method = "GET",
         .path = "/",
         .right = std::nullopt,
         .asks_storage = false,
         .handle = [this](Exchange const&) { return answers_.redirect("/home"); }},
        {.method = "GET",
         .path = "/home",
         .right = std::nullopt,
         .handle = [this](Exchange const& exchange) { return home(exchange); }},
        {.method = "POST",
         .path = "/sign-out",
         .right = std::nullopt,
         .media = Media::form,
         .body_limit = form_limit,
         .handle = [this](Exchange const& exchange) { return sign_out(exchange); }},
        {.method = "GET",
         .path = "/signed-out",
         .right = std::nullopt,
         .handle = [this](Exchange const& exchange) { return signed_out(exchange); }},
        {.method = "GET",
         .path = "/session",
         .right = std::nullopt,
         .handle = [this](Exchange const& exchange) { return who(exchange); }},
        {.method = "GET",
         .path = "/assets/onboard.css",
         .right = std::nullopt,
         .handle =
             [](Exchange const&) { return BrowserAnswers::asset("text/css; charset=utf-8", pages::stylesheet()); }},
        {.method = "GET",
         .path = "/favicon.ico",
         .right = std::nullopt,
         .handle = [](Exchange const&) { return BrowserAnswers::asset("image/svg+xml", pages::icon()); }},
    }};
};

}

std::unique_ptr<Contract>
browser_contract(Onboarding& onboarding, SecretKey const& key, Links const& links, Later later, Events& events)
{
    return std::make_unique<BrowserContract>(onboarding, key, links, std::move(later), events);
}

}
