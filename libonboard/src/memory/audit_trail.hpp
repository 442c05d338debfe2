#pragma once

#include "state.hpp"

namespace onboard::memory {

// One strand is enough: one unit of work is at work at a time.
class MemoryAuditTrail : public AuditTrail {
public:
    MemoryAuditTrail(State& state, Journal& journal) : state_(state), journal_(journal) {}

    std::optional<AuditStrand> take_strand() override
    {
        auto const* strand = state_.audit_strands.find(1);
        return strand ? std::optional(*strand) : std::nullopt;
    }

    void append(std::span<AuditEntry const> entries, AuditStrand const& strand) override
    {
        for (auto const& entry : entries)
            state_.audit_entries.put(journal_, {entry.strand, entry.number}, entry);
        state_.audit_strands.put(journal_, strand.strand, strand);
    }

    std::int64_t hold_count() override
    {
        auto const* count = state_.audit_strands.find(0);
        return count ? count->last : 0;
    }

    void begin(AuditStrand const& strand, AuditStrand const& count) override
    {
        state_.audit_strands.put(journal_, strand.strand, strand);
        state_.audit_strands.put(journal_, count.strand, count);
    }

    std::vector<AuditStrand> strands() const override
    {
        std::vector<AuditStrand> strands;
        for (auto const& [number, strand] : state_.audit_strands)
            strands.push_back(strand);
        return strands;
    }

    std::vector<AuditEntry> entries(AuditPlace behind, int limit) const override
    {
        std::vector<AuditEntry> entries;
        for (auto const& [place, entry] : state_.audit_entries)
            if (static_cast<int>(entries.size()) < limit && place > std::pair(behind.strand, behind.number))
                entries.push_back(entry);
        return entries;
    }

private:
    State& state_;
    Journal& journal_;
};

}
