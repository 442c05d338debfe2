#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <onboard/account.hpp>
#include <onboard/secrets.hpp>

#pragma GCC visibility push(default)

// What happened here that matters to security, kept for good, in the same unit of work as what it tells of. It holds no
// secret, no address and no telephone number.
namespace onboard {

// The numbers are stored: none is ever given to something else.
enum class AuditEvent : std::uint8_t {
    partner_added = 1,
    partner_token_issued,
    partner_token_revoked,
    plan_added,
    plan_closed,
    channel_added,
    issuer_added,
    issuer_removed,

    account_opened = 20,
    account_linked,  // by a partner, or with an identity at a provider, that was not told of it before
    account_blocked,
    account_unblocked,
    account_deleted,
    email_confirmed,
    account_erased,
    account_disclosed,  // all that is held was handed out by an operator

    login_link_issued = 40,
    login_link_used,
    session_opened,
    session_ended,
    auth_code_issued,

    sign_in_tried = 60,  // with a password; a session that is opened follows, if it was right
    password_set,

    letter_written = 70,  // to be mailed or texted: its kind, and a fingerprint of the recipient
    code_tried,           // what the right code is for follows, if it was right
    contact_proven,

    people_looked_up = 80,
};

// "login_link_issued"
std::string_view name_of(AuditEvent) noexcept;

// Entries are in strands, each of which is written by one unit of work at a time: a storage has as many as it can write at
// once. The tag of an entry depends on all that are before it in its strand, and on the secret key.
using AuditTag = std::array<std::byte, 16>;

// One thing that happened. `detail` is in words of ours, and never a secret, an address or a number.
struct AuditEntry {
    int strand = 0;
    std::int64_t number = 0;  // in its strand, from 1 on and without a gap
    Instant at{};
    AuditEvent event{};
    std::optional<AccountId> account = {};
    std::optional<PartnerId> partner = {};
    std::string detail = {};
    AuditTag tag = {};
};

// Where a strand ends. The strand of number 0 has no entries: it counts the others.
struct AuditStrand {
    int strand = 0;
    std::int64_t last = 0;  // the number of its last entry
    Digest seal;            // of them all
};

// Why the trail is not as it was written.
enum class AuditFlawKind : std::uint8_t {
    entry_altered,   // this entry was changed or put here, or one before it was
    entry_missing,   // there is none of this number, and later ones are there
    strand_cut,      // entries are missing at the end, this one the first; or were added there
    strand_missing,  // a whole strand is missing, or there is one too many
    trail_missing,   // there are people or partners here, and no trail
};

// The first place in a strand where the trail is not as it was written.
struct AuditFlaw {
    AuditFlawKind kind{};
    int strand = 0;
    std::int64_t number = 0;
};

// "the entry was changed, or one before it"
std::string_view explain(AuditFlawKind) noexcept;

// What reading the whole trail has found.
struct AuditReport {
    std::int64_t entries = 0;
    int strands = 0;
    std::vector<AuditFlaw> flaws;  // the first of each strand: what is behind it cannot be judged
};

}

#pragma GCC visibility pop
