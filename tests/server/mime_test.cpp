#include "server/post/mime.hpp"

#include <algorithm>
#include <regex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace {

using namespace onboard;
using namespace onboard::server;
using namespace std::string_literals;
using Catch::Matchers::Contains;
using post::LetterText;

Instant const new_year = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + std::chrono::milliseconds(11045678);

Letter a_letter(std::string id = "5d1f2a0e", std::string const& to = "jane@example.com")
{
    return {
        .id = std::move(id),
        .kind = LetterKind::partner_confirmation,
        .to = EmailAddress::parse(to).value(),
        .first_name = "Jane",
        .partner = "Velo"};
}

LetterText text_about(std::string subject)
{
    return {.subject = std::move(subject), .text = "Hello\n", .html = "<p>Hello</p>\n"};
}

std::string message_about(std::string subject)
{
    return post::message(a_letter(), text_about(std::move(subject)), "onboard@example.org", new_year);
}

std::vector<std::string> lines_of(std::string const& message)
{
    std::vector<std::string> lines;
    for (std::size_t start = 0; start < message.size();) {
        auto const end = message.find("\r\n", start);
        REQUIRE(end != std::string::npos);
        lines.push_back(message.substr(start, end - start));
        start = end + 2;
    }
    return lines;
}

// The header as a reader sees it: unfolded.
std::vector<std::pair<std::string, std::string>> header_of(std::string const& message)
{
    std::vector<std::pair<std::string, std::string>> fields;
    for (auto const& line : lines_of(message.substr(0, message.find("\r\n\r\n") + 2))) {
        if (line.starts_with(' ')) {
            REQUIRE_FALSE(fields.empty());
            fields.back().second += line;
            continue;
        }
        auto const colon = line.find(':');
        REQUIRE(colon != std::string::npos);
        fields.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    }
    for (auto& [name, value] : fields)
        value.erase(0, value.find_first_not_of(' '));
    return fields;
}

std::string field_of(std::string const& message, std::string const& name)
{
    for (auto const& [found, value] : header_of(message))
        if (found == name)
            return value;
    return "(none)";
}

std::string decoded(std::string const& text, bool in_header)
{
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.compare(i, 3, "=\r\n") == 0) {
            i += 2;
        } else if (text[i] == '=') {
            bytes += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            bytes += in_header && text[i] == '_' ? ' ' : text[i];
        }
    }
    return bytes;
}

// RFC 2047: encoded words side by side belong together.
std::string decoded_words(std::string const& value)
{
    static std::regex const word("=\\?UTF-8\\?Q\\?([^?]*)\\?=( (?==\\?))?");
    std::string text;
    auto rest = value.cbegin();
    for (std::sregex_iterator match(value.begin(), value.end(), word), end; match != end; ++match) {
        text.append(rest, (*match)[0].first);
        text += decoded((*match)[1].str(), true);
        rest = (*match)[0].second;
    }
    return text.append(rest, value.cend());
}

TEST_CASE("A message has exactly the header it needs, in the words of the standards")
{
    auto const message = message_about("Your code for Velo");

    using Fields = std::vector<std::pair<std::string, std::string>>;
    CHECK(
        header_of(message) == Fields{
                                  {"From", "<onboard@example.org>"},
                                  {"To", "<jane@example.com>"},
                                  {"Subject", "Your code for Velo"},
                                  {"Date", "Fri, 02 Jan 2026 03:04:05 +0000"},
                                  {"Message-ID", "<5d1f2a0e@example.org>"},
                                  {"MIME-Version", "1.0"},
                                  {"Auto-Submitted", "auto-generated"},
                                  {"X-Onboard-Letter", "partner-confirmation"},
                                  {"Content-Type", "multipart/alternative; boundary=\"=_5d1f2a0e\""}});
}

TEST_CASE("A message offers its text first and the same as HTML last")
{
    auto const message = message_about("Hello");

    CHECK_THAT(
        message, Catch::EndsWith("\r\n\r\n"
                                 "--=_5d1f2a0e\r\n"
                                 "Content-Type: text/plain; charset=utf-8\r\n"
                                 "Content-Transfer-Encoding: quoted-printable\r\n"
                                 "\r\n"
                                 "Hello\r\n"
                                 "\r\n"
                                 "--=_5d1f2a0e\r\n"
                                 "Content-Type: text/html; charset=utf-8\r\n"
                                 "Content-Transfer-Encoding: quoted-printable\r\n"
                                 "\r\n"
                                 "<p>Hello</p>\r\n"
                                 "\r\n"
                                 "--=_5d1f2a0e--\r\n"));
}

