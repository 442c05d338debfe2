#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

constexpr auto confirmation = Purpose::partner_confirmation;
constexpr std::string_view jane = "jane@example.com";
constexpr std::string_view john = "john@example.com";

void add(Storage& storage, Code const& code)
{
    commit(storage, [&](UnitOfWork& work) { work.codes().add(code); });
}

std::vector<Code> alive(Storage& storage, std::string_view subject, Instant now, Purpose purpose = confirmation)
{
    return storage.begin_reading()->codes().alive(purpose, subject, now);
}

std::optional<Instant> count_send(
    Storage& storage, std::string_view subject, Instant now, SendLimits const& limits, Purpose purpose = confirmation)
{
    return committed(
        storage, [&](UnitOfWork& work) { return work.codes().count_send(purpose, subject, now, limits); });
}

Tries count_tries(
    Storage& storage, std::string_view subject, Instant now, int guesses, Purpose purpose = confirmation)
{
    return committed(
        storage, [&](UnitOfWork& work) { return work.codes().count_tries(purpose, subject, now, 1h, guesses); });
}

Tries count_try(Storage& storage, std::string_view subject, Instant now, Purpose purpose = confirmation)
{
    return count_tries(storage, subject, now, 1, purpose);
}

bool spent(Storage& storage, CodeId id, Instant now)
{
    return committed(storage, [&](UnitOfWork& work) { return work.codes().spend(id, now); });
}

TEST_CASE("a code comes back as it was stored, under a number of its own", "[codes]")
{
    auto const storage = open_empty_storage();
    add(*storage, code_for(jane, "123456", noon + 5min));

    auto const codes = alive(*storage, jane, noon);
    REQUIRE(codes.size() == 1);
    CHECK(codes[0].id != CodeId{});
    CHECK(codes[0].purpose == confirmation);
    CHECK(codes[0].subject == jane);
    CHECK(codes[0].binding == "partner");
    CHECK(same(codes[0].digest, digest_of("123456")));
    CHECK(codes[0].expires_at == noon + 5min);
}

TEST_CASE("of a purpose and a subject the last two codes are alive, the newest first", "[codes]")
{
    auto const storage = open_empty_storage();
    for (auto const* digits : {"first", "second", "third"})
        add(*storage, code_for(jane, digits, noon + 5min));
    add(*storage, code_for(john, "john's", noon + 5min));
    auto of_another_purpose = code_for(jane, "other purpose", noon + 5min);
    of_another_purpose.purpose = Purpose::form;
    add(*storage, of_another_purpose);

    auto const codes = alive(*storage, jane, noon);
    REQUIRE(codes.size() == 2);
    CHECK(same(codes[0].digest, digest_of("third")));
    CHECK(same(codes[1].digest, digest_of("second")));
    CHECK(alive(*storage, john, noon).size() == 1);
    CHECK(alive(*storage, jane, noon, Purpose::form).size() == 1);
    CHECK(alive(*storage, "nobody@example.com", noon).empty());
}

TEST_CASE("a code dies at its expiry instant", "[codes]")
{
    auto const storage = open_empty_storage();
    add(*storage, code_for(jane, "123456", noon + 5min));
    CHECK(alive(*storage, jane, noon + 5min - 1ms).size() == 1);
    CHECK(alive(*storage, jane, noon + 5min).empty());
    auto const id = alive(*storage, jane, noon)[0].id;
    CHECK_FALSE(spent(*storage, id, noon + 5min));
    CHECK(spent(*storage, id, noon + 5min - 1ms));
}

TEST_CASE("a code is spent once, however many try at once", "[codes]")
{
    auto const storage = open_empty_storage();
    add(*storage, code_for(jane, "123456", noon + 5min));
    auto const id = alive(*storage, jane, noon)[0].id;
    std::atomic<int> winners = 0;
    together(many_threads, [&](int) { winners += spent(*storage, id, noon); });
    CHECK(winners == 1);
    CHECK(alive(*storage, jane, noon).empty());
}

TEST_CASE("spending one of two codes leaves the other", "[codes]")
{
    auto const storage = open_empty_storage();
    add(*storage, code_for(jane, "first", noon + 5min));
    add(*storage, code_for(jane, "second", noon + 5min));
    CHECK(spent(*storage, alive(*storage, jane, noon)[0].id, noon));
    auto const codes = alive(*storage, jane, noon);
    REQUIRE(codes.size() == 1);
    CHECK(same(codes[0].digest, digest_of("first")));
}

