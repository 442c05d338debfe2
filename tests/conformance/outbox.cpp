#include <atomic>
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

using Ids = std::vector<std::string>;

void add(Storage& storage, PendingLetter const& pending, Instant due)
{
    commit(storage, [&](UnitOfWork& work) { work.outbox().add(pending, due); });
}

void add(Storage& storage, std::string_view id, Instant due)
{
    add(storage, letter(id), due);
}

// The letters that were due, now claimed until `until`.
std::vector<ClaimedLetter>
claimed(Storage& storage, Instant now, Instant until, int limit = 100, Channel channel = Channel::mail)
{
    return committed(storage, [&](UnitOfWork& work) { return work.outbox().claim(channel, now, until, limit); });
}

// The same, by their ids.
Ids claimed_ids(Storage& storage, Instant now, Instant until, int limit = 100, Channel channel = Channel::mail)
{
    Ids ids;
    for (auto const& one : claimed(storage, now, until, limit, channel))
        ids.push_back(one.claim.letter_id);
    return ids;
}

// The claim on the one letter that is due.
LetterClaim claim_of_one(Storage& storage, Instant now, Instant until)
{
    auto const letters = claimed(storage, now, until);
    REQUIRE(letters.size() == 1);
    return letters[0].claim;
}

bool extended(Storage& storage, LetterClaim const& claim, Instant until)
{
    return committed(storage, [&](UnitOfWork& work) { return work.outbox().extend(claim, until); });
}

bool postponed(Storage& storage, LetterClaim const& claim, Instant due, std::string_view reason = "busy")
{
    return committed(storage, [&](UnitOfWork& work) { return work.outbox().postpone(claim, due, reason); });
}

bool given_back(Storage& storage, LetterClaim const& claim, Instant due)
{
    return committed(storage, [&](UnitOfWork& work) { return work.outbox().give_back(claim, due); });
}

bool buried(
    Storage& storage, LetterClaim const& claim, Instant now, LetterState state = LetterState::dead,
    std::string_view reason = "no such mailbox")
{
    return committed(storage, [&](UnitOfWork& work) { return work.outbox().bury(claim, state, now, reason); });
}

bool removed(Storage& storage, LetterClaim const& claim)
{
    return committed(storage, [&](UnitOfWork& work) { return work.outbox().remove(claim); });
}

bool revived(Storage& storage, std::string_view id, Instant now)
{
    return committed(storage, [&](UnitOfWork& work) { return work.outbox().revive(id, now); });
}

std::vector<OutboxEntry> entries(Storage& storage)
{
    return storage.begin_reading()->outbox().all(100);
}

int size(Storage& storage)
{
    return storage.begin_reading()->outbox().size();
}

// What a claim that is over can do to the letter: nothing.
void check_powerless(Storage& storage, LetterClaim const& claim)
{
    auto const before = entries(storage);
    CHECK_FALSE(extended(storage, claim, noon + 48h));
    CHECK_FALSE(postponed(storage, claim, noon + 48h, "powerless"));
    CHECK_FALSE(given_back(storage, claim, noon + 48h));
    CHECK_FALSE(buried(storage, claim, noon + 48h));
    CHECK_FALSE(removed(storage, claim));

    auto const after = entries(storage);
    REQUIRE(after.size() == before.size());
    for (std::size_t index = 0; index < after.size(); ++index) {
        CHECK(after[index].state == before[index].state);
        CHECK(after[index].attempts == before[index].attempts);
        CHECK(after[index].due_at == before[index].due_at);
        CHECK(after[index].reason == before[index].reason);
    }
}

TEST_CASE("a letter is handed out as it was put in", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);

    auto work = storage->begin();
    auto const letters = work->outbox().claim(Channel::mail, noon, noon + 1min, 100);
    REQUIRE(letters.size() == 1);
    auto const& [pending, claim] = letters[0];
    CHECK(pending.letter.id == "one");
    CHECK(pending.letter.kind == LetterKind::partner_confirmation);
    CHECK(text_of(pending.letter.to) == "Jane@example.com");
    CHECK(pending.letter.language == Language::french);
    CHECK(pending.letter.first_name == "Jane");
    CHECK(pending.letter.partner == "Acme");
    CHECK(pending.letter.expires_at == noon + 5min);
    CHECK(pending.sealed_secret == letter("one").sealed_secret);
    CHECK(claim.letter_id == "one");
    CHECK(claim.attempt == 1);
}

