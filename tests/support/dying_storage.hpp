#pragma once

#include "conformance/storage_under_test.hpp"

namespace onboard::testing {

// A storage whose process dies after so many more units of work were begun.
class DyingStorage : public Storage {
public:
    std::unique_ptr<UnitOfWork> begin() override
    {
        if (begins_left-- <= 0)
            throw StorageFailure("died");
        return storage_->begin();
    }
    std::unique_ptr<UnitOfWork const> begin_reading() override { return storage_->begin_reading(); }
    std::unique_ptr<Group> begin_group() override { return storage_->begin_group(); }

    static constexpr int immortal = 1'000'000;
    int begins_left = immortal;

private:
    std::unique_ptr<Storage> storage_ = open_empty_storage();
};

}
