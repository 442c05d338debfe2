#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace onboard {

// A dotted host name in lower-case A-label form (RFC 5890): labels of 1 to 63 letters, digits and inner hyphens, at
// least two of them, the last one not a number. Nothing for any other text, IP literals and trailing dots included.
std::optional<std::string> to_host_name(std::string_view text);

}
