#include "conformance/storage_under_test.hpp"

#include <onboard/sqlite_storage.hpp>

#include "support/temporary_folder.hpp"

namespace {

// A file in a folder of its own, both gone with the storage.
class Temporary : public onboard::Storage {
public:
    std::unique_ptr<onboard::UnitOfWork> begin() override { return storage_->begin(); }
    std::unique_ptr<onboard::UnitOfWork const> begin_reading() override { return storage_->begin_reading(); }
    std::unique_ptr<onboard::Group> begin_group() override { return storage_->begin_group(); }

private:
    onboard::testing::TemporaryFolder folder_;
    std::unique_ptr<onboard::Storage> storage_ =
        onboard::open_sqlite(folder_ / "onboard.db", {.patience = std::chrono::minutes(1)});
};

}

std::unique_ptr<onboard::Storage> open_empty_storage()
{
    return std::make_unique<Temporary>();
}
