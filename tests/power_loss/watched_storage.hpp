#pragma once

#include <exception>

#include "support/forwarding_storage.hpp"

namespace onboard::power_loss {

// What becomes of a unit of work, or of a group.
enum class Fate : std::uint8_t {
    works = 1,
    does_not_begin,
    meets_another,    // does not begin, since somebody else is at work
    is_abandoned,     // does not come to its commit
    is_done_unheard,  // is committed, and that is told as a failure
    fails_unheard     // is committed, and a failure of that is not told
};

// Is told what a storage is asked for, and what came of it.
class Watcher {
public:
    virtual ~Watcher() = default;

    // Asked before each unit of work, also of one that only reads, and before each group.
    virtual Fate next() { return Fate::works; }

    virtual void committing() {}
    virtual void committed() {}
    virtual void failed() {}
};

// Hands everything on to another storage, unless a watcher has it otherwise. What happens inside a group is the
// group's.
class WatchedStorage : public Storage {
public:
    WatchedStorage(Storage& beneath, Watcher& watcher) : beneath_(beneath), watcher_(watcher) {}

    std::unique_ptr<UnitOfWork> begin() override
    {
        if (in_group_)
            return beneath_.begin();
        return begin_one<Work, UnitOfWork>([&] { return beneath_.begin(); });
    }
    std::unique_ptr<UnitOfWork const> begin_reading() override
    {
        return begin_one<Reading, UnitOfWork const>([&] { return beneath_.begin_reading(); });
    }
    std::unique_ptr<Group> begin_group() override
    {
        return begin_one<WatchedGroup, Group>([&] { return beneath_.begin_group(); });
    }

private:
    // One that was begun, until it is over.
    class Begun {
    public:
        Begun(Watcher& watcher, Fate fate) : watcher_(watcher), fate_(fate) {}
        ~Begun()
        {
            if (!over_ && std::uncaught_exceptions() > exceptions_)
                watcher_.failed();
        }
        Begun(Begun const&) = delete;
        Begun& operator=(Begun const&) = delete;

        template <class Commit>
        void commit(Commit const& commit)
        {
            over_ = true;
            try {
                if (fate_ == Fate::is_abandoned)
                    throw StorageFailure("planned: abandoned");
                watcher_.committing();
                commit_at_all(commit);
                if (fate_ == Fate::is_done_unheard)
                    throw StorageFailure("planned: nobody heard that it was done");
            } catch (...) {
                watcher_.failed();
                throw;
            }
            watcher_.committed();
        }

    private:
        template <class Commit>
        void commit_at_all(Commit const& commit)
        {
            try {
                commit();
            } catch (StorageFailure const&) {
                if (fate_ != Fate::fails_unheard)
                    throw;
            }
        }

        Watcher& watcher_;
        Fate fate_;
        int exceptions_ = std::uncaught_exceptions();
        bool over_ = false;
    };

    template <class Unit>
    class Forwarded : public testing::ForwardingWork {
    public:
        Forwarded(WatchedStorage& storage, Fate fate, std::unique_ptr<Unit> beneath)
            : beneath_(std::move(beneath)), begun_(storage.watcher_, fate)
        {
        }

        UnitOfWork& reach(char const*) override { return const_cast<UnitOfWork&>(*beneath_); }
        std::optional<PartnerOfToken> partner_of(PartnerTokenId id) const override
        {
            return beneath_->partner_of(id);
        }
        std::optional<PersonOfSession> person_of(SessionId id) const override { return beneath_->person_of(id); }
        void commit() override
        {
            if constexpr (!std::is_const_v<Unit>)
                begun_.commit([&] { beneath_->commit(); });
        }

    private:
        std::unique_ptr<Unit> beneath_;
        Begun begun_;
    };
    using Work = Forwarded<UnitOfWork>;
    using Reading = Forwarded<UnitOfWork const>;

    class WatchedGroup : public Group {
    public:
        WatchedGroup(WatchedStorage& storage, Fate fate, std::unique_ptr<Group> beneath)
            : storage_(storage), beneath_(std::move(beneath)), begun_(storage.watcher_, fate)
        {
            storage_.in_group_ = true;
        }
        ~WatchedGroup() override { storage_.in_group_ = false; }
        WatchedGroup(WatchedGroup const&) = delete;
        WatchedGroup& operator=(WatchedGroup const&) = delete;

        void commit() override
        {
            begun_.commit([&] { beneath_->commit(); });
        }

    private:
        WatchedStorage& storage_;
        std::unique_ptr<Group> beneath_;
        Begun begun_;
    };

    template <class Watched, class Interface, class Begin>
    std::unique_ptr<Interface> begin_one(Begin const& begin)
    {
        auto const fate = watcher_.next();
        try {
            if (fate == Fate::does_not_begin)
                throw StorageFailure("planned: does not begin");
            if (fate == Fate::meets_another)
                throw StorageConflict("planned: somebody else is at work");
            return std::make_unique<Watched>(*this, fate, begin());
        } catch (...) {
            watcher_.failed();
            throw;
        }
    }

    Storage& beneath_;
    Watcher& watcher_;
    bool in_group_ = false;
};

}
