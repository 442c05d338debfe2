#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

// Adds a root organisation with these below it.
void add(Storage& storage, std::string_view root, std::initializer_list<std::string_view> below = {})
{
    commit(storage, [&](UnitOfWork& work) {
        REQUIRE(work.organisations().add(channel(root), noon));
        for (auto const name : below)
            REQUIRE(work.organisations().add(channel(root), organisation(name), noon));
    });
}

RootOrganisation root(std::string_view name, std::initializer_list<std::string_view> below = {})
{
    RootOrganisation root{.channel = channel(name)};
    for (auto const one : below)
        root.organisations.push_back(organisation(one));
    return root;
}

TEST_CASE("organisations come back below their channels, both in the order of their octets", "[organisations]")
{
    auto const storage = open_empty_storage();
    CHECK(storage->begin_reading()->organisations().all().empty());
    add(*storage, "kerala", {"\u00e4 school", "school", "School", "10", "9", "'; DROP"});
    add(*storage, "assam");
    add(*storage, "Kerala", {"z"});
    add(*storage, "kerala.2_-");

    auto const work = storage->begin_reading();
    CHECK(
        work->organisations().all() ==
        std::vector{
            root("Kerala", {"z"}), root("assam"),
            root("kerala", {"'; DROP", "10", "9", "School", "school", "\u00e4 school"}), root("kerala.2_-")});
    CHECK(work->organisations().has(channel("assam")));
    CHECK_FALSE(work->organisations().has(channel("Assam")));
    CHECK(work->organisations().find(organisation("z")) == channel("Kerala"));
    CHECK(work->organisations().find(organisation("\u00e4 school")) == channel("kerala"));
    CHECK_FALSE(work->organisations().find(organisation("a school")));
    CHECK_FALSE(work->organisations().find(organisation("assam")));
}

TEST_CASE("a channel is added once, and a refusal leaves the unit of work usable", "[organisations]")
{
    auto const storage = open_empty_storage();
    add(*storage, "kerala", {"school"});

    auto work = storage->begin();
    CHECK(error_of(work->organisations().add(channel("kerala"), noon)) == refuse(Errc::channel_exists, "channel"));
    CHECK(work->organisations().add(channel("assam"), noon));
    CHECK(refusal(work->organisations().add(channel("assam"), noon)) == Errc::channel_exists);
    work->commit();

    CHECK(storage->begin_reading()->organisations().all() == std::vector{root("assam"), root("kerala", {"school"})});
}

TEST_CASE("an organisation is in one channel, which is known", "[organisations]")
{
    auto const storage = open_empty_storage();
    add(*storage, "kerala", {"school"});
    add(*storage, "assam");

    auto work = storage->begin();
    auto& organisations = work->organisations();
    CHECK(
        error_of(organisations.add(channel("bihar"), organisation("college"), noon)) ==
        refuse(Errc::channel_unknown, "channel"));
    CHECK(refusal(organisations.add(channel("bihar"), organisation("school"), noon)) == Errc::channel_unknown);
    for (auto const* name : {"kerala", "assam"})
        CHECK(
            error_of(organisations.add(channel(name), organisation("school"), noon)) ==
            refuse(Errc::organisation_exists, "organisation"));
    CHECK(organisations.add(channel("assam"), organisation("college"), noon));
    work->commit();

    CHECK(
        storage->begin_reading()->organisations().all() ==
        std::vector{root("assam", {"college"}), root("kerala", {"school"})});
}

TEST_CASE("of many simultaneous callers that add a channel, one succeeds, and the others go on", "[organisations]")
{
    auto const storage = open_empty_storage();
    std::atomic<int> added = 0;
    std::atomic<int> refused = 0;
    together(many_threads, [&](int number) {
        auto work = storage->begin();
        auto const result = work->organisations().add(channel("kerala"), noon);
        added += result.has_value();
        refused += !result && result.error() == refuse(Errc::channel_exists, "channel");
        work->organisations().add(channel("kerala"), organisation(std::to_string(number)), noon).value();
        work->commit();
    });
    CHECK(added == 1);
    CHECK(refused == many_threads - 1);
    auto const all = storage->begin_reading()->organisations().all();
    REQUIRE(all.size() == 1);
    CHECK(all[0].organisations.size() == many_threads);
}

TEST_CASE(
    "of many simultaneous callers that add an organisation, one succeeds, and the others go on", "[organisations]")
{
    auto const storage = open_empty_storage();
    add(*storage, "kerala");
    add(*storage, "assam");
    std::atomic<int> added = 0;
    std::atomic<int> refused = 0;
    together(many_threads, [&](int number) {
        auto work = storage->begin();
        auto const result =
            work->organisations().add(channel(number % 2 ? "kerala" : "assam"), organisation("school"), noon);
        added += result.has_value();
        refused += !result && result.error() == refuse(Errc::organisation_exists, "organisation");
        work->organisations().add(channel("kerala"), organisation(std::to_string(number)), noon).value();
        work->commit();
    });
    CHECK(added == 1);
    CHECK(refused == many_threads - 1);
    auto const work = storage->begin_reading();
    std::size_t organisations = 0;
    for (auto const& one : work->organisations().all())
        organisations += one.organisations.size();
    CHECK(organisations == 1 + many_threads);
    CHECK(work->organisations().find(organisation("school")));
}

TEST_CASE("what was added in vain is unknown and can be added", "[organisations]")
{
    auto const storage = open_empty_storage();
    {
        auto work = storage->begin();
        REQUIRE(work->organisations().add(channel("kerala"), noon));
        REQUIRE(work->organisations().add(channel("kerala"), organisation("school"), noon));
        CHECK(work->organisations().has(channel("kerala")));
        CHECK(work->organisations().find(organisation("school")) == channel("kerala"));
    }
    CHECK(storage->begin_reading()->organisations().all().empty());
    CHECK_FALSE(storage->begin_reading()->organisations().has(channel("kerala")));
    add(*storage, "assam", {"school"});
    add(*storage, "kerala");
}

}
