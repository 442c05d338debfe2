#pragma once

#include <algorithm>

#include "../send_limits.hpp"
#include "state.hpp"

namespace onboard::memory {

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

    void forget_proposals(AccountId account) override
    {
        std::vector<std::pair<LoginLinkId, LoginLink>> proposing;
        for (auto const& [id, link] : state_.login_links)
            if (link.account == account && link.proposal)
                proposing.emplace_back(id, link);
        for (auto& [id, link] : proposing) {
            link.proposal.reset();
            state_.login_links.put(journal_, id, std::move(link));
        }
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

class MemoryPasswordLinks : public PasswordLinks {
public:
    MemoryPasswordLinks(State& state, Journal& journal) : state_(state), journal_(journal) {}

    PasswordLinkId insert(PasswordLink const& link) override
    {
        auto const id = state_.next_id<PasswordLinkId>();
        state_.password_links.put(journal_, id, link);
        return id;
    }

    std::optional<PasswordLink> find(PasswordLinkId id) const override
    {
        auto const* link = state_.password_links.find(id);
        return link ? std::optional(*link) : std::nullopt;
    }

    bool spend(PasswordLinkId id, Instant now) override
    {
        auto link = find(id);
        if (!link || link->used || now >= link->expires_at)
            return false;
        link->used = true;
        state_.password_links.put(journal_, id, *link);
        return true;
    }

    int forget(Instant before, int limit) override
    {
        return state_.password_links.erase_if(
            journal_, limit, [before](PasswordLink const& link) { return link.expires_at < before; });
    }

private:
    State& state_;
    Journal& journal_;
};

class MemoryPasswords : public Passwords {
public:
    MemoryPasswords(State& state, Journal& journal) : state_(state), journal_(journal) {}

    void put(AccountId account, std::string_view sealed, Instant) override
    {
        state_.passwords.put(journal_, account, std::string(sealed));
    }

    std::optional<std::string> find(AccountId account) const override
    {
        auto const* sealed = state_.passwords.find(account);
        return sealed ? std::optional(*sealed) : std::nullopt;
    }

    void erase(AccountId account) override { state_.passwords.erase(journal_, account); }

private:
    State& state_;
    Journal& journal_;
};

class MemoryAuthCodes : public AuthCodes {
public:
    MemoryAuthCodes(State& state, Journal& journal) : state_(state), journal_(journal) {}

    void put(StoredAuthCode const& code) override { state_.auth_codes.put(journal_, code.account, code); }

    std::optional<StoredAuthCode> find(AccountId account) const override
    {
        auto const* code = state_.auth_codes.find(account);
        return code ? std::optional(*code) : std::nullopt;
    }

    void erase(AccountId account) override { state_.auth_codes.erase(journal_, account); }

    int forget(Instant before, int limit) override
    {
        return state_.auth_codes.erase_if(
            journal_, limit, [before](StoredAuthCode const& code) { return code.expires_at < before; });
    }

private:
    State& state_;
    Journal& journal_;
};

class MemoryEmailChanges : public EmailChanges {
public:
    MemoryEmailChanges(State& state, Journal& journal) : state_(state), journal_(journal) {}

    void put(EmailChange const& change) override { state_.email_changes.put(journal_, change.account, change); }

    std::optional<EmailChange> find(AccountId account) const override
    {
        auto const* change = state_.email_changes.find(account);
        return change ? std::optional(*change) : std::nullopt;
    }

    bool spend(AccountId account, Digest const& digest, Instant now) override
    {
        auto const* change = state_.email_changes.find(account);
        if (!change || !same(change->digest, digest) || now >= change->expires_at)
            return false;
        state_.email_changes.erase(journal_, account);
        return true;
    }

    void erase(AccountId account) override { state_.email_changes.erase(journal_, account); }

    int forget(Instant before, int limit) override
    {
        return state_.email_changes.erase_if(
            journal_, limit, [before](EmailChange const& change) { return change.expires_at < before; });
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
        std::vector<Instant> const newest_first(budget.sends.rbegin(), budget.sends.rend());
        if (auto const allowed_at = next_send(newest_first, now, limits))
            return allowed_at;

        budget.sends.push_back(now);
        put(purpose, subject, std::move(budget));
        return std::nullopt;
    }

    // Units of work that write exclude each other anyway.
    void hold(Purpose, std::string_view) override {}

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
            if (code.purpose == purpose && code.subject == subject && now < code.expires_at && !code.used)
                codes.insert(codes.begin(), code);
        return codes;
    }

    Tries count_tries(
        Purpose purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses) override
    {
        auto budget = budget_of(purpose, subject);
        if (now >= budget.window_ends) {
            budget.tries = 0;
            budget.window_ends = now + window;
        }
        budget.tries += guesses;
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
        if (!code || code->used || now >= code->expires_at)
            return false;
        auto used = *code;
        used.used = true;
        state_.codes.put(journal_, id, std::move(used));
        return true;
    }

    int forget(Instant before, int limit) override
    {
        auto const codes =
            state_.codes.erase_if(journal_, limit, [before](Code const& code) { return code.expires_at < before; });
        return codes + state_.budgets.erase_if(journal_, limit - codes, [before](Budget const& budget) {
            return budget.window_ends < before &&
                   std::ranges::all_of(budget.sends, [before](Instant sent) { return sent < before; });
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

}
