#include <onboard/memory_storage.hpp>

#include <algorithm>
#include <mutex>

#include "journal.hpp"

namespace onboard {

namespace memory {

namespace {

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

struct WaitingLetter {
    PendingLetter letter;
    Instant due{};
};

// The numbers given out go up even when a unit of work is abandoned, as a database's do.
struct State {
    Table<PartnerId, Partner> partners;
    Table<PartnerTokenId, StoredPartnerToken> partner_tokens;
    Table<PlanCode, Plan> plans;
    Table<AccountId, Account> accounts;
    Table<std::string, AccountId> account_of_email;
    Table<std::pair<PartnerId, AccountId>, Enrolment> enrolments;
    Table<std::pair<PartnerId, PersonId>, AccountId> account_of_person_id;
    Table<LoginLinkId, LoginLink> login_links;
    Table<SessionId, StoredSession> sessions;
    Table<CodeId, Code> codes;
    Table<Subject, Budget> budgets;
    Table<std::pair<PartnerId, std::string>, ClaimedRequest> repeated_requests;
    Table<std::int64_t, WaitingLetter> outbox;
    std::int64_t last_number = 0;

    template <class Id>
    Id next_id()
    {
        return Id(++last_number);
    }
};

class MemoryPartners : public Partners {
public:
    MemoryPartners(State& state, Journal& journal) : state_(state), journal_(journal) {}

    Result<PartnerId> insert(Partner const& partner) override
    {
        if (find(partner.name))
            return refuse(Errc::partner_exists, "name");
        auto stored = partner;
        stored.id = state_.next_id<PartnerId>();
        state_.partners.put(journal_, stored.id, stored);
        return stored.id;
    }

    std::optional<Partner> find(PartnerId id) const override
    {
        auto const* partner = state_.partners.find(id);
        return partner ? std::optional(*partner) : std::nullopt;
    }

    std::optional<Partner> find(PartnerName const& name) const override
    {
        for (auto const& [id, partner] : state_.partners)
            if (partner.name == name)
                return partner;
        return std::nullopt;
    }

    std::vector<Partner> all() const override
    {
        std::vector<Partner> partners;
        for (auto const& [id, partner] : state_.partners)
            partners.push_back(partner);
        std::ranges::sort(partners, {}, &Partner::name);
        return partners;
    }

    PartnerTokenId add_token(PartnerId partner, Digest const& digest, Instant now) override
    {
        auto const id = state_.next_id<PartnerTokenId>();
        state_.partner_tokens.put(
            journal_, id, {.id = id, .partner = partner, .digest = digest, .created_at = now});
        return id;
    }

    std::optional<StoredPartnerToken> find_token(PartnerTokenId id) const override
    {
        auto const* token = state_.partner_tokens.find(id);
        return token ? std::optional(*token) : std::nullopt;
    }

    std::vector<StoredPartnerToken> live_tokens(PartnerId partner) const override
    {
        std::vector<StoredPartnerToken> tokens;
        for (auto const& [id, token] : state_.partner_tokens)
            if (token.partner == partner && !token.revoked_at)
                tokens.push_back(token);
        return tokens;
    }

    void revoke_token(PartnerTokenId id, Instant now) override
    {
        if (auto token = find_token(id); token && !token->revoked_at) {
            token->revoked_at = now;
            state_.partner_tokens.put(journal_, id, *token);
        }
    }

    Result<void> add_plan(Plan const& plan, Instant) override
    {
        if (state_.plans.find(plan.code))
            return refuse(Errc::plan_exists, "code");
        state_.plans.put(journal_, plan.code, plan);
        return {};
    }

    std::optional<Plan> find_plan(PlanCode const& code) const override
    {
        auto const* plan = state_.plans.find(code);
        return plan ? std::optional(*plan) : std::nullopt;
    }

    std::vector<Plan> all_plans() const override
    {
        std::vector<Plan> plans;
        for (auto const& [code, plan] : state_.plans)
            plans.push_back(plan);
        return plans;
    }

    bool close_plan(PlanCode const& code, Instant) override
    {
        auto plan = find_plan(code);
        if (!plan)
            return false;
        plan->open = false;
        state_.plans.put(journal_, code, *plan);
        return true;
    }

private:
    State& state_;
    Journal& journal_;
};

class MemoryAccounts : public Accounts {
public:
    MemoryAccounts(State& state, Journal& journal) : state_(state), journal_(journal) {}

    Result<AccountId> insert(Account const& account) override
    {
        if (state_.account_of_email.find(account.email.key()))
            return refuse(Errc::email_taken, "email");
        auto stored = account;
        stored.id = state_.next_id<AccountId>();
        state_.account_of_email.put(journal_, stored.email.key(), stored.id);
        state_.accounts.put(journal_, stored.id, stored);
        return stored.id;
    }

