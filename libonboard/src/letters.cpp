#include <onboard/letters.hpp>

namespace onboard {

std::string_view name_of(LetterKind kind) noexcept
{
    switch (kind) {
    case LetterKind::partner_confirmation: return "partner-confirmation";
    case LetterKind::welcome_set_password: return "welcome-set-password";
    case LetterKind::already_have_account: return "already-have-account";
    case LetterKind::registration_failed: return "registration-failed";
    case LetterKind::reset_password: return "reset-password";
    case LetterKind::password_changed: return "password-changed";
    case LetterKind::email_opt_in: return "email-opt-in";
    case LetterKind::email_changed: return "email-changed";
    case LetterKind::phone_code: return "phone-code";
    case LetterKind::otp: return "otp";
    }
    return "";
}

Channel channel_of(LetterKind kind) noexcept
{
    return kind == LetterKind::phone_code ? Channel::text : Channel::mail;
}

std::string const& text_of(Recipient const& recipient) noexcept
{
    auto const* address = std::get_if<EmailAddress>(&recipient);
    return address ? address->str() : std::get_if<PhoneNumber>(&recipient)->e164();
}

std::string const& key_of(Recipient const& recipient) noexcept
{
    auto const* address = std::get_if<EmailAddress>(&recipient);
    return address ? address->key() : std::get_if<PhoneNumber>(&recipient)->e164();
}

}
