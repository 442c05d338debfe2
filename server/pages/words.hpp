#pragma once

#include <string_view>

#include <onboard/person.hpp>

// What the pages say, one file a language. In braces stand the values that belong there; the rest is HTML as it is.
namespace onboard::server::pages {

struct Message {
    std::string_view title;
    std::string_view text;
    std::string_view advice;
};

struct HomeWords {
    std::string_view title;
    std::string_view greeting;  // {name}
    std::string_view state;
    std::string_view advice;
    std::string_view sign_out;
};

// Around a field for a code.
struct CodeFormWords {
    std::string_view title;
    std::string_view label;
    std::string_view format;  // what a code looks like, for a browser to say
    std::string_view submit;
    std::string_view hint;  // how long it is good, and what to do if none arrives
    std::string_view unwanted;
    std::string_view wrong;
    std::string_view no_more_tries;  // a title
};

struct EnterCodeWords {
    std::string_view sent;         // {email}
    std::string_view asks;         // {partner}
    std::string_view meaning;      // what they agree to
    std::string_view start_again;  // {partner}
    CodeFormWords form;
};

struct EnterTextedCodeWords {
    std::string_view sent;       // {phone}
    std::string_view sender;     // {portal}
    std::string_view sender_as;  // {portal}, {name}
    std::string_view meaning;    // what the code does
    std::string_view start_again;
    CodeFormWords form;
};

struct FieldWords {
    std::string_view email;
    std::string_view password;
    std::string_view new_password;
};

// Where links and buttons lead.
struct StepWords {
    std::string_view sign_in;
    std::string_view sign_in_with_password;
    std::string_view ask_for_link;
};

struct SetPasswordWords {
    std::string_view title;
    std::string_view text;
    std::string_view rule;    // {least}
    std::string_view advice;  // how to find a good one
    std::string_view submit;
    std::string_view malformed;
    std::string_view too_short;  // {least}
    std::string_view too_long;
    std::string_view too_common;
};

struct ExpiredLinkWords {
    Message message;
    std::string_view submit;
};

struct SignInWords {
    std::string_view title;
    std::string_view submit;
    std::string_view no_password;  // a link
    std::string_view wrong;
    std::string_view too_many_tries;  // {link}
    std::string_view mail_a_link;     // what {link} says
};

struct ForgotPasswordWords {
    std::string_view title;
    std::string_view text;
    std::string_view submit;
    std::string_view malformed;
    std::string_view too_many_tries;
};

struct MailOnItsWayWords {
    std::string_view title;
    std::string_view text;  // {email}
    std::string_view advice;
    std::string_view again;  // a link
};

struct ConfirmEmailWords {
    std::string_view title;
    std::string_view text;  // an address comes next
    std::string_view submit;
    std::string_view unwanted;
};

struct EmailConfirmedWords {
    std::string_view title;
    std::string_view text;  // {email}
    std::string_view advice;
};

struct PortalWords {
    Message credentials;
    Message organisation;
    Message blocked;
    Message contact;
    Message other;
};

struct TroubleWords {
    Message bad_request;
    Message sign_in_needed;
    Message not_allowed;
    Message not_found;
    Message method_not_allowed;
    Message gone;
    Message too_large;
    Message unsupported_format;
    Message not_accepted;
    Message too_many_requests;
    Message internal_error;
    Message unavailable;
    Message other;
};

struct Words {
    HomeWords home;
    EnterCodeWords enter_code;
    EnterTextedCodeWords enter_texted_code;
    FieldWords fields;
    StepWords steps;
    SetPasswordWords set_password;
    Message password_link_used;
    ExpiredLinkWords password_link_expired;
    Message password_link_unknown;
    Message password_link_sent;
    SignInWords sign_in;
    ForgotPasswordWords forgot_password;
    MailOnItsWayWords forgot_password_sent;
    ConfirmEmailWords confirm_email;
    EmailConfirmedWords email_confirmed;
    Message email_link_unknown;
    Message email_taken;
    Message signed_out;
    Message not_signed_in;
    Message link_unusable;
    PortalWords portal;
    Message forged;
    TroubleWords trouble;
};

extern Words const dutch_words;
extern Words const french_words;
extern Words const english_words;
extern Words const german_words;

Words const& words_in(Language);

}
