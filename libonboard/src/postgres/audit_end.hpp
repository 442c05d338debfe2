#pragma once

#include <optional>

#include <onboard/audit.hpp>

namespace onboard::postgres {

// The strand of the audit trail that a connection adds to, and nobody else for as long as it is connected: its number is
// locked for the session. So units of work on different connections do not wait for each other, and where the strand ends
// need not be read again. A strand that this unit of work begins is its own until it is committed, without a lock.
class AuditEnd {
public:
    // The strand that is locked, if one is.
    std::optional<int> locked() const noexcept { return locked_; }
    void lock(int strand) noexcept { locked_ = strand; }

    // Where the strand of this unit of work ends, if it is known.
    std::optional<AuditStrand> const& known() const noexcept { return end_; }
    void know(AuditStrand const& end) { end_ = end; }

    // The same, and it is to be written down before the unit of work is committed.
    void move(AuditStrand const& end)
    {
        end_ = end;
        moved_ = true;
    }
    bool moved() const noexcept { return moved_; }
    void note_written_down() noexcept
    {
        moved_ = false;
        if (end_ && end_->strand != locked_)
            end_.reset();
    }

    // To be called when anything was undone.
    void forget() noexcept
    {
        end_.reset();
        moved_ = false;
    }

private:
    std::optional<int> locked_;
    std::optional<AuditStrand> end_;
    bool moved_ = false;
};

}
