#include <mutex>
#include <set>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

void add(Storage& storage, std::string_view id, Instant due)
{
    commit(storage, [&](UnitOfWork& work) { work.outbox().add(letter(id), due); });
}

// The ids of the letters that were due, now leased until `until`.
std::vector<std::string> claimed(Storage& storage, Instant now, Instant until, int limit = 100)
{
    return committed(storage, [&](UnitOfWork& work) {
        std::vector<std::string> ids;
        for (auto const& waiting : work.outbox().claim(now, until, limit))
            ids.push_back(waiting.letter.id);
        return ids;
    });
}

using Ids = std::vector<std::string>;

TEST_CASE("a letter is handed out as it was put in", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);

    auto work = storage->begin();
    auto const letters = work->outbox().claim(noon, noon + 1min, 100);
    REQUIRE(letters.size() == 1);
    auto const expected = letter("one");
    CHECK(letters[0].letter.id == "one");
    CHECK(letters[0].letter.kind == LetterKind::partner_confirmation);
    CHECK(letters[0].letter.to.str() == "Jane@example.com");
    CHECK(letters[0].letter.language == Language::french);
    CHECK(letters[0].letter.first_name == "Jane");
    CHECK(letters[0].letter.partner == "Acme");
    CHECK(letters[0].letter.expires_at == noon + 5min);
    CHECK(letters[0].sealed_secret == expected.sealed_secret);
}

TEST_CASE("a letter waits until it is due", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon + 1min);
    CHECK(claimed(*storage, noon + 1min - 1ms, noon + 1h).empty());
    CHECK(claimed(*storage, noon + 1min, noon + 1h) == Ids{"one"});
}

TEST_CASE("a claimed letter is nobody else's until its time", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    CHECK(claimed(*storage, noon, noon + 1min) == Ids{"one"});
    CHECK(claimed(*storage, noon + 1min - 1ms, noon + 1h).empty());
    CHECK(claimed(*storage, noon + 1min, noon + 1h) == Ids{"one"});
}

TEST_CASE("a claim that is abandoned leaves the letter to others", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    CHECK(storage->begin()->outbox().claim(noon, noon + 1min, 100).size() == 1);
    CHECK(claimed(*storage, noon, noon + 1min) == Ids{"one"});
}

TEST_CASE("letters are handed out a bounded number at a time, the longest due first", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "late", noon + 3min);
    add(*storage, "early", noon + 1min);
    add(*storage, "also early", noon + 1min);
    add(*storage, "in between", noon + 2min);
    CHECK(claimed(*storage, noon + 1h, noon + 2h, 0).empty());
    CHECK(claimed(*storage, noon + 1h, noon + 2h, 3) == Ids{"early", "also early", "in between"});
    CHECK(claimed(*storage, noon + 1h, noon + 2h, 3) == Ids{"late"});
    CHECK(claimed(*storage, noon + 1h, noon + 2h, 3).empty());
}

TEST_CASE("a postponed letter comes back when it is due and holds up no other", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "failing", noon);
    add(*storage, "fine", noon + 1s);
    CHECK(claimed(*storage, noon + 1s, noon + 8s, 1) == Ids{"failing"});
    commit(*storage, [&](UnitOfWork& work) {
        work.outbox().postpone("failing", noon + 30s);
        work.outbox().postpone("unknown", noon);
    });
    CHECK(claimed(*storage, noon + 1s, noon + 8s, 1) == Ids{"fine"});
    CHECK(claimed(*storage, noon + 29s, noon + 1h, 1) == Ids{"fine"});
    CHECK(claimed(*storage, noon + 30s, noon + 1h, 1) == Ids{"failing"});
    CHECK(storage->begin_reading()->outbox().size() == 2);
}

TEST_CASE("a delivered letter leaves nothing behind", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    add(*storage, "two", noon);
    CHECK(storage->begin_reading()->outbox().size() == 2);
    commit(*storage, [&](UnitOfWork& work) {
        work.outbox().remove("one");
        work.outbox().remove("unknown");
    });
    CHECK(storage->begin_reading()->outbox().size() == 1);
    CHECK(claimed(*storage, noon, noon + 1min) == Ids{"two"});
}

TEST_CASE("carriers that claim at the same moment get different letters", "[outbox]")
{
    auto const storage = open_empty_storage();
    constexpr int letters = 5 * many_threads;
    commit(*storage, [&](UnitOfWork& work) {
        for (int number = 0; number < letters; ++number)
            work.outbox().add(letter(std::to_string(number)), noon);
    });

    std::mutex mutex;
    std::multiset<std::string> carried;
    together(many_threads, [&](int) {
        for (;;) {
            auto const ids = claimed(*storage, noon, noon + 1min, 3);
            if (ids.empty())
                return;
            std::scoped_lock const lock(mutex);
            carried.insert(ids.begin(), ids.end());
        }
    });
    CHECK(carried.size() == letters);
    CHECK(std::set<std::string>(carried.begin(), carried.end()).size() == letters);
}

}
