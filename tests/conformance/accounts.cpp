#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

Enrolment everything_told()
{
    return {
        .plan = PlanCode::parse("BIKE").value(),
        .contract_type = ContractType::worker,
        .person_id = person_id("007"),
        .personnel_number = PersonnelNumber::parse("P-1").value(),
        .additional_data = R"({"shoe":42})"};
}

TEST_CASE("an account comes back as it was stored", "[accounts]")
{
    auto const storage = open_empty_storage();
    Account const stored{
        .handle = "the handle",
        .email = email("J\u00e4ne.O'Hara+bike@Example.com"),
        .name = PersonName::parse("J\u00e4ne", "\u5c71\u7530 \U0001f6b2").value(),
        .language = Language::german,
        .status = AccountStatus::blocked,
        .generation = 7,
        .created_at = noon + 1ms,
        .updated_at = noon + 2ms};
    auto const id = committed(*storage, [&](UnitOfWork& work) { return work.accounts().insert(stored).value(); });

    auto const work = storage->begin_reading();
    for (auto const& found :
         {work->accounts().find(id), work->accounts().find(email("j\u00e4ne.o'hara+bike@example.com"))}) {
        REQUIRE(found);
        CHECK(found->id == id);
        CHECK(found->handle == stored.handle);
        REQUIRE(found->email);
        CHECK(found->email->str() == "J\u00e4ne.O'Hara+bike@example.com");
        CHECK(found->name == stored.name);
        CHECK(found->language == Language::german);
        CHECK(found->status == AccountStatus::blocked);
        CHECK(found->generation == 7);
        CHECK(found->created_at == noon + 1ms);
        CHECK(found->updated_at == noon + 2ms);
    }
    CHECK_FALSE(work->accounts().find(AccountId(4711)));
    CHECK_FALSE(work->accounts().find(email("john@example.com")));
}

TEST_CASE("a name in one part comes back in one part, and an update can take the other part away", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const whole = PersonName::parse("\u0906\u0936\u093e O'Hara").value();
    auto account = account_of("asha@example.com");
    account.name = whole;
    auto const asha = stored_account(*storage, account);
    auto const jane = stored_account(*storage, "jane@example.com");
    CHECK(storage->begin_reading()->accounts().find(asha)->name == whole);

    auto const rename = [&](AccountId id, PersonName const& name) {
        commit(*storage, [&](UnitOfWork& work) {
            auto renamed = *work.accounts().find(id);
            renamed.name = name;
            REQUIRE(work.accounts().update(renamed));
        });
        return storage->begin_reading()->accounts().find(id)->name;
    };
    CHECK(rename(jane, whole) == whole);
    CHECK(rename(asha, PersonName::parse("Asha", "Menon").value()) == PersonName::parse("Asha", "Menon").value());
}

TEST_CASE("a refused insert names the clash and leaves the unit of work usable", "[accounts]")
{
    auto const storage = open_empty_storage();
    stored_account(*storage, "jane@example.com");

    auto work = storage->begin();
    auto const refused = work->accounts().insert(account_of("jane@example.com"));
    CHECK(error_of(refused) == refuse(Errc::email_taken, "email"));
    REQUIRE(work->accounts().insert(account_of("john@example.com")));
    work->commit();

    CHECK(storage->begin_reading()->accounts().find(email("john@example.com")));
}

TEST_CASE("addresses that differ only in the case of letters clash", "[accounts]")
{
    auto const [why, first, second] = GENERATE(table<char const*, char const*, char const*>(
        {{"capitals", "jane@example.com", "JANE@Example.COM"},
         {"capitals beyond ASCII", "j\u00e4ne@example.com", "J\u00c4NE@example.com"},
         {"one letter or a letter and its accent", "ren\u00e9@example.com", "rene\u0301@example.com"},
         {"both forms of an international host", "jane@b\u00fccher.example", "jane@xn--bcher-kva.example"}}));
    INFO(why);
    auto const storage = open_empty_storage();
    stored_account(*storage, first);
    CHECK(refusal(storage->begin()->accounts().insert(account_of(second))) == Errc::email_taken);
}

