#include "server/post/mime.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace onboard::server::post {

namespace {

constexpr std::size_t line_length = 76;

bool is_control(char character)
{
    return static_cast<unsigned char>(character) < 0x20 || character == 0x7f;
}

bool is_printable_ascii(char character)
{
    return character >= 0x20 && character < 0x7f;
}

bool is_letter_or_digit(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9');
}

// Puts words on lines, a new one wherever the next word would make the line too long.
std::string field(std::string_view name, std::string_view value)
{
    if (std::any_of(value.begin(), value.end(), is_control))
        throw std::invalid_argument(fmt::format("control character in the field {}", name));

    auto text = fmt::format("{}:", name);
    auto column = text.size();
    while (!value.empty()) {
        auto const word = value.substr(0, value.find(' '));
        if (column + 1 + word.size() > line_length) {
            text += "\r\n";
            column = 0;
        }
        text += ' ';
        text += word;
        column += 1 + word.size();
        value.remove_prefix(std::min(word.size() + 1, value.size()));
    }
    return text + "\r\n";
}

// Whether words can go into a field as they are, and come out the same from behind any folding.
bool is_plain(std::string_view text)
{
    auto length = std::size_t{0};
    auto longest = std::size_t{0};
    for (auto const character : text) {
        length = character == ' ' ? 0 : length + 1;
        longest = std::max(longest, length);
    }
    return std::all_of(text.begin(), text.end(), is_printable_ascii) && longest < line_length / 2 &&
           text.find("=?") == std::string_view::npos && text.find("  ") == std::string_view::npos &&
           !text.starts_with(' ') && !text.ends_with(' ');
}

std::size_t character_size(std::string_view text)
{
    auto size = std::size_t{1};
    while (size < text.size() && size < 4 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80)
        ++size;
    return size;
}

// The Q encoding of RFC 2047, 4.2, restricted to what every field allows.
std::string q_encoded(std::string_view bytes)
{
    std::string encoded;
    for (auto const byte : bytes) {
        if (is_letter_or_digit(byte))
            encoded += byte;
        else if (byte == ' ')
            encoded += '_';
        else
            encoded += fmt::format("={:02X}", static_cast<unsigned char>(byte));
    }
    return encoded;
}

// Encoded words of whole characters, short enough to stand on a line of a field whose name is as long as "Subject".
std::string encoded_words(std::string_view text)
{
    constexpr std::string_view opening = "=?UTF-8?Q?";
    constexpr std::string_view closing = "?=";
    constexpr auto room = line_length - std::string_view("Subject: ").size() - opening.size() - closing.size();

    std::string words(opening);
    auto used = std::size_t{0};
    while (!text.empty()) {
        auto const character = q_encoded(text.substr(0, character_size(text)));
        if (used + character.size() > room) {
            words += fmt::format("{} {}", closing, opening);
            used = 0;
        }
        words += character;
        used += character.size();
        text.remove_prefix(character_size(text));
    }
    return words + std::string(closing);
}

std::string unstructured(std::string_view text)
{
    // Checked here as well, because encoding would hide it.
    if (std::any_of(text.begin(), text.end(), is_control))
        throw std::invalid_argument("control character in a header");
    return is_plain(text) ? std::string(text) : encoded_words(text);
}

std::string rfc_5322_date(Instant moment)
{
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", std::chrono::floor<std::chrono::seconds>(moment));
}

std::string part(std::string_view boundary, std::string_view type, std::string_view text)
{
    return fmt::format(
        "--{}\r\n"
        "Content-Type: {}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
        "{}\r\n",
        boundary, type, quoted_printable(text));
}

}

bool is_letter_id(std::string_view id) noexcept
{
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char character) {
        return is_letter_or_digit(character) || character == '-' || character == '_';
    });
}

void check_address(std::string_view address)
{
    auto const at = address.find('@');
    auto const one_at = at != std::string_view::npos && at == address.rfind('@');
    auto const strange = [](char character) {
        return is_control(character) || std::string_view(" \"(),:;<>[\\]").find(character) != std::string_view::npos;
    };
    if (!one_at || at == 0 || at + 1 == address.size() || address.size() > 254 ||
        std::any_of(address.begin(), address.end(), strange))
        throw std::invalid_argument("not an address that mail can carry");
}

std::string quoted_printable(std::string_view text)
{
    std::string encoded;
    auto column = std::size_t{0};
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const character = text[i];
        if (character == '\r' || character == '\n') {
            if (character == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
                ++i;
            encoded += "\r\n";
            column = 0;
            continue;
        }

        auto const at_line_end = i + 1 == text.size() || text[i + 1] == '\r' || text[i + 1] == '\n';
        auto const blank = character == ' ' || character == '\t';
        auto plain = (is_printable_ascii(character) && character != '=') || character == '\t';
        if (blank && at_line_end)
            plain = false;

        // One column is kept for the `=` that continues the line.
        if (column + (plain ? 1 : 3) > line_length - 1) {
            encoded += "=\r\n";
            column = 0;
        }
        if (character == '.' && column == 0)
            plain = false;

        encoded += plain ? std::string(1, character) : fmt::format("={:02X}", static_cast<unsigned char>(character));
        column += plain ? 1 : 3;
    }
    return encoded;
}

std::string message(Letter const& letter, LetterText const& text, std::string_view from, Instant date)
{
    auto const& to = std::get<EmailAddress>(letter.to).str();
    check_address(from);
    check_address(to);
    if (!is_letter_id(letter.id))
        throw std::invalid_argument("not an id for a letter");

    // "=_" cannot occur in quoted-printable text, so neither can the boundary.
    auto const boundary = "=_" + letter.id;
    auto const host = from.substr(from.find('@'));
    return field("From", fmt::format("<{}>", from)) + field("To", fmt::format("<{}>", to)) +
           field("Subject", unstructured(text.subject)) + field("Date", rfc_5322_date(date)) +
           field("Message-ID", fmt::format("<{}{}>", letter.id, host)) + field("MIME-Version", "1.0") +
           field("Auto-Submitted", "auto-generated") + field("X-Onboard-Letter", name_of(letter.kind)) +
           field("Content-Type", fmt::format("multipart/alternative; boundary=\"{}\"", boundary)) + "\r\n" +
           part(boundary, "text/plain", text.text) + part(boundary, "text/html", text.html) + "--" + boundary +
           "--\r\n";
}

}
