#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/system/result.hpp>

// The framing guard. The HTTP parser of Debian 12's Boost lets through requests that two programs read differently:
// folded lines, no Host or two of them, unknown transfer codings as an empty body, and more. What stands here is
// stricter than any parser behind or in front of us, looks at the bytes themselves, and runs before anything else does.
namespace onboard::server {

// docs/limits.md lists these limits.
struct HeadLimits {
    static constexpr std::size_t bytes = 8192;  // request line and fields
    static constexpr std::size_t target = 2048;
    static constexpr std::size_t fields = 64;
    static constexpr std::size_t field_name = 128;
};

// Finds the end of a request head in bytes that arrive piece by piece, and stops at the first byte that no head may
// have, so that nobody waits for the rest of nonsense.
class HeadScanner {
public:
    enum class State : std::uint8_t { incomplete = 1, complete, malformed, too_long };

    // Looks at all that has arrived, from the first byte of the request on.
    State scan(std::string_view received);

    // The size of the head with its empty line, once it is complete.
    std::size_t size() const noexcept { return at_; }

private:
    std::size_t at_ = 0;
};

// A request without its body. Refers to the bytes it was read from.
class RequestHead {
public:
    using Field = std::pair<std::string_view, std::string_view>;

    // Why a head is refused, as a status: 400, 414, 417, 431, 501 or 505. The connection is then closed.
    enum class Refusal : std::uint16_t {
        malformed = 400,
        target_too_long = 414,
        expectation_unknown = 417,
        too_large = 431,
        method_unknown = 501,
        version_unknown = 505,
    };

    static boost::system::result<RequestHead, Refusal> read(std::string_view bytes);

    std::string_view method() const noexcept { return method_; }
    std::string_view path() const noexcept { return path_; }    // as sent, never decoded
    std::string_view query() const noexcept { return query_; }  // without the question mark

    // The value of a field, by its name in any case; empty if there is none, the first if there are several.
    std::string_view field(std::string_view name) const noexcept;
    bool has(std::string_view name) const noexcept;
    std::size_t count(std::string_view name) const noexcept;  // how often it is there

    // All values of a field that is a list, as one list (RFC 9110, 5.3).
    std::string list(std::string_view name) const;

    std::optional<std::uint64_t> content_length() const noexcept { return content_length_; }
    bool has_body() const noexcept { return chunked_ || content_length_.value_or(0) > 0; }
    bool expects_continue() const noexcept { return expects_continue_; }
    bool keeps_alive() const noexcept { return keeps_alive_; }

private:
    std::optional<Refusal> read_request_line(std::string_view line);
    std::optional<Refusal> read_field(std::string_view line);
    std::optional<Refusal> judge();

    std::string_view method_;
    std::string_view path_;
    std::string_view query_;
    int minor_version_ = 1;
    std::vector<Field> fields_;
    std::optional<std::uint64_t> content_length_;
    bool chunked_ = false;
    bool expects_continue_ = false;
    bool keeps_alive_ = true;
};

// Found by Boost.System when value() is called on a refusal. For tests.
[[noreturn]] void throw_exception_from_error(RequestHead::Refusal, boost::source_location const&);

}
