#include "interleavings/conductor.hpp"

#include <algorithm>
#include <stdexcept>

namespace onboard::interleavings {

Conductor::Conductor(simulation::Fibers& fibers, bool readers_overlap)
    : fibers_(fibers), readers_overlap_(readers_overlap)
{
}

void Conductor::run(std::vector<std::vector<Task>> const& clients, Schedule& schedule, Grain grain)
{
    grain_ = grain;
    clients_.clear();
    time_passes_ = false;
    for (auto const& tasks : clients) {
        clients_.push_back({.tasks = &tasks});
        for (auto const& task : tasks)
            time_passes_ = time_passes_ || task.kind == Task::Kind::time;
        auto const client = static_cast<int>(clients_.size()) - 1;
        fibers_.start(client, [this, client] { work(client); });
    }
    for (auto able = runnable(); !able.empty(); able = runnable()) {
        running_ = schedule.choose(able);
        ++steps_;
        fibers_.resume(running_);
        running_ = -1;
    }
    if (!std::ranges::all_of(clients_, [](auto const& client) { return client.stands == Stands::done; }))
        throw std::logic_error("nobody can go on");
}

void Conductor::work(int client)
{
    auto& self = clients_[static_cast<std::size_t>(client)];
    while (self.next < self.tasks->size()) {
        if (self.next > 0)
            wait(Stands::before_task, "the next");
        self.stands = Stands::inside;
        self.has_begun = false;
        (*self.tasks)[self.next].run();
        ++self.next;
    }
    self.stands = Stands::done;
}

bool Conductor::can_go_on(int number) const
{
    auto const& client = clients_[static_cast<std::size_t>(number)];
    if (client.stands == Stands::done)
        return false;
    auto const kind = client.stands == Stands::before_task ? (*client.tasks)[client.next].kind : Task::Kind::writing;
    if (kind == Task::Kind::time)
        return open_ == 0;
    if (holder_ < 0 || holder_ == number)
        return true;
    auto const only_reads =
        kind == Task::Kind::reading || client.stands == Stands::before_reading || client.stands == Stands::inside;
    return readers_overlap_ && only_reads;
}

std::vector<int> Conductor::runnable() const
{
    std::vector<int> able;
    for (int client = 0; client < static_cast<int>(clients_.size()); ++client)
        if (can_go_on(client))
            able.push_back(client);
    return able;
}

void Conductor::wait(Stands stands, char const* before)
{
    auto const own = running_;
    if (trace)
        trace(own, std::string("before ") + before);
    self().stands = stands;
    fibers_.yield();
    running_ = own;
    self().stands = Stands::inside;
}

// Where no time passes, nothing that others see happens between the beginning of a task and its first unit of work.
bool Conductor::may_begin_at_once()
{
    auto const first = !self().has_begun;
    self().has_begun = true;
    return first && !time_passes_;
}

void Conductor::take_turn()
{
    if (running_ < 0)
        return;
    if (!may_begin_at_once() || holder_ >= 0)
        wait(Stands::before_turn, "its turn");
    holder_ = running_;
    ++open_;
}

void Conductor::give_turn()
{
    if (running_ < 0)
        return;
    holder_ = -1;
    --open_;
}

void Conductor::begin_reading()
{
    if (running_ < 0)
        return;
    if (!readers_overlap_)
        return take_turn();
    if (!may_begin_at_once())
        wait(Stands::before_reading, "reading");
    ++open_;
}

void Conductor::end_reading()
{
    if (running_ < 0)
        return;
    if (!readers_overlap_)
        return give_turn();
    --open_;
}

void Conductor::interrupt(char const* before)
{
    if (running_ >= 0 && grain_ == Grain::calls && runnable().size() > 1)
        wait(Stands::inside, before);
}

void Conductor::lend_turn()
{
    if (running_ < 0)
        return;
    give_turn();
    wait(Stands::before_turn, "its turn, which it lent");
    holder_ = running_;
    ++open_;
}

}
