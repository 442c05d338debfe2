#pragma once

#include <array>
#include <string_view>

#include <onboard/storage.hpp>

namespace onboard::testing {

// Whose rows stay, or go with what they belong to. Every other table is of what expires.
inline constexpr std::array<std::string_view, 16> lasting_tables{
    "partners",       "partner_tokens", "plans",         "accounts",      "enrolments",
    "passwords",      "consents",       "channels",      "organisations", "identities",
    "token_issuers",  "audit_strands",  "audit_entries", "numbers",       "onboard_migrations",
    "sqlite_sequence"};

// Puts more rows than are tidied at a time into every table of what expires, all good until `now`.
void store_what_expires(Storage&, Instant now);

}
