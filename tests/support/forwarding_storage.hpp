#pragma once

#include <onboard/storage.hpp>

// Stores that hand every call on, to be changed where something is to go wrong.
namespace onboard::testing {

// The unit of work that a call is handed on to. It is asked for anew each time.
class Beneath {
public:
    virtual ~Beneath() = default;
    virtual UnitOfWork& reach(char const* call) = 0;
};

class ForwardingPartners : public Partners {
public:
    explicit ForwardingPartners(Beneath& beneath) : beneath_(beneath) {}

    Result<PartnerId> insert(Partner const& partner) override { return to("partners.insert").insert(partner); }
    std::optional<Partner> find(PartnerId id) const override { return to("partners.find").find(id); }
    std::optional<Partner> find(PartnerName const& name) const override { return to("partners.find").find(name); }
    std::vector<Partner> all() const override { return to("partners.all").all(); }
    PartnerTokenId add_token(PartnerId id, Digest const& digest, Instant now) override
    {
        return to("partners.add_token").add_token(id, digest, now);
    }
    std::optional<StoredPartnerToken> find_token(PartnerTokenId id) const override
    {
        return to("partners.find_token").find_token(id);
    }
    std::vector<StoredPartnerToken> live_tokens(PartnerId id) const override
    {
        return to("partners.live_tokens").live_tokens(id);
    }
    void revoke_token(PartnerTokenId id, Instant now) override { to("partners.revoke_token").revoke_token(id, now); }
    Result<void> add_plan(Plan const& plan, Instant now) override
    {
        return to("partners.add_plan").add_plan(plan, now);
    }
    std::optional<Plan> find_plan(PlanCode const& code) const override
    {
        return to("partners.find_plan").find_plan(code);
    }
    std::vector<Plan> all_plans() const override { return to("partners.all_plans").all_plans(); }
    bool close_plan(PlanCode const& code, Instant now) override
    {
        return to("partners.close_plan").close_plan(code, now);
    }

protected:
    Partners& to(char const* call) const { return beneath_.reach(call).partners(); }

private:
    Beneath& beneath_;
};

class ForwardingAccounts : public Accounts {
public:
    explicit ForwardingAccounts(Beneath& beneath) : beneath_(beneath) {}

    Result<AccountId> insert(Account const& account) override { return to("accounts.insert").insert(account); }
    Result<void> update(Account const& account) override { return to("accounts.update").update(account); }
    std::optional<Account> find(AccountId id) const override { return to("accounts.find").find(id); }
    std::optional<Account> find(EmailAddress const& email) const override { return to("accounts.find").find(email); }
    std::optional<Account> find(PhoneNumber const& phone) const override { return to("accounts.find").find(phone); }
    std::optional<Account> find(UserName const& name) const override { return to("accounts.find").find(name); }
    bool any() const override { return to("accounts.any").any(); }
    std::vector<bool> are_registered(std::span<PhoneNumber const> phones) const override
    {
        return to("accounts.are_registered").are_registered(phones);
    }
    void release_identifiers(AccountId id) override { to("accounts.release_identifiers").release_identifiers(id); }
    Result<void> enrol(PartnerId partner, AccountId account, Enrolment const& enrolment, Instant now) override
    {
        return to("accounts.enrol").enrol(partner, account, enrolment, now);
    }
    std::optional<Enrolment> find_enrolment(PartnerId partner, AccountId account) const override
    {
        return to("accounts.find_enrolment").find_enrolment(partner, account);
    }
    std::optional<AccountId> find(PartnerId partner, PersonId const& person) const override
    {
        return to("accounts.find").find(partner, person);
    }
    std::vector<std::pair<PartnerId, Enrolment>> enrolments(AccountId account) const override
    {
        return to("accounts.enrolments").enrolments(account);
    }

protected:
    Accounts& to(char const* call) const { return beneath_.reach(call).accounts(); }

private:
    Beneath& beneath_;
};

class ForwardingLoginLinks : public LoginLinks {
public:
    explicit ForwardingLoginLinks(Beneath& beneath) : beneath_(beneath) {}

    LoginLinkId insert(LoginLink const& link) override { return to("login_links.insert").insert(link); }
    std::optional<LoginLink> find(LoginLinkId id) const override { return to("login_links.find").find(id); }
    bool spend(LoginLinkId id, Instant now) override { return to("login_links.spend").spend(id, now); }
    void forget_proposals(AccountId account) override
    {
        to("login_links.forget_proposals").forget_proposals(account);
    }
    int forget(Instant before, int limit) override { return to("login_links.forget").forget(before, limit); }

protected:
    LoginLinks& to(char const* call) const { return beneath_.reach(call).login_links(); }

private:
    Beneath& beneath_;
};

class ForwardingSessions : public Sessions {
public:
    explicit ForwardingSessions(Beneath& beneath) : beneath_(beneath) {}

