#include "uuid.hpp"

#include <array>

#include <onboard/ports.hpp>

namespace onboard {

std::string random_uuid(Random& random)
{
    std::array<std::byte, 16> bytes;
    random.fill(bytes);
    bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};  // the version
    bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};  // the variant

    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t index = 0; index < bytes.size(); ++index) {
        if (index == 4 || index == 6 || index == 8 || index == 10)
            text += '-';
        text += digits[std::to_integer<std::size_t>(bytes[index] >> 4)];
        text += digits[std::to_integer<std::size_t>(bytes[index] & std::byte{0x0f})];
    }
    return text;
}

}