TEST_CASE("of many simultaneous registrations of one address, one wins", "[accounts]")
{
    auto const storage = open_empty_storage();
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;
    together(many_threads, [&](int number) {
        auto work = storage->begin();
        auto const inserted =
            work->accounts().insert(account_of(number % 2 ? "jane@example.com" : "JANE@example.com"));
        if (inserted) {
            work->commit();
            ++won;
        } else if (inserted.error().code == Errc::email_taken) {
            ++lost;
        }
    });
    CHECK(won == 1);
    CHECK(lost == many_threads - 1);
}

TEST_CASE("an update replaces what was stored, the address included", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const id = stored_account(*storage, "jane@example.com");

    auto work = storage->begin();
    auto account = *work->accounts().find(id);
    account.email = email("jane.roe@example.com");
    account.name = PersonName::parse("Jane", "Roe").value();
    account.language = Language::french;
    account.status = AccountStatus::blocked;
    account.generation = 2;
    account.updated_at = noon + 1h;
    REQUIRE(work->accounts().update(account));
    work->commit();

    auto const reading = storage->begin_reading();
    CHECK_FALSE(reading->accounts().find(email("jane@example.com")));
    auto const found = reading->accounts().find(email("jane.roe@example.com"));
    REQUIRE(found);
    CHECK(found->id == id);
    REQUIRE(found->name);
    CHECK(found->name->last() == "Roe");
    CHECK(found->language == Language::french);
    CHECK(found->status == AccountStatus::blocked);
    CHECK(found->generation == 2);
    CHECK(found->created_at == noon);
    CHECK(found->updated_at == noon + 1h);
}

TEST_CASE("an update cannot take another account's address", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");

    auto work = storage->begin();
    auto account = *work->accounts().find(john);
    account.email = email("Jane@example.com");
    CHECK(refusal(work->accounts().update(account)) == Errc::email_taken);
    account.email = email("John@example.com");
    CHECK(work->accounts().update(account));
    work->commit();

    auto const reading = storage->begin_reading();
    CHECK(reading->accounts().find(email("jane@example.com"))->id == jane);
    CHECK(reading->accounts().find(john)->email->str() == "John@example.com");
}

TEST_CASE("an address that was let go can be taken by one other account", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const first = stored_account(*storage, "jane@example.com");

    commit(*storage, [&](UnitOfWork& work) { work.accounts().release_identifiers(first); });
    CHECK_FALSE(storage->begin_reading()->accounts().find(email("jane@example.com")));
    CHECK(storage->begin_reading()->accounts().find(first)->email == email("jane@example.com"));

    auto const second = stored_account(*storage, "jane@example.com");
    CHECK(refusal(storage->begin()->accounts().insert(account_of("jane@example.com"))) == Errc::email_taken);
    CHECK(storage->begin_reading()->accounts().find(email("jane@example.com"))->id == second);
}

TEST_CASE("letting an address go twice takes it from nobody else", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const first = stored_account(*storage, "jane@example.com");
    commit(*storage, [&](UnitOfWork& work) { work.accounts().release_identifiers(first); });
    auto const second = stored_account(*storage, "jane@example.com");

    commit(*storage, [&](UnitOfWork& work) { work.accounts().release_identifiers(first); });

    auto const owner = storage->begin_reading()->accounts().find(email("jane@example.com"));
    REQUIRE(owner);
    CHECK(owner->id == second);
}

