#include "simulation/simulated_storage.hpp"

#include "support/forwarding_storage.hpp"

namespace onboard::simulation {

using namespace testing;

// Fails now and then, and tells of the letters that it commits.
class SimulatedWork : public ForwardingWork {
public:
    SimulatedWork(SimulatedStorage& storage, std::unique_ptr<UnitOfWork> beneath)
        : storage_(storage), beneath_(std::move(beneath))
    {
    }

    UnitOfWork& reach(char const* call) override
    {
        storage_.strike_in_the_middle(call);
        return *beneath_;
    }

    Outbox& outbox() override { return outbox_; }

    void commit() override
    {
        auto const& faults = storage_.faults_;
        auto& branches = storage_.branches_;
        auto& surroundings = storage_.surroundings_;
        auto& dice = surroundings.fault_dice();
        if (dice.one_in(faults.conflict)) {
            branches.hit(Branch::conflict_at_commit);
            surroundings.note("conflict", "commit");
            throw StorageConflict("simulated: another writer was faster");
        }
        if (dice.one_in(faults.failure)) {
            branches.hit(Branch::failure_at_commit);
            surroundings.note("failure", "commit");
            surroundings.note_doubt();
            throw StorageFailure("simulated: the disk is full");
        }
        auto const unknown = !storage_.group_ && dice.one_in(faults.unknown);
        if (unknown && dice.one_in(2)) {
            branches.hit(Branch::unknown_and_not_done);
            surroundings.note("unknown, not done", "commit");
            surroundings.note_doubt();
            throw OutcomeUnknown("simulated: the line was cut");
        }
        if (dice.one_in(faults.crash)) {
            branches.hit(Branch::crash_before_commit);
            surroundings.note("crash", "before commit");
            surroundings.crash();
        }
        beneath_->commit();
        tell_posted();
        if (unknown) {
            branches.hit(Branch::unknown_and_done);
            surroundings.note("unknown, but done", "commit");
            surroundings.note_doubt();
            throw OutcomeUnknown("simulated: the line was cut");
        }
        if (dice.one_in(faults.crash)) {
            branches.hit(Branch::crash_between_commit_and_answer);
            surroundings.note("crash", "after commit");
            surroundings.crash();
        }
        surroundings.pause();
    }

private:
    class NotingOutbox : public ForwardingOutbox {
    public:
        explicit NotingOutbox(SimulatedWork& work) : ForwardingOutbox(work), work_(work) {}

        void add(PendingLetter const& pending, Instant due) override
        {
            ForwardingOutbox::add(pending, due);
            work_.posted_.push_back(
                {.letter = pending.letter, .due = due, .operation = work_.storage_.surroundings_.operation()});
        }

        bool extend(LetterClaim const& claim, Instant until) override
        {
            auto const ours = ForwardingOutbox::extend(claim, until);
            work_.storage_.branches_.hit(ours ? Branch::lease_renewed : Branch::lease_lost);
            return ours;
        }

        bool give_back(LetterClaim const& claim, Instant due) override
        {
            work_.storage_.branches_.hit(Branch::letter_given_back);
            return ForwardingOutbox::give_back(claim, due);
        }

    private:
        SimulatedWork& work_;
    };

    void tell_posted()
    {
        for (auto const& posted : posted_)
            if (storage_.group_)
                storage_.group_->push_back(posted);
            else
                storage_.surroundings_.note_posted(posted.letter, posted.due, posted.operation);
        posted_.clear();
    }

    SimulatedStorage& storage_;
    std::unique_ptr<UnitOfWork> beneath_;
    NotingOutbox outbox_{*this};
    std::vector<SimulatedStorage::Posted> posted_;
};

namespace {

class ReadingWork : public ForwardingWork {
public:
    explicit ReadingWork(std::unique_ptr<UnitOfWork const> beneath) : beneath_(std::move(beneath)) {}

