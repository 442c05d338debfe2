#pragma once

#include <onboard/storage.hpp>

#include "connection.hpp"
#include "readers.hpp"

// The stores of storage.hpp in SQL. Each works inside the transaction that is open on its connection.
namespace onboard::sqlite {

class SqlitePartners : public Partners {
public:
    explicit SqlitePartners(Connection& connection) : connection_(connection) {}

    Result<PartnerId> insert(Partner const&) override;
    std::optional<Partner> find(PartnerId) const override;
    std::optional<Partner> find(PartnerName const&) const override;
    std::vector<Partner> all() const override;
    PartnerTokenId add_token(PartnerId, Digest const&, Instant now) override;
    std::optional<StoredPartnerToken> find_token(PartnerTokenId) const override;
    std::vector<StoredPartnerToken> live_tokens(PartnerId) const override;
    void revoke_token(PartnerTokenId, Instant now) override;
    Result<void> add_plan(Plan const&, Instant now) override;
    std::optional<Plan> find_plan(PlanCode const&) const override;
    std::vector<Plan> all_plans() const override;
    bool close_plan(PlanCode const&, Instant now) override;

private:
    Connection& connection_;
};

class SqliteAccounts : public Accounts {
public:
    explicit SqliteAccounts(Connection& connection, Readers* readers = nullptr)
        : connection_(connection), readers_(readers)
    {
    }

    Result<AccountId> insert(Account const&) override;
    Result<void> update(Account const&) override;
    std::optional<Account> find(AccountId) const override;
    std::optional<Account> find(EmailAddress const&) const override;
    std::optional<Account> find(PhoneNumber const&) const override;
    std::optional<Account> find(UserName const&) const override;
    bool any() const override;
    std::vector<bool> are_registered(std::span<PhoneNumber const>) const override;
    void release_identifiers(AccountId) override;
    Result<void> enrol(PartnerId, AccountId, Enrolment const&, Instant now) override;
    std::optional<Enrolment> find_enrolment(PartnerId, AccountId) const override;
    std::optional<AccountId> find(PartnerId, PersonId const&) const override;
    std::vector<std::pair<PartnerId, Enrolment>> enrolments(AccountId) const override;

private:
    Error why_taken(Account const&, AccountId) const;

    Connection& connection_;
    Readers* readers_;
};

class SqliteLoginLinks : public LoginLinks {
public:
    explicit SqliteLoginLinks(Connection& connection) : connection_(connection) {}

