#pragma once

#include <string>
#include <string_view>

#include <onboard/letters.hpp>

#include "server/post/letter_text.hpp"

namespace onboard::server::post {

// Builds the message of a letter, complete with header (RFC 5322, RFC 2045 to 2047): text and HTML as alternatives,
// one recipient, lines of at most 76 characters ending in CRLF, only an address being longer if it must. The
// Message-ID comes from the letter's id and the host of `from` alone.
//
// Throws std::invalid_argument for a `from` that is not a bare address, an id that is_letter_id() refuses, and any
// control character in what goes into the header.
std::string message(Letter const&, LetterText const&, std::string_view from, Instant date);

// Whether an id can stand in a Message-ID, a boundary and a file name: 1 to 64 letters, digits, hyphens and
// underscores.
bool is_letter_id(std::string_view) noexcept;

// Throws std::invalid_argument unless the text is one address and nothing else.
void check_address(std::string_view);

// Lines of at most 76 characters from any bytes (RFC 2045, 6.7). Every kind of line end becomes CRLF, and no line
// begins with a dot, which some transports take for the end.
std::string quoted_printable(std::string_view text);

}
