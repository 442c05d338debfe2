#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <onboard/account.hpp>

namespace onboard::server {

// What a partner shows to be known: its token, and its name where the scheme has one.
struct Credentials {
    std::string name = {};  // empty for a bearer token
    std::string token;

    bool fits(Partner const& partner) const { return name.empty() || name == partner.name.str(); }
};

// Reads an Authorization field of the Bearer scheme (RFC 6750, 2.1) or the Basic scheme (RFC 7617). Nothing for any
// other, and for one without a name or a token.
std::optional<Credentials> read_credentials(std::string_view authorization);

}
