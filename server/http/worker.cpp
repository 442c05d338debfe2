#include "server/http/worker.hpp"

#include <exception>
#include <vector>

namespace onboard::server {

Worker::Worker(Storage& storage, Log const& log) : storage_(storage), log_(log), thread_([this] { work(); }) {}

Worker::~Worker()
{
    stop();
}

bool Worker::submit(Job job)
{
    {
        std::scoped_lock const lock(mutex_);
        if (stopping_ || waiting_.size() >= capacity)
            return false;
        waiting_.push_back({std::move(job), std::chrono::steady_clock::now()});
    }
    changed_.notify_one();
    return true;
}

void Worker::stop()
{
    {
        std::scoped_lock const lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable())
        thread_.join();
}

void Worker::work()
{
    for (;;) {
        std::deque<Waiting> group;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (waiting_.empty())
                return;
            while (!waiting_.empty() && group.size() < group_size) {
                group.push_back(std::move(waiting_.front()));
                waiting_.pop_front();
            }
        }
        run_group(group);
    }
}

void Worker::run_group(std::deque<Waiting>& group)
{
    std::vector<Outcome> outcomes(group.size(), Outcome::failed);
    try {
        auto const scope = storage_.begin_group();
        for (std::size_t index = 0; index < group.size(); ++index) {
            if (std::chrono::steady_clock::now() - group[index].since > patience)
                outcomes[index] = Outcome::too_late;
            else
                group[index].job.run();
        }
        scope->commit();
        for (auto& outcome : outcomes)
            if (outcome == Outcome::failed)
                outcome = Outcome::done;
    } catch (std::exception const& breakdown) {
        log_.error("a group of writes failed", {{"reason", breakdown.what()}, {"requests", group.size()}});
    }
    for (std::size_t index = 0; index < group.size(); ++index)
        group[index].job.settle(outcomes[index]);
}

}
