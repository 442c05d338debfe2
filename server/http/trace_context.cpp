#include "server/http/trace_context.hpp"

namespace onboard::server {

namespace {

constexpr std::size_t version_size = 2;
constexpr std::size_t trace_size = 32;
constexpr std::size_t parent_size = 16;
constexpr std::size_t flags_size = 2;
constexpr std::size_t whole_size = version_size + 1 + trace_size + 1 + parent_size + 1 + flags_size;

bool is_hex(std::string_view text)
{
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_zero(std::string_view text)
{
    return text.find_first_not_of('0') == std::string_view::npos;
}

// Takes a part of this size and the dash behind it. Empty if it is not there.
std::string_view take(std::string_view& rest, std::size_t size)
{
    if (rest.size() <= size || rest[size] != '-')
        return {};
    auto const part = rest.substr(0, size);
    rest.remove_prefix(size + 1);
    return is_hex(part) ? part : std::string_view();
}

}

std::string_view trace_id_of(RequestHead const& head)
{
    constexpr std::string_view name = "traceparent";
    auto const text = head.field(name);
    if (text.size() < whole_size || head.count(name) != 1)
        return {};
    auto rest = text;
    auto const version = take(rest, version_size);
    auto const trace = take(rest, trace_size);
    auto const parent = take(rest, parent_size);
    auto const flags = rest.substr(0, flags_size);
    if (version.empty() || version == "ff" || trace.empty() || is_zero(trace) || parent.empty() || is_zero(parent) ||
        !is_hex(flags))
        return {};
    // A later version may say more behind a dash, and means the same by what stands before it.
    auto const ends_here = text.size() == whole_size;
    auto const goes_on = version != "00" && text.size() > whole_size && text[whole_size] == '-';
    return ends_here || goes_on ? trace : std::string_view();
}

}
