#include "host_name.hpp"

#include <algorithm>
#include <memory>

#include <idn2.h>

#include "unicode.hpp"

namespace onboard {

namespace {

constexpr std::size_t longest_host = 253;  // RFC 1035, 2.3.4, as text
constexpr std::size_t longest_label = 63;

bool is_digit(char letter) noexcept
{
    return letter >= '0' && letter <= '9';
}

bool is_label(std::string_view label)
{
    if (label.empty() || label.size() > longest_label || label.front() == '-' || label.back() == '-')
        return false;
    return std::ranges::all_of(
        label, [](char letter) { return (letter >= 'a' && letter <= 'z') || is_digit(letter) || letter == '-'; });
}

bool is_dotted_name(std::string_view host)
{
    if (host.size() > longest_host)
        return false;
    int labels = 0;
    for (;;) {
        auto const dot = host.find('.');
        auto const label = host.substr(0, dot);
        if (!is_label(label))
            return false;
        ++labels;
        if (dot == std::string_view::npos)
            return labels >= 2 && !std::ranges::all_of(label, is_digit);
        host.remove_prefix(dot + 1);
    }
}

// Whether a name has labels that claim to be encoded, or need to be.
bool needs_idna(std::string_view host)
{
    return !unicode::is_ascii(host) || host.find("xn--") != std::string_view::npos;
}

std::optional<std::string> encoded(std::string const& host)
{
    std::uint8_t* output = nullptr;
    auto const status = idn2_lookup_u8(
        reinterpret_cast<std::uint8_t const*>(host.c_str()), &output,
        IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_ALABEL_ROUNDTRIP);
    std::unique_ptr<std::uint8_t, decltype(&idn2_free)> const owned(output, &idn2_free);
    if (status != IDN2_OK)
        return std::nullopt;
    return unicode::ascii_lower(reinterpret_cast<char const*>(owned.get()));
}

}

std::optional<std::string> to_host_name(std::string_view text)
{
    if (text.empty() || text.size() > 1024 || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    auto host = unicode::ascii_lower(text);
    if (needs_idna(host)) {
        // The mapping of UTS #46 would drop invisible characters, and make dots of characters that look like one.
        if (!unicode::is_plain_word(host))
            return std::nullopt;
        auto ascii = encoded(host);
        if (!ascii)
            return std::nullopt;
        host = std::move(*ascii);
    }
    if (!is_dotted_name(host))
        return std::nullopt;
    return host;
}

}
