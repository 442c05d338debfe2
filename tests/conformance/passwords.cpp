#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

std::optional<std::string> found(Storage& storage, AccountId account)
{
    return storage.begin_reading()->passwords().find(account);
}

TEST_CASE("a password comes back as it was sealed", "[passwords]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const sealed = std::string("sealed\0password\xff", 16);
    CHECK_FALSE(found(*storage, jane));
    commit(*storage, [&](UnitOfWork& work) {
        work.passwords().put(jane, sealed, noon);
        CHECK(work.passwords().find(jane) == sealed);
    });
    CHECK(found(*storage, jane) == sealed);
}

TEST_CASE("a person has one password, the last that was put", "[passwords]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    commit(*storage, [&](UnitOfWork& work) {
        work.passwords().put(jane, "first", noon);
        work.passwords().put(john, "john's", noon);
        work.passwords().put(jane, "second", noon + 1min);
    });
    CHECK(found(*storage, jane) == "second");
    CHECK(found(*storage, john) == "john's");
}

TEST_CASE("a password that was erased is gone, and another can be put", "[passwords]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    commit(*storage, [&](UnitOfWork& work) {
        work.passwords().put(jane, "first", noon);
        work.passwords().put(john, "john's", noon);
    });
    commit(*storage, [&](UnitOfWork& work) {
        work.passwords().erase(jane);
        work.passwords().erase(jane);
        CHECK_FALSE(work.passwords().find(jane));
    });
    CHECK_FALSE(found(*storage, jane));
    CHECK(found(*storage, john) == "john's");
    commit(*storage, [&](UnitOfWork& work) { work.passwords().put(jane, "second", noon); });
    CHECK(found(*storage, jane) == "second");
}

TEST_CASE("a password that was put or erased in vain is as it was", "[passwords]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    storage->begin()->passwords().put(jane, "in vain", noon);
    CHECK_FALSE(found(*storage, jane));
    commit(*storage, [&](UnitOfWork& work) { work.passwords().put(jane, "first", noon); });
    storage->begin()->passwords().put(jane, "in vain", noon);
    storage->begin()->passwords().erase(jane);
    CHECK(found(*storage, jane) == "first");
}

TEST_CASE("a password that is replaced after a look at it undoes no other's replacement", "[passwords]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    commit(*storage, [&](UnitOfWork& work) { work.passwords().put(jane, "", noon); });
    constexpr int rounds = 5;
    together(many_threads, [&](int) {
        for (int round = 0; round < rounds; ++round)
            commit(*storage, [&](UnitOfWork& work) {
                work.passwords().put(jane, *work.passwords().find(jane) + '.', noon);
            });
    });
    CHECK(found(*storage, jane) == std::string(many_threads * rounds, '.'));
}

}
