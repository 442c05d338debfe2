#include "server/http/worker.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <memory>
#include <vector>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace onboard::server {

namespace {

// As sched_setattr(2) describes it; the C library of Debian 12 does not know it.
struct SchedulingAttributes {
    std::uint32_t size = sizeof(SchedulingAttributes);
    std::uint32_t policy = SCHED_OTHER;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t slice = 0;  // in nanoseconds
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

// Behind all others, but never starved: the least weight a thread can have, and from Linux 6.12 on the shortest slice,
// after which whoever wakes up has the processor. Not SCHED_IDLE: every thread holds, now and then, what others of its
// process wait for, such as the kernel's lock of the address space, and beside a busy neighbour it held them for seconds.
void give_way()
{
    constexpr std::int32_t nice = 19;
    constexpr std::uint64_t least_slice = 100'000;
    SchedulingAttributes const attributes{.nice = nice, .slice = least_slice};
    ::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

// Makes the heap of this thread writable as far as it will grow. The C library does so page by page, and each time waits
// until nobody else changes the memory of the process, such as a thread that makes room for the hash of a password.
void settle_in()
{
    constexpr std::size_t heap = 16 << 20;
    using Piece = std::array<std::byte, 64 << 10>;  // larger ones come from elsewhere
    std::vector<std::unique_ptr<Piece>> pieces;
    while (pieces.size() < heap / sizeof(Piece))
        pieces.push_back(std::make_unique_for_overwrite<Piece>());
}

}

Worker::Worker(Storage& storage, Log const& log)
    : storage_(&storage), log_(log), capacity_(capacity), patience_(patience)
{
    auto const writers = storage.concurrent_writers();
    if (writers == 1)
        threads_.emplace_back([this] {
            settle_in();
            work_in_groups();
        });
    else
        for (int writer = 0; writer < writers; ++writer)
            threads_.emplace_back([this] { work_piece_by_piece(); });
}

Worker::Worker(Computing const& computing, Log const& log)
    : log_(log), capacity_(computing.capacity), patience_(computing.patience)
{
    for (int thread = 0; thread < computing.threads; ++thread)
        threads_.emplace_back([this, gives_way = computing.gives_way] {
            if (gives_way)
                give_way();
            work_piece_by_piece();
        });
}

Worker::~Worker()
{
    stop();
}

bool Worker::submit(Job job)
{
    {
        std::scoped_lock const lock(mutex_);
        if (stopping_ || waiting_.size() >= capacity_) {
            tally_.refused.add();
            return false;
        }
        waiting_.push_back({std::move(job), Clock::now()});
        if (waiting_.size() < awaited_)
            return true;
    }
    changed_.notify_one();
    return true;
}

bool Worker::has_room()
{
    std::scoped_lock const lock(mutex_);
    auto const has_room = !stopping_ && waiting_.size() < capacity_;
    if (!has_room)
        tally_.refused.add();
    return has_room;
}

Worker::Backlog Worker::backlog()
{
    std::scoped_lock const lock(mutex_);
    if (waiting_.empty())
        return {};
    return {.waiting = waiting_.size(), .age = Clock::now() - waiting_.front().since};
}

void Worker::stop()
{
    {
        std::scoped_lock const lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_)
        if (thread.joinable())
            thread.join();
}

void Worker::work_in_groups()
{
    for (;;) {
        auto group = take(group_size);
        if (group.empty())
            return;
        auto const commit_time = run_group(group);
        gather(group.size(), commit_time);
    }
}

void Worker::work_piece_by_piece()
{
    for (;;) {
        auto taken = take(1);
        if (taken.empty())
            return;
        run_alone(taken.front());
    }
}

std::vector<Worker::Waiting> Worker::take(std::size_t most)
{
    std::vector<Waiting> taken;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    taken.reserve(std::min(most, waiting_.size()));
    while (!waiting_.empty() && taken.size() < most) {
        taken.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return taken;
}

void Worker::gather(std::size_t answered, Clock::duration commit_time)
{
    constexpr int pause = 16;
    if (groups_without_gathering_ > 0) {
        --groups_without_gathering_;
        return;
    }
    std::unique_lock lock(mutex_);
    auto const there = waiting_.size();
    awaited_ = std::min(there + answered, group_size);
    changed_.wait_for(lock, commit_time / 4, [this] { return stopping_ || waiting_.size() >= awaited_; });
    if (waiting_.size() < there + answered / 4)
        groups_without_gathering_ = pause;  // they come when they come: waiting for them only costs time
    awaited_ = 1;
}

Worker::Clock::duration Worker::run_group(std::vector<Waiting>& group)
{
    std::vector<Outcome> outcomes(group.size(), Outcome::failed);
    auto const begun = Clock::now();
    auto committing = begun;
    tally_.at_work.add();
    try {
        auto const scope = storage_->begin_group();
        for (std::size_t index = 0; index < group.size(); ++index) {
            if (is_too_late(group[index]))
                outcomes[index] = Outcome::too_late;
            else
                group[index].job.run();
        }
        committing = Clock::now();
        scope->commit();
        for (auto& outcome : outcomes)
            if (outcome == Outcome::failed)
                outcome = Outcome::done;
    } catch (std::exception const& breakdown) {
        log_.error("a group of writes failed", {{"reason", breakdown.what()}, {"requests", group.size()}});
        tally_.failed.add(static_cast<std::uint64_t>(std::ranges::count(outcomes, Outcome::failed)));
    }
    auto const ended = Clock::now();
    auto const commit_time = ended - committing;
    tally_.groups.note(group.size());
    tally_.turns.note(ended - begun);
    tally_.done_with.add();
    for (std::size_t index = 0; index < group.size(); ++index)
        group[index].job.settle(outcomes[index]);
    return commit_time;
}

void Worker::run_alone(Waiting& piece)
{
    if (is_too_late(piece))
        return piece.job.settle(Outcome::too_late);
    auto const begun = Clock::now();
    tally_.at_work.add();
    piece.job.run();
    tally_.turns.note(Clock::now() - begun);
    tally_.done_with.add();
    piece.job.settle(Outcome::done);
}

bool Worker::is_too_late(Waiting const& piece)
{
    if (Clock::now() - piece.since <= patience_)
        return false;
    tally_.too_late.add();
    return true;
}

}
