#include "stores.hpp"

#include "../rows.hpp"

namespace onboard::postgres {

using namespace columns;

std::optional<AuditStrand> PostgresAuditTrail::take_strand()
{
    auto& mine = connection_.audit_end();
    if (mine.known())
        return mine.known();
    if (!mine.locked())
        lock_one();
    if (!mine.locked())
        return std::nullopt;
    auto row = connection_.query("SELECT strand, last, seal FROM audit_strands WHERE strand = $1", *mine.locked());
    if (row.next())
        mine.know(audit_strand(row, 0));
    return mine.known();
}

void PostgresAuditTrail::append(std::span<AuditEntry const> entries, AuditStrand const& end)
{
    for (auto const& entry : entries)
        connection_.send(
            "INSERT INTO audit_entries (strand, number, at, event, account, partner, detail, tag)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            entry.strand, entry.number, entry.at, entry.event, entry.account, entry.partner,
            std::string_view(entry.detail), Bytes{bytes_of(entry.tag)});
    connection_.audit_end().move(end);
}

void PostgresAuditTrail::write_down() const
{
    auto& mine = connection_.audit_end();
    if (!mine.moved())
        return;
    auto const& end = *mine.known();
    connection_.send(
        "UPDATE audit_strands SET last = $1, seal = $2 WHERE strand = $3", end.last, end.seal, end.strand);
    mine.note_written_down();
}

std::int64_t PostgresAuditTrail::hold_count()
{
    connection_.send(
        "INSERT INTO audit_strands (strand, last, seal) VALUES (0, 0, $1) ON CONFLICT (strand) DO NOTHING",
        Digest(Digest::Bytes{}));
    auto row = connection_.query("SELECT last FROM audit_strands WHERE strand = 0 FOR UPDATE");
    if (!row.next())
        throw StorageFailure("database: the audit trail was altered by somebody else");
    return row.integer(0);
}

// Until it is committed, nobody else knows of the strand. From then on it is anybody's who locks it.
void PostgresAuditTrail::begin(AuditStrand const& strand, AuditStrand const& count)
{
    connection_.send("UPDATE audit_strands SET last = $1, seal = $2 WHERE strand = 0", count.last, count.seal);
    connection_.send(
        "INSERT INTO audit_strands (strand, last, seal) VALUES ($1, $2, $3)", strand.strand, strand.last,
        strand.seal);
    connection_.audit_end().know(strand);
}

std::vector<AuditStrand> PostgresAuditTrail::strands() const
{
    write_down();
    std::vector<AuditStrand> strands;
    auto rows = connection_.query("SELECT strand, last, seal FROM audit_strands ORDER BY strand");
    while (rows.next())
        strands.push_back(audit_strand(rows, 0));
    return strands;
}

std::vector<AuditEntry> PostgresAuditTrail::entries(AuditPlace behind, int limit) const
{
    std::vector<AuditEntry> entries;
    auto rows = connection_.query(
        "SELECT strand, number, at, event, account, partner, detail, tag FROM audit_entries"
        " WHERE (strand, number) > ($1, $2) ORDER BY strand, number LIMIT $3",
        behind.strand, behind.number, limit);
    while (rows.next())
        entries.push_back(audit_entry(rows, 0));
    return entries;
}

// The first one that is nobody's, for as long as the connection lasts. Where the beginning of a strand was undone, its
// number may be locked for nothing; then somebody else begins it, and whoever has locked it goes on with it.
void PostgresAuditTrail::lock_one()
{
    std::vector<int> strands;
    auto rows = connection_.query("SELECT strand FROM audit_strands WHERE strand > 0 ORDER BY strand");
    while (rows.next())
        strands.push_back(static_cast<int>(rows.integer(0)));
    for (auto const strand : strands) {
        auto row = connection_.query(
            "SELECT pg_try_advisory_lock(('audit_strands'::regclass::oid::bigint % 2147483648)::integer,"
            " $1::integer)::integer",
            strand);
        if (row.next() && row.integer(0) == 1)
            return connection_.audit_end().lock(strand);
    }
}

}
