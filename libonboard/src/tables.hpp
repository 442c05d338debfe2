#pragma once

#include <array>
#include <string_view>

namespace onboard {

// The tables of a database, each behind those it refers to.
inline constexpr std::array<std::string_view, 26> tables{
    "partners",       "partner_tokens", "plans",       "accounts",
    "enrolments",     "login_links",    "sessions",    "login_link_proposals",
    "codes",          "code_tries",     "code_sends",  "repeated_requests",
    "password_links", "passwords",      "auth_codes",  "email_changes",
    "consents",       "causes",         "channels",    "organisations",
    "token_issuers",  "identities",     "used_tokens", "outbox",
    "audit_strands",  "audit_entries"};

}
