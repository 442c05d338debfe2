#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <string>

#include <onboard/audit.hpp>
#include <onboard/ports.hpp>
#include <onboard/storage.hpp>

// The audit trail as use cases write it.
//
// Each strand is a chain: its seal is a keyed hash over the seal before and the new entry, and the entry keeps the first
// half of it. The halves tell where the chain broke. Whole seals are kept only for the end of a strand, so that nobody
// who has not the key can make a strand end earlier: its seal at that point is nowhere to be found.
namespace onboard::audit {

struct Event {
    AuditEvent event{};
    std::optional<AccountId> account = {};
    std::optional<PartnerId> partner = {};
    std::string detail = {};
};

// Writes down what the caller's unit of work does. Best called last: it may wait for other units of work that write down
// something for the first time.
void record(UnitOfWork&, Ports const&, std::span<Event const>);
void record(UnitOfWork&, Ports const&, std::initializer_list<Event>);

// By what an address or a number is told from others, without saying what it is.
std::string fingerprint(Ports const&, Recipient const&);

// Calls for every entry there is, strand by strand.
void for_each(UnitOfWork const&, std::function<void(AuditEntry const&)> const&);

// Reads the whole trail.
AuditReport verify(UnitOfWork const&, Ports const&);

}