TEST_CASE("a code that was used is one of the last two", "[codes]")
{
    auto const storage = open_empty_storage();
    add(*storage, code_for(jane, "first", noon + 5min));
    add(*storage, code_for(jane, "second", noon + 5min));
    auto const second = alive(*storage, jane, noon)[0].id;
    CHECK(spent(*storage, second, noon));
    add(*storage, code_for(jane, "third", noon + 5min));

    auto const codes = alive(*storage, jane, noon);
    REQUIRE(codes.size() == 1);
    CHECK(same(codes[0].digest, digest_of("third")));
    CHECK_FALSE(spent(*storage, second, noon));
    commit(*storage, [](UnitOfWork& work) { CHECK(work.codes().forget(noon + 1h, 100) == 2); });
}

TEST_CASE("a code that was spent in vain is good again", "[codes]")
{
    auto const storage = open_empty_storage();
    add(*storage, code_for(jane, "123456", noon + 5min));
    auto const id = alive(*storage, jane, noon)[0].id;
    CHECK(storage->begin()->codes().spend(id, noon));
    CHECK(alive(*storage, jane, noon).size() == 1);
    CHECK(spent(*storage, id, noon));
}

TEST_CASE("who holds a subject sees what others did before, and is alone with it", "[codes]")
{
    auto const storage = open_empty_storage();
    std::atomic<int> added = 0;
    together(many_threads, [&](int) {
        auto const work = storage->begin();
        work->codes().hold(confirmation, jane);
        if (work->codes().alive(confirmation, jane, noon).empty()) {
            work->codes().add(code_for(jane, "123456", noon + 5min));
            ++added;
        }
        work->commit();
    });
    CHECK(added == 1);
    CHECK(alive(*storage, jane, noon).size() == 1);
}

TEST_CASE("a subject that was held is free once the unit of work is over, however it ends", "[codes]")
{
    auto const storage = open_empty_storage();
    storage->begin()->codes().hold(confirmation, jane);
    commit(*storage, [](UnitOfWork& work) {
        work.codes().hold(confirmation, jane);
        work.codes().hold(confirmation, jane);
        work.codes().add(code_for(jane, "123456", noon + 5min));
    });
    std::optional<Instant> again;
    together(1, [&](int) { again = count_send(*storage, jane, noon, {.pause = 60s, .per_hour = 5, .per_day = 10}); });
    CHECK_FALSE(again);
}

TEST_CASE("guesses are counted within a window that begins with the first", "[codes]")
{
    auto const storage = open_empty_storage();
    for (int guess = 1; guess <= 7; ++guess) {
        auto const tries = count_try(*storage, jane, noon + guess * 1min);
        CHECK(tries.used == guess);
        CHECK(tries.window_ends == noon + 1min + 1h);
    }
    CHECK(count_try(*storage, jane, noon + 1min + 1h - 1ms).used == 8);
    auto const next = count_try(*storage, jane, noon + 1min + 1h);
    CHECK(next.used == 1);
    CHECK(next.window_ends == noon + 1min + 2h);
}

TEST_CASE("several guesses are counted at once, all of them in one window", "[codes]")
{
    auto const storage = open_empty_storage();
    auto const first = count_tries(*storage, jane, noon, 5);
    CHECK(first.used == 5);
    CHECK(first.window_ends == noon + 1h);
    CHECK(count_tries(*storage, jane, noon + 30min, 1000).used == 1005);
    CHECK(count_try(*storage, jane, noon + 40min).used == 1006);
    auto const last = count_tries(*storage, jane, noon + 1h - 1ms, 2);
    CHECK(last.used == 1008);
    CHECK(last.window_ends == noon + 1h);

    auto const next = count_tries(*storage, jane, noon + 1h, 3);
    CHECK(next.used == 3);
    CHECK(next.window_ends == noon + 2h);
    commit(*storage, [](UnitOfWork& work) { work.codes().give_back_try(confirmation, jane); });
    CHECK(count_tries(*storage, jane, noon + 1h, 2).used == 4);
}

TEST_CASE("of several guesses that are counted at once none is lost under contention", "[codes]")
{
    auto const storage = open_empty_storage();
    std::atomic<int> highest = 0;
    std::atomic<int> sum = 0;
    together(many_threads, [&](int number) {
        auto const used = count_tries(*storage, jane, noon, number + 1).used;
        sum += number + 1;
        for (auto seen = highest.load(); seen < used && !highest.compare_exchange_weak(seen, used);) {
        }
    });
    CHECK(highest == sum);
}

