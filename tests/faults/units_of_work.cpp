#include "faults/faulty_storage.hpp"

namespace onboard::faults {

namespace {

using namespace testing;

class CommittedByItsEnd : public FaultyWork {
public:
    using FaultyWork::FaultyWork;
    ~CommittedByItsEnd() override { FaultyWork::commit(); }
    CommittedByItsEnd(CommittedByItsEnd const&) = delete;
    CommittedByItsEnd& operator=(CommittedByItsEnd const&) = delete;
};

// What was done before an issuer is added is forgotten.
struct CommittedInPart : Wrong<ForwardingTokenIssuers> {
    using Wrong::Wrong;
    Result<void> add(TokenIssuer const& issuer) override
    {
        work().let_others_in();
        return right().add(issuer);
    }
};

struct LetterNotCommitted : Wrong<ForwardingOutbox> {
    using Wrong::Wrong;
    void add(PendingLetter const&, Instant) override {}
};

class MembersOnTheirOwn : public FaultyStorage<FaultyWork> {
public:
    std::unique_ptr<Group> begin_group() override { return std::make_unique<NoGroup>(); }

private:
    class NoGroup : public Group {
    public:
        void commit() override {}
    };
};

class GroupThatIsNotCommitted : public FaultyStorage<FaultyWork> {
public:
    std::unique_ptr<Group> begin_group() override { return std::make_unique<Hollow>(FaultyStorage::begin_group()); }

private:
    class Hollow : public Group {
    public:
        explicit Hollow(std::unique_ptr<Group> beneath) : beneath_(std::move(beneath)) {}
        void commit() override {}

    private:
        std::unique_ptr<Group> beneath_;
    };
};

class GroupThatIsNotLeft : public FaultyStorage<FaultyWork> {
public:
    std::unique_ptr<Group> begin_group() override
    {
        last_.reset();
        last_ = FaultyStorage::begin_group();
        return std::make_unique<Left>(*last_);
    }

private:
    class Left : public Group {
    public:
        explicit Left(Group& beneath) : beneath_(beneath) {}
        void commit() override { beneath_.commit(); }

    private:
        Group& beneath_;
    };

    std::unique_ptr<Group> last_;
};

// Notes if it was abandoned.
class NotingWork : public FaultyWork {
public:
    using FaultyWork::FaultyWork;
    ~NotingWork() override { memory<bool>() |= !committed_; }
    NotingWork(NotingWork const&) = delete;
    NotingWork& operator=(NotingWork const&) = delete;

    void commit() override
    {
        FaultyWork::commit();
        committed_ = true;
    }

private:
    bool committed_ = false;
};

class AbandonedMemberTakesAll : public FaultyStorage<NotingWork> {
public:
    std::unique_ptr<Group> begin_group() override
    {
        auto group = FaultyStorage::begin_group();
        ground().memory = false;
        return std::make_unique<Fragile>(ground(), std::move(group));
    }

private:
    class Fragile : public Group {
    public:
        Fragile(Ground& ground, std::unique_ptr<Group> beneath) : ground_(ground), beneath_(std::move(beneath)) {}
        void commit() override
        {
            if (!std::any_cast<bool>(ground_.memory))
                beneath_->commit();
        }

    private:
        Ground& ground_;
        std::unique_ptr<Group> beneath_;
    };
};

template <class WrongStorage>
std::unique_ptr<Storage> open()
{
    return std::make_unique<WrongStorage>();
}

}

std::vector<Fault> faults_of_units_of_work()
{
    return {
        {"what is abandoned is committed",
         {"uncommitted work leaves no trace", "a user name that was taken in vain is free"},
         storage_of<CommittedByItsEnd>},
        {"a commit keeps what was done last",
         {"committed work is seen by the next unit of work"},
         storage_with<CommittedInPart>},
        {"a commit leaves letters behind",
         {"committed work is seen by the next unit of work", "a unit of work sees what it has done itself"},
         storage_with<LetterNotCommitted>},
        {"members of a group are there before the group",
         {"an abandoned group leaves no trace", "readers see a group all at once or not at all"},
         open<MembersOnTheirOwn>},
        {"a group is not committed",
         {"units of work of a group are all there when the group has committed"},
         open<GroupThatIsNotCommitted>},
        {"a group is not left", {"after a group its thread writes alone again"}, open<GroupThatIsNotLeft>},
        {"an abandoned member takes its group with it",
         {"members of a group stand or fall alone", "a group whose last member is abandoned keeps the others"},
         open<AbandonedMemberTakesAll>},
    };
}

}
