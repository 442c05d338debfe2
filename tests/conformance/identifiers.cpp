#include <atomic>
#include <mutex>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

auto const janes_phone = phone("+4915112345678");
auto const johns_phone = phone("+31612345678");

// One of a million numbers.
PhoneNumber phone_of(int person)
{
    return phone("+4915112" + std::to_string(1'000'000 + person).substr(1));
}

std::string address_of(int person)
{
    return "Jane" + std::to_string(person) + "@example.com";
}

UserName user_name_of(int person)
{
    return user_name("jane" + std::to_string(person));
}

Account account_of(UserName const& name)
{
    return {.handle = "handle of " + name.str(), .user_name = name, .created_at = noon, .updated_at = noon};
}

Account account_of(std::string_view address, PhoneNumber const& number)
{
    auto account = conformance::account_of(address);
    account.phone = number;
    return account;
}

constexpr int all_kinds = 128;

// In two parts or in one.
PersonName name_of_kind(int kind, int person)
{
    auto const last = "Doe" + std::to_string(person);
    return kind % 3 == 0 ? PersonName::parse("Jane " + last).value() : PersonName::parse("Jane", last).value();
}

// An account that has some of what an account may have, and none of the rest.
Account account_of_kind(int kind, int person)
{
    constexpr std::int64_t largest = (std::int64_t{1} << 53) - 1;
    Account account{
        .handle = "handle",
        .email_verified = (kind & 1) != 0,
        .push_token = kind & 2 ? std::string("a\0b\xff\\", 5) : "",
        .created_at = noon,
        .updated_at = noon};
    if (kind & 4)
        account.email = email(address_of(person));
    if (kind & 8)
        account.phone = phone_of(person);
    if (kind & 16)
        account.name = name_of_kind(kind, person);
    if (kind & 32)
        account.number = largest - person;
    if (kind & 64)
        account.user_name = user_name_of(person);
    if (kind % 5 > 1)
        account.membership = Membership{.channel = channel("kerala")};
    if (kind % 5 == 4)
        account.membership->organisation = organisation("school " + std::to_string(person));
    return account;
}

void check_same(Account const& found, Account const& stored)
{
    CHECK(found.email.has_value() == stored.email.has_value());
    if (found.email && stored.email)
        CHECK(found.email->str() == stored.email->str());
    CHECK(found.phone == stored.phone);
    CHECK(found.name == stored.name);
    CHECK(found.email_verified == stored.email_verified);
    CHECK(found.number == stored.number);
    CHECK(found.push_token == stored.push_token);
    CHECK(found.user_name == stored.user_name);
    CHECK(found.membership == stored.membership);
}

std::optional<AccountId> owner_of(Storage& storage, EmailAddress const& address)
{
    auto const account = storage.begin_reading()->accounts().find(address);
    return account ? std::optional(account->id) : std::nullopt;
}

std::optional<AccountId> owner_of(Storage& storage, PhoneNumber const& number)
{
    auto const account = storage.begin_reading()->accounts().find(number);
    return account ? std::optional(account->id) : std::nullopt;
}

std::optional<AccountId> owner_of(Storage& storage, UserName const& name)
{
    auto const account = storage.begin_reading()->accounts().find(name);
    return account ? std::optional(account->id) : std::nullopt;
}

void release(Storage& storage, AccountId id)
{
    commit(storage, [&](UnitOfWork& work) { work.accounts().release_identifiers(id); });
}

// Changes an account, and tells what came of it.
template <class Change>
Result<void> updated(Storage& storage, AccountId id, Change change)
{
    return committed(storage, [&](UnitOfWork& work) {
        auto account = *work.accounts().find(id);
        change(account);
        return work.accounts().update(account);
    });
}

std::vector<bool> registered(Storage& storage, std::vector<PhoneNumber> const& numbers)
{
    return storage.begin_reading()->accounts().are_registered(numbers);
}

