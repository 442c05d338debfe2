#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/request_head.hpp"

namespace onboard::server {

// One request, whole. Refers to bytes that live until it is answered.
struct Request {
    RequestHead const& head;
    std::string_view body;
    std::string_view client;  // the address asking, in digits; behind a trusted proxy the one it forwards for
    std::string_view id;      // what the log calls this request
};

struct Response {
    int status = 200;
    std::string content_type = {};  // none without a body
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> fields = {};

    Response& with(std::string name, std::string value)
    {
        fields.emplace_back(std::move(name), std::move(value));
        return *this;
    }
};

// RFC 9110, 15: "Not Found".
std::string_view reason_of(int status) noexcept;

// The response as bytes. Throws std::invalid_argument for a field value that would break out of its line. Without
// `body`, as for HEAD, Content-Length still tells how long it would be.
std::string to_bytes(Response const&, std::string_view request_id, bool with_body, bool keeps_alive);

}
