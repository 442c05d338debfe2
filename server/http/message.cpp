#include "server/http/message.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iterator>
#include <stdexcept>

#include <fmt/chrono.h>
#include <fmt/compile.h>
#include <fmt/format.h>

namespace onboard::server {

std::string_view reason_of(int status) noexcept
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Entity";  // by its old name (RFC 4918), which published descriptions have
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    }
    return "Unknown";
}

namespace {

// RFC 9110, 5.6.7. Made once a second and thread.
std::string const& date()
{
    thread_local std::time_t made_at = 0;
    thread_local std::string text;
    if (auto const now = std::time(nullptr); now != made_at) {
        made_at = now;
        text = fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}", fmt::gmtime(now));
    }
    return text;
}

void append(std::string& bytes, std::size_t number)
{
    fmt::format_to(std::back_inserter(bytes), FMT_COMPILE("{}"), number);
}

bool stays_in_line(std::string_view value) noexcept
{
    return std::ranges::none_of(
        value, [](unsigned char byte) { return (byte < 0x20 && byte != '\t') || byte == 0x7f; });
}

}

std::string to_bytes(Response const& response, std::string_view request_id, bool with_body, bool keeps_alive)
{
    constexpr std::size_t usual_head = 512;
    std::string bytes;
    bytes.reserve(usual_head + response.body.size());
    bytes += "HTTP/1.1 ";
    append(bytes, static_cast<std::size_t>(response.status));
    ((bytes += ' ') += reason_of(response.status)) += "\r\nDate: ";
    (bytes += date()) += "\r\nX-Request-Id: ";
    (bytes += request_id) += "\r\n";
    if (!response.content_type.empty())
        ((bytes += "Content-Type: ") += response.content_type) += "\r\nX-Content-Type-Options: nosniff\r\n";
    // For 304 it would be the length of what a 200 has (RFC 9110, 8.6).
    if (response.status != 204 && response.status != 304) {
        bytes += "Content-Length: ";
        append(bytes, response.body.size());
        bytes += "\r\n";
    }
    for (auto const& [name, value] : response.fields) {
        if (!stays_in_line(value))
            throw std::invalid_argument("a response field would break out of its line: " + name);
        (((bytes += name) += ": ") += value) += "\r\n";
    }
    if (!keeps_alive)
        bytes += "Connection: close\r\n";
    bytes += "\r\n";
    if (with_body)
        bytes += response.body;
    return bytes;
}

}
