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
    }
    return "";
}

}
