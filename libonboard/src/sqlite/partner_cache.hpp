#pragma once

#include <map>
#include <mutex>
#include <optional>

#include <onboard/storage.hpp>

#include "write_count.hpp"

namespace onboard::sqlite {

// Who calls with which bearer token, for as long as nobody, in any process, changes a partner or a token. Safe to use from
// many threads.
class PartnerCache {
public:
    explicit PartnerCache(WriteCount const& changes) : changes_(changes) {}

    // What is known of the token. What is not, `look` finds out.
    template <class Look>
    std::optional<PartnerOfToken> find(PartnerTokenId id, Look const& look)
    {
        // Counted before anybody looks: a change in between makes what was found look older than it is, never newer.
        auto const now = changes_.value();
        {
            std::scoped_lock const lock(mutex_);
            if (now != known_at_)
                known_.clear();
            known_at_ = now;
            if (auto const known = known_.find(id); known != known_.end())
                return known->second;
        }
        std::optional<PartnerOfToken> const found = look();
        if (found && WriteCount::is_settled(now)) {
            std::scoped_lock const lock(mutex_);
            if (now == known_at_ && known_.size() < most_known)
                known_.emplace(id, *found);
        }
        return found;
    }

private:
    static constexpr std::size_t most_known = 10'000;

    WriteCount const& changes_;
    std::mutex mutex_;
    std::uint64_t known_at_ = 0;
    std::map<PartnerTokenId, PartnerOfToken> known_;
};

}
