#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "server/contracts/contracts.hpp"
#include "server/http/message.hpp"

namespace onboard::server {

// A browser that loads a page nobody has asked for yet must not use a link up.
bool is_prefetch(RequestHead const&);

// What every answer to a browser has in common: the fields that keep a page to itself, and cookies named and guarded as
// the public URL's scheme allows.
class BrowserAnswers {
public:
    // `key` signs the tokens in forms.
    BrowserAnswers(Links const&, SecretKey const& key);

    Response page(int status, std::string html) const;
    Response redirect(std::string location) const;
    Response no_content() const;

    // What pages are made of, the same for everybody.
    static Response asset(std::string_view media_type, std::string_view text);

    // The fields that keep an answer to itself. It may load what the policy says.
    void dress(Response&, std::string_view content_policy) const;

    // Trouble, in words.
    Response fault(Language, FaultDetails const&) const;

    // Who the browser says it is, as far as it was told by us; empty if it says nothing of use.
    std::string_view session_token(RequestHead const&) const;
    std::string_view pending_token(RequestHead const&) const;

    // Values of Set-Cookie. Without a token the browser forgets the cookie.
    std::string session_cookie(std::string_view token, std::chrono::seconds life) const;
    std::string pending_cookie(std::string_view token, std::chrono::seconds life) const;
    std::string no_session_cookie() const { return session_cookie({}, {}); }
    std::string no_pending_cookie() const { return pending_cookie({}, {}); }

    // To the home page, as the person whose session this is.
    Response signed_in(OpenedSession const&, std::chrono::seconds life) const;

    // A page with a form for somebody we do not know yet: its token belongs to a cookie of its own.
    std::string_view form_key(RequestHead const&) const;
    static std::string new_form_key();
    std::string form_key_cookie(std::string_view form_key) const;

    // A page whose form belongs to the browser's own key, which it is given if it has none.
    template <class Page>
    Response with_form_key(RequestHead const& head, Page const& page) const
    {
        auto const held = form_key(head);
        if (!held.empty())
            return page(held);
        auto const fresh = new_form_key();
        return page(fresh).with("Set-Cookie", form_key_cookie(fresh));
    }

    // What a form on a link's page belongs to: the browser's key and the link. Who has only the link cannot make others
    // post it.
    static std::string holding(std::string_view form_key, std::string_view link);

    // The token in the form of a page, which belongs to something only the person's browser has: a cookie or a link.
    std::string form_token(std::string_view page_name, std::string_view holding) const;

    // Whether a form came from our own page, by what the browser says and by the token in it.
    bool is_own_form(Request const&, std::string_view page_name, std::string_view holding) const;

private:
    bool may_be_own_form(RequestHead const&) const;
    std::string cookie(std::string_view name, std::string_view value, std::chrono::seconds life) const;

    SecretKey key_;
    std::string home_url_;
    bool secure_;
    std::string origin_;
    std::string session_name_;
    std::string pending_name_;
    std::string form_key_name_;
    std::string content_policy_;
};

}
