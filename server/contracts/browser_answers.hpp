#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "server/contracts/contracts.hpp"
#include "server/http/message.hpp"

namespace onboard::server {

// What every answer to a browser has in common: the fields that keep a page to itself, and cookies named and guarded as
// the public URL's scheme allows.
class BrowserAnswers {
public:
    explicit BrowserAnswers(Links const&);

    Response page(int status, std::string html) const;
    Response redirect(std::string location) const;
    Response no_content() const;

    // Adds the fields of a page to an answer that was made otherwise.
    void dress(Response&) const;

    // Who the browser says it is, as far as it was told by us; empty if it says nothing of use.
    std::string_view session_token(RequestHead const&) const;
    std::string_view pending_token(RequestHead const&) const;

    // Values of Set-Cookie. Without a token the browser forgets the cookie.
    std::string session_cookie(std::string_view token, std::chrono::seconds life) const;
    std::string pending_cookie(std::string_view token, std::chrono::seconds life) const;
    std::string no_session_cookie() const { return session_cookie({}, {}); }
    std::string no_pending_cookie() const { return pending_cookie({}, {}); }

    // Whether the browser does not say that a form came from elsewhere. `Origin: null` is what browsers send from pages
    // that tell nobody where they are, as ours do not.
    bool may_be_own_form(RequestHead const&) const;

private:
    std::string cookie(std::string_view name, std::string_view value, std::chrono::seconds life) const;

    bool secure_;
    std::string origin_;
    std::string session_name_;
    std::string pending_name_;
    std::string content_policy_;
};

}
