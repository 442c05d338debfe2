#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace onboard::server {

// Where to listen: an address in digits, and a port.
struct Endpoint {
    std::string address;     // "127.0.0.1", "::1"
    std::uint16_t port = 0;  // 0 picks a free one
    bool loopback = false;

    // Reads "127.0.0.1:8080", "[::1]:8080" or "localhost:8080".
    static std::optional<Endpoint> parse(std::string_view text);

    friend bool operator==(Endpoint const&, Endpoint const&) = default;
};

// "http://127.0.0.1:8080", "https://[::1]:8443"
std::string url_of(Endpoint const&, std::string_view scheme);

// One address, or all that share its first bits. An IPv4 address and its IPv4-mapped IPv6 form are the same.
class AddressRange {
public:
    // Reads "10.0.0.1", "10.0.0.0/8", "fd00::/8".
    static std::optional<AddressRange> parse(std::string_view text);

    // False for a text that is no address.
    bool contains(std::string_view address) const;

    // Whether every address of a family is in it.
    bool everything() const noexcept;

private:
    using Bytes = std::array<std::uint8_t, 16>;
    AddressRange(Bytes const& bytes, int bits) : bytes_(bytes), bits_(bits) {}

    Bytes bytes_;
    int bits_;
};

// Whether a host, as a URL writes it, is this machine: "localhost", "127.0.0.1", "[::1]" and their like.
bool is_loopback(std::string_view host);

}