TEST_CASE("every purpose and every subject has a count of guesses of its own", "[codes]")
{
    auto const storage = open_empty_storage();
    CHECK(count_try(*storage, jane, noon).used == 1);
    CHECK(count_try(*storage, jane, noon).used == 2);
    CHECK(count_try(*storage, john, noon).used == 1);
    CHECK(count_try(*storage, jane, noon, Purpose::form).used == 1);
    CHECK(count_try(*storage, jane, noon).used == 3);
}

TEST_CASE("no guess is lost under contention", "[codes]")
{
    auto const storage = open_empty_storage();
    constexpr int rounds = 5;
    std::array<std::atomic<int>, many_threads * rounds + 1> seen{};
    together(many_threads, [&](int) {
        for (int round = 0; round < rounds; ++round)
            ++seen[static_cast<std::size_t>(count_try(*storage, jane, noon).used)];
    });
    CHECK(seen[0] == 0);
    CHECK(std::all_of(seen.begin() + 1, seen.end(), [](auto const& times) { return times == 1; }));
}

TEST_CASE("a guess stays counted when what follows is abandoned", "[codes]")
{
    auto const storage = open_empty_storage();
    CHECK(count_try(*storage, jane, noon).used == 1);
    storage->begin()->codes().give_back_try(confirmation, jane);
    CHECK(count_try(*storage, jane, noon).used == 2);
}

TEST_CASE("a guess that was right is given back, and never more than were made", "[codes]")
{
    auto const storage = open_empty_storage();
    auto const give_back = [&] {
        commit(*storage, [](UnitOfWork& work) { work.codes().give_back_try(confirmation, jane); });
    };
    give_back();
    CHECK(count_try(*storage, jane, noon).used == 1);
    CHECK(count_try(*storage, jane, noon).used == 2);
    give_back();
    CHECK(count_try(*storage, jane, noon).used == 2);
    give_back();
    give_back();
    give_back();
    CHECK(count_try(*storage, jane, noon).used == 1);
}

TEST_CASE("new codes never lower the count of guesses", "[codes]")
{
    auto const storage = open_empty_storage();
    add(*storage, code_for(jane, "first", noon + 5min));
    CHECK(count_try(*storage, jane, noon).used == 1);
    add(*storage, code_for(jane, "second", noon + 5min));
    add(*storage, code_for(jane, "third", noon + 5min));
    CHECK(count_send(*storage, jane, noon, {.pause = 60s, .per_hour = 5, .per_day = 10}) == std::nullopt);
    spent(*storage, alive(*storage, jane, noon)[0].id, noon);
    CHECK(count_try(*storage, jane, noon).used == 2);
}

TEST_CASE("codes are not sent again within the pause", "[codes]")
{
    auto const storage = open_empty_storage();
    SendLimits const limits{.pause = 60s, .per_hour = 100, .per_day = 100};
    CHECK(count_send(*storage, jane, noon, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon, limits) == noon + 60s);
    CHECK(count_send(*storage, jane, noon + 60s - 1ms, limits) == noon + 60s);
    CHECK(count_send(*storage, john, noon, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon, limits, Purpose::form) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 60s, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 61s, limits) == noon + 120s);
}

TEST_CASE("codes are limited to so many in any hour", "[codes]")
{
    auto const storage = open_empty_storage();
    SendLimits const limits{.pause = 60s, .per_hour = 3, .per_day = 100};
    CHECK(count_send(*storage, jane, noon, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 40min, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 50min, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 59min, limits) == noon + 1h);
    CHECK(count_send(*storage, jane, noon + 1h, limits) == std::nullopt);
    // An hour that begins at its first message would allow three more here.
    CHECK(count_send(*storage, jane, noon + 1h + 5min, limits) == noon + 1h + 40min);
}

TEST_CASE("codes are limited to so many in any day", "[codes]")
{
    auto const storage = open_empty_storage();
    SendLimits const limits{.pause = 60s, .per_hour = 100, .per_day = 3};
    CHECK(count_send(*storage, jane, noon, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 20h, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 22h, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 24h - 1ms, limits) == noon + 24h);
    CHECK(count_send(*storage, jane, noon + 24h, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 25h, limits) == noon + 44h);
}

