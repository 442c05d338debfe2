#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include <onboard/storage.hpp>

#include "server/log.hpp"
#include "server/tally.hpp"

namespace onboard::server {

// What a worker's threads are for, where that is not writing.
struct Computing {
    int threads = 1;
    bool gives_way = true;  // to all other threads; not where they wait for others more than they compute
    std::size_t capacity = 0;
    std::chrono::seconds patience{};
};

// Does what writes, or what computes for long. On storage that has one writer, one thread takes the work that waits, runs
// it piece after piece in one group of the storage, commits once, and only then lets the answers go. On storage that
// shares commits by itself, several threads take one piece each. Either way an answer that has left is on the disk.
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

    // How many writes may wait, how long, and how much goes into one group.
    static constexpr std::size_t capacity = 4096;
    static constexpr std::chrono::seconds patience{10};
    static constexpr std::size_t group_size = 128;

    // For what writes.
    Worker(Storage&, Log const&);

    // For what computes: one piece a thread. A thread that gives way to all others must hold nothing of ours that they
    // wait for.
    Worker(Computing const&, Log const&);

    // Finishes what was accepted.
    ~Worker();
    Worker(Worker const&) = delete;
    Worker& operator=(Worker const&) = delete;

    // False if too much waits already, or the worker has been told to stop; the job is then dropped unsettled.
    bool submit(Job);

    // Whether one more would be taken just now.
    bool has_room();

    // Takes no more work, finishes what waits, and ends.
    void stop();

    // What became of the jobs so far.
    struct Tally {
        Count refused;    // since too much waited
        Count too_late;   // not begun, having waited too long
        Count failed;     // not durable, or not known to be
        Count at_work;    // pieces and groups that were begun
        Count done_with;  // and ended, well or not
        Sizes groups;     // how many jobs shared a commit
        Durations turns;  // from the beginning of a group to its commit; or a piece
    };
    Tally const& tally() const noexcept { return tally_; }

    struct Backlog {
        std::size_t waiting = 0;
        std::chrono::nanoseconds age{};  // of what waits longest
    };
    Backlog backlog();

private:
    using Clock = std::chrono::steady_clock;

    struct Waiting {
        Job job;
        Clock::time_point since;
    };

    void work_in_groups();
    void work_piece_by_piece();

    // Waits for work; takes at most so many pieces. None when the worker has stopped.
    std::vector<Waiting> take(std::size_t most);

    // Waits a little for those whom the last group has answered to come back, so that they join those who came
    // meanwhile. Otherwise a crowd of callers falls into two groups that take turns, and everybody waits for two syncs.
    void gather(std::size_t answered, Clock::duration commit_time);

    // Whether it has waited too long; then it is counted.
    bool is_too_late(Waiting const&);

    // How long the commit took.
    Clock::duration run_group(std::vector<Waiting>& group);
    void run_alone(Waiting& piece);

    Storage* storage_ = nullptr;
    Log const& log_;
    Tally tally_;
    std::size_t capacity_;
    Clock::duration patience_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Waiting> waiting_;
    std::size_t awaited_ = 1;  // how many have to wait before a thread is woken
    int groups_without_gathering_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}
