#pragma once

#include <compare>
#include <string>
#include <string_view>

#include <onboard/error.hpp>

#pragma GCC visibility push(default)

namespace onboard {

// A short identifier that somebody else chose: 1 to 64 code points of valid UTF-8 after trimming, without control
// characters. The tag keeps kinds apart.
template <class Tag>
class Identifier {
public:
    // Refuses with the tag's refusal.
    static Result<Identifier> parse(std::string_view text);

    std::string const& str() const noexcept { return text_; }

    friend auto operator<=>(Identifier const&, Identifier const&) = default;

private:
    explicit Identifier(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

}

#pragma GCC visibility pop
