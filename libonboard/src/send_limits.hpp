#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include <onboard/storage.hpp>

namespace onboard {

// When a code may be sent again: nothing if it may be now, else the latest moment that the pause, the hour or the day
// ask for. `sends` are those of the last day, the newest first.
inline std::optional<Instant> next_send(std::vector<Instant> const& sends, Instant now, SendLimits const& limits)
{
    constexpr std::chrono::hours hour{1};
    constexpr std::chrono::hours day{24};

    auto const free_again = [&](int limit, std::chrono::hours stretch) -> Instant {
        if (limit <= 0)
            return now + stretch;
        auto const nth = static_cast<std::size_t>(limit);
        return sends.size() < nth ? now : sends[nth - 1] + stretch;
    };
    auto allowed_at = sends.empty() ? now : std::max(now, Instant(sends.front() + limits.pause));
    allowed_at = std::max(allowed_at, free_again(limits.per_hour, hour));
    allowed_at = std::max(allowed_at, free_again(limits.per_day, day));
    return allowed_at > now ? std::optional(allowed_at) : std::nullopt;
}

}