    Result<void> update(Account const& account) override
    {
        auto const* owner = state_.account_of_email.find(account.email.key());
        if (owner && *owner != account.id)
            return refuse(Errc::email_taken, "email");
        auto const* before = state_.accounts.find(account.id);
        if (!before)
            return {};
        if (!owner) {
            state_.account_of_email.erase(journal_, before->email.key());
            state_.account_of_email.put(journal_, account.email.key(), account.id);
        }
        state_.accounts.put(journal_, account.id, account);
        return {};
    }

    std::optional<Account> find(AccountId id) const override
    {
        auto const* account = state_.accounts.find(id);
        return account ? std::optional(*account) : std::nullopt;
    }

    std::optional<Account> find(EmailAddress const& email) const override
    {
        auto const* id = state_.account_of_email.find(email.key());
        return id ? find(*id) : std::nullopt;
    }

    void release_email(AccountId id) override
    {
        auto const* account = state_.accounts.find(id);
        if (!account)
            return;
        auto const* owner = state_.account_of_email.find(account->email.key());
        if (owner && *owner == id)
            state_.account_of_email.erase(journal_, account->email.key());
    }

    Result<void> enrol(PartnerId partner, AccountId account, Enrolment const& enrolment, Instant) override
    {
        auto const* owner =
            enrolment.person_id ? state_.account_of_person_id.find({partner, *enrolment.person_id}) : nullptr;
        if (owner && *owner != account)
            return refuse(Errc::person_id_taken, "person_id");
        if (auto const before = find_enrolment(partner, account); before && before->person_id)
            state_.account_of_person_id.erase(journal_, {partner, *before->person_id});
        if (enrolment.person_id)
            state_.account_of_person_id.put(journal_, {partner, *enrolment.person_id}, account);
        state_.enrolments.put(journal_, {partner, account}, enrolment);
        return {};
    }

    std::optional<Enrolment> find_enrolment(PartnerId partner, AccountId account) const override
    {
        auto const* enrolment = state_.enrolments.find({partner, account});
        return enrolment ? std::optional(*enrolment) : std::nullopt;
    }

    std::optional<AccountId> find(PartnerId partner, PersonId const& person) const override
    {
        auto const* account = state_.account_of_person_id.find({partner, person});
        return account ? std::optional(*account) : std::nullopt;
    }

    std::vector<std::pair<PartnerId, Enrolment>> enrolments(AccountId account) const override
    {
        std::vector<std::pair<PartnerId, Enrolment>> result;
        for (auto const& [key, enrolment] : state_.enrolments)
            if (key.second == account)
                result.emplace_back(key.first, enrolment);
        return result;
    }

private:
    State& state_;
    Journal& journal_;
};

class MemoryLoginLinks : public LoginLinks {
public:
    MemoryLoginLinks(State& state, Journal& journal) : state_(state), journal_(journal) {}

    LoginLinkId insert(LoginLink const& link) override
    {
        auto const id = state_.next_id<LoginLinkId>();
        state_.login_links.put(journal_, id, link);
        return id;
    }

    std::optional<LoginLink> find(LoginLinkId id) const override
    {
        auto const* link = state_.login_links.find(id);
        return link ? std::optional(*link) : std::nullopt;
    }

    bool spend(LoginLinkId id, Instant now) override
    {
        auto link = find(id);
        if (!link || link->used || now >= link->expires_at)
            return false;
        link->used = true;
        state_.login_links.put(journal_, id, *link);
        return true;
    }

    int forget(Instant before, int limit) override
    {
        return state_.login_links.erase_if(
            journal_, limit, [before](LoginLink const& link) { return link.expires_at < before; });
    }

private:
    State& state_;
    Journal& journal_;
};

class MemorySessions : public Sessions {
public:
    MemorySessions(State& state, Journal& journal) : state_(state), journal_(journal) {}

    SessionId insert(StoredSession const& session) override
    {
        auto const id = state_.next_id<SessionId>();
        state_.sessions.put(journal_, id, session);
        return id;
    }

    std::optional<StoredSession> find(SessionId id) const override
    {
        auto const* session = state_.sessions.find(id);
        return session ? std::optional(*session) : std::nullopt;
    }

    void touch(SessionId id, Instant seen_at) override
    {
        if (auto session = find(id); session && session->seen_at < seen_at) {
            session->seen_at = seen_at;
            state_.sessions.put(journal_, id, *session);
        }
    }

    void end(SessionId id) override
    {
        if (auto session = find(id)) {
            session->ended = true;
            state_.sessions.put(journal_, id, *session);
        }
    }

    int forget(Instant before, int limit) override
    {
        return state_.sessions.erase_if(
            journal_, limit, [before](StoredSession const& session) { return session.opened_at < before; });
    }

private:
    State& state_;
    Journal& journal_;
};

class MemoryCodes : public Codes {
public:
    MemoryCodes(State& state, Journal& journal) : state_(state), journal_(journal) {}

