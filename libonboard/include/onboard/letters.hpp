#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <onboard/account.hpp>

namespace onboard {

// What the library writes to people. Wording is the mailer's.
enum class LetterKind : std::uint8_t {
    partner_confirmation = 1,  // a code: may this partner be linked to your account?
    welcome_set_password,      // a link to set the first password
    already_have_account,      // a partner wanted to register somebody who is here already; no secret
    registration_failed,       // a partner's registration was refused; no secret
    reset_password,            // a link to set another password
    password_changed,          // somebody set another password; no secret
};

// "partner-confirmation"
std::string_view name_of(LetterKind) noexcept;

// One letter to one person. A mailer may be handed the same letter more than once, after a crash or a failure; its id
// is then the same.
struct Letter {
    std::string id;  // random and unguessable, fit for a Message-ID
    LetterKind kind;
    EmailAddress to;
    Language language = Language::english;
    std::string first_name;
    std::string partner;   // who is asking, if the letter is about a partner
    Instant expires_at{};  // when the secret inside dies, or the news are stale, and with it the point of the letter
};

}
