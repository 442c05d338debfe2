#pragma once

#include <onboard/storage.hpp>

#include "connection.hpp"
#include "numbers.hpp"

// The stores of storage.hpp in SQL. Each works inside the transaction that is open on its connection, at READ COMMITTED:
// every statement sees what was committed before it began. A refusal is an ordinary answer of a statement; none fails on
// purpose, since a failed one ends the transaction.
namespace onboard::postgres {

// What the stores of one unit of work share.
struct Session {
    Connection& connection;
    Numbers& login_link_numbers;
    Numbers& session_numbers;
    bool writing = false;
};

// A statement that finds people. In a unit of work that may write, it also holds their rows until the end: what is written
// back undoes nobody else's change.
class Finding {
public:
    explicit Finding(std::string looking, std::string_view holding = " FOR NO KEY UPDATE")
        : looking_(std::move(looking)), holding_(looking_ + std::string(holding))
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
    void release_email(AccountId) override;
    Result<void> enrol(PartnerId, AccountId, Enrolment const&, Instant now) override;
    std::optional<Enrolment> find_enrolment(PartnerId, AccountId) const override;
    std::optional<AccountId> find(PartnerId, PersonId const&) const override;
    std::vector<std::pair<PartnerId, Enrolment>> enrolments(AccountId) const override;

private:
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

class PostgresCodes : public Codes {
public:
    explicit PostgresCodes(Session const& session) : connection_(session.connection) {}

    std::optional<Instant> count_send(Purpose, std::string_view subject, Instant now, SendLimits const&) override;
    void add(Code const&) override;
    std::vector<Code> alive(Purpose, std::string_view subject, Instant now) const override;
    Tries count_try(Purpose, std::string_view subject, Instant now, std::chrono::seconds window) override;
    void give_back_try(Purpose, std::string_view subject) override;
    bool spend(CodeId, Instant now) override;
    int forget(Instant before, int limit) override;

private:
    void lock(Purpose, std::string_view subject);

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

class PostgresOutbox : public Outbox {
public:
    explicit PostgresOutbox(Session const& session) : connection_(session.connection) {}

    void add(PendingLetter const&, Instant due) override;
    std::vector<PendingLetter> claim(Instant now, Instant until, int limit) override;
    void postpone(std::string_view letter_id, Instant due) override;
    void remove(std::string_view letter_id) override;
    int size() const override;

private:
    Connection& connection_;
};

// What UnitOfWork asks of several stores, in one statement.
std::optional<PartnerOfToken> find_partner_of(Session const&, PartnerTokenId);
std::optional<PersonOfSession> find_person_of(Session const&, SessionId);

}
