#include <atomic>
#include <map>
#include <set>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

AuditStrand count_of(std::int64_t count)
{
    return {.strand = 0, .last = count, .seal = digest_of("count " + std::to_string(count))};
}

AuditEntry entry_behind(AuditStrand const& strand, std::string detail)
{
    return {
        .strand = strand.strand,
        .number = strand.last + 1,
        .at = noon,
        .event = AuditEvent::session_opened,
        .account = AccountId(17),
        .partner = PartnerId(3),
        .detail = std::move(detail),
        .tag = {std::byte{0}, std::byte{1}, std::byte{0xff}}};
}

AuditStrand take(UnitOfWork& work)
{
    auto& trail = work.audit();
    if (auto const strand = trail.take_strand())
        return *strand;
    auto const count = trail.hold_count() + 1;
    AuditStrand const begun{.strand = static_cast<int>(count), .last = 0, .seal = digest_of("begun")};
    trail.begin(begun, count_of(count));
    return begun;
}

void append(UnitOfWork& work, std::string const& detail)
{
    auto strand = take(work);
    auto const entry = entry_behind(strand, detail);
    strand.last = entry.number;
    strand.seal = digest_of(detail);
    work.audit().append(std::span(&entry, 1), strand);
}

void add(Storage& storage, std::string const& detail)
{
    auto const work = storage.begin();
    append(*work, detail);
    work->commit();
}

std::vector<AuditEntry> entries_of(Storage& storage)
{
    return storage.begin_reading()->audit().entries({}, 1'000'000);
}

std::vector<std::string> details_of(std::vector<AuditEntry> const& entries)
{
    std::vector<std::string> details;
    for (auto const& entry : entries)
        details.push_back(entry.detail);
    return details;
}

TEST_CASE("an empty audit trail has no strand and no entry", "[audit trail]")
{
    auto const storage = open_empty_storage();
    auto const work = storage->begin();
    CHECK_FALSE(work->audit().take_strand());
    CHECK(work->audit().hold_count() == 0);
    CHECK(entries_of(*open_empty_storage()).empty());
}

TEST_CASE("an entry of the audit trail is kept as it is", "[audit trail]")
{
    auto const storage = open_empty_storage();
    add(*storage, "O'Neill; zwölf \"%\"");
    auto const entries = entries_of(*storage);
    REQUIRE(entries.size() == 1);
    auto const& entry = entries.front();
    CHECK(entry.strand == 1);
    CHECK(entry.number == 1);
    CHECK(entry.at == noon);
    CHECK(entry.event == AuditEvent::session_opened);
    CHECK(entry.account == AccountId(17));
    CHECK(entry.partner == PartnerId(3));
    CHECK(entry.detail == "O'Neill; zwölf \"%\"");
    CHECK(entry.tag == AuditTag{std::byte{0}, std::byte{1}, std::byte{0xff}});
}

TEST_CASE("an entry of the audit trail may be about nobody", "[audit trail]")
{
    auto const storage = open_empty_storage();
    auto const work = storage->begin();
    auto strand = take(*work);
    auto entry = entry_behind(strand, "");
    entry.account.reset();
    entry.partner.reset();
    strand.last = 1;
    work->audit().append(std::span(&entry, 1), strand);
    work->commit();
    auto const entries = entries_of(*storage);
    REQUIRE(entries.size() == 1);
    CHECK_FALSE(entries.front().account);
    CHECK_FALSE(entries.front().partner);
}

TEST_CASE("the next unit of work finds the strand where the last one left it", "[audit trail]")
{
    auto const storage = open_empty_storage();
    add(*storage, "one");
    add(*storage, "two");
    auto const work = storage->begin();
    auto const strand = work->audit().take_strand();
    REQUIRE(strand);
    CHECK(strand->strand == 1);
    CHECK(strand->last == 2);
    CHECK(same(strand->seal, digest_of("two")));
    auto const strands = storage->begin_reading()->audit().strands();
    REQUIRE(strands.size() == 2);
    CHECK(strands[0].strand == 0);
    CHECK(strands[0].last == 1);
    CHECK(same(strands[0].seal, digest_of("count 1")));
    CHECK(strands[1].last == 2);
    CHECK(same(strands[1].seal, digest_of("two")));
}

