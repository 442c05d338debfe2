#include "stores.hpp"

namespace onboard::sqlite {

std::optional<RepeatedRequest> SqliteRepeatedRequests::claim(
    PartnerId partner, std::string_view key, Digest const& request, Instant now, Instant since)
{
    auto const claimed = connection_.run(
        "INSERT INTO repeated_requests (partner, key, request, answer, claimed_at) VALUES (?1, ?2, ?3, '', ?4)"
        " ON CONFLICT DO UPDATE SET request = ?3, answer = '', claimed_at = ?4 WHERE claimed_at < ?5",
        partner, key, request, now, since);
    if (claimed == 1)
        return std::nullopt;
    auto row = connection_.query(
        "SELECT request, answer FROM repeated_requests WHERE partner = ? AND key = ?", partner, key);
    if (!row.next())
        throw StorageFailure("database: a repeated request is not there any more");
    return RepeatedRequest{.request = row.digest(0), .answer = row.text(1)};
}

void SqliteRepeatedRequests::answer(PartnerId partner, std::string_view key, std::string_view answer)
{
    connection_.run("UPDATE repeated_requests SET answer = ? WHERE partner = ? AND key = ?", answer, partner, key);
}

int SqliteRepeatedRequests::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM repeated_requests WHERE (partner, key) IN"
        " (SELECT partner, key FROM repeated_requests WHERE claimed_at < ? LIMIT ?)",
        before, limit);
}

bool SqliteCauses::note(PartnerId partner, Digest const& cause, Instant now, Instant stale, Instant forgotten)
{
    auto const inserted = connection_.run(
        "INSERT INTO causes (partner, digest, noted_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", partner, cause,
        now);
    if (inserted == 1)
        return true;
    auto const noted_at = last_noted(partner, cause);
    if (noted_at < stale || noted_at < forgotten)
        connection_.run("UPDATE causes SET noted_at = ? WHERE partner = ? AND digest = ?", now, partner, cause);
    return noted_at < forgotten;
}

Instant SqliteCauses::last_noted(PartnerId partner, Digest const& cause) const
{
    auto row = connection_.query("SELECT noted_at FROM causes WHERE partner = ? AND digest = ?", partner, cause);
    if (!row.next())
        throw StorageFailure("database: a cause is not there any more");
    return row.instant(0);
}

int SqliteCauses::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM causes WHERE (partner, digest) IN"
        " (SELECT partner, digest FROM causes WHERE noted_at < ? LIMIT ?)",
        before, limit);
}

bool SqliteUsedTokens::note(Digest const& token, Instant until)
{
    return connection_.run(
               "INSERT INTO used_tokens (digest, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING", token, until) ==
           1;
}

int SqliteUsedTokens::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM used_tokens WHERE digest IN (SELECT digest FROM used_tokens WHERE expires_at < ? LIMIT ?)",
        before, limit);
}

}
