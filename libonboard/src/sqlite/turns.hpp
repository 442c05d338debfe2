#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>

namespace onboard::sqlite {

// A mutex that serves whoever waits in the order they came: a thread that writes group after group would otherwise
// keep all others out. It may be taken in one thread and given back in another.
class Turns {
public:
    // Whether it was free before patience ran out.
    bool take(std::chrono::milliseconds patience)
    {
        std::unique_lock lock(mutex_);
        if (!taken_ && waiting_.empty())
            return taken_ = true;
        Place place;
        waiting_.push_back(&place);
        place.changed.wait_for(lock, patience, [&] { return place.mine; });
        if (!place.mine)
            std::erase(waiting_, &place);
        return place.mine;
    }

    void give_back()
    {
        std::scoped_lock const lock(mutex_);
        if (waiting_.empty())
            taken_ = false;
        else
            hand_over();
    }

    // Gives the turn back only if somebody waits for it. Whoever that is gets it, and cannot give up any more.
    bool give_back_if_wanted()
    {
        std::scoped_lock const lock(mutex_);
        if (waiting_.empty())
            return false;
        hand_over();
        return true;
    }

private:
    struct Place {
        std::condition_variable changed;
        bool mine = false;
    };

    void hand_over()
    {
        auto& next = *waiting_.front();
        waiting_.pop_front();
        next.mine = true;
        next.changed.notify_one();  // under the lock, since the place goes as soon as its owner sees it
    }

    std::mutex mutex_;
    std::deque<Place*> waiting_;
    bool taken_ = false;
};

}