TEST_CASE("the strictest of the limits says when to ask again", "[codes]")
{
    auto const storage = open_empty_storage();
    SendLimits const limits{.pause = 60s, .per_hour = 2, .per_day = 4};
    CHECK(count_send(*storage, jane, noon, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 59min + 30s, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 59min + 40s, limits) == noon + 1h + 30s);
    CHECK(count_send(*storage, jane, noon + 1h + 30s, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 1h + 40s, limits) == noon + 1h + 59min + 30s);
    CHECK(count_send(*storage, jane, noon + 3h, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon + 5h, limits) == noon + 24h);
}

TEST_CASE("a limit of no codes at all sends none", "[codes]")
{
    auto const [why, limits] = GENERATE(table<char const*, SendLimits>(
        {{"an hour", {.pause = 60s, .per_hour = 0, .per_day = 10}},
         {"a day", {.pause = 60s, .per_hour = 5, .per_day = 0}}}));
    INFO(why);
    auto const storage = open_empty_storage();
    auto const again = count_send(*storage, jane, noon, limits);
    REQUIRE(again);
    CHECK(*again > noon);
}

TEST_CASE("sends at the same moment keep to the limit", "[codes]")
{
    auto const storage = open_empty_storage();
    SendLimits const limits{.pause = 0s, .per_hour = 5, .per_day = 10};
    std::atomic<int> sent = 0;
    together(many_threads, [&](int) { sent += !count_send(*storage, jane, noon, limits); });
    CHECK(sent == 5);
}

TEST_CASE("a send that is abandoned does not count", "[codes]")
{
    auto const storage = open_empty_storage();
    SendLimits const limits{.pause = 60s, .per_hour = 5, .per_day = 10};
    CHECK(storage->begin()->codes().count_send(confirmation, jane, noon, limits) == std::nullopt);
    CHECK(count_send(*storage, jane, noon, limits) == std::nullopt);
}

TEST_CASE("expired codes are forgotten, a bounded number at a time", "[codes]")
{
    auto const storage = open_empty_storage();
    for (int number = 0; number < 5; ++number)
        add(*storage, code_for(std::to_string(number), "123456", noon + number * 1min));
    auto const forget = [&](Instant before, int limit) {
        return committed(*storage, [&](UnitOfWork& work) { return work.codes().forget(before, limit); });
    };
    CHECK(forget(noon, 100) == 0);
    CHECK(forget(noon + 3min, 2) == 2);
    CHECK(forget(noon + 3min, 2) == 1);
    CHECK(forget(noon + 3min, 2) == 0);
    CHECK(alive(*storage, "2", noon - 1h).empty());
    CHECK(alive(*storage, "3", noon - 1h).size() == 1);
}

TEST_CASE("codes and budgets together are forgotten a bounded number at a time", "[codes]")
{
    auto const storage = open_empty_storage();
    SendLimits const limits{.pause = 60s, .per_hour = 5, .per_day = 10};
    for (auto const* subject : {"a", "b", "c"}) {
        add(*storage, code_for(subject, "123456", noon));
        count_try(*storage, subject, noon);
        count_send(*storage, subject, noon, limits);
    }
    int forgotten = 0;
    for (;;) {
        auto const now = committed(*storage, [&](UnitOfWork& work) { return work.codes().forget(noon + 48h, 2); });
        CHECK(now <= 2);
        if (now == 0)
            break;
        forgotten += now;
    }
    CHECK(forgotten >= 6);
}

TEST_CASE("forgetting keeps what still limits guesses and sends", "[codes]")
{
    auto const storage = open_empty_storage();
    SendLimits const limits{.pause = 60s, .per_hour = 5, .per_day = 1};
    count_send(*storage, jane, noon, limits);
    count_try(*storage, jane, noon);
    commit(*storage, [](UnitOfWork& work) { work.codes().forget(noon - 1ms, 100); });
    CHECK(count_try(*storage, jane, noon).used == 2);
    CHECK(count_send(*storage, jane, noon + 1h, limits) == noon + 24h);
}

TEST_CASE("the number of a forgotten code is not given out again", "[codes]")
{
    auto const storage = open_empty_storage();
    add(*storage, code_for(jane, "first", noon));
    auto const first = alive(*storage, jane, noon - 1ms).at(0).id;
    commit(*storage, [](UnitOfWork& work) { CHECK(work.codes().forget(noon + 1h, 100) == 1); });
    add(*storage, code_for(jane, "second", noon + 5min));
    CHECK(alive(*storage, jane, noon).at(0).id > first);
}

}
