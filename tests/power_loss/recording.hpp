#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "power_loss/computer.hpp"
#include "power_loss/watched_storage.hpp"
#include "power_loss/workday.hpp"
#include "sqlite/beside.hpp"
#include "support/temporary_folder.hpp"

namespace onboard::power_loss {

// The database in a computer's folder.
constexpr auto database = "onboard.db";

// All that was done to a disk while somebody worked, and what they were told meanwhile. Times are places on the tape.
struct Recording {
    // What was committed in one go.
    struct Unit {
        std::size_t began_to_commit = 0;
        std::size_t told = 0;
        std::string rows;  // everything that was in the database then
    };

    LossyDisk before;
    std::vector<Change> tape = {};
    std::vector<Unit> units = {};  // the first is the database as it is found
    Diary diary;
};

// Carries acts out on a disk, one after the other, by a storage that is opened anew for each of the parts.
// The first one has this number: see carry_out().
Recording record(LossyDisk const&, std::vector<Acts> const& parts, int first_act = 0);

// The disk as it is when everything was done, or when the tape was cut, if nothing is lost.
LossyDisk disk_after(Recording const&);
LossyDisk disk_after(Recording const&, std::size_t cut);

}
