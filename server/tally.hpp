#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

// Numbers that count up while the server works and are read now and then: no locks, no memory, a few instructions.
namespace onboard::server {

// From any thread. What several threads count often is better counted by each alone and added up by who reads it.
class Count {
public:
    void add(std::uint64_t more = 1) noexcept { value_.fetch_add(more, std::memory_order_relaxed); }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

// How often something was at most so much, for each bound, and in the last place how often it was more.
template <std::size_t Bounds>
struct Spread {
    std::array<std::uint64_t, Bounds + 1> counts{};
    std::uint64_t sum = 0;

    std::uint64_t total() const noexcept
    {
        std::uint64_t all = 0;
        for (auto const count : counts)
            all += count;
        return all;
    }
};

// Counts values by the first bound that they do not exceed.
template <auto const& bounds>
class Histogram {
public:
    static constexpr std::size_t size = bounds.size();

    void note(std::uint64_t value) noexcept
    {
        std::size_t place = 0;
        while (place < size && value > bounds[place])
            ++place;
        counts_[place].add();
        sum_.add(value);
    }
    void note(std::chrono::nanoseconds duration) noexcept
    {
        note(static_cast<std::uint64_t>(duration.count() > 0 ? duration.count() : 0));
    }

    void add_to(Spread<size>& spread) const noexcept
    {
        for (std::size_t place = 0; place <= size; ++place)
            spread.counts[place] += counts_[place].value();
        spread.sum += sum_.value();
    }

private:
    std::array<Count, size + 1> counts_;
    Count sum_;
};

// In nanoseconds, from half a millisecond to ten seconds.
inline constexpr std::array<std::uint64_t, 14> duration_bounds{
    500'000,     1'000'000,   2'500'000,   5'000'000,     10'000'000,    25'000'000,    50'000'000,
    100'000'000, 250'000'000, 500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};
inline constexpr std::array<std::uint64_t, 8> size_bounds{1, 2, 4, 8, 16, 32, 64, 128};

using Durations = Histogram<duration_bounds>;
using Sizes = Histogram<size_bounds>;
using DurationSpread = Spread<duration_bounds.size()>;
using SizeSpread = Spread<size_bounds.size()>;

}
