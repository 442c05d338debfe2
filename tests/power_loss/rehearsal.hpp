#pragma once

#include <map>
#include <string>
#include <vector>

#include "power_loss/recording.hpp"

namespace onboard::power_loss {

// What became of acts by which somebody worked, and then of somebody new who was registered.
struct Performance {
    std::string rows;
    LossyDisk disk;
    std::vector<std::string> used;  // login links that somebody was told to have used
    std::vector<int> failed;        // which units of work did, counted from nought, with groups and readings
    int calls = 0;                  // that the breakdown concerns
    int broken = 0;                 // of which so many failed
    bool goes_on = false;           // whether somebody new could be registered after the repair
};

// What is to go wrong: calls of the disk, or units of work as a whole.
struct Trouble {
    Breakdown breakdown = Breakdown::none;
    int first = 1;  // the call that fails
    int calls = 1;  // and so many in all, unless it is repaired before
    std::map<int, Fate> fates = {};
    Fate usual = Fate::works;  // of the other units of work
};

// Carries the acts out on a disk while things go wrong. The computer is repaired after the act that follows the one
// in which the first call failed.
Performance perform(LossyDisk const&, Acts, Trouble const&);

// The same acts where everything works, but that some units of work come to a bad end as a whole: what has to come of
// breakdowns, if these are told to whoever works and leave nothing behind.
class Rehearsal {
public:
    Rehearsal(LossyDisk disk, Acts acts) : disk_(std::move(disk)), acts_(acts) {}

    // Whether these rows are what can come of it if just these units of work fail, each in one way or another.
    bool explains(std::string const& rows, std::vector<int> const& failed);

private:
    bool explains(std::string const& rows, std::vector<int> const& failed, std::map<int, Fate>& fates);

    LossyDisk disk_;
    Acts acts_;
    std::map<std::map<int, Fate>, std::string> rows_;
};

}
