#pragma once

#include "conformance/storage_under_test.hpp"

namespace onboard::testing {

// A storage whose process dies after so many more units of work were begun; or, if it is only busy then, one that has
// another writer once.
class DyingStorage : public Storage {
public:
    std::unique_ptr<UnitOfWork> begin() override
    {
        if (begins_left-- <= 0) {
            if (!only_busy)
                throw StorageFailure("died");
            begins_left = immortal;
            throw StorageConflict("another writer");
        }
        return storage_->begin();
    }
    std::unique_ptr<UnitOfWork const> begin_reading() override { return storage_->begin_reading(); }
    std::unique_ptr<Group> begin_group() override { return storage_->begin_group(); }

    static constexpr int immortal = 1'000'000;
    int begins_left = immortal;
    bool only_busy = false;

private:
    std::unique_ptr<Storage> storage_ = open_empty_storage();
};

}
