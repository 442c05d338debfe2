#pragma once

#include <optional>

#include <onboard/audit.hpp>

namespace onboard::sqlite {

class Connection;

// Where the audit trail ends, in the transaction that is open. It is one strand, since one writes at a time, and its end
// is written down once for all units of work in the transaction.
class AuditEnd {
public:
    explicit AuditEnd(Connection& connection) noexcept : connection_(connection) {}

    // None if the trail was not begun yet.
    std::optional<AuditStrand> const& get();
    void set(AuditStrand const&);

    // Around a unit of work, of which nothing may be left.
    void mark() noexcept { marked_ = end_; }
    void take_back() noexcept;

    // To be called before the transaction is committed, or read.
    void write_down();

    // To be called when a transaction begins or is rolled back: somebody else may have written.
    void forget() noexcept;

private:
    Connection& connection_;
    std::optional<AuditStrand> end_;
    std::optional<AuditStrand> marked_;
    bool written_down_ = true;
};

}
