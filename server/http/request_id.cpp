#include "server/http/request_id.hpp"

#include <array>
#include <cstdint>
#include <random>
#include <span>

#include "server/text.hpp"

namespace onboard::server {

namespace {

bool is_harmless(std::string_view text)
{
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    return !text.empty() && text.size() <= 128 && text.find_first_not_of(allowed) == std::string_view::npos;
}

}

std::string request_id(std::string_view offered)
{
    if (is_harmless(offered))
        return std::string(offered);

    // Unlikely to come twice; nothing depends on nobody guessing it.
    thread_local std::mt19937_64 generator{std::random_device{}()};
    std::array<std::uint64_t, 2> numbers{generator(), generator()};
    auto const bytes = std::as_writable_bytes(std::span(numbers));
    bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
    bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
    auto text = hex(bytes);
    for (auto const dash : {8U, 13U, 18U, 23U})
        text.insert(dash, 1, '-');
    return text;
}

}