TEST_CASE("a letter waits until it is due", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon + 1min);
    CHECK(claimed_ids(*storage, noon + 1min - 1ms, noon + 1h).empty());
    CHECK(claimed_ids(*storage, noon + 1min, noon + 1h) == Ids{"one"});
}

TEST_CASE("a claimed letter is nobody else's until its time", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    CHECK(claimed_ids(*storage, noon, noon + 1min) == Ids{"one"});
    CHECK(claimed_ids(*storage, noon + 1min - 1ms, noon + 1h).empty());
    CHECK(claimed_ids(*storage, noon + 1min, noon + 1h) == Ids{"one"});
}

TEST_CASE("a claim that is abandoned leaves the letter to others, and is not counted", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    CHECK(storage->begin()->outbox().claim(Channel::mail, noon, noon + 1min, 100).size() == 1);
    CHECK(claim_of_one(*storage, noon, noon + 1min).attempt == 1);
}

TEST_CASE("letters are handed out a bounded number at a time, the longest due first", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "late", noon + 3min);
    add(*storage, "early", noon + 1min);
    add(*storage, "also early", noon + 1min);
    add(*storage, "in between", noon + 2min);
    CHECK(claimed_ids(*storage, noon + 1h, noon + 2h, 0).empty());
    CHECK(claimed_ids(*storage, noon + 1h, noon + 2h, 3) == Ids{"early", "also early", "in between"});
    CHECK(claimed_ids(*storage, noon + 1h, noon + 2h, 3) == Ids{"late"});
    CHECK(claimed_ids(*storage, noon + 1h, noon + 2h, 3).empty());
}

TEST_CASE("a claim that is extended keeps the letter from others for longer", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    auto const claim = claim_of_one(*storage, noon, noon + 8s);
    CHECK(extended(*storage, claim, noon + 20s));
    CHECK(extended(*storage, claim, noon + 30s));
    CHECK(claimed(*storage, noon + 30s - 1ms, noon + 1h).empty());
    CHECK(removed(*storage, claim));
    CHECK(claimed(*storage, noon + 1h, noon + 2h).empty());
}

TEST_CASE("a claim whose time has passed is good until the letter is handed out again", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    auto const claim = claim_of_one(*storage, noon, noon + 8s);
    CHECK(extended(*storage, claim, noon + 1min));
    CHECK(claimed(*storage, noon + 9s, noon + 1h).empty());
}

TEST_CASE("a postponed letter comes back when it is due and holds up no other", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "failing", noon);
    add(*storage, "fine", noon + 1s);
    auto const failing = claimed(*storage, noon + 1s, noon + 8s, 1);
    REQUIRE(failing.size() == 1);
    CHECK(failing[0].claim.letter_id == "failing");
    CHECK(postponed(*storage, failing[0].claim, noon + 30s, "450 try again"));
    CHECK(claimed_ids(*storage, noon + 1s, noon + 8s, 1) == Ids{"fine"});
    CHECK(claimed_ids(*storage, noon + 29s, noon + 1h, 1) == Ids{"fine"});

    auto const again = claim_of_one(*storage, noon + 30s, noon + 1h);
    CHECK(again.letter_id == "failing");
    CHECK(again.attempt == 2);
    CHECK(size(*storage) == 2);
    CHECK(entries(*storage)[0].reason == "450 try again");
}

TEST_CASE("a letter that was given back comes back as if it had not been handed out", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    CHECK(postponed(*storage, claim_of_one(*storage, noon, noon + 8s), noon + 10s, "450 try again"));
    auto const claim = claim_of_one(*storage, noon + 10s, noon + 18s);
    CHECK(claim.attempt == 2);
    CHECK(given_back(*storage, claim, noon + 12s));

    CHECK(entries(*storage)[0].attempts == 1);
    CHECK(entries(*storage)[0].reason == "450 try again");
    CHECK(claimed(*storage, noon + 12s - 1ms, noon + 1h).empty());
    CHECK(claim_of_one(*storage, noon + 12s, noon + 1h).attempt == 2);
}

