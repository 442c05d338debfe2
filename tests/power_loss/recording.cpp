#include "power_loss/recording.hpp"

#include <onboard/sqlite_storage.hpp>

namespace onboard::power_loss {

namespace {

// Notes when units of work were committed, and what that made of the database.
class Clerk : public Watcher {
public:
    Clerk(Computer& computer, std::filesystem::path const& file, std::vector<Recording::Unit>& units)
        : computer_(computer), beside_(file), units_(units)
    {
    }

    void committing() override { began_to_commit_ = computer_.tape_length(); }
    void committed() override
    {
        auto const told = computer_.tape_length();
        units_.push_back({.began_to_commit = began_to_commit_, .told = told, .rows = beside_.rows()});
    }

private:
    Computer& computer_;
    testing::Beside beside_;
    std::vector<Recording::Unit>& units_;
    std::size_t began_to_commit_ = 0;
};

}

Recording record(LossyDisk const& disk, std::vector<Acts> const& parts, int first_act)
{
    testing::TemporaryFolder const folder;
    auto const file = folder / database;
    Computer computer(folder.path(), disk, static_cast<std::uint64_t>(first_act));
    Recording recording{.before = disk, .diary = Diary([&] { return computer.tape_length(); })};
    std::optional<Clerk> clerk;
    int number = 0;
    for (auto const& part : parts) {
        auto const storage = open_sqlite(file);
        if (!clerk) {
            recording.units.push_back({.rows = testing::Beside(file).rows()});
            clerk.emplace(computer, file, recording.units);
        }
        WatchedStorage watched(*storage, *clerk);
        for (auto const& act : part)
            carry_out(act, first_act + number++, watched, recording.diary);
    }
    recording.tape = computer.tape();
    return recording;
}

LossyDisk disk_after(Recording const& recording)
{
    return disk_after(recording, recording.tape.size());
}

LossyDisk disk_after(Recording const& recording, std::size_t cut)
{
    auto disk = recording.before;
    for (std::size_t index = 0; index < cut; ++index)
        disk.apply(recording.tape[index]);
    return disk.after_kill();
}

}
