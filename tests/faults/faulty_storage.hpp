#pragma once

#include <any>
#include <atomic>
#include <concepts>
#include <thread>

#include <onboard/memory_storage.hpp>

#include "faults/faults.hpp"
#include "support/forwarding_storage.hpp"

// What a fault is made of: a right storage in memory, and one store or one unit of work above it that does something
// else.
namespace onboard::faults {

constexpr Instant end_of_time{std::chrono::hours(24 * 365 * 200)};

// The right storage, and what a wrong one remembers beside it.
struct Ground {
    std::unique_ptr<Storage> storage = open_memory();
    std::atomic<int> begun = 0;  // units of work
    std::any memory;
};

// A unit of work that does everything right.
class FaultyWork : public testing::ForwardingWork {
public:
    explicit FaultyWork(Ground& ground) : ground_(ground) { begin(); }

    UnitOfWork& reach(char const*) override { return *beneath_; }
    void commit() override { beneath_->commit(); }

    // What was done so far is abandoned, others have their turn if there are any, and another unit of work goes on: what
    // was read is as old as if nobody had locked it.
    void let_others_in()
    {
        auto const begun = ground_.begun.load();
        beneath_.reset();
        constexpr int patience = 200;
        for (int turn = 0; turn < patience && ground_.begun == begun; ++turn)
            std::this_thread::yield();
        begin();
    }

    // What was done so far is there for good, whatever becomes of this unit of work.
    void commit_early()
    {
        beneath_->commit();
        let_others_in();
    }

    // What a fault remembers, outside of the right storage: seen by all units of work, and rolled back by none.
    template <class Memory>
    Memory& memory()
    {
        if (!ground_.memory.has_value())
            ground_.memory = Memory();
        return std::any_cast<Memory&>(ground_.memory);
    }

private:
    void begin()
    {
        beneath_ = ground_.storage->begin();
        ++ground_.begun;
    }

    Ground& ground_;
    std::unique_ptr<UnitOfWork> beneath_;
};

// A store that hands every call on, except for the one in which its fault is.
template <class Forwarding>
class Wrong : public Forwarding {
public:
    explicit Wrong(FaultyWork& work) : Forwarding(work), work_(work) {}

protected:
    auto& right() const { return Forwarding::to("right"); }
    FaultyWork& work() const { return work_; }

private:
    FaultyWork& work_;
};

// A unit of work with one wrong store.
template <class WrongStore>
class WorkWith : public FaultyWork {
public:
    using FaultyWork::FaultyWork;

    Partners& partners() override { return wrong_or(FaultyWork::partners()); }
    Accounts& accounts() override { return wrong_or(FaultyWork::accounts()); }
    LoginLinks& login_links() override { return wrong_or(FaultyWork::login_links()); }
    Sessions& sessions() override { return wrong_or(FaultyWork::sessions()); }
    Codes& codes() override { return wrong_or(FaultyWork::codes()); }
    RepeatedRequests& repeated_requests() override { return wrong_or(FaultyWork::repeated_requests()); }
    PasswordLinks& password_links() override { return wrong_or(FaultyWork::password_links()); }
    Passwords& passwords() override { return wrong_or(FaultyWork::passwords()); }
    AuthCodes& auth_codes() override { return wrong_or(FaultyWork::auth_codes()); }
    EmailChanges& email_changes() override { return wrong_or(FaultyWork::email_changes()); }
    Consents& consents() override { return wrong_or(FaultyWork::consents()); }
    Causes& causes() override { return wrong_or(FaultyWork::causes()); }
    Organisations& organisations() override { return wrong_or(FaultyWork::organisations()); }
    TokenIssuers& token_issuers() override { return wrong_or(FaultyWork::token_issuers()); }
    Identities& identities() override { return wrong_or(FaultyWork::identities()); }
    UsedTokens& used_tokens() override { return wrong_or(FaultyWork::used_tokens()); }
    Outbox& outbox() override { return wrong_or(FaultyWork::outbox()); }
    AuditTrail& audit() override { return wrong_or(FaultyWork::audit()); }

private:
    template <class Store>
    Store& wrong_or(Store& right)
    {
        if constexpr (std::derived_from<WrongStore, Store>)
            return wrong_;
        else
            return right;
    }

    WrongStore wrong_{*this};
};

// A storage of such units of work. They lock out each other, readers too, as those beneath do.
template <class Work>
class FaultyStorage : public Storage {
public:
    std::unique_ptr<UnitOfWork> begin() override { return std::make_unique<Work>(ground_); }
    std::unique_ptr<UnitOfWork const> begin_reading() override { return std::make_unique<Work const>(ground_); }
    std::unique_ptr<Group> begin_group() override { return ground_.storage->begin_group(); }

protected:
    Ground& ground() { return ground_; }

private:
    Ground ground_;
};

template <class Work>
std::unique_ptr<Storage> storage_of()
{
    return std::make_unique<FaultyStorage<Work>>();
}

template <class WrongStore>
std::unique_ptr<Storage> storage_with()
{
    return storage_of<WorkWith<WrongStore>>();
}

}
