#pragma once

#include "state.hpp"

namespace onboard::memory {

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

class MemoryCauses : public Causes {
public:
    MemoryCauses(State& state, Journal& journal) : state_(state), journal_(journal) {}

    bool note(PartnerId partner, Digest const& cause, Instant now, Instant stale, Instant forgotten) override
    {
        auto const* noted_at = state_.causes.find({partner, cause.bytes()});
        auto const is_new = !noted_at || *noted_at < forgotten;
        if (is_new || *noted_at < stale)
            state_.causes.put(journal_, {partner, cause.bytes()}, now);
        return is_new;
    }

    int forget(Instant before, int limit) override
    {
        return state_.causes.erase_if(journal_, limit, [before](Instant noted_at) { return noted_at < before; });
    }

private:
    State& state_;
    Journal& journal_;
};

class MemoryUsedTokens : public UsedTokens {
public:
    MemoryUsedTokens(State& state, Journal& journal) : state_(state), journal_(journal) {}

    bool note(Digest const& token, Instant until) override
    {
        if (state_.used_tokens.find(token.bytes()))
            return false;
        state_.used_tokens.put(journal_, token.bytes(), until);
        return true;
    }

    int forget(Instant before, int limit) override
    {
        return state_.used_tokens.erase_if(journal_, limit, [before](Instant until) { return until < before; });
    }

private:
    State& state_;
    Journal& journal_;
};

}
