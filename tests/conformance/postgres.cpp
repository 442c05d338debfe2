#include "conformance/storage_under_test.hpp"

#include <onboard/postgres_storage.hpp>

#include "support/postgres_schema.hpp"

namespace {

// A schema of its own, gone with the storage.
class Temporary : public onboard::Storage {
public:
    std::unique_ptr<onboard::UnitOfWork> begin() override { return storage_->begin(); }
    std::unique_ptr<onboard::UnitOfWork const> begin_reading() override { return storage_->begin_reading(); }
    std::unique_ptr<onboard::Group> begin_group() override { return storage_->begin_group(); }

private:
    onboard::testing::PostgresSchema schema_;
    std::unique_ptr<onboard::Storage> storage_ = onboard::open_postgres(
        schema_.url(), {.patience = std::chrono::minutes(1),
                        .lock_limit = std::chrono::minutes(1),
                        .statement_limit = std::chrono::minutes(1)});
};

}

std::unique_ptr<onboard::Storage> open_empty_storage()
{
    return std::make_unique<Temporary>();
}