    SessionId insert(StoredSession const& session) override { return to("sessions.insert").insert(session); }
    std::optional<StoredSession> find(SessionId id) const override { return to("sessions.find").find(id); }
    void touch(SessionId id, Instant seen_at) override { to("sessions.touch").touch(id, seen_at); }
    void end(SessionId id) override { to("sessions.end").end(id); }
    int forget(Instant before, int limit) override { return to("sessions.forget").forget(before, limit); }

protected:
    Sessions& to(char const* call) const { return beneath_.reach(call).sessions(); }

private:
    Beneath& beneath_;
};

class ForwardingPasswordLinks : public PasswordLinks {
public:
    explicit ForwardingPasswordLinks(Beneath& beneath) : beneath_(beneath) {}

    PasswordLinkId insert(PasswordLink const& link) override { return to("password_links.insert").insert(link); }
    std::optional<PasswordLink> find(PasswordLinkId id) const override { return to("password_links.find").find(id); }
    bool spend(PasswordLinkId id, Instant now) override { return to("password_links.spend").spend(id, now); }
    int forget(Instant before, int limit) override { return to("password_links.forget").forget(before, limit); }

protected:
    PasswordLinks& to(char const* call) const { return beneath_.reach(call).password_links(); }

private:
    Beneath& beneath_;
};

class ForwardingPasswords : public Passwords {
public:
    explicit ForwardingPasswords(Beneath& beneath) : beneath_(beneath) {}

    void put(AccountId account, std::string_view sealed, Instant now) override
    {
        to("passwords.put").put(account, sealed, now);
    }
    std::optional<std::string> find(AccountId account) const override { return to("passwords.find").find(account); }
    void erase(AccountId account) override { to("passwords.erase").erase(account); }

protected:
    Passwords& to(char const* call) const { return beneath_.reach(call).passwords(); }

private:
    Beneath& beneath_;
};

class ForwardingAuthCodes : public AuthCodes {
public:
    explicit ForwardingAuthCodes(Beneath& beneath) : beneath_(beneath) {}

    void put(StoredAuthCode const& code) override { to("auth_codes.put").put(code); }
    std::optional<StoredAuthCode> find(AccountId account) const override
    {
        return to("auth_codes.find").find(account);
    }
    void erase(AccountId account) override { to("auth_codes.erase").erase(account); }
    int forget(Instant before, int limit) override { return to("auth_codes.forget").forget(before, limit); }

protected:
    AuthCodes& to(char const* call) const { return beneath_.reach(call).auth_codes(); }

private:
    Beneath& beneath_;
};

class ForwardingEmailChanges : public EmailChanges {
public:
    explicit ForwardingEmailChanges(Beneath& beneath) : beneath_(beneath) {}

    void put(EmailChange const& change) override { to("email_changes.put").put(change); }
    std::optional<EmailChange> find(AccountId account) const override
    {
        return to("email_changes.find").find(account);
    }
    bool spend(AccountId account, Digest const& digest, Instant now) override
    {
        return to("email_changes.spend").spend(account, digest, now);
    }
    void erase(AccountId account) override { to("email_changes.erase").erase(account); }
    int forget(Instant before, int limit) override { return to("email_changes.forget").forget(before, limit); }

protected:
    EmailChanges& to(char const* call) const { return beneath_.reach(call).email_changes(); }

private:
    Beneath& beneath_;
};

class ForwardingConsents : public Consents {
public:
    explicit ForwardingConsents(Beneath& beneath) : beneath_(beneath) {}

    void add(Consent const& consent) override { to("consents.add").add(consent); }
    std::vector<Consent> of(AccountId account) const override { return to("consents.of").of(account); }

protected:
    Consents& to(char const* call) const { return beneath_.reach(call).consents(); }

private:
    Beneath& beneath_;
};

class ForwardingCodes : public Codes {
public:
    explicit ForwardingCodes(Beneath& beneath) : beneath_(beneath) {}

    std::optional<Instant>
    count_send(Purpose purpose, std::string_view subject, Instant now, SendLimits const& limits) override
    {
        return to("codes.count_send").count_send(purpose, subject, now, limits);
    }
    void hold(Purpose purpose, std::string_view subject) override { to("codes.hold").hold(purpose, subject); }
    void add(Code const& code) override { to("codes.add").add(code); }
    std::vector<Code> alive(Purpose purpose, std::string_view subject, Instant now) const override
    {
        return to("codes.alive").alive(purpose, subject, now);
    }
    Tries count_tries(
        Purpose purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses) override
    {
        return to("codes.count_tries").count_tries(purpose, subject, now, window, guesses);
    }
    void give_back_try(Purpose purpose, std::string_view subject) override
    {
        to("codes.give_back_try").give_back_try(purpose, subject);
    }
    bool spend(CodeId id, Instant now) override { return to("codes.spend").spend(id, now); }
    int forget(Instant before, int limit) override { return to("codes.forget").forget(before, limit); }

protected:
    Codes& to(char const* call) const { return beneath_.reach(call).codes(); }

private:
    Beneath& beneath_;
};

class ForwardingOrganisations : public Organisations {
public:
    explicit ForwardingOrganisations(Beneath& beneath) : beneath_(beneath) {}

