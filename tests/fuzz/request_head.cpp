#include "fuzz.hpp"

#include <algorithm>

#include "server/http/request_head.hpp"

using namespace onboard::server;
using onboard::testing::promise;

namespace {

bool is_token(std::string_view text)
{
    constexpr std::string_view allowed =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

// Whether the bytes are judged alike however they arrive.
void arrive_in_pieces(std::string_view input)
{
    HeadScanner at_once;
    auto const whole = at_once.scan(input);
    HeadScanner in_pieces;
    auto state = HeadScanner::State::incomplete;
    for (std::size_t size = 0; size <= input.size() && state == HeadScanner::State::incomplete; ++size)
        state = in_pieces.scan(input.substr(0, size));
    promise(state == whole, "a head is judged alike however it arrives");
    if (whole == HeadScanner::State::complete)
        promise(at_once.size() == in_pieces.size(), "a head ends where it ends");
}

}

FUZZ(input)
{
    arrive_in_pieces(input);
    HeadScanner scanner;
    if (scanner.scan(input) != HeadScanner::State::complete)
        return;
    auto const bytes = input.substr(0, scanner.size());
    promise(bytes.size() <= HeadLimits::bytes, "a head is not longer than it may be");
    auto const head = RequestHead::read(bytes);
    if (!head)
        return;
    promise(is_token(head->method()), "a method is a token");
    promise(head->path().starts_with('/') || head->path() == "*", "a path begins at the root");
    promise(
        head->path().size() + head->query().size() <= HeadLimits::target, "a target is not longer than it may be");
    promise(
        std::ranges::none_of(bytes, [](char byte) { return byte == '\0' || byte == '\x7f'; }),
        "no control character is in a head");
    auto const old = bytes.substr(0, bytes.find('\r')).ends_with("/1.0");
    promise(old || head->has("host"), "a request says where it goes");
    promise(!head->has("transfer-encoding") || !head->content_length(), "a body has one length");
}
