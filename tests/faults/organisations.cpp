#include <algorithm>

#include "faults/faulty_storage.hpp"

namespace onboard::faults {

namespace {

using namespace testing;

using WrongOrganisations = Wrong<ForwardingOrganisations>;
using WrongTokenIssuers = Wrong<ForwardingTokenIssuers>;
using WrongIdentities = Wrong<ForwardingIdentities>;

struct OrganisationOfSeveralChannels : WrongOrganisations {
    using Wrong::Wrong;
    Result<void> add(ChannelName const& channel, Instant now) override { return right().add(channel, now); }
    Result<void> add(ChannelName const& channel, OrganisationId const& organisation, Instant now) override
    {
        auto const added = right().add(channel, organisation, now);
        return added || added.error().code != Errc::organisation_exists ? added : Result<void>();
    }
};

struct ChannelsMadeOnTheWay : WrongOrganisations {
    using Wrong::Wrong;
    Result<void> add(ChannelName const& channel, Instant now) override { return right().add(channel, now); }
    Result<void> add(ChannelName const& channel, OrganisationId const& organisation, Instant now) override
    {
        if (!right().has(channel))
            right().add(channel, now).value();
        return right().add(channel, organisation, now);
    }
};

struct ChannelsInAnotherOrder : WrongOrganisations {
    using Wrong::Wrong;
    std::vector<RootOrganisation> all() const override
    {
        auto roots = right().all();
        std::ranges::reverse(roots);
        return roots;
    }
};

struct ChannelLookedUpAndThenAdded : WrongOrganisations {
    using Wrong::Wrong;
    Result<void> add(ChannelName const& channel, Instant now) override
    {
        auto const free = !right().has(channel);
        work().let_others_in();
        auto const added = right().add(channel, now);
        return free ? Result<void>() : added;
    }
    Result<void> add(ChannelName const& channel, OrganisationId const& organisation, Instant now) override
    {
        return right().add(channel, organisation, now);
    }
};

struct IssuerOverwritten : WrongTokenIssuers {
    using Wrong::Wrong;
    Result<void> add(TokenIssuer const& issuer) override
    {
        right().remove(issuer.name);
        return right().add(issuer);
    }
};

struct IssuerFoundByTheBeginningOfItsName : WrongTokenIssuers {
    using Wrong::Wrong;
    std::optional<TokenIssuer> find(std::string_view name) const override
    {
        return right().find(name.substr(0, name.find('\0')));
    }
};

struct IssuerRemovedInVain : WrongTokenIssuers {
    using Wrong::Wrong;
    bool remove(std::string_view name) override
    {
        auto const removed = right().remove(name);
        work().commit_early();
        return removed;
    }
};

struct IdentityMoves : WrongIdentities {
    using Wrong::Wrong;
    bool add(LinkedIdentity const& identity) override
    {
        auto const owner = right().find(identity.issuer, identity.subject);
        if (!owner || *owner == identity.account)
            return right().add(identity);
        auto const all = right().of(*owner);
        right().erase(*owner);
        for (auto const& one : all)
            if (one.issuer != identity.issuer || one.subject != identity.subject)
                right().add(one);
        return right().add(identity);
    }
};

// Puts issuer and subject into one name.
struct IdentitiesInOneName : WrongIdentities {
    using Wrong::Wrong;
    bool add(LinkedIdentity const& identity) override
    {
        auto joined = identity;
        joined.subject = identity.issuer + identity.subject;
        joined.issuer.clear();
        return right().add(joined);
    }
    std::optional<AccountId> find(std::string_view issuer, std::string_view subject) const override
    {
        return right().find({}, std::string(issuer) + std::string(subject));
    }
};

struct IdentityLookedUpAndThenLinked : WrongIdentities {
    using Wrong::Wrong;
    bool add(LinkedIdentity const& identity) override
    {
        auto const free = !right().find(identity.issuer, identity.subject);
        work().let_others_in();
        right().add(identity);
        return free;
    }
};

struct ErasedIdentityStays : WrongIdentities {
    using Wrong::Wrong;
    void erase(AccountId) override {}
};

}

std::vector<Fault> faults_of_organisations()
{
    return {
        {"an organisation is in several channels",
         {"an organisation is in one channel, which is known"},
         storage_with<OrganisationOfSeveralChannels>},
        {"a channel that is not there is made",
         {"an organisation is in one channel, which is known"},
         storage_with<ChannelsMadeOnTheWay>},
        {"channels are listed in an order of their own",
         {"organisations come back below their channels, both in the order of their octets"},
         storage_with<ChannelsInAnotherOrder>},
        {"a channel is looked up, and then added",
         {"of many simultaneous callers that add a channel, one succeeds, and the others go on"},
         storage_with<ChannelLookedUpAndThenAdded>},
        {"an issuer of tokens is overwritten",
         {"an issuer of tokens is added once, and a refusal leaves the unit of work usable"},
         storage_with<IssuerOverwritten>},
        {"an issuer of tokens is found by a name that ends at its first zero",
         {"an issuer of tokens is known by its very name"},
         storage_with<IssuerFoundByTheBeginningOfItsName>},
        {"an issuer of tokens is gone that was removed in vain",
         {"an issuer of tokens that was added or removed in vain is as it was"},
         storage_with<IssuerRemovedInVain>},
        {"an identity moves to another account",
         {"an identity is one account's, and whoever comes second can go on"},
         storage_with<IdentityMoves>},
        {"issuer and subject of an identity are one name",
         {"an identity is known by its very issuer and subject, whatever octets they are"},
         storage_with<IdentitiesInOneName>},
        {"an identity is looked up, and then linked",
         {"of many simultaneous callers that link an identity, one succeeds, and the others go on"},
         storage_with<IdentityLookedUpAndThenLinked>},
        {"identities of an account that were erased are still there",
         {"the identities of an account that were erased are gone, and can be another's"},
         storage_with<ErasedIdentityStays>},
    };
}

}
