#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "server/pages/api_description.hpp"

namespace onboard::server::pages {

// JSON to be read by people: what fits on a line stands on one.
std::string laid_out(boost::json::value const&, std::size_t indent = 0);

// A line to paste into a shell that makes this call of the server at `base`, with the values of the examples. Secrets
// are those of the shell's variables TOKEN and SESSION.
std::string curl_line(ApiDescription const&, ApiCall const&, std::string_view base);

// What the body of the call is made of: the media type, and its example.
struct ExampleBody {
    std::string_view media_type = {};  // empty for a call that takes none
    boost::json::value const* value = nullptr;
};

ExampleBody body_of(ApiCall const&);

// The example of a parameter, which every one has that is required.
std::string_view example_of_parameter(boost::json::object const& parameter);

}
