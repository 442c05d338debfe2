#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <onboard/letters.hpp>
#include <onboard/storage.hpp>

#include "simulation/branches.hpp"
#include "simulation/dice.hpp"

namespace onboard::simulation {

// Thrown where a process dies. Not an exception of the standard library's kind, so that nobody takes it for a failure
// that one can report.
struct Crash {
    int process = 0;
};

// What goes wrong, by kind, so that one can do without a kind.
enum class Fault : std::uint8_t { conflict = 1, failure, unknown, crash, no_randomness, mail, clock };

// How often: one in so many occasions; never, if it is zero.
struct Faults {
    int conflict = 0;
    int failure = 0;
    int unknown = 0;
    int crash = 0;
    int no_randomness = 0;
    int mail = 0;
};

// What the storage needs of whoever runs the processes.
class Surroundings {
public:
    virtual ~Surroundings() = default;

    // Lets others go on. Throws Crash if the process dies meanwhile.
    virtual void pause() = 0;

    // The process of whoever runs just now dies.
    [[noreturn]] virtual void crash() = 0;

    // What was told of a commit is that nobody knows what became of it.
    virtual void note_doubt() = 0;

    // Which operation it is that runs just now.
    virtual int operation() const = 0;

    // A letter is committed that this operation caused.
    virtual void note_posted(Letter const&, Instant due, int operation) = 0;

    virtual void note(char const* what, char const* call) = 0;

    // What decides what goes wrong with the operation that runs just now.
    virtual Dice& fault_dice() = 0;
};

// A storage in which everything happens that a storage may do to those who use it. It goes on with others before a
// unit of work begins and after it was committed.
class SimulatedStorage : public Storage {
public:
    SimulatedStorage(Storage& beneath, Surroundings&, Faults const&, Branches&);

    std::unique_ptr<UnitOfWork> begin() override;
    std::unique_ptr<UnitOfWork const> begin_reading() override;
    std::unique_ptr<Group> begin_group() override;

private:
    friend class SimulatedWork;
    friend class SimulatedGroup;

    struct Posted {
        Letter letter;
        Instant due{};
        int operation = 0;
    };

    void strike_in_the_middle(char const* call);

    Storage& beneath_;
    Surroundings& surroundings_;
    Faults const& faults_;
    Branches& branches_;
    std::vector<Posted>* group_ = nullptr;  // what a group has posted that is open
};

}