TEST_CASE("a delivered letter leaves nothing behind", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    auto const claim = claim_of_one(*storage, noon, noon + 8s);
    add(*storage, "two", noon);
    CHECK(size(*storage) == 2);
    CHECK(removed(*storage, claim));
    CHECK(size(*storage) == 1);
    CHECK(entries(*storage).size() == 1);
    check_powerless(*storage, claim);
    CHECK(claimed_ids(*storage, noon + 1h, noon + 2h) == Ids{"two"});
}

TEST_CASE("who holds a letter that was handed out again can do nothing to it", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    auto const stale = claim_of_one(*storage, noon, noon + 8s);
    auto const fresh = claim_of_one(*storage, noon + 8s, noon + 16s);
    CHECK(fresh.attempt == 2);
    check_powerless(*storage, stale);
    CHECK(extended(*storage, fresh, noon + 20s));
    check_powerless(*storage, stale);
    CHECK(removed(*storage, fresh));
}

TEST_CASE("a claim is over once its holder has decided about the letter", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    auto const claim = claim_of_one(*storage, noon, noon + 8s);
    SECTION("to postpone it")
    {
        CHECK(postponed(*storage, claim, noon + 30s));
    }
    SECTION("to give it back")
    {
        CHECK(given_back(*storage, claim, noon + 30s));
    }
    SECTION("to bury it")
    {
        CHECK(buried(*storage, claim, noon + 30s));
    }
    check_powerless(*storage, claim);
}

TEST_CASE("a letter that was given back and handed out again is out of its first holder's hands", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    auto const stale = claim_of_one(*storage, noon, noon + 8s);
    CHECK(given_back(*storage, stale, noon + 1s));
    auto const fresh = claim_of_one(*storage, noon + 1s, noon + 9s);
    CHECK(fresh.attempt == stale.attempt);
    check_powerless(*storage, stale);
    CHECK(removed(*storage, fresh));
}

TEST_CASE("a claim on another letter does nothing to this one", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    auto claim = claim_of_one(*storage, noon, noon + 8s);
    claim.letter_id = "another";
    check_powerless(*storage, claim);
}

TEST_CASE("what is done to a letter in vain was never done", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    auto const claim = claim_of_one(*storage, noon, noon + 8s);
    CHECK(storage->begin()->outbox().extend(claim, noon + 1h));
    CHECK(storage->begin()->outbox().postpone(claim, noon + 1h, "in vain"));
    CHECK(storage->begin()->outbox().give_back(claim, noon + 1h));
    CHECK(storage->begin()->outbox().bury(claim, LetterState::dead, noon + 1h, "in vain"));
    CHECK(storage->begin()->outbox().remove(claim));
    storage->begin()->outbox().cancel(email("jane@example.com"));

    auto const all = entries(*storage);
    REQUIRE(all.size() == 1);
    CHECK(all[0].state == LetterState::waiting);
    CHECK(all[0].attempts == 1);
    CHECK(all[0].due_at == noon + 8s);
    CHECK(all[0].reason.empty());
    CHECK(removed(*storage, claim));
}

TEST_CASE("a buried letter is kept for an operator and handed out no more", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "refused", noon);
    CHECK(buried(*storage, claim_of_one(*storage, noon, noon + 8s), noon + 1s, LetterState::dead, "550 never"));
    add(*storage, "lost", noon);
    CHECK(buried(*storage, claim_of_one(*storage, noon, noon + 8s), noon + 2s, LetterState::unknown, "cut off"));
    CHECK(claimed(*storage, noon + 48h, noon + 49h).empty());
    CHECK(size(*storage) == 0);

    auto const all = entries(*storage);
    REQUIRE(all.size() == 2);
    CHECK(all[0].letter.id == "refused");
    CHECK(all[0].state == LetterState::dead);
    CHECK(all[0].due_at == noon + 1s);
    CHECK(all[0].reason == "550 never");
    CHECK(all[1].letter.id == "lost");
    CHECK(all[1].state == LetterState::unknown);
    CHECK(all[1].due_at == noon + 2s);
    CHECK(all[1].reason == "cut off");
}

