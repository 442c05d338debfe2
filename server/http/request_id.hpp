#pragma once

#include <string>
#include <string_view>

namespace onboard::server {

// What a request is called in answers and in the log: what the caller calls it, if that is 1 to 128 letters, digits,
// dots, dashes and underscores, else a random UUID (RFC 9562, version 4).
std::string request_id(std::string_view offered);

}
