#include <algorithm>
#include <exception>
#include <stdexcept>

#include <onboard/jwt.hpp>

namespace onboard::jwt {

namespace {

using std::chrono::seconds;

KeyCacheTimes checked(KeyCacheTimes const& times)
{
    constexpr seconds longest = std::chrono::hours(24 * 30);
    for (auto const time : {times.longest_life, times.stale_bound, times.pause, times.pause_without_keys})
        if (time < seconds::zero() || time > longest)
            throw std::invalid_argument("keys cannot be kept: a time is negative or longer than 30 days");
    if (times.shortest_life <= seconds::zero() || times.shortest_life > times.longest_life)
        throw std::invalid_argument("keys cannot be kept: the shortest life is none, or longer than the longest");
    return times;
}

}

struct KeyCache::Answer {
    KeySet keys;
    seconds life;
};

KeyCache::KeyCache(Fetch fetch, Clock& clock, KeyCacheTimes times, Complaint complain)
    : fetch_(std::move(fetch)),
      clock_(clock),
      times_(checked(times)),
      complain_(complain ? std::move(complain) : [](std::string_view) {})
{
}

std::optional<KeySet> KeyCache::keys()
{
    std::unique_lock lock(mutex_);
    if (keys_ && clock_.now() < good_until_)
        return keys_;
    auto const has_others = usable_keys().has_value();
    if (fetching_) {
        if (!has_others)
            await_fetch(lock);
    } else if (!failed_ || !within(has_others ? times_.pause : times_.pause_without_keys)) {
        fetch(lock);
    }
    return usable_keys();
}

std::optional<KeySet> KeyCache::keys_beyond(KeySet const& known)
{
    std::unique_lock lock(mutex_);
    if (fetching_)
        await_fetch(lock);
    else if (keys_ == known && !within(times_.pause))
        fetch(lock);
    if (keys_ == known && failed_)
        return std::nullopt;
    return usable_keys();
}

// Whether the last attempt was made so short a time ago.
bool KeyCache::within(seconds pause) const
{
    return asked_at_ && clock_.now() < *asked_at_ + pause;
}

std::optional<KeySet> KeyCache::usable_keys() const
{
    return keys_ && clock_.now() < good_until_ + times_.stale_bound ? keys_ : std::nullopt;
}

// Fetches without the lock, while others see `fetching_`.
void KeyCache::fetch(std::unique_lock<std::mutex>& lock)
{
    auto const asked_at = clock_.now();
    fetching_ = true;
    asked_at_ = asked_at;
    lock.unlock();
    auto const answer = ask();
    lock.lock();
    if (answer) {
        keys_ = answer->keys;
        good_until_ = asked_at + answer->life;
    }
    failed_ = !answer;
    fetching_ = false;
    fetched_.notify_all();
}

void KeyCache::await_fetch(std::unique_lock<std::mutex>& lock)
{
    fetched_.wait(lock, [this] { return !fetching_; });
}

std::optional<KeyCache::Answer> KeyCache::ask() const noexcept
{
    try {
        auto const fetched = fetch_();
        auto const life = fetched.life.value_or(times_.shortest_life);
        auto const keys = KeySet::read(fetched.text);
        if (keys)
            return Answer{*keys, std::clamp(life, times_.shortest_life, times_.longest_life)};
        complain_("what came is no key set: " + std::string(name_of(keys.error())));
    } catch (std::exception const& failure) {
        complain_(failure.what());
    } catch (...) {
        complain_("for an unknown reason");
    }
    return std::nullopt;
}

}
