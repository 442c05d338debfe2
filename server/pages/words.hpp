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

struct EnterCodeWords {
    std::string_view title;
    std::string_view sent;     // {email}
    std::string_view asks;     // {partner}
    std::string_view meaning;  // what they agree to
    std::string_view label;
    std::string_view format;  // what a code looks like, for a browser to say
    std::string_view submit;
    std::string_view no_mail;
    std::string_view unwanted;
    std::string_view wrong;
    std::string_view no_more_tries;  // a title
    std::string_view start_again;    // {partner}
};

struct TroubleWords {
    Message bad_request;
    Message not_found;
    Message method_not_allowed;
    Message too_large;
    Message unsupported_format;
    Message too_many_requests;
    Message internal_error;
    Message unavailable;
    Message other;
};

struct Words {
    HomeWords home;
    EnterCodeWords enter_code;
    Message signed_out;
    Message not_signed_in;
    Message link_unusable;
    Message forged;
    TroubleWords trouble;
};

extern Words const dutch_words;
extern Words const french_words;
extern Words const english_words;
extern Words const german_words;

Words const& words_in(Language);

}
