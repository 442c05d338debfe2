#pragma once

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "power_loss/recording.hpp"

namespace onboard::power_loss {

// Something that should never be.
class Breach : public std::runtime_error {
public:
    using runtime_error::runtime_error;
};

// What may be found when the power comes back.
struct Expected {
    std::set<std::string> rows = {};     // one of these
    std::vector<std::string> used = {};  // login links that are good for nothing any more
};

// What has to be found of a recording if it was cut short: everything that was told as done, and of what was under
// way all or nothing.
Expected expected_after(Recording const&, std::size_t cut);

// Switches a computer on with this disk, has the library open the database as it always does, and looks whether it is
// as expected and goes on. Throws Breach.
void judge(LossyDisk const&, Expected const&, std::uint64_t seed);

// A database that was opened after a power cut, looked at, and closed.
struct Reopened {
    std::string rows;
    std::vector<Change> tape;  // what that did to the disk
};

// Does that, and throws Breach if it is not as expected.
Reopened reopen(LossyDisk const&, Expected const&, std::uint64_t seed);

}
