#pragma once

#include <algorithm>
#include <string_view>

namespace onboard::jwt {

constexpr char to_lower(char letter) noexcept
{
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

inline bool equal_but_case(std::string_view one, std::string_view other)
{
    return std::ranges::equal(one, other, {}, to_lower, to_lower);
}

}
