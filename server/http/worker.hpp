#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include <onboard/storage.hpp>

#include "server/log.hpp"

namespace onboard::server {

// The one thread that writes. It takes the work that waits, runs it piece after piece in one group of the storage,
// commits once, and only then lets the answers go: an answer that has left is on the disk.
class Worker {
public:
    enum class Outcome : std::uint8_t {
        done = 1,  // and durable
        failed,    // not durable, or not known to be
        too_late,  // waited too long and was not begun
    };

    struct Job {
        std::function<void()> run;            // does not throw; opens units of work of its own
        std::function<void(Outcome)> settle;  // called once, on the worker's thread
    };

    // How much may wait, how long, and how much goes into one group.
    static constexpr std::size_t capacity = 4096;
    static constexpr std::chrono::seconds patience{10};
    static constexpr std::size_t group_size = 128;

    Worker(Storage&, Log const&);

    // Finishes what was accepted.
    ~Worker();
    Worker(Worker const&) = delete;
    Worker& operator=(Worker const&) = delete;

    // False if too much waits already, or the worker has been told to stop; the job is then dropped unsettled.
    bool submit(Job);

    // Takes no more work, finishes what waits, and ends.
    void stop();

private:
    struct Waiting {
        Job job;
        std::chrono::steady_clock::time_point since;
    };

    void work();
    void run_group(std::deque<Waiting>& group);

    Storage& storage_;
    Log const& log_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Waiting> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

}
