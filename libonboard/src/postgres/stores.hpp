#pragma once

#include <onboard/storage.hpp>

#include "connection.hpp"
#include "numbers.hpp"

// The stores of storage.hpp in SQL. Each works inside the transaction that is open on its connection, at READ COMMITTED:
// every statement sees what was committed before it began. A refusal is an ordinary answer of a statement; none fails on
// purpose, since a failed one ends the transaction.
//
// Whoever forgets takes the first rows by number or by age, leaves alone those that somebody else holds, and so waits
// for nobody.
namespace onboard::postgres {

// What the stores of one unit of work share.
struct Session {
    Connection& connection;
    Numbers& login_link_numbers;
    Numbers& session_numbers;
    Numbers& password_link_numbers;
    bool writing = false;
};

// A statement that finds people. In a unit of work that may write, it also holds their rows until the end: what is written
// back undoes nobody else's change.
class Finding {
public:
    explicit Finding(std::string_view looking, std::string_view holding = " FOR NO KEY UPDATE")
        : looking_(looking), holding_(looking_ + std::string(holding))
    {
    }

    std::string_view statement(bool writing) const { return writing ? holding_ : looking_; }

private:
    std::string looking_;
    std::string holding_;
};

class PostgresPartners : public Partners {
public:
    explicit PostgresPartners(Session const& session) : connection_(session.connection) {}

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

class PostgresAccounts : public Accounts {
public:
    explicit PostgresAccounts(Session const& session) : connection_(session.connection), writing_(session.writing) {}

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
    bool writing_;
};

class PostgresLoginLinks : public LoginLinks {
public:
    explicit PostgresLoginLinks(Session const& session)
        : connection_(session.connection), numbers_(session.login_link_numbers)
    {
    }

    LoginLinkId insert(LoginLink const&) override;
    std::optional<LoginLink> find(LoginLinkId) const override;
    bool spend(LoginLinkId, Instant now) override;
    void forget_proposals(AccountId) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
    Numbers& numbers_;
};

class PostgresSessions : public Sessions {
public:
    explicit PostgresSessions(Session const& session)
        : connection_(session.connection), numbers_(session.session_numbers)
    {
    }

    SessionId insert(StoredSession const&) override;
    std::optional<StoredSession> find(SessionId) const override;
    void touch(SessionId, Instant seen_at) override;
    void end(SessionId) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
    Numbers& numbers_;
};

class PostgresPasswordLinks : public PasswordLinks {
public:
    explicit PostgresPasswordLinks(Session const& session)
        : connection_(session.connection), numbers_(session.password_link_numbers)
    {
    }

    PasswordLinkId insert(PasswordLink const&) override;
    std::optional<PasswordLink> find(PasswordLinkId) const override;
    bool spend(PasswordLinkId, Instant now) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
    Numbers& numbers_;
};

class PostgresPasswords : public Passwords {
public:
    explicit PostgresPasswords(Session const& session) : connection_(session.connection), writing_(session.writing) {}

    void put(AccountId, std::string_view sealed, Instant now) override;
    std::optional<std::string> find(AccountId) const override;
    void erase(AccountId) override;

private:
    Connection& connection_;
    bool writing_;
};

class PostgresAuthCodes : public AuthCodes {
public:
    explicit PostgresAuthCodes(Session const& session) : connection_(session.connection) {}

    void put(StoredAuthCode const&) override;
    std::optional<StoredAuthCode> find(AccountId) const override;
    void erase(AccountId) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class PostgresEmailChanges : public EmailChanges {
public:
    explicit PostgresEmailChanges(Session const& session) : connection_(session.connection) {}

    void put(EmailChange const&) override;
    std::optional<EmailChange> find(AccountId) const override;
    bool spend(AccountId, Digest const&, Instant now) override;
    void erase(AccountId) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class PostgresConsents : public Consents {
public:
    explicit PostgresConsents(Session const& session) : connection_(session.connection) {}

    void add(Consent const&) override;
    std::vector<Consent> of(AccountId) const override;

private:
    Connection& connection_;
};

class PostgresCodes : public Codes {
public:
    explicit PostgresCodes(Session const& session) : connection_(session.connection) {}

    void hold(Purpose, std::string_view subject) override;
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

class PostgresRepeatedRequests : public RepeatedRequests {
public:
    explicit PostgresRepeatedRequests(Session const& session) : connection_(session.connection) {}

    std::optional<RepeatedRequest>
    claim(PartnerId, std::string_view key, Digest const& request, Instant now, Instant since) override;
    void answer(PartnerId, std::string_view key, std::string_view answer) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class PostgresCauses : public Causes {
public:
    explicit PostgresCauses(Session const& session) : connection_(session.connection) {}

    bool note(PartnerId, Digest const&, Instant now, Instant stale, Instant forgotten) override;
    int forget(Instant before, int limit) override;

private:
    Instant last_noted(PartnerId, Digest const&) const;

    Connection& connection_;
};

class PostgresOrganisations : public Organisations {
public:
    explicit PostgresOrganisations(Session const& session) : connection_(session.connection) {}

    Result<void> add(ChannelName const&, Instant now) override;
    Result<void> add(ChannelName const&, OrganisationId const&, Instant now) override;
    bool has(ChannelName const&) const override;
    std::optional<ChannelName> find(OrganisationId const&) const override;
    std::vector<RootOrganisation> all() const override;

private:
    Connection& connection_;
};

class PostgresTokenIssuers : public TokenIssuers {
public:
    explicit PostgresTokenIssuers(Session const& session) : connection_(session.connection) {}

    Result<void> add(TokenIssuer const&) override;
    std::optional<TokenIssuer> find(std::string_view name) const override;
    std::vector<TokenIssuer> all() const override;
    bool remove(std::string_view name) override;

private:
    Connection& connection_;
};

class PostgresIdentities : public Identities {
public:
    explicit PostgresIdentities(Session const& session) : connection_(session.connection) {}

    bool add(LinkedIdentity const&) override;
    std::optional<AccountId> find(std::string_view issuer, std::string_view subject) const override;
    std::vector<LinkedIdentity> of(AccountId) const override;
    void erase(AccountId) override;

private:
    Connection& connection_;
};

class PostgresUsedTokens : public UsedTokens {
public:
    explicit PostgresUsedTokens(Session const& session) : connection_(session.connection) {}

    bool note(Digest const&, Instant until) override;
    int forget(Instant before, int limit) override;

private:
    Connection& connection_;
};

class PostgresOutbox : public Outbox {
public:
    explicit PostgresOutbox(Session const& session) : connection_(session.connection) {}

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

class PostgresAuditTrail : public AuditTrail {
public:
    explicit PostgresAuditTrail(Session const& session) : connection_(session.connection) {}

    std::optional<AuditStrand> take_strand() override;
    void append(std::span<AuditEntry const>, AuditStrand const&) override;
    std::int64_t hold_count() override;
    void begin(AuditStrand const&, AuditStrand const& count) override;
    std::vector<AuditStrand> strands() const override;
    std::vector<AuditEntry> entries(AuditPlace behind, int limit) const override;

    // To be called before the unit of work is committed: where its strand ends is written once.
    void write_down() const;

private:
    void lock_one();

    Connection& connection_;
};

// What UnitOfWork asks of several stores, in one statement.
std::optional<PartnerOfToken> find_partner_of(Session const&, PartnerTokenId);
std::optional<PersonOfSession> find_person_of(Session const&, SessionId);

}
