#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace onboard::postgres {

// Lets so many in at a time, and the others in the order they came.
class Turnstile {
public:
    explicit Turnstile(int places) : free_(places) {}

    // Whether a place was to be had before patience ran out. Whoever got in calls leave().
    bool enter(std::chrono::milliseconds patience)
    {
        std::unique_lock lock(mutex_);
        if (free_ > 0 && waiting_.empty()) {
            --free_;
            return true;
        }
        Waiter self;
        waiting_.push_back(&self);
        if (self.called.wait_for(lock, patience, [&] { return self.admitted; }))
            return true;
        std::erase(waiting_, &self);
        return false;
    }

    void leave()
    {
        std::scoped_lock const lock(mutex_);
        if (waiting_.empty()) {
            ++free_;
            return;
        }
        auto* const first = waiting_.front();
        waiting_.pop_front();
        first->admitted = true;
        first->called.notify_one();
    }

private:
    struct Waiter {
        std::condition_variable called;
        bool admitted = false;
    };

    std::mutex mutex_;
    int free_;
    std::deque<Waiter*> waiting_;
};

}