    UnitOfWork& reach(char const*) override { return const_cast<UnitOfWork&>(*beneath_); }
    void commit() override {}

private:
    std::unique_ptr<UnitOfWork const> beneath_;
};

}

// Nothing of it lasts before its commit.
class SimulatedGroup : public Group {
public:
    SimulatedGroup(SimulatedStorage& storage, std::unique_ptr<Group> beneath)
        : storage_(storage), beneath_(std::move(beneath))
    {
        storage_.group_ = &posted_;
    }
    ~SimulatedGroup() override { storage_.group_ = nullptr; }
    SimulatedGroup(SimulatedGroup const&) = delete;
    SimulatedGroup& operator=(SimulatedGroup const&) = delete;

    void commit() override
    {
        auto const& faults = storage_.faults_;
        auto& branches = storage_.branches_;
        auto& surroundings = storage_.surroundings_;
        auto& dice = surroundings.fault_dice();
        if (dice.one_in(faults.failure)) {
            branches.hit(Branch::group_lost);
            surroundings.note("failure, not done", "group");
            throw StorageFailure("simulated: the disk is full");
        }
        if (dice.one_in(faults.crash)) {
            branches.hit(Branch::group_lost);
            surroundings.note("crash", "before the commit of a group");
            surroundings.crash();
        }
        auto const unknown = dice.one_in(faults.unknown);
        beneath_->commit();
        for (auto const& posted : posted_)
            surroundings.note_posted(posted.letter, posted.due, posted.operation);
        if (unknown) {
            branches.hit(Branch::group_unknown);
            surroundings.note("failure, but done", "group");
            throw StorageFailure("simulated: nobody knows whether the disk has it");
        }
        branches.hit(Branch::group_done);
    }

private:
    SimulatedStorage& storage_;
    std::unique_ptr<Group> beneath_;
    std::vector<SimulatedStorage::Posted> posted_;
};

SimulatedStorage::SimulatedStorage(
    Storage& beneath, Surroundings& surroundings, Faults const& faults, Branches& branches)
    : beneath_(beneath), surroundings_(surroundings), faults_(faults), branches_(branches)
{
}

std::unique_ptr<UnitOfWork> SimulatedStorage::begin()
{
    surroundings_.pause();
    auto& dice = surroundings_.fault_dice();
    if (dice.one_in(faults_.conflict)) {
        branches_.hit(Branch::conflict_at_begin);
        surroundings_.note("conflict", "begin");
        throw StorageConflict("simulated: another writer does not let go");
    }
    if (dice.one_in(faults_.failure)) {
        branches_.hit(Branch::failure_at_begin);
        surroundings_.note("failure", "begin");
        throw StorageFailure("simulated: no connection");
    }
    return std::make_unique<SimulatedWork>(*this, beneath_.begin());
}

std::unique_ptr<UnitOfWork const> SimulatedStorage::begin_reading()
{
    surroundings_.pause();
    auto& dice = surroundings_.fault_dice();
    if (dice.one_in(faults_.failure)) {
        branches_.hit(Branch::failure_at_begin);
        surroundings_.note("failure", "begin_reading");
        throw StorageFailure("simulated: no connection");
    }
    return std::make_unique<ReadingWork const>(beneath_.begin_reading());
}

std::unique_ptr<Group> SimulatedStorage::begin_group()
{
    return std::make_unique<SimulatedGroup>(*this, beneath_.begin_group());
}

// What is open is abandoned by whoever is struck.
void SimulatedStorage::strike_in_the_middle(char const* call)
{
    constexpr int calls_in_a_unit_of_work = 4;
    auto& dice = surroundings_.fault_dice();
    if (dice.one_in(faults_.conflict * calls_in_a_unit_of_work)) {
        branches_.hit(Branch::conflict_in_the_middle);
        surroundings_.note("conflict", call);
        throw StorageConflict("simulated: a deadlock");
    }
    if (dice.one_in(faults_.failure * calls_in_a_unit_of_work)) {
        branches_.hit(Branch::failure_in_the_middle);
        surroundings_.note("failure", call);
        throw StorageFailure("simulated: the disk cannot be read");
    }
    if (dice.one_in(faults_.crash * calls_in_a_unit_of_work)) {
        surroundings_.note("crash", call);
        surroundings_.crash();
    }
}

}
