#pragma once

#include <onboard/error.hpp>

#include "state.hpp"

namespace onboard::memory {

class MemoryOrganisations : public Organisations {
public:
    MemoryOrganisations(State& state, Journal& journal) : state_(state), journal_(journal) {}

    Result<void> add(ChannelName const& channel, Instant now) override
    {
        if (has(channel))
            return refuse(Errc::channel_exists, "channel");
        state_.channels.put(journal_, channel, now);
        return {};
    }

    Result<void> add(ChannelName const& channel, OrganisationId const& organisation, Instant) override
    {
        if (!has(channel))
            return refuse(Errc::channel_unknown, "channel");
        if (find(organisation))
            return refuse(Errc::organisation_exists, "organisation");
        state_.organisations.put(journal_, organisation, channel);
        return {};
    }

    bool has(ChannelName const& channel) const override { return state_.channels.find(channel) != nullptr; }

    std::optional<ChannelName> find(OrganisationId const& organisation) const override
    {
        auto const* channel = state_.organisations.find(organisation);
        return channel ? std::optional(*channel) : std::nullopt;
    }

    std::vector<RootOrganisation> all() const override
    {
        std::vector<RootOrganisation> roots;
        for (auto const& [channel, added_at] : state_.channels)
            roots.push_back({.channel = channel, .organisations = organisations_in(channel)});
        return roots;
    }

private:
    std::vector<OrganisationId> organisations_in(ChannelName const& channel) const
    {
        std::vector<OrganisationId> organisations;
        for (auto const& [organisation, root] : state_.organisations)
            if (root == channel)
                organisations.push_back(organisation);
        return organisations;
    }

    State& state_;
    Journal& journal_;
};

class MemoryTokenIssuers : public TokenIssuers {
public:
    MemoryTokenIssuers(State& state, Journal& journal) : state_(state), journal_(journal) {}

    Result<void> add(TokenIssuer const& issuer) override
    {
        if (find(issuer.name))
            return refuse(Errc::issuer_exists, "name");
        state_.token_issuers.put(journal_, issuer.name, issuer);
        return {};
    }

    std::optional<TokenIssuer> find(std::string_view name) const override
    {
        auto const* issuer = state_.token_issuers.find(std::string(name));
        return issuer ? std::optional(*issuer) : std::nullopt;
    }

    std::vector<TokenIssuer> all() const override
    {
        std::vector<TokenIssuer> issuers;
        for (auto const& [name, issuer] : state_.token_issuers)
            issuers.push_back(issuer);
        return issuers;
    }

    bool remove(std::string_view name) override
    {
        if (!find(name))
            return false;
        state_.token_issuers.erase(journal_, std::string(name));
        return true;
    }

private:
    State& state_;
    Journal& journal_;
};

}
