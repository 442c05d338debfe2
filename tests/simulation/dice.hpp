#pragma once

#include <cstdint>
#include <string_view>

namespace onboard::simulation {

// Numbers that follow from a seed alone, on every machine.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    // Others of the same seed, by what they are for: how often one is thrown changes nothing for another.
    Dice(std::uint64_t seed, std::string_view what_for) : state_(seed * 0x9e3779b97f4a7c15)
    {
        for (auto const letter : what_for)
            state_ = (state_ ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
        next();
    }

    std::uint64_t next()  // splitmix64
    {
        state_ += 0x9e3779b97f4a7c15;
        auto mixed = (state_ ^ (state_ >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return mixed ^ (mixed >> 31);
    }

    int below(int bound) { return static_cast<int>(next() % static_cast<std::uint64_t>(bound)); }
    int from_to(int least, int most) { return least + below(most - least + 1); }

    // Never, if `chances` is zero.
    bool one_in(int chances) { return chances > 0 && below(chances) == 0; }

    template <class Several>
    auto& pick(Several& several)
    {
        return several[static_cast<std::size_t>(below(static_cast<int>(std::size(several))))];
    }

    // One of the newest: who races others races for what has just come.
    template <class Several>
    auto& pick_recent(Several& several, int newest)
    {
        auto const size = static_cast<int>(std::size(several));
        return several[static_cast<std::size_t>(size - 1 - below(size < newest ? size : newest))];
    }

private:
    std::uint64_t state_;
};

}
