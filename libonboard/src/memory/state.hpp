#pragma once

#include <onboard/storage.hpp>

#include "journal.hpp"

namespace onboard::memory {

using Subject = std::pair<Purpose, std::string>;

struct Budget {
    std::vector<Instant> sends;
    int tries = 0;
    Instant window_ends{};
};

struct ClaimedRequest {
    RepeatedRequest request;
    Instant claimed_at{};
};

struct StoredLetter {
    PendingLetter pending;
    LetterState state = LetterState::waiting;
    int attempts = 0;
    int fence = 0;  // goes up when a claim begins and when it ends
    Instant added_at{};
    Instant due_at{};
    std::string reason = {};
};

// The numbers given out go up even when a unit of work is abandoned, as a database's do.
struct State {
    Table<PartnerId, Partner> partners;
    Table<PartnerTokenId, StoredPartnerToken> partner_tokens;
    Table<PlanCode, Plan> plans;
    Table<AccountId, Account> accounts;
    Table<std::string, AccountId> account_of_email;
    Table<std::string, AccountId> account_of_phone;
    Table<std::int64_t, AccountId> account_of_number;
    Table<UserName, AccountId> account_of_user_name;
    Table<std::pair<PartnerId, AccountId>, Enrolment> enrolments;
    Table<std::pair<PartnerId, PersonId>, AccountId> account_of_person_id;
    Table<LoginLinkId, LoginLink> login_links;
    Table<SessionId, StoredSession> sessions;
    Table<CodeId, Code> codes;
    Table<Subject, Budget> budgets;
    Table<std::pair<PartnerId, std::string>, ClaimedRequest> repeated_requests;
    Table<PasswordLinkId, PasswordLink> password_links;
    Table<AccountId, std::string> passwords;
    Table<AccountId, StoredAuthCode> auth_codes;
    Table<AccountId, EmailChange> email_changes;
    Table<std::int64_t, Consent> consents;
    Table<std::pair<PartnerId, Digest::Bytes>, Instant> causes;
    Table<ChannelName, Instant> channels;
    Table<OrganisationId, ChannelName> organisations;
    Table<std::string, TokenIssuer> token_issuers;
    Table<std::pair<std::string, std::string>, LinkedIdentity> identities;
    Table<Digest::Bytes, Instant> used_tokens;
    Table<std::int64_t, StoredLetter> outbox;
    Table<int, AuditStrand> audit_strands;
    Table<std::pair<int, std::int64_t>, AuditEntry> audit_entries;
    std::int64_t last_number = 0;

    template <class Id>
    Id next_id()
    {
        return Id(++last_number);
    }
};

}