TEST_CASE("a revived letter is as good as new, secret included", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    CHECK(postponed(*storage, claim_of_one(*storage, noon, noon + 8s), noon));
    auto const stale = claim_of_one(*storage, noon, noon + 8s);
    CHECK(buried(*storage, stale, noon + 1s, LetterState::unknown, "cut off"));
    CHECK(revived(*storage, "one", noon + 1h));
    CHECK(size(*storage) == 1);
    CHECK(entries(*storage)[0].state == LetterState::waiting);
    CHECK(entries(*storage)[0].attempts == 0);
    CHECK(entries(*storage)[0].due_at == noon + 1h);
    CHECK(entries(*storage)[0].reason == "cut off");
    check_powerless(*storage, stale);

    CHECK(claimed(*storage, noon + 1h - 1ms, noon + 2h).empty());
    auto const letters = claimed(*storage, noon + 1h, noon + 2h);
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].pending.sealed_secret == letter("one").sealed_secret);
    CHECK(letters[0].claim.attempt == 1);
}

TEST_CASE("who held a letter before it was revived can do nothing to it", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    auto const stale = claim_of_one(*storage, noon, noon + 8s);
    CHECK(buried(*storage, stale, noon + 1s));
    CHECK(revived(*storage, "one", noon + 2s));
    auto const fresh = claim_of_one(*storage, noon + 2s, noon + 10s);
    CHECK(fresh.attempt == stale.attempt);
    check_powerless(*storage, stale);
    CHECK(removed(*storage, fresh));
}

TEST_CASE("only a buried letter can be revived", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    CHECK_FALSE(revived(*storage, "one", noon + 1h));
    CHECK_FALSE(revived(*storage, "unknown", noon + 1h));
    auto const claim = claim_of_one(*storage, noon, noon + 8s);
    CHECK_FALSE(revived(*storage, "one", noon + 1h));
    CHECK(removed(*storage, claim));
    CHECK_FALSE(revived(*storage, "one", noon + 1h));
}

TEST_CASE("a text message is handed out as it was put in", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, text_message("one"), noon);

    auto const messages = claimed(*storage, noon, noon + 1min, 100, Channel::text);
    REQUIRE(messages.size() == 1);
    auto const& [pending, claim] = messages[0];
    CHECK(pending.letter.id == "one");
    CHECK(pending.letter.kind == LetterKind::phone_code);
    CHECK(pending.letter.to == Recipient(phone("+4915112345678")));
    CHECK(pending.letter.language == Language::german);
    CHECK(pending.letter.first_name.empty());
    CHECK(pending.letter.partner.empty());
    CHECK(pending.letter.expires_at == noon + 5min);
    CHECK(pending.sealed_secret == "sealed code");
    CHECK(claim.attempt == 1);
}

TEST_CASE("carriers of one channel do not see the letters of the other", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, text_message("early text"), noon);
    add(*storage, "early mail", noon + 1s);
    add(*storage, text_message("late text"), noon + 2s);
    add(*storage, "late mail", noon + 3s);

    CHECK(claimed_ids(*storage, noon + 1min, noon + 1h, 1, Channel::mail) == Ids{"early mail"});
    CHECK(claimed_ids(*storage, noon + 1min, noon + 1h, 100, Channel::text) == Ids{"early text", "late text"});
    CHECK(claimed_ids(*storage, noon + 1min, noon + 1h, 100, Channel::text).empty());
    CHECK(claimed_ids(*storage, noon + 1min, noon + 1h, 100, Channel::mail) == Ids{"late mail"});
    CHECK(claimed(*storage, noon + 1min, noon + 1h).empty());
}

