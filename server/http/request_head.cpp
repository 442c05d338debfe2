#include "server/http/request_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <string>

#include <boost/throw_exception.hpp>

#include "server/text.hpp"

namespace onboard::server {

namespace {

using Refusal = RequestHead::Refusal;

bool is_digit(char letter) noexcept
{
    return letter >= '0' && letter <= '9';
}

bool is_letter(char letter) noexcept
{
    auto const lower = letter | 0x20;
    return lower >= 'a' && lower <= 'z';
}

bool is_hex(char letter) noexcept
{
    auto const lower = letter | 0x20;
    return is_digit(letter) || (lower >= 'a' && lower <= 'f');
}

// RFC 9110, 5.6.2
bool is_token(std::string_view text) noexcept
{
    return !text.empty() && std::ranges::all_of(text, [](char letter) {
        return is_digit(letter) || is_letter(letter) ||
               std::string_view("!#$%&'*+-.^_`|~").find(letter) != std::string_view::npos;
    });
}

// RFC 3986, 3.3 and 3.4: what a path and a query are made of, every escape complete.
bool is_path_and_query(std::string_view text) noexcept
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto const letter = text[at];
        if (letter == '%') {
            if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2]))
                return false;
            at += 2;
        } else if (
            !is_digit(letter) && !is_letter(letter) &&
            std::string_view("-._~!$&'()*+,;=:@/?").find(letter) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

// RFC 9110, 7.2: a host, and perhaps a port.
bool is_host(std::string_view text) noexcept
{
    if (text.empty() || text.size() > 255)
        return false;
    auto const colon = text.rfind(':');
    auto const bracketed = text.front() == '[';
    auto host = text;
    if (colon != std::string_view::npos && !(bracketed && text.back() == ']')) {
        auto const port = text.substr(colon + 1);
        if (port.size() > 5 || !std::ranges::all_of(port, is_digit))
            return false;
        host = text.substr(0, colon);
    }
    if (bracketed)
        return host.size() > 2 && host.back() == ']' &&
               std::ranges::all_of(host.substr(1, host.size() - 2), [](char letter) {
                   return is_hex(letter) || letter == ':' || letter == '.';
               });
    return !host.empty() && std::ranges::all_of(host, [](char letter) {
        return is_digit(letter) || is_letter(letter) || letter == '-' || letter == '.' || letter == '_';
    });
}

// Whether a list such as that of Connection has a member.
bool lists(std::string_view list, std::string_view member) noexcept
{
    while (!list.empty()) {
        auto const comma = list.find(',');
        if (equal_but_case(without_blanks(list.substr(0, comma)), member))
            return true;
        if (comma == std::string_view::npos)
            return false;
        list.remove_prefix(comma + 1);
    }
    return false;
}

// Fields of which a second one could be read by somebody in place of the first.
constexpr std::array<std::string_view, 12> single_fields{
    "host",   "content-length", "transfer-encoding", "content-type",    "content-encoding", "authorization", "cookie",
    "expect", "origin",         "x-request-id",      "idempotency-key", "forwarded"};

}

HeadScanner::State HeadScanner::scan(std::string_view received)
{
    while (at_ < received.size()) {
        auto const byte = static_cast<unsigned char>(received[at_]);
        auto const is_control = (byte < 0x20 && byte != '\t' && byte != '\r' && byte != '\n') || byte == 0x7f;
        if (is_control || (at_ == 0 && !is_letter(received[0])))
            return State::malformed;
        if (byte == '\n')
            return State::malformed;  // without a carriage return before it, or it had been passed already
        if (byte == '\r') {
            if (at_ + 1 == received.size())
                return at_ >= HeadLimits::bytes ? State::too_long : State::incomplete;
            if (received[at_ + 1] != '\n')
                return State::malformed;
            auto const ends_head = at_ >= 2 && received.substr(at_ - 2, 2) == "\r\n";
            at_ += 2;
            if (ends_head)
                return at_ > HeadLimits::bytes ? State::too_long : State::complete;
            continue;
        }
        if (++at_ > HeadLimits::bytes)
            return State::too_long;
    }
    return State::incomplete;
}

boost::system::result<RequestHead, Refusal> RequestHead::read(std::string_view bytes)
{
    constexpr std::size_t usual_fields = 16;
    RequestHead head;
    head.fields_.reserve(usual_fields);
    auto rest = bytes;
    for (bool first = true;; first = false) {
        auto const end = rest.find("\r\n");
        if (end == std::string_view::npos)
            return Refusal::malformed;
        auto const line = rest.substr(0, end);
        rest.remove_prefix(end + 2);
        if (line.empty() && !first)
            break;
        auto const refusal = first ? head.read_request_line(line) : head.read_field(line);
        if (refusal)
            return *refusal;
    }
    if (auto const refusal = head.judge())
        return *refusal;
    return head;
}