    Result<void> add(ChannelName const& channel, Instant now) override
    {
        return to("organisations.add").add(channel, now);
    }
    Result<void> add(ChannelName const& channel, OrganisationId const& organisation, Instant now) override
    {
        return to("organisations.add").add(channel, organisation, now);
    }
    bool has(ChannelName const& channel) const override { return to("organisations.has").has(channel); }
    std::optional<ChannelName> find(OrganisationId const& organisation) const override
    {
        return to("organisations.find").find(organisation);
    }
    std::vector<RootOrganisation> all() const override { return to("organisations.all").all(); }

protected:
    Organisations& to(char const* call) const { return beneath_.reach(call).organisations(); }

private:
    Beneath& beneath_;
};

class ForwardingTokenIssuers : public TokenIssuers {
public:
    explicit ForwardingTokenIssuers(Beneath& beneath) : beneath_(beneath) {}

    Result<void> add(TokenIssuer const& issuer) override { return to("token_issuers.add").add(issuer); }
    std::optional<TokenIssuer> find(std::string_view name) const override
    {
        return to("token_issuers.find").find(name);
    }
    std::vector<TokenIssuer> all() const override { return to("token_issuers.all").all(); }
    bool remove(std::string_view name) override { return to("token_issuers.remove").remove(name); }

protected:
    TokenIssuers& to(char const* call) const { return beneath_.reach(call).token_issuers(); }

private:
    Beneath& beneath_;
};

class ForwardingIdentities : public Identities {
public:
    explicit ForwardingIdentities(Beneath& beneath) : beneath_(beneath) {}

    bool add(LinkedIdentity const& identity) override { return to("identities.add").add(identity); }
    std::optional<AccountId> find(std::string_view issuer, std::string_view subject) const override
    {
        return to("identities.find").find(issuer, subject);
    }
    std::vector<LinkedIdentity> of(AccountId account) const override { return to("identities.of").of(account); }
    void erase(AccountId account) override { to("identities.erase").erase(account); }

protected:
    Identities& to(char const* call) const { return beneath_.reach(call).identities(); }

private:
    Beneath& beneath_;
};

class ForwardingUsedTokens : public UsedTokens {
public:
    explicit ForwardingUsedTokens(Beneath& beneath) : beneath_(beneath) {}

    bool note(Digest const& token, Instant until) override { return to("used_tokens.note").note(token, until); }
    int forget(Instant before, int limit) override { return to("used_tokens.forget").forget(before, limit); }

protected:
    UsedTokens& to(char const* call) const { return beneath_.reach(call).used_tokens(); }

private:
    Beneath& beneath_;
};

class ForwardingRepeatedRequests : public RepeatedRequests {
public:
    explicit ForwardingRepeatedRequests(Beneath& beneath) : beneath_(beneath) {}

    std::optional<RepeatedRequest>
    claim(PartnerId partner, std::string_view key, Digest const& request, Instant now, Instant since) override
    {
        return to("repeated_requests.claim").claim(partner, key, request, now, since);
    }
    void answer(PartnerId partner, std::string_view key, std::string_view answer) override
    {
        to("repeated_requests.answer").answer(partner, key, answer);
    }
    int forget(Instant before, int limit) override { return to("repeated_requests.forget").forget(before, limit); }

protected:
    RepeatedRequests& to(char const* call) const { return beneath_.reach(call).repeated_requests(); }

private:
    Beneath& beneath_;
};

class ForwardingCauses : public Causes {
public:
    explicit ForwardingCauses(Beneath& beneath) : beneath_(beneath) {}

    bool note(PartnerId partner, Digest const& cause, Instant now, Instant stale, Instant forgotten) override
    {
        return to("causes.note").note(partner, cause, now, stale, forgotten);
    }
    int forget(Instant before, int limit) override { return to("causes.forget").forget(before, limit); }

protected:
    Causes& to(char const* call) const { return beneath_.reach(call).causes(); }

private:
    Beneath& beneath_;
};

class ForwardingOutbox : public Outbox {
public:
    explicit ForwardingOutbox(Beneath& beneath) : beneath_(beneath) {}

