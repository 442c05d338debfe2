#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include <onboard/jwt.hpp>

namespace onboard::jwt {

// A token taken apart (RFC 7515, 7.1), and nothing of it understood.
struct Segments {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_text;  // the header, a dot and the payload
};

// Refuses with token_too_long or segments_wrong.
Checked<Segments> take_apart(std::string_view token);

// The octets of a segment. Refuses with encoding_wrong.
Checked<std::string> decode(std::string_view segment, char const* about);

// The JSON object in a segment. Refuses with encoding_wrong, json_wrong or member_repeated.
Checked<boost::json::object> read_segment(std::string_view segment, char const* about);

}
