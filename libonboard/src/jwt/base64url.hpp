#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace onboard::jwt {

// The octets that base64url without padding (RFC 7515, 2; RFC 4648, 5) stands for. Nothing for any text that an
// encoder would not write: other characters, padding, a single character over, or bits over that are not zero
// (RFC 4648, 3.5).
std::optional<std::string> from_base64url(std::string_view text);

}
