#include "server/contracts/browser_answers.hpp"

#include <set>

#include <fmt/format.h>

#include "server/http/forms.hpp"
#include "server/pages/pages.hpp"
#include "server/text.hpp"

namespace onboard::server {

namespace {

// The scheme and host of a URL, for lists of allowed places.
std::string origin_of(std::string_view url)
{
    auto const host = url.find("://") + 3;
    return std::string(url.substr(0, url.find_first_of("/?#", host)));
}

// What a page may load and where its forms may lead: a browser holds the redirect after a form to it as well.
std::string content_policy_for(Links const& links)
{
    std::set<std::string> origins{origin_of(links.home_url), origin_of(links.login_url)};
    origins.erase(origin_of(links.public_url));
    std::string targets = "'self'";
    for (auto const& origin : origins)
        targets += ' ' + origin;
    return "default-src 'none'; style-src 'self'; img-src 'self'; form-action " + targets +
           "; frame-ancestors 'none'; base-uri 'none'";
}

}

bool is_prefetch(RequestHead const& head)
{
    return head.field("sec-purpose").find("prefetch") != std::string_view::npos ||
           equal_but_case(head.field("purpose"), "prefetch") || equal_but_case(head.field("x-moz"), "prefetch");
}

BrowserAnswers::BrowserAnswers(Links const& links, SecretKey const& key)
    : key_(key),
      home_url_(links.home_url),
      secure_(links.public_url.starts_with("https://")),
      origin_(origin_of(links.public_url)),
      session_name_(secure_ ? "__Host-onboard" : "onboard"),
      pending_name_(secure_ ? "__Host-onboard-pending" : "onboard-pending"),
      form_key_name_(secure_ ? "__Host-onboard-form" : "onboard-form"),
      content_policy_(content_policy_for(links))
{
}

Response BrowserAnswers::page(int status, std::string html) const
{
    Response response{.status = status, .content_type = "text/html; charset=utf-8", .body = std::move(html)};
    response.with("Cache-Control", "no-store");
    dress(response, content_policy_);
    return response;
}

Response BrowserAnswers::redirect(std::string location) const
{
    Response response{.status = 303};
    return response.with("Cache-Control", "no-store")
        .with("Referrer-Policy", "no-referrer")
        .with("Location", std::move(location));
}

Response BrowserAnswers::no_content() const
{
    Response response{.status = 204};
    return response.with("Cache-Control", "no-store").with("Referrer-Policy", "no-referrer");
}

Response BrowserAnswers::asset(std::string_view media_type, std::string_view text)
{
    Response response{.content_type = std::string(media_type), .body = std::string(text)};
    return response.with("Cache-Control", "public, max-age=3600");
}

Response BrowserAnswers::fault(Language language, FaultDetails const& details) const
{
    auto const status = status_of(details.fault);
    Response response{
        .status = status, .content_type = "text/html; charset=utf-8", .body = pages::trouble(language, status)};
    dress_fault(response, details);
    dress(response, content_policy_);
    return response;
}

void BrowserAnswers::dress(Response& response, std::string_view content_policy) const
{
    response.with("Content-Security-Policy", std::string(content_policy))
        .with("Referrer-Policy", "no-referrer")
        .with("X-Frame-Options", "DENY");
    if (secure_)
        response.with("Strict-Transport-Security", "max-age=63072000");
}

std::string_view BrowserAnswers::session_token(RequestHead const& head) const
{
    return server::cookie(head.field("cookie"), session_name_).value_or(std::string_view());
}

std::string_view BrowserAnswers::pending_token(RequestHead const& head) const
{
    return server::cookie(head.field("cookie"), pending_name_).value_or(std::string_view());
}

std::string BrowserAnswers::session_cookie(std::string_view token, std::chrono::seconds life) const
{
    return cookie(session_name_, token, life);
}

std::string BrowserAnswers::pending_cookie(std::string_view token, std::chrono::seconds life) const
{
    return cookie(pending_name_, token, life);
}

Response BrowserAnswers::signed_in(OpenedSession const& opened, std::chrono::seconds life) const
{
    return redirect(home_url_).with("Set-Cookie", session_cookie(opened.token.reveal(), life));
}

std::string_view BrowserAnswers::form_key(RequestHead const& head) const
{
    return server::cookie(head.field("cookie"), form_key_name_).value_or(std::string_view());
}

std::string BrowserAnswers::new_form_key()
{
    Digest::Bytes bytes;
    system_random().fill(bytes);
    return hex(bytes);
}

std::string BrowserAnswers::form_key_cookie(std::string_view form_key) const
{
    constexpr std::chrono::hours life{24};
    return cookie(form_key_name_, form_key, life);
}

std::string BrowserAnswers::holding(std::string_view form_key, std::string_view link)
{
    return form_key.empty() ? std::string() : std::string(form_key) + ' ' + std::string(link);
}

std::string BrowserAnswers::form_token(std::string_view page_name, std::string_view holding) const
{
    return server::form_token(key_, page_name, holding);
}

bool BrowserAnswers::is_own_form(Request const& request, std::string_view page_name, std::string_view holding) const
{
    auto const presented = form_field(request.body, "form_token");
    return presented && !holding.empty() && may_be_own_form(request.head) &&
           is_form_token(key_, page_name, holding, *presented);
}

// `Origin: null` is what browsers send from pages that tell nobody where they are, as ours do not.
bool BrowserAnswers::may_be_own_form(RequestHead const& head) const
{
    auto const origin = head.field("origin");
    if (!origin.empty() && origin != "null" && origin != origin_)
        return false;
    auto const site = head.field("sec-fetch-site");
    return site.empty() || site == "same-origin" || site == "none";
}

std::string BrowserAnswers::cookie(std::string_view name, std::string_view value, std::chrono::seconds life) const
{
    return fmt::format(
        "{}={}; HttpOnly; SameSite=Lax; Path=/; Max-Age={}{}", name, value, life.count(), secure_ ? "; Secure" : "");
}

}
