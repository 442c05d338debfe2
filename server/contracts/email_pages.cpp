#include <array>

#include "server/contracts/browser_answers.hpp"
#include "server/contracts/contracts.hpp"
#include "server/pages/languages.hpp"
#include "server/pages/pages.hpp"

// What a person meets in the browser when they confirm an address through a mailed link.
namespace onboard::server {

namespace {

constexpr std::size_t form_limit = 1024;
constexpr std::string_view form_name = "email-optin";

Language language_of(RequestHead const& head)
{
    return pages::preferred(head.field("accept-language"));
}

class EmailPages : public Contract {
public:
    EmailPages(Onboarding& onboarding, SecretKey const& key, Links const& links)
        : onboarding_(onboarding), answers_(links, key)
    {
    }

    std::span<Route const> routes() const override { return routes_; }
    bool owns(std::string_view path) const override { return path.starts_with("/email-optin/"); }
    Response fault(RequestHead const& head, FaultDetails const& details) const override
    {
        return answers_.fault(language_of(head), details);
    }

private:
    // GET /email-optin/{link}: asks, and uses nothing up, since programs follow mailed links before people do.
    Answer ask(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        auto const link = exchange.parameter;
        auto const invitation = onboarding_.opt_in_invitation(link);
        if (!invitation)
            return unknown(language_of(head));
        return answers_.with_form_key(head, [&](std::string_view form_key) {
            auto const token = answers_.form_token(form_name, BrowserAnswers::holding(form_key, link));
            return answers_.page(
                200, pages::confirm_email(invitation->language, invitation->email.str(), link, token));
        });
    }

    // POST /email-optin/{link}
    Answer confirm(Exchange const& exchange)
    {
        auto const& head = exchange.request.head;
        auto const link = exchange.parameter;
        auto const held = BrowserAnswers::holding(answers_.form_key(head), link);
        if (!answers_.is_own_form(exchange.request, form_name, held))
            return answers_.page(403, pages::forged(language_of(head)));
        auto const invitation = onboarding_.opt_in_invitation(link);
        if (!invitation)
            return unknown(language_of(head));
        return [this, language = invitation->language, link = std::string(link)] {
            auto const confirmed = onboarding_.confirm_email(link);
            if (confirmed)
                return answers_.page(200, pages::email_confirmed(language, confirmed->email->str()));
            if (confirmed.error().code == Errc::email_taken)
                return answers_.page(422, pages::email_taken(language));
            return unknown(language);
        };
    }

    Response unknown(Language language) const { return answers_.page(404, pages::email_link_unknown(language)); }

    Onboarding& onboarding_;
    BrowserAnswers answers_;
    std::array<Route, 2> routes_{{
        {.method = "GET",
         .path = "/email-optin/{link}",
         .right = std::nullopt,
         .handle = [this](Exchange const& exchange) { return ask(exchange); }},
        {.method = "POST",
         .path = "/email-optin/{link}",
         .right = std::nullopt,
         .media = Media::form,
         .body_limit = form_limit,
         .handle = [this](Exchange const& exchange) { return confirm(exchange); }},
    }};
};

}

std::unique_ptr<Contract> email_pages(Onboarding& onboarding, SecretKey const& key, Links const& links)
{
    return std::make_unique<EmailPages>(onboarding, key, links);
}

}