    std::optional<Instant>
    count_send(Purpose purpose, std::string_view subject, Instant now, SendLimits const& limits) override
    {
        auto budget = budget_of(purpose, subject);
        std::erase_if(budget.sends, [now](Instant sent) { return sent <= now - std::chrono::hours(24); });
        auto const& sends = budget.sends;  // the oldest first
        auto const free_again = [&](int limit, std::chrono::hours stretch) -> Instant {
            if (limit <= 0)
                return now + stretch;
            auto const nth = static_cast<std::size_t>(limit);
            return sends.size() < nth ? now : sends[sends.size() - nth] + stretch;
        };

        auto allowed_at = sends.empty() ? now : std::max(now, Instant(sends.back() + limits.pause));
        allowed_at = std::max(allowed_at, free_again(limits.per_hour, std::chrono::hours(1)));
        allowed_at = std::max(allowed_at, free_again(limits.per_day, std::chrono::hours(24)));
        if (allowed_at > now)
            return allowed_at;

        budget.sends.push_back(now);
        put(purpose, subject, std::move(budget));
        return std::nullopt;
    }

    void add(Code const& code) override
    {
        auto const id = state_.next_id<CodeId>();
        auto stored = code;
        stored.id = id;
        state_.codes.put(journal_, id, stored);

        std::vector<CodeId> same_subject;
        for (auto const& [other, row] : state_.codes)
            if (row.purpose == code.purpose && row.subject == code.subject)
                same_subject.push_back(other);
        for (std::size_t index = 0; index + 2 < same_subject.size(); ++index)
            state_.codes.erase(journal_, same_subject[index]);
    }

    std::vector<Code> alive(Purpose purpose, std::string_view subject, Instant now) const override
    {
        std::vector<Code> codes;
        for (auto const& [id, code] : state_.codes)
            if (code.purpose == purpose && code.subject == subject && now < code.expires_at)
                codes.insert(codes.begin(), code);
        return codes;
    }

    Tries count_try(Purpose purpose, std::string_view subject, Instant now, std::chrono::seconds window) override
    {
        auto budget = budget_of(purpose, subject);
        if (now >= budget.window_ends) {
            budget.tries = 0;
            budget.window_ends = now + window;
        }
        ++budget.tries;
        Tries const tries{.used = budget.tries, .window_ends = budget.window_ends};
        put(purpose, subject, std::move(budget));
        return tries;
    }

    void give_back_try(Purpose purpose, std::string_view subject) override
    {
        auto budget = budget_of(purpose, subject);
        if (budget.tries == 0)
            return;
        --budget.tries;
        put(purpose, subject, std::move(budget));
    }

    bool spend(CodeId id, Instant now) override
    {
        auto const* code = state_.codes.find(id);
        if (!code || now >= code->expires_at)
            return false;
        state_.codes.erase(journal_, id);
        return true;
    }

    int forget(Instant before, int limit) override
    {
        auto const codes = state_.codes.erase_if(
            journal_, limit, [before](Code const& code) { return code.expires_at < before; });
        return codes + state_.budgets.erase_if(journal_, limit - codes, [before](Budget const& budget) {
            return budget.window_ends < before && std::ranges::all_of(budget.sends, [before](Instant sent) {
                       return sent < before;
                   });
        });
    }

private:
    Budget budget_of(Purpose purpose, std::string_view subject) const
    {
        auto const* budget = state_.budgets.find({purpose, std::string(subject)});
        return budget ? *budget : Budget{};
    }

    void put(Purpose purpose, std::string_view subject, Budget budget)
    {
        state_.budgets.put(journal_, {purpose, std::string(subject)}, std::move(budget));
    }

    State& state_;
    Journal& journal_;
};

class MemoryRepeatedRequests : public RepeatedRequests {
public:
    MemoryRepeatedRequests(State& state, Journal& journal) : state_(state), journal_(journal) {}

    std::optional<RepeatedRequest>
    claim(PartnerId partner, std::string_view key, Digest const& request, Instant now, Instant since) override
    {
        auto const* claimed = state_.repeated_requests.find({partner, std::string(key)});
        if (claimed && claimed->claimed_at >= since)
            return claimed->request;
        state_.repeated_requests.put(
            journal_, {partner, std::string(key)},
            {.request = {.request = request, .answer = {}}, .claimed_at = now});
        return std::nullopt;
    }

    void answer(PartnerId partner, std::string_view key, std::string_view answer) override
    {
        if (auto const* claimed = state_.repeated_requests.find({partner, std::string(key)})) {
            auto answered = *claimed;
            answered.request.answer = answer;
            state_.repeated_requests.put(journal_, {partner, std::string(key)}, std::move(answered));
        }
    }

