// What many threads do at once is not the same every time, so here whatever happens is recorded and then cut.
#include <algorithm>
#include <array>
#include <span>

#include <onboard/sqlite_storage.hpp>

#include "conformance/rows.hpp"
#include "power_loss/judge.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::power_loss;
using namespace onboard::testing;

constexpr std::size_t mebibyte = 1 << 20;

// Somebody whose account is raised again and again, and the place on the tape where each time began and was told as
// done.
struct Raised {
    AccountId id{};
    std::vector<std::pair<std::size_t, std::size_t>> times = {};

    bool may_be(int generation, std::size_t cut) const
    {
        auto const told = std::ranges::count_if(times, [&](auto const& time) { return time.second <= cut; });
        auto const begun = std::ranges::count_if(times, [&](auto const& time) { return time.first < cut; });
        return generation >= 1 + told && generation <= 1 + begun;
    }
};

// A letter whose content is nobody else's.
PendingLetter large_letter(std::string const& id)
{
    auto large = letter(id, id + "@example.com");
    while (large.sealed_secret.size() < mebibyte)
        large.sealed_secret += id + ';';
    return large;
}

void raise(UnitOfWork& work, AccountId id)
{
    auto account = *work.accounts().find(id);
    ++account.generation;
    work.accounts().update(account).value();
}

// That the database opens, has the counts it may have, and no letter that is not whole.
void look_at(LossyDisk const& disk, std::span<Raised const> everybody, std::size_t cut, std::uint64_t seed)
{
    TemporaryFolder const folder;
    Computer computer(folder.path(), disk, seed);
    auto const storage = open_sqlite(folder / database);
    INFO("cut " << cut);
    REQUIRE(Beside(folder / database).value("PRAGMA integrity_check") == "ok");
    for (auto const& one : everybody)
        REQUIRE(one.may_be(storage->begin_reading()->accounts().find(one.id)->generation, cut));
    for (auto const& [waiting, claim] :
         storage->begin()->outbox().claim(Channel::mail, conformance::noon, conformance::noon + 1h, 1000))
        REQUIRE((waiting.sealed_secret == large_letter(claim.letter_id).sealed_secret));
}

LossyDisk disk_with(std::vector<Raised>& everybody)
{
    TemporaryFolder const folder;
    Computer computer(folder.path(), {}, 1);
    auto const storage = open_sqlite(folder / database);
    for (std::size_t number = 0; number < everybody.size(); ++number)
        everybody[number].id = stored_account(*storage, "person" + std::to_string(number) + "@example.com");
    return computer.disk().after_kill();
}

TEST_CASE("a power cut takes nothing of commits that threads share and were told as done")
{
    constexpr int rounds = 15;
    std::vector<Raised> everybody(4);
    auto disk = disk_with(everybody);
    std::vector<Change> tape;
    {
        TemporaryFolder const folder;
        Computer computer(folder.path(), disk, 1);
        auto const storage = open_sqlite(folder / database, {.patience = 10min});
        together(static_cast<int>(everybody.size()), [&](int number) {
            auto& self = everybody[static_cast<std::size_t>(number)];
            for (int round = 0; round < rounds; ++round) {
                auto const began = computer.tape_length();
                commit(*storage, [&](UnitOfWork& work) { raise(work, self.id); });
                self.times.emplace_back(began, computer.tape_length());
            }
        });
        tape = computer.tape();
    }
    for (std::size_t cut = 0; cut < tape.size(); ++cut) {
        look_at(disk.after_power_loss(Dice(cut)), everybody, cut, cut);
        disk.apply(tape[cut]);
    }
    look_at(disk.after_power_loss(Dice(0)), everybody, tape.size(), 0);
}

// Long enough for the thread that checkpoints beside the writer, and for the writer to stop and start the log over.
TEST_CASE("a power cut during a checkpoint takes nothing that was told as done")
{
    constexpr int rounds = 70;
    constexpr int letters = 4;
    constexpr int cuts = 40;
    std::vector<Raised> everybody(1);
    auto& jane = everybody.front();
    auto disk = disk_with(everybody);
    std::vector<Change> tape;
    {
        TemporaryFolder const folder;
        Computer computer(folder.path(), disk, 1);
        auto const storage = open_sqlite(folder / database, {.patience = 10min});
        for (int round = 0; round < rounds; ++round) {
            auto const began = computer.tape_length();
            commit(*storage, [&](UnitOfWork& work) {
                auto const large = large_letter("letter-" + std::to_string(round % letters));
                work.outbox().cancel(large.letter.to);
                work.outbox().add(large, conformance::noon);
                raise(work, jane.id);
            });
            jane.times.emplace_back(began, computer.tape_length());
        }
        tape = computer.tape();
    }

    // Most of the tape is frames of the log; what matters is what lies between them.
    auto const* file = disk.find(database);
    std::vector<std::size_t> worthwhile;
    int starts_of_the_log = 0;
    for (std::size_t cut = 0; cut < tape.size(); ++cut) {
        auto const starts_the_log =
            tape[cut].kind == Change::Kind::write && tape[cut].file != *file && tape[cut].offset == 0;
        starts_of_the_log += starts_the_log;
        if (starts_the_log || tape[cut].file == *file || tape[cut].kind != Change::Kind::write)
            worthwhile.push_back(cut);
    }
    CHECK(starts_of_the_log > 0);
    Dice dice(1);
    std::vector<std::size_t> chosen;
    for (int number = 0; number < cuts; ++number)
        chosen.push_back(dice.pick(worthwhile) + static_cast<std::size_t>(dice.below(2)));
    std::ranges::sort(chosen);

    std::size_t applied = 0;
    for (auto const cut : chosen) {
        for (; applied < cut; ++applied)
            disk.apply(tape[applied]);
        look_at(disk.after_power_loss(Dice(cut)), everybody, cut, cut);
    }
}

}
