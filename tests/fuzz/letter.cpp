#include "fuzz.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <onboard/error.hpp>

#include "server/post/letter_message.hpp"
#include "server/post/mime.hpp"

using namespace onboard;
using namespace onboard::server;
using onboard::testing::promise;

namespace {

constexpr std::string_view header_names =
    "From To Subject Date Message-ID MIME-Version Auto-Submitted X-Onboard-Letter Content-Type ";
constexpr std::string_view secret = "c2VjcmV0LXRoYXQtb3BlbnMtYQ";

std::vector<std::string> lines_of(std::string_view text)
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        auto const end = text.find("\r\n");
        promise(end != std::string_view::npos, "every line ends as mail wants it");
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end + 2);
    }
    return lines;
}

unsigned char byte_of(std::string_view digits)
{
    return static_cast<unsigned char>(std::stoi(std::string(digits), nullptr, 16));
}

// RFC 2045, 6.7, of text without a fault.
std::string decoded(std::string_view encoded)
{
    std::string plain;
    for (std::size_t at = 0; at < encoded.size(); ++at) {
        if (encoded[at] != '=') {
            plain += encoded[at];
            continue;
        }
        if (encoded.substr(at, 3) != "=\r\n")
            plain += static_cast<char>(byte_of(encoded.substr(at + 1, 2)));
        at += 2;
    }
    return plain;
}

// RFC 2047, 4.2, of a value that is one field's alone: encoded words, or none.
std::string subject_of(std::string_view value)
{
    constexpr std::string_view opening = "=?UTF-8?Q?";
    constexpr std::string_view closing = "?= ";
    if (!value.starts_with(opening))
        return std::string(value);
    std::string plain;
    while (!value.empty()) {
        auto const word = value.substr(opening.size(), value.find("?=", opening.size()) - opening.size());
        value.remove_prefix(std::min(opening.size() + word.size() + closing.size(), value.size()));
        auto text = std::string(word);
        std::ranges::replace(text, '_', ' ');
        plain += decoded(text);
    }
    return plain;
}

struct Read {
    std::string names;
    std::string subject;
    std::string text;
};

// As a mail program reads it.
Read read_message(std::string const& message)
{
    auto const head_end = message.find("\r\n\r\n");
    promise(head_end != std::string::npos, "a header ends");
    Read read;
    for (auto const& line : lines_of(std::string_view(message).substr(0, head_end + 2))) {
        auto const folded = line.starts_with(' ');
        promise(!folded || !read.names.empty(), "a header begins with a field");
        if (!folded)
            read.names += line.substr(0, line.find(':')) + " ";
        if (read.names.ends_with("Subject "))
            read.subject += folded ? line : line.substr(std::string_view("Subject:").size());
    }
    read.subject.erase(0, 1);  // the blank behind the colon
    auto const part = message.find("\r\n\r\n", head_end + 4);
    promise(part != std::string::npos, "there is a part of plain text");
    read.text = decoded(std::string_view(message).substr(part + 4, message.find("\r\n--=_", part) - part - 4));
    return read;
}

void check_lines(std::string const& message)
{
    for (auto const& line : lines_of(message)) {
        promise(line.size() <= 998, "no line is longer than SMTP takes");
        promise(
            std::ranges::none_of(line, [](unsigned char byte) { return byte < 0x20 && byte != '\t'; }),
            "no line has a control character");
        promise(!line.starts_with('.'), "no line could end the message");
    }
    std::size_t boundaries = 0;
    for (auto at = message.find("\n--=_"); at != std::string::npos; at = message.find("\n--=_", at + 1))
        ++boundaries;
    promise(boundaries == 3, "a letter has two parts");
}

Letter letter_to(EmailAddress address, unsigned char chosen)
{
    return {
        .id = "5d1f2a0e",
        .kind = static_cast<LetterKind>(1 + chosen % 10),
        .to = std::move(address),
        .language = static_cast<Language>(1 + chosen / 16 % 4)};
}

void write_letter(Letter const& letter, std::string_view from)
{
    try {
        auto const message = post::message_of(letter, secret, from, "https://id.example", Instant());
        promise(letter.kind != LetterKind::phone_code, "no code for a telephone is mailed");
        check_lines(message);
        auto const read = read_message(message);
        promise(read.names == header_names, "nothing can be added to a header");
        auto const has_secret =
            letter.kind != LetterKind::already_have_account && letter.kind != LetterKind::registration_failed &&
            letter.kind != LetterKind::password_changed && letter.kind != LetterKind::email_changed;
        promise((read.text.find(secret) != std::string::npos) == has_secret, "a letter has its secret in one piece");
    } catch (DeliveryRefused const&) {
        // The sender's address, or the kind.
    }
}

void write_subject(Letter const& letter, std::string const& subject)
{
    auto const broken = std::ranges::any_of(subject, [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; });
    try {
        auto const message = post::message(letter, {.subject = subject, .text = subject}, "o@example.org", Instant());
        promise(!broken, "a subject that breaks out of its line is not written");
        check_lines(message);
        auto const read = read_message(message);
        promise(read.names == header_names, "nothing can be added to a header");
        promise(subject_of(read.subject) == subject, "a subject is read as it was meant");
        promise(read.text == subject, "and so is a text");
    } catch (std::invalid_argument const&) {
        promise(broken, "and any other is");
    }
}

}

// The first byte chooses kind and language. Then come, each up to a NUL, recipient, first name, partner and sender.
FUZZ(input)
{
    if (input.empty() || input.find(secret) != std::string_view::npos)  // nobody is called like the secret
        return;
    auto const chosen = static_cast<unsigned char>(input[0]);
    input.remove_prefix(1);
    auto const take_part = [&] {
        auto const part = input.substr(0, input.find('\0'));
        input.remove_prefix(std::min(part.size() + 1, input.size()));
        return std::string(part);
    };
    auto const recipient = EmailAddress::parse(take_part());
    auto letter = letter_to(recipient ? *recipient : EmailAddress::parse("jane@example.com").value(), chosen);
    letter.first_name = take_part();
    letter.partner = take_part();
    auto const sender = take_part();
    write_letter(letter, sender);
    write_letter(letter, "onboard@example.org");
    write_subject(letter, letter.first_name);
}