TEST_CASE("what a unit of work appended it sees itself, several times over", "[audit trail]")
{
    auto const storage = open_empty_storage();
    auto const work = storage->begin();
    append(*work, "one");
    append(*work, "two");
    CHECK(details_of(work->audit().entries({}, 10)) == std::vector<std::string>{"one", "two"});
    auto const strands = work->audit().strands();
    REQUIRE(strands.size() == 2);
    CHECK(strands[1].last == 2);
    append(*work, "three");
    work->commit();
    CHECK(details_of(entries_of(*storage)) == std::vector<std::string>{"one", "two", "three"});
    CHECK(storage->begin_reading()->audit().strands().at(1).last == 3);
}

TEST_CASE("several entries are appended at once, in their order", "[audit trail]")
{
    auto const storage = open_empty_storage();
    auto const work = storage->begin();
    auto strand = take(*work);
    std::vector<AuditEntry> entries;
    for (auto const* detail : {"one", "two", "three"}) {
        entries.push_back(entry_behind(strand, detail));
        ++strand.last;
    }
    work->audit().append(entries, strand);
    work->commit();
    CHECK(details_of(entries_of(*storage)) == std::vector<std::string>{"one", "two", "three"});
}

TEST_CASE("a unit of work that is abandoned leaves the audit trail as it was", "[audit trail]")
{
    auto const storage = open_empty_storage();
    append(*storage->begin(), "never");
    CHECK(entries_of(*storage).empty());
    CHECK(storage->begin_reading()->audit().strands().empty());
    add(*storage, "one");
    append(*storage->begin(), "never");
    add(*storage, "two");
    CHECK(details_of(entries_of(*storage)) == std::vector<std::string>{"one", "two"});
    CHECK(storage->begin_reading()->audit().strands().at(1).last == 2);
}

TEST_CASE("of a group, the audit trail keeps what was committed in it", "[audit trail]")
{
    auto const storage = open_empty_storage();
    {
        auto const group = storage->begin_group();
        append(*storage->begin(), "never");
        add(*storage, "one");
        append(*storage->begin(), "never");
        add(*storage, "two");
        append(*storage->begin(), "never");
        group->commit();
    }
    {
        auto const group = storage->begin_group();
        add(*storage, "never");
    }
    add(*storage, "three");
    auto const entries = entries_of(*storage);
    CHECK(details_of(entries) == std::vector<std::string>{"one", "two", "three"});
    CHECK(entries.back().number == 3);
    CHECK(same(storage->begin_reading()->audit().strands().at(1).seal, digest_of("three")));
}

TEST_CASE("entries are read from a place on, a bounded number at a time", "[audit trail]")
{
    auto const storage = open_empty_storage();
    for (auto const* detail : {"one", "two", "three", "four"})
        add(*storage, detail);
    auto const work = storage->begin_reading();
    auto const& trail = work->audit();
    CHECK(details_of(trail.entries({}, 2)) == std::vector<std::string>{"one", "two"});
    CHECK(details_of(trail.entries({.strand = 1, .number = 2}, 10)) == std::vector<std::string>{"three", "four"});
    CHECK(trail.entries({.strand = 1, .number = 4}, 10).empty());
    CHECK(trail.entries({.strand = 2, .number = 0}, 10).empty());
    CHECK(trail.entries({}, 0).empty());
}

TEST_CASE("many who write to the audit trail at once leave strands without a gap", "[audit trail]")
{
    auto const storage = open_empty_storage();
    constexpr int each = 20;
    std::atomic<int> written = 0;
    together(many_threads, [&](int thread) {
        for (int number = 0; number < each; ++number)
            try {
                add(*storage, std::to_string(thread) + " " + std::to_string(number));
                ++written;
            } catch (StorageConflict const&) {
                // Somebody else was at it; nothing is left of this one.
            }
    });
    auto const entries = entries_of(*storage);
    CHECK(static_cast<int>(entries.size()) == written);
    std::map<int, std::int64_t> last;
    for (auto const& entry : entries)
        CHECK(entry.number == ++last[entry.strand]);
    auto const strands = storage->begin_reading()->audit().strands();
    CHECK(strands.front().last == static_cast<std::int64_t>(strands.size()) - 1);
    for (auto const& strand : strands)
        if (strand.strand != 0)
            CHECK(strand.last == last[strand.strand]);
    std::set<std::string> details;
    for (auto const& entry : entries)
        details.insert(entry.detail);
    CHECK(static_cast<int>(details.size()) == written);
}

}
