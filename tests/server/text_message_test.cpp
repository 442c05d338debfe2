#include "server/post/text_message.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include <onboard/testing.hpp>

#include "support/catch.hpp"

namespace {

using namespace onboard;
using server::post::text_document;
using server::post::text_of;

// 3GPP TS 23.038, 6.2.1 and 6.2.1.1, row by row.
constexpr std::string_view alphabet = "@£$¥èéùìòÇ\nØø\rÅå"
                                      "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
                                      " !\"#¤%&'()*+,-./"
                                      "0123456789:;<=>?"
                                      "¡ABCDEFGHIJKLMNO"
                                      "PQRSTUVWXYZÄÖÑÜ§"
                                      "¿abcdefghijklmno"
                                      "pqrstuvwxyzäöñüà";
constexpr std::string_view extension = "\f^{}\\[~]|€";

std::vector<std::string> characters_of(std::string_view text)
{
    std::vector<std::string> characters;
    for (auto const byte : text) {
        if ((static_cast<unsigned char>(byte) & 0xc0) != 0x80)
            characters.emplace_back();
        characters.back() += byte;
    }
    return characters;
}

bool has(std::string_view table, std::string const& character)
{
    auto const characters = characters_of(table);
    return std::find(characters.begin(), characters.end(), character) != characters.end();
}

// What a text takes of the 160 in one SMS; more than that for a text with other characters.
int septets(std::string_view text)
{
    auto count = 0;
    for (auto const& character : characters_of(text))
        count += has(alphabet, character) ? 1 : has(extension, character) ? 2 : 1000;
    return count;
}

Letter text_to(std::string_view number, Language language = Language::english)
{
    return {
        .id = "5d1f2a0e",
        .kind = LetterKind::phone_code,
        .to = PhoneNumber::parse(number, Region::parse("DE").value()).value(),
        .language = language,
        .first_name = "Jane",
        .partner = "Velo"};
}

std::string in(Language language, std::string_view code = "123456", std::string_view host = "example.com")
{
    return text_of(text_to("+4915112345678", language), code, host);
}

Language any_language()
{
    return GENERATE(Language::dutch, Language::french, Language::english, Language::german);
}

std::string host_of_length(std::size_t length)
{
    std::string host;
    while (host.size() + 3 < length)
        host += host.size() % 40 == 39 ? '.' : 'w';
    return host + ".nl";
}

std::string last_line(std::string const& text)
{
    return text.substr(text.rfind('\n') + 1);
}

TEST_CASE("A text message says this in each language")
{
    CHECK(
        in(Language::dutch) == "123456 is uw code voor example.com. Geef de code aan niemand door.\n\n"
                               "@example.com #123456");
    CHECK(
        in(Language::french) == "123456 est votre code pour example.com. Ne le transmettez à personne.\n\n"
                                "@example.com #123456");
    CHECK(
        in(Language::english) == "123456 is your code for example.com. Do not share it.\n\n"
                                 "@example.com #123456");
    CHECK(
        in(Language::german) == "123456 ist Ihr Code für example.com. Geben Sie ihn an niemanden weiter.\n\n"
                                "@example.com #123456");
}

TEST_CASE("A text message fits one SMS, whatever the code and the host")
{
    REQUIRE(characters_of(alphabet).size() == 127);  // and the escape
    auto const language = any_language();
    for (std::size_t digits = 6; digits <= 10; ++digits) {
        auto const code = std::string("1234567890").substr(0, digits);
        for (std::size_t length = 4; length <= server::post::longest_text_host; ++length) {
            auto const host = host_of_length(length);
            auto const text = in(language, code, host);
            INFO(text);
            REQUIRE(septets(text) <= 160);
            REQUIRE(text.starts_with(code));
            REQUIRE(last_line(text) == "@" + host + " #" + code);
            REQUIRE(text.find("\n\n@") == text.size() - last_line(text).size() - 2);
        }
    }
}

TEST_CASE("Beside a long host a text message says less, and its last line stays")
{
    auto const said = [](std::size_t length) {
        auto const text = in(Language::english, "123456", host_of_length(length));
        return text.substr(0, text.find("\n\n"));
    };

    CHECK(said(53) == "123456 is your code for " + host_of_length(53) + ". Do not share it.");
    CHECK(said(54) == "123456 is your code for " + host_of_length(54) + ".");
    CHECK(said(62) == "123456 is your code for " + host_of_length(62) + ".");
    CHECK(said(63) == "123456 is your code.");
    CHECK(said(128) == "123456 is your code.");
    CHECK(in(Language::french, "1234567890", host_of_length(128)).starts_with("1234567890\n\n@"));
}

TEST_CASE("The brackets of an IPv6 host take two septets each")
{
    auto const host = "[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]";
    CHECK(in(Language::english, "123456", host).ends_with("\n\n@[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff] #123456"));
    CHECK(septets(in(any_language(), "1234567890", host)) <= 160);
}

TEST_CASE("Neither a name nor a link is in a text message")
{
    auto const text = in(any_language());

    for (auto const* word : {"Jane", "Velo", "://", "4915112345678"})
        CHECK(text.find(word) == std::string::npos);
}

TEST_CASE("A text message that would say something else is not written")
{
    auto const letter = text_to("+4915112345678");
    auto mail = letter;
    mail.kind = LetterKind::partner_confirmation;

    CHECK_THROWS_AS(text_of(mail, "123456", "example.com"), std::invalid_argument);
    for (auto const* code : {"", "12345a", "123 456", "123456\n@evil.example #1"})
        CHECK_THROWS_AS(text_of(letter, code, "example.com"), std::invalid_argument);
    for (auto const& host :
         {std::string(), std::string("a b"), std::string("a\nb"), std::string("zoë.example"), std::string("a_b"),
          std::string("a@b"), host_of_length(129)})
        CHECK_THROWS_AS(text_of(letter, "123456", host), std::invalid_argument);
    CHECK_THROWS_AS(text_of(letter, std::string(40, '1'), host_of_length(128)), std::invalid_argument);
}

TEST_CASE("Others take a text message as one JSON object")
{
    auto const document = text_document(text_to("0151 12345678", Language::german), "042917", "example.com");

    CHECK(
        document == R"({"id":"5d1f2a0e","to":"+4915112345678","text":"042917 ist Ihr Code für example.com. )"
                    R"(Geben Sie ihn an niemanden weiter.\n\n@example.com #042917"})");
    CHECK(boost::json::parse(document).as_object().size() == 3);
}

TEST_CASE("A text message that cannot be written is refused for good, without its secrets")
{
    auto letter = text_to("+4915112345678");
    std::string code = "042917";
    SECTION("its id is no file name")
    {
        letter.id = "../escaped";
    }
    SECTION("it goes to an address")
    {
        letter.to = EmailAddress::parse("jane@example.com").value();
    }
    SECTION("it is none")
    {
        letter.kind = LetterKind::reset_password;
    }
    SECTION("its code is none")
    {
        code = "042917a";
    }

    try {
        text_document(letter, code, "example.com");
        FAIL("it was written");
    } catch (DeliveryRefused const& refused) {
        std::string const why = refused.what();
        CHECK_THAT(why, Catch::StartsWith("cannot write a text message: "));
        for (auto const* secret : {"042917", "4915112345678", "jane", "escaped"})
            CHECK(why.find(secret) == std::string::npos);
    }
}

}
