#include "power_loss/shared_file.hpp"

#include <algorithm>

namespace onboard::power_loss {

bool SharedFile::lock(Connection self, Level level)
{
    auto& mine = holders_[self].level;
    if (mine >= level)
        return true;
    auto const others_have = [&](Level least) {
        return any_other(self, [&](Holder const& other) { return other.level >= least; });
    };
    if (level == Level::shared && others_have(Level::pending))
        return false;
    if (level >= Level::reserved && others_have(Level::reserved))
        return false;
    if (level == Level::exclusive && others_have(Level::shared)) {
        mine = Level::pending;
        return false;
    }
    mine = level;
    return true;
}

void SharedFile::unlock(Connection self, Level level)
{
    auto& mine = holders_[self].level;
    mine = std::min(mine, level);
}

bool SharedFile::is_reserved() const
{
    return any_other(nullptr, [](Holder const& holder) { return holder.level >= Level::reserved; });
}

bool SharedFile::lock_slots(Connection self, Slots slots, bool exclusive)
{
    auto const in_the_way = [&](Holder const& other) {
        return ((other.exclusive | (exclusive ? other.shared : 0)) & slots) != 0;
    };
    if (any_other(self, in_the_way))
        return false;
    auto& mine = holders_[self];
    (exclusive ? mine.exclusive : mine.shared) |= slots;
    return true;
}

void SharedFile::unlock_slots(Connection self, Slots slots)
{
    auto& mine = holders_[self];
    mine.shared &= static_cast<Slots>(~slots);
    mine.exclusive &= static_cast<Slots>(~slots);
}

void* SharedFile::map(Connection self, std::size_t region, std::size_t size, bool make)
{
    holders_[self].maps = true;
    while (make && regions_.size() <= region)
        regions_.push_back(std::make_unique<std::byte[]>(size));
    return region < regions_.size() ? regions_[region].get() : nullptr;
}

void SharedFile::unmap(Connection self)
{
    auto& mine = holders_[self];
    mine = {.level = mine.level};
    if (!any_other(nullptr, [](Holder const& holder) { return holder.maps; }))
        regions_.clear();
}

void SharedFile::close(Connection self)
{
    unmap(self);
    holders_.erase(self);
}

}
