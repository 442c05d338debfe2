#include <algorithm>
#include <charconv>

#include <onboard/jwt.hpp>

#include "ascii.hpp"

namespace onboard::jwt {

namespace {

using std::chrono::seconds;

constexpr std::int64_t most_seconds = 2147483648;  // RFC 9111, 1.2.2

std::string_view without_blanks(std::string_view text)
{
    constexpr std::string_view blanks = " \t";
    auto const first = std::min(text.find_first_not_of(blanks), text.size());
    return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

std::optional<seconds> seconds_in(std::string_view digits)
{
    std::int64_t number = 0;
    auto const end = digits.data() + digits.size();
    auto const read = std::from_chars(digits.data(), end, number);
    if (digits.starts_with('-') || read.ec == std::errc::invalid_argument || read.ptr != end)
        return std::nullopt;
    return seconds(read.ec == std::errc{} ? std::min(number, most_seconds) : most_seconds);
}

// What follows the name of a directive and "=", in quotes or not; nothing if it is another directive.
std::optional<std::string_view> argument_of(std::string_view directive, std::string_view name)
{
    if (!equal_but_case(directive.substr(0, name.size()), name) || !directive.substr(name.size()).starts_with('='))
        return std::nullopt;
    auto argument = directive.substr(name.size() + 1);
    if (argument.size() >= 2 && argument.starts_with('"') && argument.ends_with('"'))
        argument = argument.substr(1, argument.size() - 2);
    return argument;
}

}

std::optional<seconds> http_life(std::string_view cache_control, std::string_view age)
{
    std::optional<seconds> life;
    while (!cache_control.empty()) {
        auto const end = std::min(cache_control.find(','), cache_control.size());
        auto const directive = without_blanks(cache_control.substr(0, end));
        cache_control.remove_prefix(std::min(end + 1, cache_control.size()));
        if (equal_but_case(directive, "no-store") || equal_but_case(directive, "no-cache"))
            return seconds::zero();
        if (auto const argument = argument_of(directive, "max-age"); argument && !life)
            life = seconds_in(*argument).value_or(seconds::zero());
    }
    if (life)
        life = std::max(*life - seconds_in(without_blanks(age)).value_or(seconds::zero()), seconds::zero());
    return life;
}

}
