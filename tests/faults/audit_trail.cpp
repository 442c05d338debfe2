#include "faults/faulty_storage.hpp"

namespace onboard::faults {

namespace {

using namespace testing;

struct EndNotKept : Wrong<ForwardingAuditTrail> {
    using Wrong::Wrong;
    void append(std::span<AuditEntry const> entries, AuditStrand const& end) override
    {
        auto const before = right().take_strand();
        right().append(entries, before.value_or(end));
    }
};

struct FirstEntryOnly : Wrong<ForwardingAuditTrail> {
    using Wrong::Wrong;
    void append(std::span<AuditEntry const> entries, AuditStrand const& end) override
    {
        right().append(entries.first(1), end);
    }
};

struct AppendedInVain : Wrong<ForwardingAuditTrail> {
    using Wrong::Wrong;
    void append(std::span<AuditEntry const> entries, AuditStrand const& end) override
    {
        right().append(entries, end);
        work().commit_early();
    }
};

struct TakenByTwo : Wrong<ForwardingAuditTrail> {
    using Wrong::Wrong;
    std::optional<AuditStrand> take_strand() override
    {
        auto const strand = right().take_strand();
        work().let_others_in();
        return strand;
    }
};

struct CountNotKept : Wrong<ForwardingAuditTrail> {
    using Wrong::Wrong;
    void begin(AuditStrand const& strand, AuditStrand const& count) override
    {
        right().begin(strand, {.strand = count.strand, .last = 0, .seal = count.seal});
    }
};

struct AboutNobody : Wrong<ForwardingAuditTrail> {
    using Wrong::Wrong;
    void append(std::span<AuditEntry const> entries, AuditStrand const& end) override
    {
        std::vector<AuditEntry> anonymous(entries.begin(), entries.end());
        for (auto& entry : anonymous)
            entry.account.reset();
        right().append(anonymous, end);
    }
};

struct TagCutShort : Wrong<ForwardingAuditTrail> {
    using Wrong::Wrong;
    void append(std::span<AuditEntry const> entries, AuditStrand const& end) override
    {
        std::vector<AuditEntry> cut(entries.begin(), entries.end());
        for (auto& entry : cut)
            entry.tag[2] = {};
        right().append(cut, end);
    }
};

struct PlaceReadAgain : Wrong<ForwardingAuditTrail> {
    using Wrong::Wrong;
    std::vector<AuditEntry> entries(AuditPlace behind, int limit) const override
    {
        return right().entries({.strand = behind.strand, .number = behind.number - 1}, limit);
    }
};

struct LimitIgnored : Wrong<ForwardingAuditTrail> {
    using Wrong::Wrong;
    std::vector<AuditEntry> entries(AuditPlace behind, int) const override
    {
        constexpr int all = 1'000'000;
        return right().entries(behind, all);
    }
};

}

std::vector<Fault> faults_of_the_audit_trail()
{
    return {
        {"a strand of the audit trail does not end where it was left",
         {"the next unit of work finds the strand where the last one left it"},
         storage_with<EndNotKept>},
        {"of several entries the first is kept",
         {"several entries are appended at once, in their order"},
         storage_with<FirstEntryOnly>},
        {"an entry stays that was made in vain",
         {"a unit of work that is abandoned leaves the audit trail as it was"},
         storage_with<AppendedInVain>},
        {"a strand is taken by two at once",
         {"many who write to the audit trail at once leave strands without a gap"},
         storage_with<TakenByTwo>},
        {"strands are not counted",
         {"the next unit of work finds the strand where the last one left it"},
         storage_with<CountNotKept>},
        {"an entry forgets whom it is about",
         {"an entry of the audit trail is kept as it is"},
         storage_with<AboutNobody>},
        {"the tag of an entry is cut short",
         {"an entry of the audit trail is kept as it is"},
         storage_with<TagCutShort>},
        {"the entry at a place is read again",
         {"entries are read from a place on, a bounded number at a time"},
         storage_with<PlaceReadAgain>},
        {"entries are read without a bound",
         {"entries are read from a place on, a bounded number at a time"},
         storage_with<LimitIgnored>},
    };
}

}
