#pragma once

#include <stop_token>
#include <string>
#include <string_view>

namespace onboard::server {

struct Fetched {
    long status = 0;
    std::string body;
    std::string cache_control;  // the fields of these names, as they were sent; empty if they were not
    std::string age;
};

// Gets what is at a URL, in five seconds and of 64 KiB at most. Throws std::runtime_error, with the reason, if that cannot
// be done; what the server answers is the caller's to judge. No redirect is followed, and no proxy asked.
Fetched https_get(std::string const& url, std::stop_token);

// For the query of a URL: letters, digits and "-._~" as they are, all else in percent (RFC 3986, 2.3).
std::string escaped_for_query(std::string_view text);

}
