#pragma once

#include <cstdint>
#include <string_view>

#include <boost/json/object.hpp>

#include <onboard/jwt.hpp>

namespace onboard::jwt {

enum class JsonFault : std::uint8_t { malformed = 1, member_repeated };

// Reads a JSON object (RFC 8259), strictly: refused are two members of one name in any object, however they are
// escaped; the character U+0000; an integer beyond 64 bits, and a number that a double cannot hold; more than 8
// levels, and more than 100 members or elements in one of them. Plain Boost.JSON keeps the last of two members in
// silence, and reads 1e400 as infinity.
Outcome<boost::json::object, JsonFault> read_object(std::string_view text);

// A member's text; nothing if it is absent or no text.
std::optional<std::string_view> text_of(boost::json::object const&, std::string_view member);

}
