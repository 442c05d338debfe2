#include "base64url.hpp"

#include <array>
#include <cstdint>

namespace onboard::jwt {

namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_letter = 64;

constexpr std::array<std::uint8_t, 256> values = [] {
    std::array<std::uint8_t, 256> made{};
    made.fill(no_letter);
    for (std::size_t value = 0; value < letters.size(); ++value)
        made[static_cast<unsigned char>(letters[value])] = static_cast<std::uint8_t>(value);
    return made;
}();

}

std::optional<std::string> from_base64url(std::string_view text)
{
    if (text.size() % 4 == 1)
        return std::nullopt;
    std::string octets(text.size() * 3 / 4, '\0');
    auto next = octets.begin();
    std::uint32_t bits = 0;  // the last ones read; the lowest `waiting` make no octet yet
    int waiting = 0;
    for (auto const letter : text) {
        auto const value = values[static_cast<unsigned char>(letter)];
        if (value == no_letter)
            return std::nullopt;
        bits = bits << 6 | value;
        waiting += 6;
        if (waiting >= 8) {
            waiting -= 8;
            *next++ = static_cast<char>(bits >> waiting & 0xff);
        }
    }
    if ((bits & ((1U << waiting) - 1)) != 0)
        return std::nullopt;
    return octets;
}

}
