#pragma once

#include <string>
#include <string_view>

#include <onboard/letters.hpp>

namespace onboard::server::post {

// Words a letter and builds its message, complete with header. Throws DeliveryRefused if that cannot be done, since it
// never will be.
std::string
message_of(Letter const&, std::string_view secret, std::string_view from, std::string_view public_url, Instant date);

}