TEST_CASE("A letter that is sent again keeps its Message-ID")
{
    auto const first = post::message(a_letter(), text_about("One"), "onboard@example.org", new_year);
    auto const again =
        post::message(a_letter(), text_about("Two"), "onboard@example.org", new_year + std::chrono::hours(30));

    CHECK(field_of(first, "Message-ID") == field_of(again, "Message-ID"));
    CHECK(field_of(again, "Date") == "Sat, 03 Jan 2026 09:04:05 +0000");
}

TEST_CASE("A subject arrives as it was written")
{
    auto const [why, subject] = GENERATE(table<char const*, std::string>(
        {{"plain words", "Your code for Velo"},
         {"accents", "Ihr Code für Vélo"},
         {"quotes and markup", "Your code for \"<b>O'Brien</b>\" \\"},
         {"something that looks encoded", "Your code for =?utf-8?q?Velo?="},
         {"underscores and equals signs", "Ünder_score = mc²"},
         {"a question mark at the end", "Où?="},
         {"spaces that would be lost", "  two  spaces  "},
         {"Hebrew", "הקוד שלך עבור ולו"},
         {"beyond the basic plane", "🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲🚲"},
         {"many words", "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"},
         {"one very long word", std::string(300, 'W')},
         {"a long word of accents", "é" + std::string(200, 'e') + "é"},
         {"bytes that are no text", "caf\xe9 \xff\xfe\x80\x80\x80\x80\x80\x80"},
         {"nothing", ""}}));
    INFO(why);

    auto const message = message_about(subject);

    CHECK(decoded_words(field_of(message, "Subject")) == subject);
    CHECK(header_of(message).size() == 9);
    for (auto const& line : lines_of(message)) {
        CHECK(line.size() <= 76);
        CHECK(std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
    }
}

TEST_CASE("No encoded word of a subject ends in the middle of a character")
{
    auto const message = message_about("x" + [] {
        std::string text;
        for (auto i = 0; i < 40; ++i)
            text += "é🚲";
        return text;
    }());

    static std::regex const word("=\\?UTF-8\\?Q\\?([^?]*)\\?=");
    auto const subject = field_of(message, "Subject");
    for (std::sregex_iterator match(subject.begin(), subject.end(), word), end; match != end; ++match) {
        auto const bytes = decoded((*match)[1].str(), true);
        CHECK((static_cast<unsigned char>(bytes.front()) & 0xc0) != 0x80);
    }
}

TEST_CASE("Nothing that could begin another header field gets into a message")
{
    auto const [why, character] = GENERATE(table<char const*, std::string>(
        {{"line feed", "\n"},
         {"carriage return", "\r"},
         {"both", "\r\n"},
         {"tab", "\t"},
         {"zero byte", "\0"s},
         {"delete", "\x7f"}}));
    INFO(why);
    auto const injected = character + "Bcc: eve@example.com";

    CHECK_THROWS_AS(message_about("Hello" + injected), std::invalid_argument);
    CHECK_THROWS_AS(message_about("Zoë" + injected), std::invalid_argument);
    CHECK_THROWS_AS(
        post::message(a_letter(), text_about("Hello"), "onboard@example.org" + injected, new_year),
        std::invalid_argument);
    CHECK_THROWS_AS(
        post::message(a_letter("id" + injected), text_about("Hello"), "onboard@example.org", new_year),
        std::invalid_argument);
}

TEST_CASE("A sender that is more or less than one address is refused")
{
    auto const [why, address] = GENERATE(table<char const*, char const*>(
        {{"nothing", ""},
         {"no at sign", "onboard"},
         {"nothing before the at sign", "@example.org"},
         {"nothing after it", "onboard@"},
         {"two at signs", "a@b@example.org"},
         {"two addresses", "a@example.org,b@example.org"},
         {"two addresses with a semicolon", "a@example.org;b@example.org"},
         {"a name", "Onboard <a@example.org>"},
         {"brackets", "<a@example.org>"},
         {"a comment", "a@example.org(b)"},
         {"quotes", "\"a b\"@example.org"},
         {"a space", "a b@example.org"},
         {"a group", "group:a@example.org"},
         {"an address literal", "a@[127.0.0.1]"}}));
    INFO(why);

    CHECK_THROWS_AS(post::check_address(address), std::invalid_argument);
    CHECK_THROWS_AS(post::message(a_letter(), text_about("Hello"), address, new_year), std::invalid_argument);
}

TEST_CASE("Common sender addresses are accepted")
{
    auto const address = GENERATE("onboard@localhost", "no-reply+codes@mail.example.org", "o'neil@example.org");

    CHECK_NOTHROW(post::check_address(address));
}

TEST_CASE("A letter's id is fit for a header, a boundary and a file name")
{
    auto const [why, id, fit] = GENERATE(table<char const*, std::string, bool>(
        {{"a UUID", "5d1f2a0e-7c1b-4f0e-9a56-0123456789ab", true},
         {"base64url", "Ab_-9", true},
         {"64 characters", std::string(64, 'a'), true},
         {"65 characters", std::string(65, 'a'), false},
         {"nothing", "", false},
         {"another directory", "../../etc/passwd", false},
         {"a slash", "a/b", false},
         {"a dot", ".", false},
         {"an end of the header", "a\r\n\r\n", false},
         {"a zero byte", "a\0b"s, false},
         {"quotes", "a\"b", false},
         {"brackets", "a>b", false},
         {"an accent", "é", false}}));
    INFO(why);

    CHECK(post::is_letter_id(id) == fit);
}

TEST_CASE("Text survives the mail, whatever is in it")
{
    auto const [why, text] = GENERATE(table<char const*, std::string>(
        {{"nothing", ""},
         {"plain lines", "one\r\ntwo\r\n"},
         {"accents", "Où êtes-vous, Zoë? \u202f\r\n"},
         {"equals signs", "=3D = ==\r\n"},
         {"spaces and tabs at the end of a line", "one \r\ntwo\t\r\nthree  "},
         {"nothing but a space", " "},
         {"lines with nothing but a dot", ".\r\n..\r\n.\r\n"},
         {"a dot at every place of a long line", std::string(400, '.')},
         {"a long line", std::string(2000, 'x')},
         {"a long line of accents",
          [] {
              std::string accents;
              for (auto i = 0; i < 500; ++i)
                  accents += "é";
              return accents;
          }()},
         {"a line of exactly 75", std::string(75, 'x') + "\r\n"},
         {"a line of exactly 76", std::string(76, 'x') + "\r\n"},
         {"a space at the very edge", std::string(75, 'x') + " \r\n" + std::string(74, 'x') + " \r\n"},
         {"every byte but line ends", [] {
              std::string bytes;
              for (auto byte = 0; byte < 256; ++byte)
                  if (byte != '\r' && byte != '\n')
                      bytes += static_cast<char>(byte);
              return bytes;
          }()}}));
    INFO(why);

    auto const encoded = post::quoted_printable(text);

    CHECK(decoded(encoded, false) == text);
    for (auto const& line : lines_of(encoded + "\r\n")) {
        CHECK(line.size() <= 76);
        CHECK_FALSE(line.starts_with('.'));
        CHECK_FALSE((line.ends_with(' ') || line.ends_with('\t')));
        CHECK(std::all_of(line.begin(), line.end(), [](char c) { return c == '\t' || (c >= 0x20 && c < 0x7f); }));
    }
}

TEST_CASE("Every kind of line end becomes the one that mail knows")
{
    auto const [why, text, encoded] = GENERATE(table<char const*, char const*, char const*>(
        {{"line feeds", "a\nb\n", "a\r\nb\r\n"},
         {"carriage returns", "a\rb\r", "a\r\nb\r\n"},
         {"both", "a\r\nb\r\n", "a\r\nb\r\n"},
         {"the wrong way round", "a\n\rb", "a\r\n\r\nb"},
         {"smuggling, line feeds", "a\n.\nb", "a\r\n=2E\r\nb"},
         {"smuggling, mixed", "a\r\n.\nb\n.\r\nc", "a\r\n=2E\r\nb\r\n=2E\r\nc"}}));
    INFO(why);

    CHECK(post::quoted_printable(text) == encoded);
}

TEST_CASE("Text in a letter cannot end its part and begin another")
{
    auto const text = "--=_5d1f2a0e--\r\n\r\n--=_5d1f2a0e\r\nContent-Type: text/html\r\n\r\n<b>";
    auto const letter = LetterText{.subject = "Hello", .text = text, .html = text};

    auto const message = post::message(a_letter(), letter, "onboard@example.org", new_year);

    auto const lines = lines_of(message);
    CHECK(std::count(lines.begin(), lines.end(), "--=_5d1f2a0e") == 2);
    CHECK(std::count(lines.begin(), lines.end(), "--=_5d1f2a0e--") == 1);
}

TEST_CASE("Long addresses stay whole and on a line of their own")
{
    auto const to = std::string(64, 'j') + "@" + std::string(60, 'e') + "." + std::string(60, 'x') + ".com";
    auto const from = std::string(64, 'o') + "@" + std::string(60, 'e') + ".org";

    auto const message = post::message(a_letter("5d1f2a0e", to), text_about("Hello"), from, new_year);

    CHECK(field_of(message, "To") == "<" + to + ">");
    CHECK(field_of(message, "From") == "<" + from + ">");
    for (auto const& line : lines_of(message))
        CHECK(line.size() <= 998);
}

}
