#include "power_loss/rehearsal.hpp"

#include <array>

#include <onboard/sqlite_storage.hpp>

namespace onboard::power_loss {

namespace {

constexpr int first_act = 50;  // after those that were recorded

class Prompter : public Watcher {
public:
    explicit Prompter(Trouble const& trouble) : trouble_(trouble) {}

    Fate next() override
    {
        auto const planned = trouble_.fates.find(++unit_);
        return planned == trouble_.fates.end() ? trouble_.usual : planned->second;
    }
    void failed() override { failed_.push_back(unit_); }

    std::vector<int> const& all_failed() const noexcept { return failed_; }

private:
    Trouble const& trouble_;
    std::vector<int> failed_;
    int unit_ = -1;
};

void try_to(std::function<void()> const& act)
try {
    act();
} catch (StorageFailure const&) {
    // As whoever works is told.
}

}

Performance perform(LossyDisk const& disk, Acts acts, Trouble const& trouble)
{
    testing::TemporaryFolder const folder;
    auto const file = folder / database;
    Computer computer(folder.path(), disk, 1);
    Performance performance;
    Prompter prompter(trouble);
    Diary diary;
    auto const storage = open_sqlite(file);
    WatchedStorage watched(*storage, prompter);
    computer.break_down(trouble.breakdown, trouble.first, trouble.calls);
    int acts_since = 0;
    auto number = first_act;
    for (auto const& act : acts) {
        try_to([&] { carry_out(act, number++, watched, diary); });
        if (computer.failed() > 0 && ++acts_since == 2)
            computer.repair();
    }
    performance.calls = computer.calls();
    performance.broken = computer.failed();
    computer.repair();
    try_to([&] { performance.goes_on = register_somebody_new(*service(watched, number)); });
    performance.disk = computer.disk();
    performance.rows = testing::Beside(file).rows();
    performance.used = diary.used_by(0);
    performance.failed = prompter.all_failed();
    return performance;
}

bool Rehearsal::explains(std::string const& rows, std::vector<int> const& failed)
{
    std::map<int, Fate> fates;
    return explains(rows, failed, fates);
}

bool Rehearsal::explains(std::string const& rows, std::vector<int> const& failed, std::map<int, Fate>& fates)
{
    if (fates.size() == failed.size()) {
        auto known = rows_.find(fates);
        if (known == rows_.end())
            known = rows_.emplace(fates, perform(disk_, acts_, {.fates = fates}).rows).first;
        return known->second == rows;
    }
    auto const unit = failed[fates.size()];
    for (auto const fate : {Fate::does_not_begin, Fate::is_abandoned, Fate::is_done_unheard, Fate::meets_another}) {
        fates[unit] = fate;
        if (explains(rows, failed, fates))
            return true;
    }
    fates.erase(unit);
    return false;
}

}
