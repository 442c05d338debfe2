#include "interleavings/paced_storage.hpp"

#include <utility>

namespace onboard::interleavings {

class PacedWork : public FaultyWork {
public:
    explicit PacedWork(PacedStorage& storage) : FaultyWork(storage.mistakes_), storage_(storage) { open(); }
    ~PacedWork() override
    {
        if (beneath_)
            close();
    }
    PacedWork(PacedWork const&) = delete;
    PacedWork& operator=(PacedWork const&) = delete;

    UnitOfWork& reach(char const* call) override
    {
        storage_.conductor_.interrupt(call);
        return *beneath_;
    }

    void commit() override
    {
        storage_.conductor_.interrupt("commit");
        beneath_->commit();
        close();
    }

    void let_others_write() override
    {
        beneath_->commit();
        beneath_.reset();
        storage_.open_ = nullptr;
        storage_.conductor_.lend_turn();
        beneath_ = storage_.beneath_.begin();
        storage_.open_ = beneath_.get();
    }

private:
    void open()
    {
        storage_.conductor_.take_turn();
        beneath_ = storage_.beneath_.begin();
        storage_.open_ = beneath_.get();
    }

    void close()
    {
        beneath_.reset();
        storage_.open_ = nullptr;
        storage_.conductor_.give_turn();
    }

    PacedStorage& storage_;
    std::unique_ptr<UnitOfWork> beneath_;
};

class PacedReading : public FaultyWork {
public:
    explicit PacedReading(PacedStorage& storage) : FaultyWork(storage.mistakes_), storage_(storage)
    {
        storage_.conductor_.begin_reading();
        beneath_ = storage_.beneath_.begin_reading();
    }
    ~PacedReading() override
    {
        beneath_.reset();
        storage_.conductor_.end_reading();
    }
    PacedReading(PacedReading const&) = delete;
    PacedReading& operator=(PacedReading const&) = delete;

    UnitOfWork& reach(char const* call) override
    {
        storage_.conductor_.interrupt(call);
        if (storage_.mistakes_.bug == Bug::unfinished_work_is_seen && storage_.open_)
            return *storage_.open_;
        if (storage_.mistakes_.bug == Bug::each_call_reads_anew) {
            beneath_.reset();
            beneath_ = storage_.beneath_.begin_reading();
        }
        return const_cast<UnitOfWork&>(*beneath_);
    }

    void commit() override {}
    void let_others_write() override {}

private:
    PacedStorage& storage_;
    std::unique_ptr<UnitOfWork const> beneath_;
};

PacedStorage::PacedStorage(Storage& beneath, Conductor& conductor, Bug bug)
    : beneath_(beneath), conductor_(conductor), mistakes_(bug, conductor)
{
}

std::unique_ptr<UnitOfWork> PacedStorage::begin()
{
    return std::make_unique<PacedWork>(*this);
}

std::unique_ptr<UnitOfWork const> PacedStorage::begin_reading()
{
    return std::make_unique<PacedReading const>(*this);
}

std::unique_ptr<Group> PacedStorage::begin_group()
{
    return beneath_.begin_group();
}

void PacedStorage::end_task()
{
    auto const owed = std::exchange(mistakes_.owed(), {});
    if (owed.empty())
        return;
    conductor_.take_turn();
    auto work = beneath_.begin();
    for (auto const& [purpose, subject, now, window, guesses] : owed)
        work->codes().count_tries(purpose, subject, now, window, guesses);
    work->commit();
    work.reset();
    conductor_.give_turn();
}

}
