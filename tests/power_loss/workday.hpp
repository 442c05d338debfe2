#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "support/world.hpp"

namespace onboard::power_loss {

// What people remember of a day, whatever becomes of the computer: the links and codes they were given, and what of
// it they were told to have used.
class Diary {
public:
    // `now` says how late it is when something is noted.
    explicit Diary(std::function<std::size_t()> now = [] { return std::size_t{0}; }) : now_(std::move(now)) {}

    std::string& operator[](std::string const& what) { return given_[what]; }
    void note_used(std::string const& login_link) { used_.emplace_back(now_(), given_[login_link]); }

    // The login links that somebody had used by then.
    std::vector<std::string> used_by(std::size_t time) const;

private:
    std::function<std::size_t()> now_;
    std::map<std::string, std::string> given_;
    std::vector<std::pair<std::size_t, std::string>> used_;
};

// One thing that somebody does, whatever came of what was done before.
struct Act {
    char const* name;
    void (*carry_out)(testing::World&, Diary&);
};
using Acts = std::span<Act const>;

// A day at the office, in parts: between them the service is stopped and started again. The first begins with
// nothing, and each may follow the first at once.
Acts morning();
Acts noon();
Acts evening();

// Carries an act out, the number-th of the day, by a service that has just been started: whatever became of an
// earlier act, the random numbers of this one are the same. May throw whatever the use cases throw.
void carry_out(Act const&, int number, Storage&, Diary&);

// What somebody does who wants to know whether the service works: logs in, and follows the link. Whether that is
// possible.
bool register_somebody_new(testing::World&);

// A world on somebody else's storage, whose random numbers are not those of any act with another number.
std::unique_ptr<testing::World> service(Storage&, int number);

}
