#include <onboard/error.hpp>

namespace onboard {

std::string_view name_of(Errc code) noexcept
{
    switch (code) {
    case Errc::field_missing: return "field_missing";
    case Errc::email_malformed: return "email_malformed";
    case Errc::name_malformed: return "name_malformed";
    case Errc::language_unknown: return "language_unknown";
    case Errc::contract_type_unknown: return "contract_type_unknown";
    case Errc::phone_malformed: return "phone_malformed";
    case Errc::region_unknown: return "region_unknown";
    case Errc::phone_not_served: return "phone_not_served";
    case Errc::text_malformed: return "text_malformed";
    case Errc::additional_data_malformed: return "additional_data_malformed";
    case Errc::plan_unknown: return "plan_unknown";
    case Errc::person_id_taken: return "person_id_taken";
    case Errc::email_taken: return "email_taken";
    case Errc::phone_taken: return "phone_taken";
    case Errc::user_name_taken: return "user_name_taken";
    case Errc::account_blocked: return "account_blocked";
    case Errc::account_deleted: return "account_deleted";
    case Errc::link_unknown: return "link_unknown";
    case Errc::link_spent: return "link_spent";
    case Errc::link_expired: return "link_expired";
    case Errc::confirmation_required: return "confirmation_required";
    case Errc::code_wrong: return "code_wrong";
    case Errc::code_expired: return "code_expired";
    case Errc::contact_unproven: return "contact_unproven";
    case Errc::contact_missing: return "contact_missing";
    case Errc::token_spent: return "token_spent";
    case Errc::identity_unverified: return "identity_unverified";
    case Errc::attempts_spent: return "attempts_spent";
    case Errc::consent_missing: return "consent_missing";
    case Errc::auth_code_wrong: return "auth_code_wrong";
    case Errc::password_malformed: return "password_malformed";
    case Errc::password_too_short: return "password_too_short";
    case Errc::password_too_long: return "password_too_long";
    case Errc::password_too_common: return "password_too_common";
    case Errc::sign_in_wrong: return "sign_in_wrong";
    case Errc::session_unknown: return "session_unknown";
    case Errc::partner_token_unknown: return "partner_token_unknown";
    case Errc::request_repeated_differently: return "request_repeated_differently";
    case Errc::partner_unknown: return "partner_unknown";
    case Errc::partner_exists: return "partner_exists";
    case Errc::plan_exists: return "plan_exists";
    case Errc::person_unknown: return "person_unknown";
    case Errc::letter_unknown: return "letter_unknown";
    case Errc::channel_unknown: return "channel_unknown";
    case Errc::channel_exists: return "channel_exists";
    case Errc::organisation_unknown: return "organisation_unknown";
    case Errc::organisation_exists: return "organisation_exists";
    case Errc::organisation_elsewhere: return "organisation_elsewhere";
    case Errc::issuer_unknown: return "issuer_unknown";
    case Errc::issuer_exists: return "issuer_exists";
    }
    return "unknown";
}

std::optional<Errc> errc_named(std::string_view name) noexcept
{
    for (auto value = static_cast<int>(Errc::field_missing); value <= static_cast<int>(Errc::issuer_exists); ++value)
        if (auto const code = static_cast<Errc>(value); name_of(code) == name)
            return code;
    return std::nullopt;
}

void throw_refusal(Error const& error)
{
    auto what = "refused: " + std::string(name_of(error.code));
    if (!error.field.empty())
        what += " (" + error.field + ")";
    throw std::logic_error(what);
}

}
