#pragma once

#include <array>
#include <string_view>

#include <onboard/person.hpp>

// What the letters say, one file a language. In braces stand the values that belong there; it is plain text, without
// marks of its own.
namespace onboard::server::post {

struct MomentWords {
    std::string_view format;     // {day}, {month}, {year}, {hour}, {minute}
    std::string_view first_day;  // of a month
    std::array<std::string_view, 12> months;
};

struct ConfirmationWords {
    std::string_view subject;  // {partner}
    std::string_view request;  // {partner}
    std::string_view life;
    std::string_view keep_secret;
    std::string_view unexpected;
};

struct LinkWords {
    std::string_view life;  // {moment}
    std::string_view keep_secret;
    std::string_view copy;  // for whom the button does not work
};

struct WelcomeWords {
    std::string_view subject;
    std::string_view news;     // {partner}
    std::string_view request;  // a link comes next
    std::string_view button;
    std::string_view unexpected;
};

struct AlreadyHereWords {
    std::string_view subject;
    std::string_view news;  // {partner}
    std::string_view news_without_partner;
    std::string_view sign_in;  // a link comes next
    std::string_view button;
    std::string_view no_password;  // a link comes next
    std::string_view mail_a_link;
    std::string_view unexpected;
};

struct FailedWords {
    std::string_view subject;
    std::string_view news;    // {partner}
    std::string_view advice;  // {partner}
    std::string_view unexpected;
};

struct ResetWords {
    std::string_view subject;
    std::string_view request;  // a link comes next
    std::string_view button;
    std::string_view unexpected;
};

struct ChangedWords {
    std::string_view subject;
    std::string_view news;
    std::string_view was_not_you;  // a link comes next
    std::string_view button;
    std::string_view was_you;
};

struct OptInWords {
    std::string_view subject;
    std::string_view news;
    std::string_view request;  // a link comes next
    std::string_view button;
    std::string_view unexpected;
};

struct EmailChangedWords {
    std::string_view subject;
    std::string_view news;
    std::string_view was_not_you;
    std::string_view was_you;
};

struct OtpWords {
    std::string_view subject;
    std::string_view request;  // the code comes next
    std::string_view life;     // {moment}
    std::string_view keep_secret;
    std::string_view unexpected;
};

struct LetterWords {
    std::string_view greeting;  // {name}
    std::string_view greeting_without_name;
    std::string_view automatic;  // below every letter
    MomentWords moment;
    LinkWords link;
    ConfirmationWords partner_confirmation;
    WelcomeWords welcome;
    AlreadyHereWords already_here;
    FailedWords failed;
    ResetWords reset;
    ChangedWords changed;
    OptInWords opt_in;
    EmailChangedWords email_changed;
    OtpWords otp;
};

extern LetterWords const dutch_letters;
extern LetterWords const french_letters;
extern LetterWords const english_letters;
extern LetterWords const german_letters;

LetterWords const& letters_in(Language);

}
