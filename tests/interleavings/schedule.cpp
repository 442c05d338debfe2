#include "interleavings/schedule.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace onboard::interleavings {

std::optional<Schedule> Schedule::parse(std::string_view text)
{
    std::istringstream numbers{std::string(text)};
    Schedule schedule;
    for (int number = 0; numbers >> number;)
        schedule.decisions_.push_back({.runnable = {}, .chosen = number});
    return numbers.eof() ? std::optional(std::move(schedule)) : std::nullopt;
}

int Schedule::choose(std::span<int const> runnable)
{
    if (runnable.size() == 1)
        return runnable.front();
    if (next_ == decisions_.size())
        decisions_.push_back({.runnable = {}, .chosen = runnable.front()});
    auto& decision = decisions_[next_++];
    if (decision.runnable.empty())
        decision.runnable.assign(runnable.begin(), runnable.end());
    if (!std::ranges::equal(decision.runnable, runnable) || !std::ranges::count(runnable, decision.chosen))
        throw std::logic_error("this schedule is not one of this scenario, or the same order has two courses");
    return decision.chosen;
}

bool Schedule::advance()
{
    next_ = 0;
    while (!decisions_.empty()) {
        auto& [runnable, chosen] = decisions_.back();
        auto const tried = std::ranges::find(runnable, chosen);
        if (tried != runnable.end() && tried + 1 != runnable.end()) {
            chosen = *(tried + 1);
            return true;
        }
        decisions_.pop_back();
    }
    return false;
}

std::string Schedule::text() const
{
    std::string text;
    for (auto const& decision : decisions_)
        text += (text.empty() ? "" : " ") + std::to_string(decision.chosen);
    return text;
}

}