    LoginLinkId insert(LoginLink const&) override;
    std::optional<LoginLink> find(LoginLinkId) const override;
    bool spend(LoginLinkId, Instant now) override;
    void forget_proposals(AccountId) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class SqliteSessions : public Sessions {
public:
    explicit SqliteSessions(Connection& connection) : connection_(connection) {}

    SessionId insert(StoredSession const&) override;
    std::optional<StoredSession> find(SessionId) const override;
    void touch(SessionId, Instant seen_at) override;
    void end(SessionId) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class SqlitePasswordLinks : public PasswordLinks {
public:
    explicit SqlitePasswordLinks(Connection& connection) : connection_(connection) {}

    PasswordLinkId insert(PasswordLink const&) override;
    std::optional<PasswordLink> find(PasswordLinkId) const override;
    bool spend(PasswordLinkId, Instant now) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class SqlitePasswords : public Passwords {
public:
    explicit SqlitePasswords(Connection& connection) : connection_(connection) {}

    void put(AccountId, std::string_view sealed, Instant now) override;
    std::optional<std::string> find(AccountId) const override;
    void erase(AccountId) override;

private:
    Connection& connection_;
};

class SqliteAuthCodes : public AuthCodes {
public:
    explicit SqliteAuthCodes(Connection& connection) : connection_(connection) {}

    void put(StoredAuthCode const&) override;
    std::optional<StoredAuthCode> find(AccountId) const override;
    void erase(AccountId) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class SqliteEmailChanges : public EmailChanges {
public:
    explicit SqliteEmailChanges(Connection& connection) : connection_(connection) {}

    void put(EmailChange const&) override;
    std::optional<EmailChange> find(AccountId) const override;
    bool spend(AccountId, Digest const&, Instant now) override;
    void erase(AccountId) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class SqliteConsents : public Consents {
public:
    explicit SqliteConsents(Connection& connection) : connection_(connection) {}

    void add(Consent const&) override;
    std::vector<Consent> of(AccountId) const override;

private:
    Connection& connection_;
};

class SqliteCodes : public Codes {
public:
    explicit SqliteCodes(Connection& connection) : connection_(connection) {}

    void hold(Purpose, std::string_view) override {}  // there is one writer at a time
    std::optional<Instant> count_send(Purpose, std::string_view subject, Instant now, SendLimits const&) override;
    void add(Code const&) override;
    std::vector<Code> alive(Purpose, std::string_view subject, Instant now) const override;
    Tries
    count_tries(Purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses) override;
    void give_back_try(Purpose, std::string_view subject) override;
    bool spend(CodeId, Instant now) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class SqliteRepeatedRequests : public RepeatedRequests {
public:
    explicit SqliteRepeatedRequests(Connection& connection) : connection_(connection) {}

    std::optional<RepeatedRequest>
    claim(PartnerId, std::string_view key, Digest const& request, Instant now, Instant since) override;
    void answer(PartnerId, std::string_view key, std::string_view answer) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class SqliteCauses : public Causes {
public:
    explicit SqliteCauses(Connection& connection) : connection_(connection) {}

    bool note(PartnerId, Digest const&, Instant now, Instant stale, Instant forgotten) override;
    int forget(Instant before, int limit) override;

private:
    Instant last_noted(PartnerId, Digest const&) const;

    Connection& connection_;
};

class SqliteOrganisations : public Organisations {
public:
    explicit SqliteOrganisations(Connection& connection) : connection_(connection) {}

    Result<void> add(ChannelName const&, Instant now) override;
    Result<void> add(ChannelName const&, OrganisationId const&, Instant now) override;
    bool has(ChannelName const&) const override;
    std::optional<ChannelName> find(OrganisationId const&) const override;
    std::vector<RootOrganisation> all() const override;

private:
    Connection& connection_;
};

class SqliteTokenIssuers : public TokenIssuers {
public:
    explicit SqliteTokenIssuers(Connection& connection) : connection_(connection) {}

    Result<void> add(TokenIssuer const&) override;
    std::optional<TokenIssuer> find(std::string_view name) const override;
    std::vector<TokenIssuer> all() const override;
    bool remove(std::string_view name) override;

private:
    Connection& connection_;
};

class SqliteIdentities : public Identities {
public:
    explicit SqliteIdentities(Connection& connection) : connection_(connection) {}

    bool add(LinkedIdentity const&) override;
    std::optional<AccountId> find(std::string_view issuer, std::string_view subject) const override;
    std::vector<LinkedIdentity> of(AccountId) const override;
    void erase(AccountId) override;

private:
    Connection& connection_;
};

class SqliteUsedTokens : public UsedTokens {
public:
    explicit SqliteUsedTokens(Connection& connection) : connection_(connection) {}

    bool note(Digest const&, Instant until) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class SqliteOutbox : public Outbox {
public:
    explicit SqliteOutbox(Connection& connection) : connection_(connection) {}

    void add(PendingLetter const&, Instant due) override;
    std::vector<ClaimedLetter> claim(Channel, Instant now, Instant until, int limit) override;
    bool extend(LetterClaim const&, Instant until) override;
    bool postpone(LetterClaim const&, Instant due, std::string_view reason) override;
    bool give_back(LetterClaim const&, Instant due) override;
    bool bury(LetterClaim const&, LetterState, Instant now, std::string_view reason) override;
    bool remove(LetterClaim const&) override;
    void cancel(Recipient const&) override;
    std::vector<OutboxEntry> all(int limit) const override;
    bool revive(std::string_view letter_id, Instant now) override;
    int size() const override;
    OutboxBacklog backlog(Channel, int most) const override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class SqliteAuditTrail : public AuditTrail {
public:
    explicit SqliteAuditTrail(Connection& connection) : connection_(connection) {}

    std::optional<AuditStrand> take_strand() override;
    void append(std::span<AuditEntry const>, AuditStrand const&) override;
    std::int64_t hold_count() override;
    void begin(AuditStrand const&, AuditStrand const& count) override;
    std::vector<AuditStrand> strands() const override;
    std::vector<AuditEntry> entries(AuditPlace behind, int limit) const override;

private:
    Connection& connection_;
};

// The questions of UnitOfWork that concern several stores, each as one statement.
std::optional<PartnerOfToken> find_partner_of(Connection&, PartnerTokenId);
std::optional<PersonOfSession> find_person_of(Connection&, SessionId);

}
