#include "stores.hpp"

#include "columns.hpp"

namespace onboard::sqlite {

Result<void> SqliteOrganisations::add(ChannelName const& channel, Instant now)
{
    auto const inserted =
        connection_.run("INSERT INTO channels (name, added_at) VALUES (?, ?) ON CONFLICT DO NOTHING", channel, now);
    if (inserted == 0)
        return refuse(Errc::channel_exists, "channel");
    return {};
}

Result<void> SqliteOrganisations::add(ChannelName const& channel, OrganisationId const& organisation, Instant now)
{
    if (!has(channel))
        return refuse(Errc::channel_unknown, "channel");
    auto const inserted = connection_.run(
        "INSERT INTO organisations (name, channel, added_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", organisation,
        channel, now);
    if (inserted == 0)
        return refuse(Errc::organisation_exists, "organisation");
    return {};
}

bool SqliteOrganisations::has(ChannelName const& channel) const
{
    return connection_.query("SELECT 1 FROM channels WHERE name = ?", channel).next();
}

std::optional<ChannelName> SqliteOrganisations::find(OrganisationId const& organisation) const
{
    auto row = connection_.query("SELECT channel FROM organisations WHERE name = ?", organisation);
    return row.next() ? std::optional(identifier<ChannelName>(row, 0)) : std::nullopt;
}

std::vector<RootOrganisation> SqliteOrganisations::all() const
{
    auto rows = connection_.query(
        "SELECT channels.name, organisations.name FROM channels LEFT JOIN organisations ON channel = channels.name"
        " ORDER BY 1, 2");
    return root_organisations(rows);
}

Result<void> SqliteTokenIssuers::add(TokenIssuer const& issuer)
{
    auto const inserted = connection_.run(
        "INSERT INTO token_issuers (name, public_key, channel, audience, added_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        issuer.name, issuer.public_key, issuer.channel, issuer.audience, issuer.added_at);
    if (inserted == 0)
        return refuse(Errc::issuer_exists, "name");
    return {};
}

std::optional<TokenIssuer> SqliteTokenIssuers::find(std::string_view name) const
{
    auto row = connection_.query(
        "SELECT name, public_key, channel, audience, added_at FROM token_issuers WHERE name = ?", name);
    return row.next() ? std::optional(token_issuer(row, 0)) : std::nullopt;
}

std::vector<TokenIssuer> SqliteTokenIssuers::all() const
{
    std::vector<TokenIssuer> issuers;
    auto rows =
        connection_.query("SELECT name, public_key, channel, audience, added_at FROM token_issuers ORDER BY name");
    while (rows.next())
        issuers.push_back(token_issuer(rows, 0));
    return issuers;
}

bool SqliteTokenIssuers::remove(std::string_view name)
{
    return connection_.run("DELETE FROM token_issuers WHERE name = ?", name) == 1;
}

}