TEST_CASE("an account comes back with what it has, and without what it has not", "[accounts]")
{
    auto const storage = open_empty_storage();
    std::vector<AccountId> ids;
    for (int kind = 0; kind < all_kinds; ++kind)
        ids.push_back(stored_account(*storage, account_of_kind(kind, kind)));

    auto const work = storage->begin_reading();
    for (int kind = 0; kind < all_kinds; ++kind) {
        INFO("kind " << kind);
        auto const id = ids[static_cast<std::size_t>(kind)];
        auto const found = work->accounts().find(id);
        REQUIRE(found);
        check_same(*found, account_of_kind(kind, kind));
        for (auto const& other :
             {work->accounts().find(email(address_of(kind))), work->accounts().find(phone_of(kind)),
              work->accounts().find(user_name_of(kind))})
            if (other) {
                CHECK(other->id == id);
                check_same(*other, *found);
            }
        CHECK(work->accounts().find(email(address_of(kind))).has_value() == found->email.has_value());
        CHECK(work->accounts().find(phone_of(kind)).has_value() == found->phone.has_value());
        CHECK(work->accounts().find(user_name_of(kind)).has_value() == found->user_name.has_value());
    }
}

TEST_CASE("an update gives and takes whatever an account may have", "[accounts]")
{
    auto const storage = open_empty_storage();
    for (int kind = 0; kind < all_kinds; ++kind) {
        INFO("kind " << kind);
        auto const id = stored_account(*storage, account_of_kind(kind, kind));
        auto other = account_of_kind(all_kinds - 1 - kind, all_kinds + kind);
        other.id = id;
        CHECK(committed(*storage, [&](UnitOfWork& work) { return work.accounts().update(other); }));

        check_same(*storage->begin_reading()->accounts().find(id), other);
        CHECK_FALSE(owner_of(*storage, email(address_of(kind))));
        CHECK_FALSE(owner_of(*storage, phone_of(kind)));
        CHECK_FALSE(owner_of(*storage, user_name_of(kind)));
        CHECK((owner_of(*storage, email(address_of(all_kinds + kind))) == id) == other.email.has_value());
        CHECK((owner_of(*storage, phone_of(all_kinds + kind)) == id) == other.phone.has_value());
        CHECK((owner_of(*storage, user_name_of(all_kinds + kind)) == id) == other.user_name.has_value());
    }
}

TEST_CASE("the person of a session comes with what they have, and without what they have not", "[accounts]")
{
    auto const storage = open_empty_storage();
    for (int kind = 0; kind < all_kinds; ++kind) {
        INFO("kind " << kind);
        auto const id = stored_account(*storage, account_of_kind(kind, kind));
        auto const session = committed(*storage, [&](UnitOfWork& work) {
            return work.sessions().insert(
                {.account = id, .digest = digest_of("session"), .opened_at = noon, .seen_at = noon});
        });
        auto const person = storage->begin_reading()->person_of(session);
        REQUIRE(person);
        CHECK(person->account.id == id);
        check_same(person->account, account_of_kind(kind, kind));
        CHECK(person->account.updated_at == noon);
        CHECK_FALSE(person->partner);
        CHECK_FALSE(person->enrolment);
    }
}

TEST_CASE("a telephone number is one account's, and a refusal leaves the unit of work usable", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, conformance::account_of(janes_phone));

    auto work = storage->begin();
    auto const refused = work->accounts().insert(account_of("john@example.com", janes_phone));
    CHECK(error_of(refused) == refuse(Errc::phone_taken, "phone"));
    REQUIRE(work->accounts().insert(account_of("john@example.com", johns_phone)));
    work->commit();

    CHECK(owner_of(*storage, janes_phone) == jane);
    CHECK(owner_of(*storage, johns_phone) == owner_of(*storage, email("john@example.com")));
}

TEST_CASE("of an address and a telephone number that are taken both, the address is told", "[accounts]")
{
    auto const storage = open_empty_storage();
    stored_account(*storage, "jane@example.com");
    stored_account(*storage, conformance::account_of(janes_phone));
    auto const john = stored_account(*storage, account_of("john@example.com", johns_phone));

    auto const both = account_of("JANE@example.com", janes_phone);
    CHECK(error_of(storage->begin()->accounts().insert(both)) == refuse(Errc::email_taken, "email"));
    auto const refused = updated(*storage, john, [&](Account& account) {
        account.email = both.email;
        account.phone = both.phone;
    });
    CHECK(error_of(refused) == refuse(Errc::email_taken, "email"));
}

TEST_CASE("of many simultaneous registrations of one telephone number, one wins", "[accounts]")
{
    auto const storage = open_empty_storage();
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;
    together(many_threads, [&](int number) {
        auto work = storage->begin();
        auto account = conformance::account_of(janes_phone);
        if (number % 2)
            account.email = email(address_of(number));
        auto const inserted = work->accounts().insert(account);
        if (inserted) {
            work->commit();
            ++won;
        } else if (inserted.error() == refuse(Errc::phone_taken, "phone")) {
            ++lost;
        }
    });
    CHECK(won == 1);
    CHECK(lost == many_threads - 1);
}

