#include "server/post/text_message.hpp"

#include <algorithm>
#include <stdexcept>

#include <boost/json.hpp>
#include <fmt/format.h>

#include <onboard/error.hpp>

#include "server/post/mime.hpp"
#include "server/post/text_words.hpp"
#include "server/text.hpp"

namespace onboard::server::post {

namespace {

// 140 octets (3GPP TS 23.040, 9.2.3.24) of seven bits a septet.
constexpr std::size_t septets_of_a_message = 160;

bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

bool is_bracket(char character)
{
    return character == '[' || character == ']';
}

bool is_host_character(char character)
{
    auto const small = lower(character);
    return (small >= 'a' && small <= 'z') || is_digit(character) || is_bracket(character) || character == '.' ||
           character == '-' || character == ':';
}

// Of what is in our messages, only the brackets around an IPv6 address take two (3GPP TS 23.038, 6.2.1.1).
std::size_t septets(std::string_view text)
{
    std::size_t count = 0;
    for (auto const character : text)
        if ((static_cast<unsigned char>(character) & 0xc0) != 0x80)
            count += is_bracket(character) ? 2 : 1;
    return count;
}

void check(Letter const& letter, std::string_view code, std::string_view host)
{
    if (letter.kind != LetterKind::phone_code)
        throw std::invalid_argument("not a letter that is texted");
    if (code.empty() || !std::ranges::all_of(code, is_digit))
        throw std::invalid_argument("not a code of digits");
    if (!is_text_host(host))
        throw std::invalid_argument("not a host that a text message has room for");
}

std::string const& number_of(Letter const& letter)
{
    auto const* const number = std::get_if<PhoneNumber>(&letter.to);
    if (!number)
        throw std::invalid_argument("not a telephone number");
    return number->e164();
}

std::string fill(std::string_view sentence, std::string_view code, std::string_view host)
{
    return fmt::format(fmt::runtime(sentence), fmt::arg("code", code), fmt::arg("host", host));
}

}

std::string text_of(Letter const& letter, std::string_view code, std::string_view host)
{
    check(letter, code, host);
    auto const& words = texts_in(letter.language);
    auto const sentence = fill(words.code, code, host);
    auto const last_line = fmt::format("@{} #{}", host, code);
    for (auto const& said :
         {fmt::format("{} {}", sentence, words.keep_secret), sentence, fill(words.short_code, code, host),
          std::string(code)})
        if (auto text = fmt::format("{}\n\n{}", said, last_line); septets(text) <= septets_of_a_message)
            return text;
    throw std::invalid_argument("not a code that a text message has room for");
}

bool is_text_host(std::string_view host) noexcept
{
    return !host.empty() && host.size() <= longest_text_host && std::ranges::all_of(host, is_host_character);
}

std::string text_document(Letter const& letter, std::string_view code, std::string_view host)
try {
    if (!is_letter_id(letter.id))
        throw std::invalid_argument("not an id for a letter");
    return boost::json::serialize(
        boost::json::object{{"id", letter.id}, {"to", number_of(letter)}, {"text", text_of(letter, code, host)}});
} catch (std::invalid_argument const& error) {
    throw DeliveryRefused(fmt::format("cannot write a text message: {}", error.what()));
}

}