TEST_CASE("an operator sees and counts the letters of all channels", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "mail", noon);
    add(*storage, text_message("text"), noon);
    CHECK(size(*storage) == 2);
    auto const text = claimed(*storage, noon, noon + 8s, 100, Channel::text).at(0).claim;
    CHECK(buried(*storage, text, noon));
    CHECK(size(*storage) == 1);

    auto const all = entries(*storage);
    REQUIRE(all.size() == 2);
    CHECK(all[0].letter.to == Recipient(email("Jane@example.com")));
    CHECK(all[1].letter.to == Recipient(phone("+4915112345678")));
    CHECK(all[1].state == LetterState::dead);

    CHECK(revived(*storage, "text", noon + 1min));
    CHECK(claimed_ids(*storage, noon + 1min, noon + 1h) == Ids{"mail"});
    CHECK(claimed_ids(*storage, noon + 1min, noon + 1h, 100, Channel::text) == Ids{"text"});
}

TEST_CASE("what was buried is forgotten, however it was to travel", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "mail", noon);
    add(*storage, text_message("text"), noon);
    add(*storage, text_message("waiting"), noon + 1h);
    for (auto const channel : {Channel::mail, Channel::text})
        for (auto const& one : claimed(*storage, noon, noon + 8s, 100, channel))
            CHECK(buried(*storage, one.claim, noon));
    commit(*storage, [](UnitOfWork& work) { CHECK(work.outbox().forget(noon + 1s, 100) == 2); });
    REQUIRE(entries(*storage).size() == 1);
    CHECK(entries(*storage)[0].letter.id == "waiting");
}

TEST_CASE("carriers of both channels that claim at the same moment get what is theirs", "[outbox]")
{
    auto const storage = open_empty_storage();
    constexpr int letters = 2 * many_threads;
    commit(*storage, [&](UnitOfWork& work) {
        for (int number = 0; number < letters; ++number) {
            work.outbox().add(letter("mail " + std::to_string(number)), noon);
            work.outbox().add(text_message("text " + std::to_string(number)), noon);
        }
    });
    std::mutex mutex;
    std::multiset<std::string> carried;
    std::atomic<int> astray = 0;
    together(many_threads, [&](int thread) {
        auto const channel = thread % 2 ? Channel::mail : Channel::text;
        for (;;) {
            auto const found = claimed(*storage, noon, noon + 1min, 3, channel);
            if (found.empty())
                return;
            std::scoped_lock const lock(mutex);
            for (auto const& one : found) {
                carried.insert(one.claim.letter_id);
                astray += channel_of(one.pending.letter.kind) != channel;
            }
        }
    });
    CHECK(astray == 0);
    CHECK(carried.size() == 2 * letters);
    CHECK(std::set<std::string>(carried.begin(), carried.end()).size() == 2 * letters);
}

TEST_CASE("text messages to a telephone are forgotten together, whatever has become of them", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, text_message("buried"), noon);
    CHECK(buried(*storage, claimed(*storage, noon, noon + 8s, 1, Channel::text).at(0).claim, noon));
    add(*storage, text_message("claimed"), noon);
    auto const claim = claimed(*storage, noon, noon + 8s, 1, Channel::text).at(0).claim;
    add(*storage, text_message("waiting"), noon);
    add(*storage, text_message("john's", "+31612345678"), noon);
    // An address that looks like the number, as far as one can.
    add(*storage, letter("mail", "+4915112345678@example.com"), noon);
    commit(*storage, [&](UnitOfWork& work) {
        work.outbox().cancel(phone("+4915112345678"));
        work.outbox().cancel(phone("+4915112345679"));
    });

    auto const all = entries(*storage);
    REQUIRE(all.size() == 2);
    CHECK(all[0].letter.id == "john's");
    CHECK(all[1].letter.id == "mail");
    check_powerless(*storage, claim);
    CHECK_FALSE(revived(*storage, "buried", noon));

    commit(*storage, [&](UnitOfWork& work) { work.outbox().cancel(email("+4915112345678@example.com")); });
    REQUIRE(entries(*storage).size() == 1);
    CHECK(entries(*storage)[0].letter.id == "john's");
}