TEST_CASE("what a partner tells of a person comes back as it was told", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const bolt = stored_partner(*storage, "Bolt");
    auto const jane = stored_account(*storage, "jane@example.com");

    commit(*storage, [&](UnitOfWork& work) {
        REQUIRE(work.accounts().enrol(bolt, jane, {}, noon));
        REQUIRE(work.accounts().enrol(acme, jane, everything_told(), noon));
    });

    auto const work = storage->begin_reading();
    CHECK(work->accounts().find_enrolment(acme, jane) == everything_told());
    CHECK(work->accounts().find_enrolment(bolt, jane) == Enrolment{});
    CHECK(work->accounts().find(acme, person_id("007")) == jane);
    auto const enrolments = work->accounts().enrolments(jane);
    REQUIRE(enrolments.size() == 2);
    CHECK(enrolments[0] == std::pair(acme, everything_told()));
    CHECK(enrolments[1] == std::pair(bolt, Enrolment{}));
}

TEST_CASE("a partner that was never told of a person has nothing to say of them", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const work = storage->begin_reading();
    CHECK_FALSE(work->accounts().find_enrolment(acme, jane));
    CHECK(work->accounts().enrolments(jane).empty());
    CHECK_FALSE(work->accounts().find(acme, person_id("007")));
}

TEST_CASE("a person id is unique per partner and no wider", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const bolt = stored_partner(*storage, "Bolt");
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");

    auto work = storage->begin();
    REQUIRE(work->accounts().enrol(acme, jane, everything_told(), noon));
    auto const refused = work->accounts().enrol(acme, john, everything_told(), noon);
    CHECK(error_of(refused) == refuse(Errc::person_id_taken, "person_id"));
    CHECK(work->accounts().enrol(bolt, john, everything_told(), noon));
    CHECK(work->accounts().enrol(acme, jane, everything_told(), noon + 1h));
    work->commit();

    auto const reading = storage->begin_reading();
    CHECK(reading->accounts().find(acme, person_id("007")) == jane);
    CHECK(reading->accounts().find(bolt, person_id("007")) == john);
    CHECK_FALSE(reading->accounts().find_enrolment(acme, john));
}

TEST_CASE("a refused change of a person id leaves what was told before", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    Enrolment const johns{.person_id = person_id("008"), .additional_data = "{}"};
    commit(*storage, [&](UnitOfWork& work) {
        REQUIRE(work.accounts().enrol(acme, jane, everything_told(), noon));
        REQUIRE(work.accounts().enrol(acme, john, johns, noon));
    });

    auto work = storage->begin();
    CHECK(refusal(work->accounts().enrol(acme, john, everything_told(), noon)) == Errc::person_id_taken);
    work->commit();

    CHECK(storage->begin_reading()->accounts().find_enrolment(acme, john) == johns);
}

TEST_CASE("a person id that was given up can be used for somebody else", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    auto const jane = stored_account(*storage, "jane@example.com");
    auto const john = stored_account(*storage, "john@example.com");
    commit(*storage, [&](UnitOfWork& work) {
        REQUIRE(work.accounts().enrol(acme, jane, everything_told(), noon));
        REQUIRE(work.accounts().enrol(acme, jane, {.person_id = person_id("008")}, noon));
        REQUIRE(work.accounts().enrol(acme, john, everything_told(), noon));
    });
    auto const work = storage->begin_reading();
    CHECK(work->accounts().find(acme, person_id("007")) == john);
    CHECK(work->accounts().find(acme, person_id("008")) == jane);
}

TEST_CASE("of many simultaneous claims to one person id, one wins", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const acme = stored_partner(*storage, "Acme");
    std::vector<AccountId> people;
    for (int number = 0; number < many_threads; ++number)
        people.push_back(stored_account(*storage, "jane" + std::to_string(number) + "@example.com"));

    std::atomic<int> won = 0;
    together(many_threads, [&](int number) {
        auto work = storage->begin();
        if (work->accounts().enrol(acme, people[static_cast<std::size_t>(number)], everything_told(), noon)) {
            work->commit();
            ++won;
        }
    });
    CHECK(won == 1);
}

}
