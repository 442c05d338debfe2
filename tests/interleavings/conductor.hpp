#pragma once

#include <functional>
#include <string>
#include <vector>

#include "interleavings/schedule.hpp"
#include "simulation/fibers.hpp"

namespace onboard::interleavings {

// What a client does in one go, as far as those who take turns have to know.
struct Task {
    enum class Kind : std::uint8_t { writing = 1, reading, time };

    Kind kind = Kind::writing;
    std::function<void()> run;
};

// Where clients may be interrupted.
enum class Grain : std::uint8_t {
    units_of_work = 1,  // before each of them
    calls,              // before each call of a store, too, and before a commit
};

// Has clients take turns as a schedule says. One writer at a time: who wants the turn while another has it cannot go on.
// So what a writer does in a unit of work, others can only see at once; that they do is tried call by call, with readers
// that go on while another writes. Time passes between units of work and not within one.
//
// What comes between a commit and the end of a task touches nothing that others see, so a task ends right there: whoever
// began later must see what it did.
class Conductor {
public:
    // With `readers_overlap` whoever only reads goes on while another writes; otherwise readers need the turn, too.
    Conductor(simulation::Fibers&, bool readers_overlap);

    // Runs each client's tasks, one after the other. Throws std::logic_error if nobody can go on.
    void run(std::vector<std::vector<Task>> const& clients, Schedule&, Grain);

    // The client that runs just now; less than zero if none does, and then nobody is interrupted.
    int running() const { return running_; }

    // From inside a task, by the storage.
    void take_turn();
    void give_turn();
    void begin_reading();
    void end_reading();
    void interrupt(char const* before);

    // Lets others write in the middle of a unit of work, which no storage of ours does.
    void lend_turn();

    // How many steps were taken.
    int steps() const { return steps_; }

    // Gets a line for each step.
    std::function<void(int client, std::string const& step)> trace;

private:
    enum class Stands : std::uint8_t { before_task = 1, before_turn, before_reading, inside, done };

    struct Client {
        std::vector<Task> const* tasks = nullptr;
        std::size_t next = 0;
        Stands stands = Stands::before_task;
        bool has_begun = false;  // its first unit of work of this task
    };

    Client& self() { return clients_[static_cast<std::size_t>(running_)]; }
    bool can_go_on(int client) const;
    std::vector<int> runnable() const;
    void work(int client);
    void wait(Stands, char const* before);
    bool may_begin_at_once();

    simulation::Fibers& fibers_;
    bool readers_overlap_;
    Grain grain_ = Grain::units_of_work;
    bool time_passes_ = false;
    std::vector<Client> clients_;
    int running_ = -1;
    int holder_ = -1;
    int open_ = 0;  // units of work
    int steps_ = 0;
};

}
