#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace onboard::server {

// What the rules ask of an http:// or https:// URL.
struct WebUrl {
    bool https = false;
    bool has_user = false;
    bool has_query = false;
    bool has_fragment = false;
    std::string host;  // lower case; an IPv6 address in brackets
    std::optional<std::uint16_t> port = {};
    std::string path;

    // Nothing for any other URL, a host that is not written in letters, digits, dots and hyphens, and port 0.
    static std::optional<WebUrl> parse(std::string_view text);

    // Scheme, host, and the port where it is not the scheme's own.
    std::string origin() const;
};

// The template with its placeholders filled in.
std::string filled(std::string_view text, std::string_view placeholder, std::string_view value);

// A URL as it may be shown: without its password.
std::string without_password(std::string_view url);

// The same for a URL that may be ill-formed or carry a secret in its query.
std::string without_secrets(std::string_view url);

}
