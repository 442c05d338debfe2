#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <onboard/letters.hpp>

namespace onboard::server::post {

// The longest host that leaves room for two codes of ten digits in a message.
constexpr std::size_t longest_text_host = 128;

// Words a text message with a code, in the letter's language. It fits one SMS: 160 characters of the GSM 7-bit
// alphabet (3GPP TS 23.038, 6.2.1). Its last line, behind an empty one, tells a telephone to whom the code belongs
// (WICG, "Origin-bound one-time codes"), and is always there. Where the host is long the warning is left out, then
// the host in the sentence, then the sentence.
//
// The host is that of the public URL, without a port. Throws std::invalid_argument for a letter of another kind, a
// code that is not of digits, and a host that is_text_host() refuses.
std::string text_of(Letter const&, std::string_view code, std::string_view host);

// Whether a host, as a URL writes it, can stand in a text message: ASCII, and not too long.
bool is_text_host(std::string_view) noexcept;

// The message as others take it: {"id":"...","to":"+4915112345678","text":"..."}. Throws DeliveryRefused if it cannot
// be written, since it never will be.
std::string text_document(Letter const&, std::string_view code, std::string_view host);

}
