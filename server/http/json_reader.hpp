#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

namespace onboard::server {

// docs/limits.md lists these limits.
struct JsonLimits {
    static constexpr std::size_t depth = 16;
    static constexpr std::size_t members = 1000;  // of one object or array
    static constexpr std::size_t values = 40000;  // of all, keys counted; holds 500 people with all they can have
    static constexpr std::size_t text = 16384;    // octets of one string
};

// What is wrong with a document, in a word for programs and perhaps the member it is about.
struct JsonRefusal {
    std::string code;  // "json_malformed", "key_duplicate", "json_too_deep", "json_too_large", "number_out_of_range"
    std::string member = {};
};

// Reads one JSON document, strictly: a key that comes twice in an object, however it is escaped, a number without a
// finite value, and anything beyond the limits is refused. Plain Boost.JSON keeps the last of two equal keys in
// silence and reads 1e400 as infinity. The value lives in `memory`.
boost::system::result<boost::json::value, JsonRefusal>
read_json(std::string_view text, boost::json::storage_ptr memory = {});

[[noreturn]] void throw_exception_from_error(JsonRefusal const&, boost::source_location const&);

// The very text of a member, in the text of an object that read_json() accepted; empty if there is none.
std::string_view raw_member(std::string_view object, std::string_view member);

// The very texts of the elements, in the text of an array that read_json() accepted.
std::vector<std::string_view> raw_elements(std::string_view array);

// The text of a JSON object with one more member, whose value is JSON text already.
std::string with_raw_member(std::string object, std::string_view member, std::string_view value);

}