TEST_CASE("addresses and numbers that many want crosswise go to one each, and refusals are true", "[accounts]")
{
    auto const storage = open_empty_storage();
    constexpr int addresses = 3;
    constexpr int numbers = 4;
    std::mutex mutex;
    std::vector<Account> kept;
    std::vector<std::pair<Account, Errc>> refused;
    together(many_threads, [&](int thread) {
        auto const account = account_of(address_of(thread % addresses), phone_of(thread % numbers));
        auto work = storage->begin();
        auto const inserted = work->accounts().insert(account);
        if (inserted)
            work->commit();
        std::scoped_lock const lock(mutex);
        if (inserted)
            kept.push_back(account);
        else
            refused.emplace_back(account, inserted.error().code);
    });
    CHECK(kept.size() + refused.size() == many_threads);
    CHECK(kept.size() >= 1);
    for (auto const& account : kept)
        CHECK(owner_of(*storage, *account.email) == owner_of(*storage, *account.phone));
    for (auto const& [account, why] : refused) {
        CHECK((why == Errc::email_taken || why == Errc::phone_taken));
        CHECK((why == Errc::email_taken ? owner_of(*storage, *account.email) : owner_of(*storage, *account.phone)));
    }
}

TEST_CASE("the number of an account that is another's is a conflict", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto jane = conformance::account_of("jane@example.com");
    jane.number = 4711;
    auto john = conformance::account_of("john@example.com");
    john.number = 4712;
    auto const janes = stored_account(*storage, jane);
    auto const johns = stored_account(*storage, john);

    auto joan = conformance::account_of(johns_phone);
    joan.number = 4711;
    CHECK_THROWS_AS(storage->begin()->accounts().insert(joan), StorageConflict);
    CHECK_FALSE(owner_of(*storage, johns_phone));
    CHECK_THROWS_AS(
        updated(*storage, johns, [](Account& account) { account.number = 4711; }).has_value(), StorageConflict);
    CHECK(storage->begin_reading()->accounts().find(johns)->number == 4712);

    CHECK(updated(*storage, janes, [](Account& account) { account.number = 4713; }));
    CHECK_NOTHROW(stored_account(*storage, joan));
}

TEST_CASE("an account is found by the telephone number it has now", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, conformance::account_of(janes_phone));

    CHECK(updated(*storage, jane, [](Account& account) { account.phone = johns_phone; }));
    CHECK(owner_of(*storage, johns_phone) == jane);
    CHECK_FALSE(owner_of(*storage, janes_phone));
    auto const next = stored_account(*storage, conformance::account_of(janes_phone));
    CHECK(owner_of(*storage, janes_phone) == next);
}

TEST_CASE("an update cannot take another account's telephone number", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, conformance::account_of(janes_phone));
    auto const john = stored_account(*storage, account_of("john@example.com", johns_phone));

    auto const refused = updated(*storage, john, [](Account& account) {
        account.phone = janes_phone;
        account.generation = 9;
    });
    CHECK(error_of(refused) == refuse(Errc::phone_taken, "phone"));
    CHECK(storage->begin_reading()->accounts().find(john)->generation == 1);
    CHECK(updated(*storage, john, [](Account& account) { account.generation = 2; }));
    CHECK(owner_of(*storage, janes_phone) == jane);
    CHECK(owner_of(*storage, johns_phone) == john);
}

TEST_CASE("what an account is found by and was let go can be taken by one other account", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto blocked = account_of("jane@example.com", janes_phone);
    blocked.status = AccountStatus::blocked;
    blocked.generation = 3;
    blocked.number = 4711;
    auto const first = stored_account(*storage, blocked);

    release(*storage, first);
    CHECK_FALSE(owner_of(*storage, email("jane@example.com")));
    CHECK_FALSE(owner_of(*storage, janes_phone));
    auto const found = storage->begin_reading()->accounts().find(first);
    REQUIRE(found);
    check_same(*found, blocked);
    CHECK(found->status == AccountStatus::blocked);
    CHECK(found->generation == 3);

    auto const second = stored_account(*storage, account_of("jane@example.com", janes_phone));
    auto const third = conformance::account_of(janes_phone);
    CHECK(refusal(storage->begin()->accounts().insert(third)) == Errc::phone_taken);
    release(*storage, first);
    CHECK(owner_of(*storage, email("jane@example.com")) == second);
    CHECK(owner_of(*storage, janes_phone) == second);
}

