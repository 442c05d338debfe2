#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include <onboard/account.hpp>

#pragma GCC visibility push(default)

namespace onboard {

// What the library writes to people. Wording is the mailer's.
enum class LetterKind : std::uint8_t {
    partner_confirmation = 1,  // a code: may this partner be linked to your account?
    welcome_set_password,      // a link to set the first password
    already_have_account,      // a partner wanted to register somebody who is here already; no secret
    registration_failed,       // a partner's registration was refused; no secret
    reset_password,            // a link to set another password
    password_changed,          // somebody set another password; no secret
    email_opt_in,              // a link to confirm that an address is theirs
    email_changed,             // to the old address: another one has taken its place; no secret
    phone_code,                // a text message: a code to sign in with
    otp,                       // a code: the address is theirs who signs up with it
};

// How a letter travels.
enum class Channel : std::uint8_t { mail = 1, text };

Channel channel_of(LetterKind) noexcept;

// Where a letter goes: mail to an address, or a text message to a telephone. Which it is follows from the kind.
using Recipient = std::variant<EmailAddress, PhoneNumber>;

// The address as mail should carry it, or the number in E.164.
std::string const& text_of(Recipient const&) noexcept;

// By which storage tells recipients apart: the address's key, or the number in E.164.
std::string const& key_of(Recipient const&) noexcept;

// "partner-confirmation"
std::string_view name_of(LetterKind) noexcept;

// One letter to one person, by mail or as a text message. A mailer may be handed the same letter more than once, after
// a crash or a failure; its id is then the same.
struct Letter {
    std::string id;  // random and unguessable, fit for a Message-ID
    LetterKind kind;
    Recipient to;
    Language language = Language::english;
    std::string first_name;  // empty if nobody told it
    std::string partner;     // who is asking, if the letter is about a partner
    Instant expires_at{};  // when the secret inside dies, or the news are stale, and with it the point of the letter
};

}

#pragma GCC visibility pop
