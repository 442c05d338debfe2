#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "simulation/branches.hpp"
#include "simulation/checker.hpp"
#include "simulation/planted_bugs.hpp"

namespace onboard::simulation {

constexpr int default_operations = 350;

struct RunOptions {
    std::uint64_t seed = 1;
    int operations = default_operations;
    Bug bug = Bug::none;
    std::uint32_t without_faults = 0;  // a bit for each Fault
    std::set<int> skipped = {};        // operations that nobody carries out
    bool strict = false;               // whether what is known to be wrong counts, too: see Checker
    bool trace = false;
};

struct RunResult {
    std::optional<Violation> violation;
    std::string trace;
    int operations = 0;
};

// One world, from an empty storage to the last letter: processes, couriers and clients in an order that the seed
// says, with a clock, random numbers and faults that it says, too. The same options give the same trace, byte for
// byte.
RunResult run(RunOptions const&, Branches&);

// The least that a run needs to break the same invariant: with as few kinds of faults and operations as one finds by
// leaving out.
RunOptions shortest(RunOptions const&, Violation const&);

}