TEST_CASE("an account that has neither address nor number can let go of both", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const nobody = stored_account(*storage, account_of_kind(0, 0));
    auto const jane = stored_account(*storage, account_of("jane@example.com", janes_phone));
    release(*storage, nobody);
    release(*storage, AccountId(4711));
    CHECK(owner_of(*storage, email("jane@example.com")) == jane);
    CHECK(owner_of(*storage, janes_phone) == jane);
}

TEST_CASE("an update takes up again what was let go, unless it is another's by now", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const first = stored_account(*storage, account_of("jane@example.com", janes_phone));
    auto const change_nothing = [](Account const&) {};

    release(*storage, first);
    CHECK(updated(*storage, first, change_nothing));
    CHECK(owner_of(*storage, email("jane@example.com")) == first);
    CHECK(owner_of(*storage, janes_phone) == first);

    release(*storage, first);
    auto const second = stored_account(*storage, conformance::account_of(janes_phone));
    CHECK(refusal(updated(*storage, first, change_nothing)) == Errc::phone_taken);
    CHECK_FALSE(owner_of(*storage, email("jane@example.com")));
    CHECK(owner_of(*storage, janes_phone) == second);
}

TEST_CASE("an account that changes what it let go takes it from nobody else", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const first = stored_account(*storage, account_of("jane@example.com", janes_phone));
    release(*storage, first);
    auto const second = stored_account(*storage, account_of("jane@example.com", janes_phone));

    CHECK(updated(*storage, first, [](Account& account) {
        account.email = email("john@example.com");
        account.phone = johns_phone;
    }));
    CHECK(owner_of(*storage, email("jane@example.com")) == second);
    CHECK(owner_of(*storage, janes_phone) == second);
    CHECK(owner_of(*storage, email("john@example.com")) == first);
    CHECK(owner_of(*storage, johns_phone) == first);
}

TEST_CASE("a user name is one account's, and a refusal leaves the unit of work usable", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const asha = stored_account(*storage, account_of(user_name("asha")));

    auto work = storage->begin();
    auto account = conformance::account_of("other@example.com");
    account.user_name = user_name("ASHA");
    CHECK(error_of(work->accounts().insert(account)) == refuse(Errc::user_name_taken, "user_name"));
    account.phone = janes_phone;
    CHECK(error_of(work->accounts().insert(account)) == refuse(Errc::user_name_taken, "user_name"));
    CHECK(refusal(work->accounts().insert(account_of(user_name("asha")))) == Errc::user_name_taken);
    account.user_name = user_name("asha1");
    auto const other = work->accounts().insert(account);
    REQUIRE(other);
    work->commit();

    CHECK(owner_of(*storage, user_name("asha")) == asha);
    CHECK(owner_of(*storage, user_name("asha1")) == *other);
    CHECK(owner_of(*storage, email("other@example.com")) == *other);
    CHECK_FALSE(owner_of(*storage, user_name("ash")));
}

TEST_CASE("of an address, a telephone number and a user name that are taken, the first is told", "[accounts]")
{
    auto const storage = open_empty_storage();
    stored_account(*storage, "jane@example.com");
    stored_account(*storage, conformance::account_of(janes_phone));
    auto named = account_of(user_name("jane"));
    named.number = 4711;
    stored_account(*storage, named);
    auto const john = stored_account(*storage, account_of("john@example.com", johns_phone));

    auto const [why, address, number, field] = GENERATE(table<Errc, char const*, PhoneNumber, char const*>(
        {{Errc::email_taken, "JANE@example.com", janes_phone, "email"},
         {Errc::email_taken, "JANE@example.com", johns_phone, "email"},
         {Errc::phone_taken, "john@example.com", janes_phone, "phone"},
         {Errc::user_name_taken, "john@example.com", johns_phone, "user_name"}}));
    auto const changed_number = GENERATE(std::optional<std::int64_t>(), std::optional<std::int64_t>(4711));
    auto const refused = updated(*storage, john, [&, address = address, number = number](Account& account) {
        account.email = email(address);
        account.phone = number;
        account.user_name = user_name("jane");
        account.number = changed_number;
    });
    CHECK(error_of(refused) == refuse(why, field));

    release(*storage, john);
    auto account = account_of(address, number);
    account.user_name = user_name("jane");
    account.number = changed_number;
    CHECK(error_of(storage->begin()->accounts().insert(account)) == refuse(why, field));
}

