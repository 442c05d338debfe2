#include "fuzz.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "server/http/message.hpp"
#include "server/http/request_id.hpp"

using namespace onboard::server;
using onboard::testing::promise;

namespace {

bool has_control(std::string_view text)
{
    for (unsigned char const byte : text)
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return true;
    return false;
}

}

// What a client calls its request, and what goes into a field, each up to a NUL; the rest is the body.
FUZZ(input)
{
    auto const take_part = [&] {
        auto const part = input.substr(0, input.find('\0'));
        input.remove_prefix(std::min(part.size() + 1, input.size()));
        return std::string(part);
    };
    auto const offered = take_part();
    auto const value = take_part();
    auto const id = request_id(offered);
    promise(!id.empty() && id.size() <= 128, "a request has a name");
    promise(id == offered || id.size() == 36, "its own or one of ours");

    Response response{.status = 303, .content_type = "text/html", .body = std::string(input)};
    response.with("Location", value);
    try {
        auto const bytes = to_bytes(response, id, true, false);
        promise(!has_control(value), "a field that breaks out of its line is not sent");
        auto const end = bytes.find("\r\n\r\n");
        promise(end != std::string::npos && bytes.substr(end + 4) == input, "the head ends where the body begins");
        std::string lines;
        for (std::size_t at = 0; at < end; at = bytes.find("\r\n", at) + 2)
            lines += bytes.substr(at, bytes.find_first_of(" :", at) - at) + " ";
        promise(
            lines ==
                "HTTP/1.1 Date X-Request-Id Content-Type X-Content-Type-Options Content-Length Location Connection ",
            "a head has the fields it was given");
        promise(bytes.find("Location: " + value + "\r\n") < end, "and their values");
    } catch (std::invalid_argument const&) {
        promise(has_control(value), "and any other is");
    }
}
