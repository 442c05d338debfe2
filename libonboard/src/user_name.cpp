#include <onboard/user_name.hpp>

#include <algorithm>

#include "unicode.hpp"

namespace onboard {

namespace {

bool is_letter(char letter) noexcept
{
    return letter >= 'a' && letter <= 'z';
}

bool is_letter_or_digit(char letter) noexcept
{
    return is_letter(letter) || (letter >= '0' && letter <= '9');
}

}

Result<UserName> UserName::parse(std::string_view text)
{
    auto const malformed = refuse(Errc::text_malformed, "user_name");
    auto const word = unicode::trimmed(text);
    if (word.size() < shortest || word.size() > longest)
        return malformed;
    auto lower = unicode::ascii_lower(word);
    if (!std::ranges::all_of(lower, is_letter_or_digit) || std::ranges::none_of(lower, is_letter))
        return malformed;
    return UserName(std::move(lower));
}

}
