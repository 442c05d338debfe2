#include "stores.hpp"

namespace onboard::postgres {

std::optional<RepeatedRequest> PostgresRepeatedRequests::claim(
    PartnerId partner, std::string_view key, Digest const& request, Instant now, Instant since)
{
    auto const claimed = connection_.run(
        "INSERT INTO repeated_requests AS before (partner, key, request, answer, claimed_at)"
        " VALUES ($1, $2, $3, '', $4) ON CONFLICT (partner, key) DO UPDATE SET request = $3, answer = '',"
        " claimed_at = $4 WHERE before.claimed_at < $5",
        partner, Bytes{key}, request, now, since);
    if (claimed == 1)
        return std::nullopt;
    auto row = connection_.query(
        "SELECT request, answer FROM repeated_requests WHERE partner = $1 AND key = $2", partner, Bytes{key});
    if (!row.next())
        throw StorageConflict("database: a repeated request was forgotten while it was looked for");
    return RepeatedRequest{.request = row.digest(0), .answer = row.text(1)};
}

void PostgresRepeatedRequests::answer(PartnerId partner, std::string_view key, std::string_view answer)
{
    connection_.send(
        "UPDATE repeated_requests SET answer = $1 WHERE partner = $2 AND key = $3", Bytes{answer}, partner,
        Bytes{key});
}

int PostgresRepeatedRequests::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM repeated_requests WHERE (partner, key) IN (SELECT partner, key FROM repeated_requests"
        " WHERE claimed_at < $1 ORDER BY claimed_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before, limit);
}

bool PostgresCauses::note(PartnerId partner, Digest const& cause, Instant now, Instant stale, Instant forgotten)
{
    auto const inserted = connection_.run(
        "INSERT INTO causes (partner, digest, noted_at) VALUES ($1, $2, $3) ON CONFLICT (partner, digest) DO NOTHING",
        partner, cause, now);
    if (inserted == 1)
        return true;
    auto const noted_at = last_noted(partner, cause);
    if (noted_at >= stale && noted_at >= forgotten)
        return false;
    // Of those who find it so old, one is first.
    auto const renewed = connection_.run(
        "UPDATE causes SET noted_at = $1 WHERE partner = $2 AND digest = $3 AND noted_at = $4", now, partner, cause,
        noted_at);
    return renewed == 1 && noted_at < forgotten;
}

Instant PostgresCauses::last_noted(PartnerId partner, Digest const& cause) const
{
    auto row = connection_.query("SELECT noted_at FROM causes WHERE partner = $1 AND digest = $2", partner, cause);
    if (!row.next())
        throw StorageConflict("database: a cause was forgotten while it was looked for");
    return row.instant(0);
}

int PostgresCauses::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM causes WHERE (partner, digest) IN (SELECT partner, digest FROM causes"
        " WHERE noted_at < $1 ORDER BY noted_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before, limit);
}

bool PostgresUsedTokens::note(Digest const& token, Instant until)
{
    return connection_.run(
               "INSERT INTO used_tokens (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING", token,
               until) == 1;
}

int PostgresUsedTokens::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM used_tokens WHERE digest = ANY (ARRAY(SELECT digest FROM used_tokens WHERE expires_at < $1"
        " ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        before, limit);
}

}
