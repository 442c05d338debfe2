#pragma once

#include <optional>
#include <string>
#include <string_view>

// What the library needs to know of Unicode. Every function takes UTF-8 and costs little for plain ASCII.
namespace onboard::unicode {

// Without the white space around it (Unicode White_Space).
std::string_view trimmed(std::string_view text);

// The number of code points if the text is well-formed and may be shown on one line: no control characters, line or
// paragraph separators, bidirectional controls, noncharacters or private code points. Nothing otherwise.
std::optional<std::size_t> printable_length(std::string_view text);

// Whether an email address may contain this before the '@': like printable, and nothing invisible, no white space, and
// nothing that compatibility normalisation turns into ASCII punctuation.
bool is_plain_word(std::string_view text);

// The form by which two texts are the same to a person: full case folding after NFC (Unicode 3.13, D145).
std::string fold(std::string_view text);

// Normalization Form C of well-formed text (Unicode 3.11).
std::string nfc(std::string_view text);

std::string ascii_lower(std::string_view text);
bool is_ascii(std::string_view text) noexcept;

}