    int forget(Instant before, int limit) override
    {
        return state_.repeated_requests.erase_if(
            journal_, limit, [before](ClaimedRequest const& claimed) { return claimed.claimed_at < before; });
    }

private:
    State& state_;
    Journal& journal_;
};

class MemoryOutbox : public Outbox {
public:
    MemoryOutbox(State& state, Journal& journal) : state_(state), journal_(journal) {}

    void add(PendingLetter const& letter, Instant due) override
    {
        state_.outbox.put(journal_, state_.next_id<std::int64_t>(), {.letter = letter, .due = due});
    }

    std::vector<PendingLetter> claim(Instant now, Instant until, int limit) override
    {
        std::vector<std::pair<Instant, std::int64_t>> due;
        for (auto const& [number, waiting] : state_.outbox)
            if (waiting.due <= now)
                due.emplace_back(waiting.due, number);
        std::ranges::sort(due);
        if (static_cast<int>(due.size()) > limit)
            due.resize(static_cast<std::size_t>(limit));

        std::vector<PendingLetter> claimed;
        for (auto const& [since, number] : due) {
            claimed.push_back(state_.outbox.find(number)->letter);
            state_.outbox.put(journal_, number, {.letter = claimed.back(), .due = until});
        }
        return claimed;
    }

    void postpone(std::string_view letter_id, Instant due) override
    {
        if (auto const number = number_of(letter_id))
            state_.outbox.put(journal_, *number, {.letter = state_.outbox.find(*number)->letter, .due = due});
    }

    void remove(std::string_view letter_id) override
    {
        if (auto const number = number_of(letter_id))
            state_.outbox.erase(journal_, *number);
    }

    int size() const override { return static_cast<int>(state_.outbox.size()); }

private:
    std::optional<std::int64_t> number_of(std::string_view letter_id) const
    {
        for (auto const& [number, waiting] : state_.outbox)
            if (waiting.letter.letter.id == letter_id)
                return number;
        return std::nullopt;
    }

    State& state_;
    Journal& journal_;
};

// One lock for everything, which the thread that holds it may take again: a unit of work inside a group does.
struct Shared {
    std::recursive_mutex mutex;
    State state;
    Journal* group = nullptr;
};

class MemoryWork : public UnitOfWork {
public:
    explicit MemoryWork(Shared& shared) : shared_(shared), lock_(shared.mutex) {}
    ~MemoryWork() override { journal_.roll_back(); }
    MemoryWork(MemoryWork const&) = delete;
    MemoryWork& operator=(MemoryWork const&) = delete;

    Partners& partners() override { return partners_; }
    Accounts& accounts() override { return accounts_; }
    LoginLinks& login_links() override { return login_links_; }
    Sessions& sessions() override { return sessions_; }
    Codes& codes() override { return codes_; }
    RepeatedRequests& repeated_requests() override { return repeated_requests_; }
    Outbox& outbox() override { return outbox_; }

    void commit() override
    {
        if (shared_.group)
            journal_.hand_over(*shared_.group);
        journal_.forget();
    }

private:
    Shared& shared_;
    std::unique_lock<std::recursive_mutex> lock_;
    Journal journal_;
    MemoryPartners partners_{shared_.state, journal_};
    MemoryAccounts accounts_{shared_.state, journal_};
    MemoryLoginLinks login_links_{shared_.state, journal_};
    MemorySessions sessions_{shared_.state, journal_};
    MemoryCodes codes_{shared_.state, journal_};
    MemoryRepeatedRequests repeated_requests_{shared_.state, journal_};
    MemoryOutbox outbox_{shared_.state, journal_};
};

class MemoryGroup : public Group {
public:
    explicit MemoryGroup(Shared& shared) : shared_(shared), lock_(shared.mutex) { shared_.group = &journal_; }
    ~MemoryGroup() override
    {
        shared_.group = nullptr;
        journal_.roll_back();
    }
    MemoryGroup(MemoryGroup const&) = delete;
    MemoryGroup& operator=(MemoryGroup const&) = delete;

    void commit() override { journal_.forget(); }

private:
    Shared& shared_;
    std::unique_lock<std::recursive_mutex> lock_;
    Journal journal_;
};

class MemoryStorage : public Storage {
public:
    std::unique_ptr<UnitOfWork> begin() override { return std::make_unique<MemoryWork>(shared_); }
    std::unique_ptr<UnitOfWork const> begin_reading() override { return std::make_unique<MemoryWork const>(shared_); }
    std::unique_ptr<Group> begin_group() override { return std::make_unique<MemoryGroup>(shared_); }

private:
    Shared shared_;
};

}

}

std::unique_ptr<Storage> open_memory()
{
    return std::make_unique<memory::MemoryStorage>();
}

}