TEST_CASE("the number of an account that is another's is a conflict, whatever the account is called", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto jane = account_of(user_name("jane"));
    jane.number = 4711;
    stored_account(*storage, jane);
    auto john = account_of(user_name("john"));
    john.number = 4711;
    CHECK_THROWS_AS(storage->begin()->accounts().insert(john), StorageConflict);
    CHECK_FALSE(owner_of(*storage, user_name("john")));
}

TEST_CASE("of many simultaneous registrations of one user name, one wins, and the others go on", "[accounts]")
{
    auto const storage = open_empty_storage();
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;
    std::atomic<int> went_on = 0;
    together(many_threads, [&](int number) {
        auto work = storage->begin();
        auto account = number % 3 == 0 ? account_of(user_name("asha")) : conformance::account_of(address_of(number));
        account.user_name = user_name("asha");
        if (auto const inserted = work->accounts().insert(account)) {
            ++won;
        } else if (inserted.error() == refuse(Errc::user_name_taken, "user_name")) {
            ++lost;
            account.user_name = user_name_of(number);
            went_on += work->accounts().insert(account).has_value();
        }
        work->commit();
    });
    CHECK(won == 1);
    CHECK(lost == many_threads - 1);
    CHECK(went_on == many_threads - 1);
    CHECK(owner_of(*storage, user_name("asha")));
    int found = 0;
    for (int number = 0; number < many_threads; ++number)
        found += owner_of(*storage, user_name_of(number)).has_value();
    CHECK(found == many_threads - 1);
}

TEST_CASE("of many simultaneous changes to one user name, one wins", "[accounts]")
{
    auto const storage = open_empty_storage();
    std::vector<AccountId> people;
    for (int person = 0; person < many_threads; ++person)
        people.push_back(stored_account(*storage, address_of(person)));
    std::atomic<int> won = 0;
    together(many_threads, [&](int number) {
        auto work = storage->begin();
        auto account = *work->accounts().find(people[static_cast<std::size_t>(number)]);
        account.user_name = user_name("asha");
        try {
            if (work->accounts().update(account)) {
                work->commit();
                ++won;
            }
        } catch (StorageConflict const&) {
            // Somebody else took the name at the same moment.
        }
    });
    CHECK(won == 1);
    CHECK(owner_of(*storage, user_name("asha")));
}

TEST_CASE("an update gives an account a user name, unless it is another's", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const asha = stored_account(*storage, account_of(user_name("asha")));
    auto const john = stored_account(*storage, "john@example.com");

    auto const refused = updated(*storage, john, [](Account& account) {
        account.user_name = user_name("asha");
        account.generation = 9;
    });
    CHECK(error_of(refused) == refuse(Errc::user_name_taken, "user_name"));
    CHECK(storage->begin_reading()->accounts().find(john)->generation == 1);
    CHECK(updated(*storage, john, [](Account& account) { account.user_name = user_name("john"); }));
    CHECK(updated(*storage, john, [](Account& account) { account.generation = 2; }));
    CHECK(owner_of(*storage, user_name("asha")) == asha);
    CHECK(owner_of(*storage, user_name("john")) == john);
}

TEST_CASE("a user name stays taken when everything else is let go", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto account = account_of("asha@example.com", janes_phone);
    account.user_name = user_name("asha");
    account.membership = Membership{.channel = channel("kerala"), .organisation = organisation("school 1")};
    auto const asha = stored_account(*storage, account);

    release(*storage, asha);
    CHECK(owner_of(*storage, user_name("asha")) == asha);
    CHECK(updated(*storage, asha, [](Account& deleted) {
        deleted.status = AccountStatus::deleted;
        deleted.email.reset();
        deleted.phone.reset();
        deleted.name.reset();
    }));
    release(*storage, asha);

    auto const found = storage->begin_reading()->accounts().find(user_name("asha"));
    REQUIRE(found);
    CHECK(found->id == asha);
    CHECK(found->membership == account.membership);
    CHECK(refusal(storage->begin()->accounts().insert(account_of(user_name("asha")))) == Errc::user_name_taken);
    CHECK_NOTHROW(stored_account(*storage, account_of("asha@example.com", janes_phone)));
}

TEST_CASE("a user name that was taken in vain is free", "[accounts]")
{
    auto const storage = open_empty_storage();
    CHECK(storage->begin()->accounts().insert(account_of(user_name("asha"))));
    CHECK_FALSE(owner_of(*storage, user_name("asha")));
    CHECK_NOTHROW(stored_account(*storage, account_of(user_name("asha"))));
}