std::optional<Refusal> RequestHead::read_request_line(std::string_view line)
{
    auto const first_space = line.find(' ');
    auto const last_space = line.rfind(' ');
    if (first_space == std::string_view::npos || first_space == last_space)
        return Refusal::malformed;
    method_ = line.substr(0, first_space);
    auto const target = line.substr(first_space + 1, last_space - first_space - 1);
    auto const version = line.substr(last_space + 1);

    if (!std::ranges::all_of(method_, [](char letter) { return letter >= 'A' && letter <= 'Z'; }))
        return Refusal::malformed;
    if (method_.size() > 16)
        return Refusal::method_unknown;
    if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
        !is_digit(version[7]))
        return Refusal::malformed;
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return Refusal::version_unknown;
    minor_version_ = version.back() - '0';

    // Neither the form for proxies nor that of CONNECT means anything here, and only one of them could name a host
    // other than the Host field's.
    if (target.size() > HeadLimits::target)
        return Refusal::target_too_long;
    if (target == "*" && method_ == "OPTIONS") {
        path_ = target;
        return std::nullopt;
    }
    if (target.empty() || target.front() != '/' || !is_path_and_query(target))
        return Refusal::malformed;
    auto const question = target.find('?');
    path_ = target.substr(0, question);
    if (question != std::string_view::npos)
        query_ = target.substr(question + 1);
    return std::nullopt;
}

std::optional<Refusal> RequestHead::read_field(std::string_view line)
{
    if (fields_.size() == HeadLimits::fields)
        return Refusal::too_large;
    auto const colon = line.find(':');
    auto const name = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_token(name))  // a folded line begins with a blank, which no name has
        return Refusal::malformed;
    if (name.size() > HeadLimits::field_name)
        return Refusal::too_large;
    auto const value = line.substr(colon + 1);
    if (equal_but_case(name, "transfer-encoding") && value.find('\t') != std::string_view::npos)
        return Refusal::malformed;  // legal, and read differently by enough programs to hide a coding behind it
    fields_.emplace_back(name, without_blanks(value));
    return std::nullopt;
}

std::optional<Refusal> RequestHead::judge()
{
    for (auto const& name : single_fields)
        if (std::ranges::count_if(fields_, [&](Field const& field) { return equal_but_case(field.first, name); }) > 1)
            return Refusal::malformed;

    auto const host_needed = minor_version_ == 1;
    if ((host_needed || has("host")) && !is_host(field("host")))
        return Refusal::malformed;

    // Fields after a chunked body could pass for fields before it.
    if (has("trailer"))
        return Refusal::malformed;

    if (has("transfer-encoding")) {
        if (minor_version_ == 0 || has("content-length") || !equal_but_case(field("transfer-encoding"), "chunked"))
            return Refusal::malformed;
        chunked_ = true;
    }
    if (has("content-length")) {
        auto const text = field("content-length");
        constexpr std::size_t most_digits = 18;  // fits 64 bits
        if (text.empty() || text.size() > most_digits || !std::ranges::all_of(text, is_digit))
            return Refusal::malformed;
        std::uint64_t length = 0;
        std::from_chars(text.data(), text.data() + text.size(), length);
        content_length_ = length;
    }

    if (has("expect") && minor_version_ == 1) {
        if (!equal_but_case(field("expect"), "100-continue"))
            return Refusal::expectation_unknown;
        expects_continue_ = has_body();
    }
    keeps_alive_ = minor_version_ == 1 && !lists(list("connection"), "close");
    return std::nullopt;
}

std::string_view RequestHead::field(std::string_view name) const noexcept
{
    for (auto const& [field_name, value] : fields_)
        if (equal_but_case(field_name, name))
            return value;
    return {};
}

bool RequestHead::has(std::string_view name) const noexcept
{
    return std::ranges::any_of(fields_, [&](Field const& field) { return equal_but_case(field.first, name); });
}

std::size_t RequestHead::count(std::string_view name) const noexcept
{
    auto const is_it = [&](Field const& field) { return equal_but_case(field.first, name); };
    return static_cast<std::size_t>(std::ranges::count_if(fields_, is_it));
}

std::string RequestHead::list(std::string_view name) const
{
    std::string all;
    for (auto const& [field_name, value] : fields_) {
        if (!equal_but_case(field_name, name))
            continue;
        if (!all.empty())
            all += ", ";
        all += value;
    }
    return all;
}

void throw_exception_from_error(RequestHead::Refusal refusal, boost::source_location const& where)
{
    boost::throw_exception(
        std::logic_error("the head is refused with " + std::to_string(static_cast<int>(refusal))), where);
}

}
