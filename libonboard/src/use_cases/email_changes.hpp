#pragma once

#include <optional>

#include <onboard/onboard.hpp>

// Steps for addresses that wait for an opt-in. Each works inside the caller's unit of work.
namespace onboard::steps {

struct FoundEmailChange {
    EmailChange change;
    Account account;
};

// A change that still waits, and whose it is. Refuses with link_unknown. Uses nothing up.
Result<FoundEmailChange>
find_email_change(UnitOfWork const&, std::optional<OptInToken::Parts> const& presented, Instant now);

}
