#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "support/forwarding_storage.hpp"

namespace onboard::testing {

// Each call of a storage, and how often it was made.
using Calls = std::map<std::string, int>;

// A unit of work whose calls are counted. What a storage may answer with one statement is one call.
class CountingWork : public ForwardingWork {
public:
    CountingWork(std::unique_ptr<UnitOfWork const> beneath, Calls& calls)
        : beneath_(std::move(beneath)), calls_(calls)
    {
    }

    UnitOfWork& reach(char const* call) override
    {
        ++calls_[call];
        return const_cast<UnitOfWork&>(*beneath_);
    }
    std::optional<PartnerOfToken> partner_of(PartnerTokenId id) const override
    {
        ++calls_["partner_of"];
        return beneath_->partner_of(id);
    }
    std::optional<PersonOfSession> person_of(SessionId id) const override
    {
        ++calls_["person_of"];
        return beneath_->person_of(id);
    }
    void commit() override { reach("commit").commit(); }

private:
    std::unique_ptr<UnitOfWork const> beneath_;
    Calls& calls_;
};

// A storage that counts what it is asked.
class CountingStorage : public Storage {
public:
    explicit CountingStorage(std::unique_ptr<Storage> beneath) : beneath_(std::move(beneath)) {}

    std::unique_ptr<UnitOfWork> begin() override
    {
        ++calls["begin"];
        return std::make_unique<CountingWork>(beneath_->begin(), calls);
    }
    std::unique_ptr<UnitOfWork const> begin_reading() override
    {
        ++calls["begin_reading"];
        return std::make_unique<CountingWork const>(beneath_->begin_reading(), calls);
    }
    std::unique_ptr<Group> begin_group() override { return beneath_->begin_group(); }
    int concurrent_writers() const override { return beneath_->concurrent_writers(); }

    Calls calls;

private:
    std::unique_ptr<Storage> beneath_;
};

}
