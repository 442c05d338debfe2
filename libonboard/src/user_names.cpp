#include "user_names.hpp"

#include <algorithm>
#include <span>

#include <onboard/ports.hpp>

#include "transliterate.hpp"

namespace onboard {

namespace {

constexpr int fewest_digits = 4;
constexpr int most_digits = 18;  // what 64 bits hold
constexpr std::size_t tries_with_fewest = 4;
constexpr std::size_t longest_base = UserName::longest - fewest_digits;
constexpr std::size_t always_kept = UserName::longest - most_digits;  // of a base, however long the number

// Any number of so many digits, each as likely as the others; none begins with a zero.
std::uint64_t random_number(Random& random, int digits)
{
    std::uint64_t least = 1;
    for (int digit = 1; digit < digits; ++digit)
        least *= 10;
    auto const count = 9 * least;

    // Numbers from the incomplete last stretch would make low ones likelier: draw again.
    auto const fair_end = UINT64_MAX - UINT64_MAX % count;
    std::uint64_t number = 0;
    do
        random.fill(std::as_writable_bytes(std::span(&number, 1)));
    while (number >= fair_end);
    return least + number % count;
}

}

std::string user_name_base(std::string_view first_name, std::string_view last_name)
{
    auto base = unicode::romanized(first_name) + unicode::romanized(last_name);
    base.resize(std::min(base.size(), longest_base));
    if (std::string_view(base).substr(0, always_kept).find_first_not_of("0123456789") == std::string_view::npos)
        return "user";
    return base;
}

std::string UserNameCandidates::drawn() const
{
    auto const room = UserName::longest - static_cast<std::size_t>(digits_);
    return base_.substr(0, room) + std::to_string(random_number(random_, digits_));
}

UserName UserNameCandidates::next()
{
    if (given_.size() >= tries_with_fewest && digits_ < most_digits)
        ++digits_;
    auto name = drawn();
    while (!given_.insert(name).second)
        name = drawn();
    return UserName::parse(name).value();
}

}
