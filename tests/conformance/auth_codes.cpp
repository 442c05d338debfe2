#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

void put(Storage& storage, StoredAuthCode const& code)
{
    commit(storage, [&](UnitOfWork& work) { work.auth_codes().put(code); });
}

StoredAuthCode code_of(AccountId account, std::string_view text, Instant expires_at = noon + 1h)
{
    return {.account = account, .partner = PartnerId(1), .digest = digest_of(text), .expires_at = expires_at};
}

std::optional<StoredAuthCode> found(Storage& storage, AccountId account)
{
    return storage.begin_reading()->auth_codes().find(account);
}

TEST_CASE("an authentication code comes back as it was stored", "[auth codes]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const jane = stored_account(*storage, "jane@example.com");
    CHECK_FALSE(found(*storage, jane));
    commit(*storage, [&](UnitOfWork& work) {
        work.auth_codes().put(
            {.account = jane, .partner = acme, .digest = digest_of("this one"), .expires_at = noon + 1ms});
        CHECK(work.auth_codes().find(jane));
    });

    auto const code = found(*storage, jane);
    REQUIRE(code);
    CHECK(code->account == jane);
    CHECK(code->partner == acme);
    CHECK(same(code->digest, digest_of("this one")));
    CHECK(code->expires_at == noon + 1ms);
}

TEST_CASE("a person has one authentication code, the last that was put", "[auth codes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    put(*storage, code_of(jane, "first"));
    put(*storage, code_of(john, "john's"));
    auto second = code_of(jane, "second", noon + 2h);
    second.partner = PartnerId(2);
    put(*storage, second);

    auto const code = found(*storage, jane);
    REQUIRE(code);
    CHECK(code->partner == PartnerId(2));
    CHECK(same(code->digest, digest_of("second")));
    CHECK(code->expires_at == noon + 2h);
    CHECK(same(found(*storage, john)->digest, digest_of("john's")));
}

TEST_CASE("an authentication code that was erased is gone, and another can be put", "[auth codes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    put(*storage, code_of(jane, "first"));
    put(*storage, code_of(john, "john's"));
    commit(*storage, [&](UnitOfWork& work) {
        work.auth_codes().erase(jane);
        work.auth_codes().erase(jane);
        CHECK_FALSE(work.auth_codes().find(jane));
    });
    CHECK_FALSE(found(*storage, jane));
    CHECK(found(*storage, john));
    put(*storage, code_of(jane, "second"));
    CHECK(same(found(*storage, jane)->digest, digest_of("second")));
}

TEST_CASE("an authentication code that was put or erased in vain is as it was", "[auth codes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    storage->begin()->auth_codes().put(code_of(jane, "in vain"));
    CHECK_FALSE(found(*storage, jane));
    put(*storage, code_of(jane, "first"));
    storage->begin()->auth_codes().put(code_of(jane, "in vain"));
    storage->begin()->auth_codes().erase(jane);
    CHECK(storage->begin()->auth_codes().forget(noon + 48h, 100) == 1);
    CHECK(same(found(*storage, jane)->digest, digest_of("first")));
}

TEST_CASE("of authentication codes that are put at the same moment one is left", "[auth codes]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    together(many_threads, [&](int number) { put(*storage, code_of(jane, std::to_string(number))); });
    auto const code = found(*storage, jane);
    REQUIRE(code);
    int matches = 0;
    for (int number = 0; number < many_threads; ++number)
        matches += same(code->digest, digest_of(std::to_string(number)));
    CHECK(matches == 1);
    commit(*storage, [](UnitOfWork& work) { CHECK(work.auth_codes().forget(noon + 48h, 100) == 1); });
}

TEST_CASE("authentication codes are forgotten once expired, a bounded number at a time", "[auth codes]")
{
    auto const storage = open_empty_storage();
    std::vector<AccountId> people;
    for (int number = 0; number < 5; ++number) {
        people.push_back(stored_account(*storage, "jane" + std::to_string(number) + "@example.com"));
        put(*storage, code_of(people.back(), "code", noon + number * 1min));
    }
    auto const forget = [&](Instant before, int limit) {
        return committed(*storage, [&](UnitOfWork& work) { return work.auth_codes().forget(before, limit); });
    };
    CHECK(forget(noon, 100) == 0);
    CHECK(forget(noon + 3min, 2) == 2);
    CHECK(forget(noon + 3min, 2) == 1);
    CHECK(forget(noon + 3min, 2) == 0);
    CHECK_FALSE(found(*storage, people[2]));
    CHECK(found(*storage, people[3]));
}

}