TEST_CASE("letters to an address are forgotten together, whatever has become of them", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "buried", noon);
    CHECK(buried(*storage, claim_of_one(*storage, noon, noon + 8s), noon));
    add(*storage, "claimed", noon);
    auto const claim = claim_of_one(*storage, noon, noon + 8s);
    add(*storage, "waiting", noon);
    commit(*storage, [&](UnitOfWork& work) {
        work.outbox().add(letter("john's", "john@example.com"), noon);
        work.outbox().cancel(email("JANE@example.com"));
        work.outbox().cancel(email("nobody@example.com"));
    });

    auto const all = entries(*storage);
    REQUIRE(all.size() == 1);
    CHECK(all[0].letter.id == "john's");
    check_powerless(*storage, claim);
    CHECK_FALSE(revived(*storage, "buried", noon));
    CHECK(claimed_ids(*storage, noon + 1h, noon + 2h) == Ids{"john's"});
}

TEST_CASE("an operator sees all letters that are not delivered, in the order they were added", "[outbox]")
{
    auto const storage = open_empty_storage();
    CHECK(entries(*storage).empty());
    add(*storage, "buried", noon + 1min);
    CHECK(buried(*storage, claim_of_one(*storage, noon + 1min, noon + 2min), noon + 90s));
    add(*storage, "claimed", noon);
    claimed(*storage, noon + 10min, noon + 11min);
    add(*storage, "waiting", noon - 1min);

    auto const all = entries(*storage);
    REQUIRE(all.size() == 3);
    CHECK(all[0].letter.id == "buried");
    CHECK(all[0].state == LetterState::dead);
    CHECK(all[0].attempts == 1);
    CHECK(all[0].added_at == noon + 1min);
    CHECK(all[0].due_at == noon + 90s);
    CHECK(all[1].letter.id == "claimed");
    CHECK(all[1].state == LetterState::waiting);
    CHECK(all[1].attempts == 1);
    CHECK(all[1].added_at == noon);
    CHECK(all[1].due_at == noon + 11min);
    CHECK(all[2].letter.id == "waiting");
    CHECK(all[2].letter.kind == LetterKind::partner_confirmation);
    CHECK(text_of(all[2].letter.to) == "Jane@example.com");
    CHECK(all[2].letter.language == Language::french);
    CHECK(all[2].letter.first_name == "Jane");
    CHECK(all[2].letter.partner == "Acme");
    CHECK(all[2].letter.expires_at == noon + 5min);
    CHECK(all[2].attempts == 0);
    CHECK(all[2].reason.empty());

    auto const first_two = storage->begin_reading()->outbox().all(2);
    REQUIRE(first_two.size() == 2);
    CHECK(first_two[1].letter.id == "claimed");
    CHECK(storage->begin_reading()->outbox().all(0).empty());
}

TEST_CASE("why a letter failed is kept byte by byte", "[outbox]")
{
    auto const storage = open_empty_storage();
    auto const reason = std::string("550 J\xe4ne\0\n'; DROP TABLE outbox", 30);
    add(*storage, "one", noon);
    CHECK(postponed(*storage, claim_of_one(*storage, noon, noon + 8s), noon + 1min, reason));
    CHECK(entries(*storage)[0].reason == reason);
    CHECK(buried(*storage, claim_of_one(*storage, noon + 1min, noon + 2min), noon, LetterState::dead, reason));
    CHECK(entries(*storage)[0].reason == reason);
}

TEST_CASE("buried letters are forgotten by age, a bounded number at a time", "[outbox]")
{
    auto const storage = open_empty_storage();
    for (int number = 0; number < 5; ++number) {
        add(*storage, std::to_string(number), noon);
        auto const claim = claim_of_one(*storage, noon, noon + 8s);
        CHECK(buried(
            *storage, claim, noon + number * 1min, number % 2 ? LetterState::unknown : LetterState::dead, "never"));
    }
    add(*storage, "waiting", noon - 48h);
    auto const forget = [&](Instant before, int limit) {
        return committed(*storage, [&](UnitOfWork& work) { return work.outbox().forget(before, limit); });
    };
    CHECK(forget(noon, 100) == 0);
    CHECK(forget(noon + 3min, 2) == 2);
    CHECK(forget(noon + 3min, 2) == 1);
    CHECK(forget(noon + 3min, 2) == 0);

    auto const all = entries(*storage);
    REQUIRE(all.size() == 3);
    CHECK(all[0].letter.id == "3");
    CHECK(all[1].letter.id == "4");
    CHECK(all[2].letter.id == "waiting");
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
            auto const ids = claimed_ids(*storage, noon, noon + 1min, 3);
            if (ids.empty())
                return;
            std::scoped_lock const lock(mutex);
            carried.insert(ids.begin(), ids.end());
        }
    });
    CHECK(carried.size() == letters);
    CHECK(std::set<std::string>(carried.begin(), carried.end()).size() == letters);
}

