#include "stores.hpp"

#include "../rows.hpp"

namespace onboard::postgres {

Result<void> PostgresOrganisations::add(ChannelName const& channel, Instant now)
{
    auto const inserted = connection_.run(
        "INSERT INTO channels (name, added_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", channel, now);
    if (inserted == 0)
        return refuse(Errc::channel_exists, "channel");
    return {};
}

Result<void> PostgresOrganisations::add(ChannelName const& channel, OrganisationId const& organisation, Instant now)
{
    // A channel that is there stays.
    if (!has(channel))
        return refuse(Errc::channel_unknown, "channel");
    auto const inserted = connection_.run(
        "INSERT INTO organisations (name, channel, added_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
        organisation, channel, now);
    if (inserted == 0)
        return refuse(Errc::organisation_exists, "organisation");
    return {};
}

bool PostgresOrganisations::has(ChannelName const& channel) const
{
    return connection_.query("SELECT FROM channels WHERE name = $1", channel).next();
}

std::optional<ChannelName> PostgresOrganisations::find(OrganisationId const& organisation) const
{
    auto row = connection_.query("SELECT channel FROM organisations WHERE name = $1", organisation);
    return row.next() ? std::optional(columns::identifier<ChannelName>(row, 0)) : std::nullopt;
}

std::vector<RootOrganisation> PostgresOrganisations::all() const
{
    auto row = connection_.query(
        "SELECT channels.name, organisations.name FROM channels LEFT JOIN organisations ON channel = channels.name"
        " ORDER BY 1, 2");
    return columns::root_organisations(row);
}

Result<void> PostgresTokenIssuers::add(TokenIssuer const& issuer)
{
    auto const inserted = connection_.run(
        "INSERT INTO token_issuers (name, public_key, channel, audience, added_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (name) DO NOTHING",
        Bytes{issuer.name}, Bytes{issuer.public_key}, issuer.channel, Bytes{issuer.audience}, issuer.added_at);
    if (inserted == 0)
        return refuse(Errc::issuer_exists, "name");
    return {};
}

std::optional<TokenIssuer> PostgresTokenIssuers::find(std::string_view name) const
{
    auto row = connection_.query(
        "SELECT name, public_key, channel, audience, added_at FROM token_issuers WHERE name = $1", Bytes{name});
    return row.next() ? std::optional(columns::token_issuer(row, 0)) : std::nullopt;
}

std::vector<TokenIssuer> PostgresTokenIssuers::all() const
{
    std::vector<TokenIssuer> issuers;
    auto row =
        connection_.query("SELECT name, public_key, channel, audience, added_at FROM token_issuers ORDER BY name");
    while (row.next())
        issuers.push_back(columns::token_issuer(row, 0));
    return issuers;
}

bool PostgresTokenIssuers::remove(std::string_view name)
{
    return connection_.run("DELETE FROM token_issuers WHERE name = $1", Bytes{name}) == 1;
}

}
