#pragma once

#include <compare>
#include <string>
#include <string_view>

#include <onboard/error.hpp>

#pragma GCC visibility push(default)

namespace onboard {

// What an account is called where people type it: chosen by somebody or generated from their name, and unique.
//
// Invariant: 3 to 30 of a-z and 0-9, at least one of them a letter. So it is never taken for an email address, a
// telephone number or a login id, and needs no escaping anywhere.
class UserName {
public:
    static constexpr std::size_t shortest = 3;
    static constexpr std::size_t longest = 30;

    // Reads a user name in any case, ignoring surrounding white space. Refuses with text_malformed, naming user_name.
    static Result<UserName> parse(std::string_view text);

    std::string const& str() const noexcept { return text_; }

    friend auto operator<=>(UserName const&, UserName const&) = default;

private:
    explicit UserName(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

}

#pragma GCC visibility pop
