#include <algorithm>
#include <map>

#include "faults/faulty_storage.hpp"

namespace onboard::faults {

namespace {

using namespace testing;

using WrongPartners = Wrong<ForwardingPartners>;

std::string lower(std::string text)
{
    std::ranges::transform(text, text.begin(), [](unsigned char letter) { return std::tolower(letter); });
    return text;
}

struct NamesWithoutCase : WrongPartners {
    using Wrong::Wrong;
    std::optional<Partner> find(PartnerId id) const override { return right().find(id); }
    std::optional<Partner> find(PartnerName const& name) const override
    {
        for (auto const& partner : right().all())
            if (lower(partner.name.str()) == lower(name.str()))
                return partner;
        return std::nullopt;
    }
};

struct SortedWithoutCase : WrongPartners {
    using Wrong::Wrong;
    std::vector<Partner> all() const override
    {
        auto partners = right().all();
        std::ranges::sort(partners, {}, [](Partner const& partner) { return lower(partner.name.str()); });
        return partners;
    }
};

struct SecondPartnerOfOneName : WrongPartners {
    using Wrong::Wrong;
    Result<PartnerId> insert(Partner const& partner) override
    {
        auto const first = right().find(partner.name);
        return first ? first->id : right().insert(partner);
    }
};

struct TokensNewestFirst : WrongPartners {
    using Wrong::Wrong;
    std::vector<StoredPartnerToken> live_tokens(PartnerId id) const override
    {
        auto tokens = right().live_tokens(id);
        std::ranges::reverse(tokens);
        return tokens;
    }
};

struct RevokeWithoutEffect : WrongPartners {
    using Wrong::Wrong;
    void revoke_token(PartnerTokenId, Instant) override {}
};

struct RevokedTokenForgotten : WrongPartners {
    using Wrong::Wrong;
    std::optional<StoredPartnerToken> find_token(PartnerTokenId id) const override
    {
        auto const token = right().find_token(id);
        return token && token->revoked_at ? std::nullopt : token;
    }
};

struct RevokedAnew : WrongPartners {
    using Wrong::Wrong;
    std::optional<StoredPartnerToken> find_token(PartnerTokenId id) const override
    {
        auto token = right().find_token(id);
        if (token && token->revoked_at)
            token->revoked_at = work().memory<std::map<PartnerTokenId, Instant>>()[id];
        return token;
    }
    void revoke_token(PartnerTokenId id, Instant now) override
    {
        right().revoke_token(id, now);
        work().memory<std::map<PartnerTokenId, Instant>>()[id] = now;
    }
};

struct PlanNeverCloses : WrongPartners {
    using Wrong::Wrong;
    bool close_plan(PlanCode const& code, Instant) override { return right().find_plan(code).has_value(); }
};

struct ClosedPlanForgotten : WrongPartners {
    using Wrong::Wrong;
    std::optional<Plan> find_plan(PlanCode const& code) const override
    {
        auto const plan = right().find_plan(code);
        return plan && plan->open ? plan : std::nullopt;
    }
};

// Remembers what it found, and does not ask again.
class RememberedTokens : public FaultyWork {
public:
    using FaultyWork::FaultyWork;
    std::optional<PartnerOfToken> partner_of(PartnerTokenId id) const override
    {
        auto& known = const_cast<RememberedTokens*>(this)->memory<std::map<PartnerTokenId, PartnerOfToken>>();
        if (!known.contains(id))
            if (auto const found = FaultyWork::partner_of(id))
                known.emplace(id, *found);
        auto const remembered = known.find(id);
        return remembered == known.end() ? std::nullopt : std::optional(remembered->second);
    }
};

}

std::vector<Fault> faults_of_partners()
{
    return {
        {"names of partners are compared without their case",
         {"a partner is found again by number and by name, as it was told"},
         storage_with<NamesWithoutCase>},
        {"partners are sorted without their case",
         {"partners and plans are listed by name and code"},
         storage_with<SortedWithoutCase>},
        {"a second partner of one name is taken for the first",
         {"a second partner of the same name is refused and the unit of work stays usable"},
         storage_with<SecondPartnerOfOneName>},
        {"bearer tokens are listed the newest first",
         {"a bearer token is live until it is revoked, and remembered afterwards"},
         storage_with<TokensNewestFirst>},
        {"a revoked token stays live",
         {"a bearer token is live until it is revoked, and remembered afterwards"},
         storage_with<RevokeWithoutEffect>},
        {"a revoked token is forgotten",
         {"a bearer token is live until it is revoked, and remembered afterwards"},
         storage_with<RevokedTokenForgotten>},
        {"a token that is revoked again is revoked later",
         {"a bearer token is live until it is revoked, and remembered afterwards"},
         storage_with<RevokedAnew>},
        {"a bearer token is remembered as it was first found",
         {"a bearer token is found with its partner, as it is now",
          "a token that is revoked is known to be revoked by whoever asks from then on"},
         storage_of<RememberedTokens>},
        {"a closed plan stays open",
         {"a plan belongs to one partner and stays known when it is closed"},
         storage_with<PlanNeverCloses>},
        {"a closed plan is forgotten",
         {"a plan belongs to one partner and stays known when it is closed"},
         storage_with<ClosedPlanForgotten>},
    };
}

}
