#include "power_loss/lossy_disk.hpp"

#include <algorithm>
#include <utility>

namespace onboard::power_loss {

namespace {

// Which of a number of unsynced changes reached the disk, and which sectors of them.
class Survivors {
public:
    Survivors(Dice& dice, std::size_t changes)
        : dice_(dice),
          kind_(static_cast<Kind>(dice.below(kinds))),
          torn_(static_cast<std::size_t>(dice.below(static_cast<int>(changes) + 1)))
    {
    }

    bool has(std::size_t change)
    {
        switch (kind_) {
        case Kind::none: return false;
        case Kind::earliest: return change <= torn_;
        case Kind::latest: return change >= torn_;
        case Kind::some: return dice_.one_in(2);
        case Kind::some_sectors:
        case Kind::all: break;
        }
        return true;
    }

    // Of a change that is there.
    bool has_sector(std::size_t change)
    {
        auto const whole = kind_ == Kind::all || (kind_ != Kind::some_sectors && change != torn_);
        return whole || dice_.one_in(2);
    }

private:
    enum class Kind : std::uint8_t { none, earliest, latest, some, some_sectors, all };
    static constexpr int kinds = 6;

    Dice& dice_;
    Kind kind_;
    std::size_t torn_;
};

// Sectors that were never written, but that the file is now long enough for, hold zeros or what was there before.
void lengthen(std::string& content, std::size_t size, bool with_rubbish, Dice& dice)
{
    while (content.size() < size)
        content += with_rubbish ? static_cast<char>(dice.next()) : '\0';
}

void put(std::string& content, std::size_t offset, std::string_view bytes)
{
    if (content.size() < offset + bytes.size())
        content.resize(offset + bytes.size());
    content.replace(offset, bytes.size(), bytes);
}

}

void LossyFile::write(std::size_t offset, std::string bytes)
{
    put(now_, offset, bytes);
    unsynced_.push_back({.is_write = true, .offset = offset, .bytes = std::move(bytes)});
}

void LossyFile::truncate(std::size_t size)
{
    now_.resize(size);
    unsynced_.push_back({.is_write = false, .offset = size});
}

void LossyFile::sync()
{
    safe_ = now_;
    unsynced_.clear();
}

void LossyFile::fail_to_sync(Dice& dice)
{
    safe_ = after_power_loss(dice);
    unsynced_.clear();
    if (dice.one_in(2))
        now_ = safe_;
}

std::string LossyFile::after_power_loss(Dice& dice) const
{
    auto content = safe_;
    auto const with_rubbish = dice.one_in(2);
    Survivors survivors(dice, unsynced_.size());
    for (std::size_t index = 0; index < unsynced_.size(); ++index) {
        auto const& change = unsynced_[index];
        if (!survivors.has(index))
            continue;
        if (!change.is_write) {
            content.resize(change.offset);
            continue;
        }
        auto const end = change.offset + change.bytes.size();
        for (auto from = change.offset; from < end;) {
            auto const to = std::min(end, (from / sector + 1) * sector);
            if (survivors.has_sector(index)) {
                lengthen(content, from, with_rubbish, dice);
                put(content, from, std::string_view(change.bytes).substr(from - change.offset, to - from));
            }
            from = to;
        }
    }
    return content;
}

void LossyDisk::apply(Change const& change)
{
    auto const rename_unsynced = [&](Renamed const& renamed) {
        rename(names_, renamed);
        unsynced_.push_back(renamed);
    };
    switch (change.kind) {
    case Change::Kind::write: files_.at(change.file).write(change.offset, change.bytes); break;
    case Change::Kind::truncate: files_.at(change.file).truncate(change.offset); break;
    case Change::Kind::sync: files_.at(change.file).sync(); break;
    case Change::Kind::make:
        files_[change.file];
        next_id_ = std::max(next_id_, static_cast<int>(change.file) + 1);
        if (!change.name.empty())
            rename_unsynced({.name = change.name, .made = true, .file = change.file});
        break;
    case Change::Kind::remove: rename_unsynced({.name = change.name}); break;
    case Change::Kind::sync_folder:
        safe_names_ = names_;
        unsynced_.clear();
        break;
    }
}

FileId const* LossyDisk::find(std::string const& name) const
{
    auto const found = names_.find(name);
    return found == names_.end() ? nullptr : &found->second;
}

LossyDisk LossyDisk::after_power_loss(Dice dice) const
{
    auto names = safe_names_;
    Survivors survivors(dice, unsynced_.size());
    for (std::size_t index = 0; index < unsynced_.size(); ++index)
        if (survivors.has(index))
            rename(names, unsynced_[index]);
    LossyDisk disk;
    disk.names_ = disk.safe_names_ = names;
    disk.next_id_ = next_id_;
    for (auto const& [name, id] : names)
        disk.files_.emplace(id, LossyFile(files_.at(id).after_power_loss(dice)));
    return disk;
}

LossyDisk LossyDisk::after_kill() const
{
    LossyDisk disk;
    disk.names_ = disk.safe_names_ = names_;
    disk.next_id_ = next_id_;
    for (auto const& [name, id] : names_)
        disk.files_.emplace(id, LossyFile(files_.at(id).content()));
    return disk;
}

void LossyDisk::rename(std::map<std::string, FileId>& names, Renamed const& renamed)
{
    if (renamed.made)
        names.insert_or_assign(renamed.name, renamed.file);
    else
        names.erase(renamed.name);
}

}
