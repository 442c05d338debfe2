#include "server/address_range.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace onboard::server {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr Bytes mapped_ipv4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr int mapped_bits = 96;

// The address, IPv4 as IPv4-mapped IPv6.
std::optional<Bytes> read_address(std::string_view text)
{
    auto const terminated = std::string(text);
    if (terminated.find('\0') != std::string::npos)
        return std::nullopt;

    auto bytes = mapped_ipv4;
    if (inet_pton(AF_INET, terminated.c_str(), bytes.data() + 12) == 1)
        return bytes;
    if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1)
        return bytes;
    return std::nullopt;
}

bool is_ipv4(Bytes const& bytes)
{
    return std::equal(bytes.begin(), bytes.begin() + 12, mapped_ipv4.begin());
}

// No sign, no leading zero, no rest.
std::optional<int> read_decimal(std::string_view text, int most)
{
    auto number = 0;
    auto const [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (trouble != std::errc() || end != text.data() + text.size() || text[0] == '-' || number > most)
        return std::nullopt;
    if (text.size() > 1 && text[0] == '0')
        return std::nullopt;
    return number;
}

bool is_loopback_address(Bytes const& bytes)
{
    if (is_ipv4(bytes))
        return bytes[12] == 127;
    auto ones = Bytes{};
    ones.back() = 1;
    return bytes == ones;
}

std::string_view without_brackets(std::string_view host)
{
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        return host.substr(1, host.size() - 2);
    return host;
}

}

std::optional<Endpoint> Endpoint::parse(std::string_view text)
{
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;

    auto const port = read_decimal(text.substr(colon + 1), 65535);
    auto host = text.substr(0, colon);
    auto const bracketed = without_brackets(host) != host;
    if (!port || (host.find(':') != std::string_view::npos && !bracketed))
        return std::nullopt;

    host = host == "localhost" ? "127.0.0.1" : without_brackets(host);
    auto const bytes = read_address(host);
    if (!bytes || (bracketed && host.find(':') == std::string_view::npos))
        return std::nullopt;

    return Endpoint{
        .address = std::string(host),
        .port = static_cast<std::uint16_t>(*port),
        .loopback = is_loopback_address(*bytes)};
}

std::string url_of(Endpoint const& endpoint, std::string_view scheme)
{
    auto url = std::string(scheme) + "://";
    if (endpoint.address.find(':') == std::string::npos)
        url += endpoint.address;
    else
        url += '[' + endpoint.address + ']';
    return url + ':' + std::to_string(endpoint.port);
}

std::optional<AddressRange> AddressRange::parse(std::string_view text)
{
    auto const slash = text.find('/');
    auto const bytes = read_address(text.substr(0, slash));
    if (!bytes)
        return std::nullopt;
    if (slash == std::string_view::npos)
        return AddressRange(*bytes, 128);

    auto const ipv4 = text.substr(0, slash).find(':') == std::string_view::npos;
    auto const bits = read_decimal(text.substr(slash + 1), ipv4 ? 32 : 128);
    if (!bits)
        return std::nullopt;
    return AddressRange(*bytes, ipv4 ? mapped_bits + *bits : *bits);
}

bool AddressRange::contains(std::string_view address) const
{
    auto const other = read_address(address);
    if (!other)
        return false;

    auto const whole = static_cast<std::size_t>(bits_ / 8);
    if (!std::equal(bytes_.begin(), bytes_.begin() + whole, other->begin()))
        return false;
    auto const rest = bits_ % 8;
    return rest == 0 || (bytes_[whole] ^ (*other)[whole]) >> (8 - rest) == 0;
}

bool AddressRange::everything() const noexcept
{
    return bits_ == 0 || (bits_ == mapped_bits && is_ipv4(bytes_));
}

bool is_loopback(std::string_view host)
{
    if (host == "localhost" || host.ends_with(".localhost"))
        return true;
    auto const bytes = read_address(without_brackets(host));
    return bytes && is_loopback_address(*bytes);
}

}