TEST_CASE("of all who ever held a letter, one gets to remove it", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    std::vector<LetterClaim> claims;
    for (int number = 0; number < many_threads; ++number)
        claims.push_back(claim_of_one(*storage, noon + number * 1min, noon + (number + 1) * 1min));

    std::atomic<int> winners = 0;
    together(
        many_threads, [&](int number) { winners += removed(*storage, claims[static_cast<std::size_t>(number)]); });
    CHECK(winners == 1);
    CHECK(size(*storage) == 0);
}

TEST_CASE("of many who decide about one letter at the same moment, one does", "[outbox]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one", noon);
    auto const claim = claim_of_one(*storage, noon, noon + 8s);
    std::atomic<int> winners = 0;
    together(many_threads, [&](int number) {
        switch (number % 4) {
        case 0: winners += postponed(*storage, claim, noon + 1min); break;
        case 1: winners += given_back(*storage, claim, noon + 1min); break;
        case 2: winners += buried(*storage, claim, noon + 1min); break;
        default: winners += removed(*storage, claim);
        }
    });
    CHECK(winners == 1);
}

TEST_CASE("a letter that is cancelled while it is handed out is not handed out again", "[outbox]")
{
    auto const storage = open_empty_storage();
    constexpr int letters = 3 * many_threads;
    commit(*storage, [&](UnitOfWork& work) {
        for (int number = 0; number < letters; ++number)
            work.outbox().add(letter(std::to_string(number)), noon);
    });
    together(many_threads, [&](int number) {
        if (number > 0)
            claimed(*storage, noon, noon + 1min, 2);
        else
            commit(*storage, [&](UnitOfWork& work) { work.outbox().cancel(email("jane@example.com")); });
    });
    CHECK(entries(*storage).empty());
    CHECK(claimed(*storage, noon + 1h, noon + 2h).empty());
}

TEST_CASE("what waits in a channel is counted, up to as many as are wanted, and since when", "[outbox]")
{
    auto const storage = open_empty_storage();
    auto const backlog = [&](Channel channel, int most = 100) {
        return storage->begin_reading()->outbox().backlog(channel, most);
    };
    CHECK(backlog(Channel::mail).letters == 0);
    CHECK_FALSE(backlog(Channel::mail).oldest);

    add(*storage, "first", noon);
    add(*storage, "second", noon + 1min);
    add(*storage, text_message("third"), noon + 2min);
    CHECK(backlog(Channel::mail).letters == 2);
    CHECK(backlog(Channel::mail).oldest == noon);
    CHECK(backlog(Channel::text).letters == 1);
    CHECK(backlog(Channel::text).oldest == noon + 2min);
    CHECK(backlog(Channel::mail, 1).letters == 1);

    // It waits since it was first due, however often it is tried.
    auto const letters = claimed(*storage, noon, noon + 5min);
    REQUIRE(letters.size() == 1);
    commit(*storage, [&](UnitOfWork& work) { work.outbox().postpone(letters[0].claim, noon + 1h, "busy"); });
    CHECK(backlog(Channel::mail).letters == 2);
    CHECK(backlog(Channel::mail).oldest == noon);

    // What was given up does not wait.
    auto const later = claimed(*storage, noon + 1h, noon + 2h, 1);
    REQUIRE(later.size() == 1);
    commit(*storage, [&](UnitOfWork& work) {
        work.outbox().bury(later[0].claim, LetterState::dead, noon + 1h, "refused");
    });
    CHECK(backlog(Channel::mail).letters == 1);
}

}