    void add(PendingLetter const& letter, Instant due) override { to("outbox.add").add(letter, due); }
    std::vector<ClaimedLetter> claim(Channel channel, Instant now, Instant until, int limit) override
    {
        return to("outbox.claim").claim(channel, now, until, limit);
    }
    bool extend(LetterClaim const& claim, Instant until) override { return to("outbox.extend").extend(claim, until); }
    bool postpone(LetterClaim const& claim, Instant due, std::string_view reason) override
    {
        return to("outbox.postpone").postpone(claim, due, reason);
    }
    bool give_back(LetterClaim const& claim, Instant due) override
    {
        return to("outbox.give_back").give_back(claim, due);
    }
    bool bury(LetterClaim const& claim, LetterState state, Instant now, std::string_view reason) override
    {
        return to("outbox.bury").bury(claim, state, now, reason);
    }
    bool remove(LetterClaim const& claim) override { return to("outbox.remove").remove(claim); }
    void cancel(Recipient const& recipient) override { to("outbox.cancel").cancel(recipient); }
    std::vector<OutboxEntry> all(int limit) const override { return to("outbox.all").all(limit); }
    bool revive(std::string_view letter_id, Instant now) override
    {
        return to("outbox.revive").revive(letter_id, now);
    }
    int size() const override { return to("outbox.size").size(); }
    OutboxBacklog backlog(Channel channel, int most) const override
    {
        return to("outbox.backlog").backlog(channel, most);
    }
    int forget(Instant before, int limit) override { return to("outbox.forget").forget(before, limit); }

protected:
    Outbox& to(char const* call) const { return beneath_.reach(call).outbox(); }

private:
    Beneath& beneath_;
};

class ForwardingAuditTrail : public AuditTrail {
public:
    explicit ForwardingAuditTrail(Beneath& beneath) : beneath_(beneath) {}

    std::optional<AuditStrand> take_strand() override { return to("audit.take_strand").take_strand(); }
    void append(std::span<AuditEntry const> entries, AuditStrand const& end) override
    {
        to("audit.append").append(entries, end);
    }
    std::int64_t hold_count() override { return to("audit.hold_count").hold_count(); }
    void begin(AuditStrand const& strand, AuditStrand const& count) override
    {
        to("audit.begin").begin(strand, count);
    }
    std::vector<AuditStrand> strands() const override { return to("audit.strands").strands(); }
    std::vector<AuditEntry> entries(AuditPlace behind, int limit) const override
    {
        return to("audit.entries").entries(behind, limit);
    }

protected:
    AuditTrail& to(char const* call) const { return beneath_.reach(call).audit(); }

private:
    Beneath& beneath_;
};

// A unit of work of such stores. Which unit of work lies beneath, and what commit() does, is said by who derives from
// it.
class ForwardingWork : public UnitOfWork, public Beneath {
public:
    Partners& partners() override { return partners_; }
    Accounts& accounts() override { return accounts_; }
    LoginLinks& login_links() override { return login_links_; }
    Sessions& sessions() override { return sessions_; }
    Codes& codes() override { return codes_; }
    RepeatedRequests& repeated_requests() override { return repeated_requests_; }
    PasswordLinks& password_links() override { return password_links_; }
    Passwords& passwords() override { return passwords_; }
    AuthCodes& auth_codes() override { return auth_codes_; }
    EmailChanges& email_changes() override { return email_changes_; }
    Consents& consents() override { return consents_; }
    Causes& causes() override { return causes_; }
    Organisations& organisations() override { return organisations_; }
    TokenIssuers& token_issuers() override { return token_issuers_; }
    Identities& identities() override { return identities_; }
    UsedTokens& used_tokens() override { return used_tokens_; }
    Outbox& outbox() override { return outbox_; }
    AuditTrail& audit() override { return audit_; }

private:
    ForwardingPartners partners_{*this};
    ForwardingAccounts accounts_{*this};
    ForwardingLoginLinks login_links_{*this};
    ForwardingSessions sessions_{*this};
    ForwardingCodes codes_{*this};
    ForwardingRepeatedRequests repeated_requests_{*this};
    ForwardingPasswordLinks password_links_{*this};
    ForwardingPasswords passwords_{*this};
    ForwardingAuthCodes auth_codes_{*this};
    ForwardingEmailChanges email_changes_{*this};
    ForwardingConsents consents_{*this};
    ForwardingCauses causes_{*this};
    ForwardingOrganisations organisations_{*this};
    ForwardingTokenIssuers token_issuers_{*this};
    ForwardingIdentities identities_{*this};
    ForwardingUsedTokens used_tokens_{*this};
    ForwardingOutbox outbox_{*this};
    ForwardingAuditTrail audit_{*this};
};

}
