#include "columns.hpp"
#include "stores.hpp"

namespace onboard::sqlite {

std::optional<AuditStrand> const& AuditEnd::get()
{
    if (!end_) {
        auto row = connection_.query("SELECT strand, last, seal FROM audit_strands WHERE strand = 1");
        if (row.next())
            end_ = audit_strand(row, 0);
    }
    return end_;
}

void AuditEnd::set(AuditStrand const& end)
{
    end_ = end;
    written_down_ = false;
}

void AuditEnd::take_back() noexcept
{
    end_ = marked_;
}

void AuditEnd::write_down()
{
    if (written_down_ || !end_)
        return;
    connection_.run(
        "UPDATE audit_strands SET last = ?, seal = ? WHERE strand = ?", end_->last, end_->seal, end_->strand);
    written_down_ = true;
}

void AuditEnd::forget() noexcept
{
    end_.reset();
    marked_.reset();
    written_down_ = true;
}

std::optional<AuditStrand> SqliteAuditTrail::take_strand()
{
    return connection_.audit_end().get();
}

void SqliteAuditTrail::append(std::span<AuditEntry const> entries, AuditStrand const& end)
{
    for (auto const& entry : entries)
        connection_.run(
            "INSERT INTO audit_entries (strand, number, at, event, account, partner, detail, tag)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            entry.strand, entry.number, entry.at, entry.event, entry.account, entry.partner, entry.detail,
            Bytes{bytes_of(entry.tag)});
    connection_.audit_end().set(end);
}

std::int64_t SqliteAuditTrail::hold_count()
{
    auto row = connection_.query("SELECT last FROM audit_strands WHERE strand = 0");
    return row.next() ? row.integer(0) : 0;
}

void SqliteAuditTrail::begin(AuditStrand const& strand, AuditStrand const& count)
{
    for (auto const& begun : {count, strand})
        connection_.run(
            "INSERT INTO audit_strands (strand, last, seal) VALUES (?1, ?2, ?3)"
            " ON CONFLICT DO UPDATE SET last = ?2, seal = ?3",
            begun.strand, begun.last, begun.seal);
    connection_.audit_end().set(strand);
}

std::vector<AuditStrand> SqliteAuditTrail::strands() const
{
    connection_.audit_end().write_down();
    std::vector<AuditStrand> strands;
    auto rows = connection_.query("SELECT strand, last, seal FROM audit_strands ORDER BY strand");
    while (rows.next())
        strands.push_back(audit_strand(rows, 0));
    return strands;
}

std::vector<AuditEntry> SqliteAuditTrail::entries(AuditPlace behind, int limit) const
{
    std::vector<AuditEntry> entries;
    auto rows = connection_.query(
        "SELECT strand, number, at, event, account, partner, detail, tag FROM audit_entries"
        " WHERE (strand, number) > (?, ?) ORDER BY strand, number LIMIT ?",
        behind.strand, behind.number, limit);
    while (rows.next())
        entries.push_back(audit_entry(rows, 0));
    return entries;
}

}