TEST_CASE("any number of people belong to one organisation, whose channel need not be known", "[accounts]")
{
    auto const storage = open_empty_storage();
    Membership const school{.channel = channel("Kerala-1_a.b"), .organisation = organisation("Schule \u00e4 ' 1")};
    for (int person = 0; person < 3; ++person) {
        auto account = conformance::account_of(address_of(person));
        account.membership = school;
        auto const id = stored_account(*storage, account);
        CHECK(storage->begin_reading()->accounts().find(id)->membership == school);
    }
    CHECK(storage->begin_reading()->organisations().all().empty());
}

TEST_CASE(
    "of numbers that are asked about, those of active accounts are registered, in the order asked", "[accounts]")
{
    auto const storage = open_empty_storage();
    for (int person = 0; person < 4; ++person) {
        auto account = conformance::account_of(phone_of(person));
        if (person == 1)
            account.status = AccountStatus::blocked;
        if (person == 2)
            account.status = AccountStatus::deleted;
        auto const id = stored_account(*storage, account);
        if (person == 3)
            release(*storage, id);
    }
    stored_account(*storage, conformance::account_of(phone_of(9)));

    CHECK(registered(*storage, {}).empty());
    CHECK(registered(*storage, {phone_of(0)}) == std::vector{true});
    CHECK(registered(*storage, {phone_of(5)}) == std::vector{false});
    CHECK(
        registered(
            *storage, {phone_of(9), phone_of(1), phone_of(5), phone_of(0), phone_of(9), phone_of(2), phone_of(5),
                       phone_of(3), phone_of(0)}) ==
        std::vector{true, false, false, true, true, false, false, false, true});
}

TEST_CASE("a unit of work that asks which numbers are registered sees its own", "[accounts]")
{
    auto const storage = open_empty_storage();
    auto const john = stored_account(*storage, conformance::account_of(johns_phone));
    auto const work = storage->begin();
    std::array const both{johns_phone, janes_phone};
    auto const become = [&](AccountId id, AccountStatus status) {
        auto account = *work->accounts().find(id);
        account.status = status;
        REQUIRE(work->accounts().update(account));
    };
    CHECK(work->accounts().are_registered(both) == std::vector{true, false});
    auto const jane = work->accounts().insert(conformance::account_of(janes_phone)).value();
    CHECK(work->accounts().are_registered(both) == std::vector{true, true});
    become(john, AccountStatus::blocked);
    CHECK(work->accounts().are_registered(both) == std::vector{false, true});
    become(john, AccountStatus::active);
    CHECK(work->accounts().are_registered(both) == std::vector{true, true});
    work->accounts().release_identifiers(jane);
    CHECK(work->accounts().are_registered(both) == std::vector{true, false});
}

TEST_CASE("a thousand numbers can be asked about at once", "[accounts]")
{
    auto const storage = open_empty_storage();
    constexpr int asked = 1000;
    commit(*storage, [](UnitOfWork& work) {
        for (int person = 0; person < asked; person += 7)
            REQUIRE(work.accounts().insert(conformance::account_of(phone_of(person))));
    });
    std::vector<PhoneNumber> numbers;
    std::vector<bool> expected;
    for (int person = asked - 1; person >= 0; --person) {
        numbers.push_back(phone_of(person));
        expected.push_back(person % 7 == 0);
    }
    CHECK((registered(*storage, numbers) == expected));
}

TEST_CASE("a telephone number that no table knows any more is still its account's", "[accounts]")
{
    auto const [why, text] = GENERATE(table<char const*, char const*>(
        {{"its country has left the network", "+9991234567"}, {"its area was given up", "+49000123456"}}));
    INFO(why);
    auto const number = PhoneNumber::from_storage(text);
    REQUIRE(number);
    REQUIRE_FALSE(PhoneNumber::parse(number->e164(), Region::parse("DE").value()));
    auto const storage = open_empty_storage();
    auto const jane = stored_account(*storage, conformance::account_of(*number));

    auto const found = storage->begin_reading()->accounts().find(jane);
    REQUIRE(found);
    CHECK(found->phone == *number);
    CHECK_FALSE(found->phone->may_be_texted());
    CHECK(found->phone->region().str().size() == 2);
    CHECK(owner_of(*storage, *number) == jane);
    CHECK(registered(*storage, {*number}) == std::vector{true});
}

}
