#include <random>

#include <onboard/person.hpp>

#include "support/catch.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;

std::string repeated(std::string_view text, int times)
{
    std::string result;
    for (int time = 0; time < times; ++time)
        result += text;
    return result;
}

// A host name of so many octets, at least 10.
std::string host_of(std::size_t size)
{
    std::string host;
    while (size - host.size() > 65)
        host += std::string(60, 'h') + '.';
    auto const rest = size - host.size() - 4;
    return host + std::string(rest, 'r') + ".com";
}

struct Good {
    std::string why;
    std::string text;
    std::string str;
    std::string key;
};

TEST_CASE("an address that mail can be sent to is kept as given and known by its key", "[email]")
{
    auto const row = GENERATE(values<Good>(
        {{"plain", "jane@example.com", "jane@example.com", "jane@example.com"},
         {"capitals before the at sign", "Jane.DOE@example.com", "Jane.DOE@example.com", "jane.doe@example.com"},
         {"capitals in the host", "jane@Example.COM", "jane@example.com", "jane@example.com"},
         {"spaces around it", " \t jane@example.com\r\n", "jane@example.com", "jane@example.com"},
         {"wide spaces around it", "\u3000\u00a0jane@example.com\u2003", "jane@example.com", "jane@example.com"},
         {"a plus tag is kept", "a.b+x@gmail.com", "a.b+x@gmail.com", "a.b+x@gmail.com"},
         {"dots are kept", "a.b@gmail.com", "a.b@gmail.com", "a.b@gmail.com"},
         {"every sign of an atom", "!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com",
          "!#$%&'*+-/=?^_`{|}~@example.com"},
         {"one letter", "a@b.co", "a@b.co", "a@b.co"},
         {"a percent sign that decodes to nothing here", "a%0abcc@example.com", "a%0abcc@example.com",
          "a%0abcc@example.com"},
         {"digits in labels", "jane@1.2example3.com", "jane@1.2example3.com", "jane@1.2example3.com"},
         {"a label of 63", "jane@" + std::string(63, 'x') + ".com", "jane@" + std::string(63, 'x') + ".com",
          "jane@" + std::string(63, 'x') + ".com"},
         {"64 octets before the at sign", std::string(64, 'j') + "@example.com",
          std::string(64, 'j') + "@example.com", std::string(64, 'j') + "@example.com"},
         {"64 octets in two-octet letters", repeated("\u00e9", 32) + "@example.com",
          repeated("\u00e9", 32) + "@example.com", repeated("\u00e9", 32) + "@example.com"},
         {"254 octets in all", "jane@" + host_of(249), "jane@" + host_of(249), "jane@" + host_of(249)},
         {"capitals beyond ASCII", "J\u00c4NE@example.com", "J\u00c4NE@example.com", "j\u00e4ne@example.com"},
         {"sharp s", "stra\u00dfe@example.com", "stra\u00dfe@example.com", "strasse@example.com"},
         {"capital sharp s", "STRA\u1e9eE@example.com", "STRA\u1e9eE@example.com", "strasse@example.com"},
         {"long s", "\u017fam@example.com", "\u017fam@example.com", "sam@example.com"},
         {"a ligature", "o\ufb00ice@example.com", "o\ufb00ice@example.com", "office@example.com"},
         {"the Kelvin sign is a K", "ma\u212a@example.com", "ma\u212a@example.com", "mak@example.com"},
         {"dotless i stays itself", "\u0131an@example.com", "\u0131an@example.com", "\u0131an@example.com"},
         {"dotted I keeps its dot", "\u0130an@example.com", "\u0130an@example.com", "i\u0307an@example.com"},
         {"final sigma", "\u03a3\u03c2@example.com", "\u03a3\u03c2@example.com", "\u03c3\u03c3@example.com"},
         {"precomposed accent", "ren\u00e9@example.com", "ren\u00e9@example.com", "ren\u00e9@example.com"},
         {"combining accent", "rene\u0301@example.com", "rene\u0301@example.com", "ren\u00e9@example.com"},
         {"another script", "\u7530\u4e2d@example.jp", "\u7530\u4e2d@example.jp", "\u7530\u4e2d@example.jp"},
         {"Cyrillic a is no Latin a", "j\u0430ne@example.com", "j\u0430ne@example.com", "j\u0430ne@example.com"},
         {"an international host", "jane@b\u00fccher.example", "jane@xn--bcher-kva.example",
          "jane@xn--bcher-kva.example"},
         {"an international host in capitals", "jane@B\u00dcCHER.Example", "jane@xn--bcher-kva.example",
          "jane@xn--bcher-kva.example"},
         {"an international host with a combining mark", "jane@bu\u0308cher.example", "jane@xn--bcher-kva.example",
          "jane@xn--bcher-kva.example"},
         {"an encoded host", "jane@xn--bcher-kva.example", "jane@xn--bcher-kva.example",
          "jane@xn--bcher-kva.example"},
         {"an encoded host in capitals", "jane@XN--BCHER-KVA.example", "jane@xn--bcher-kva.example",
          "jane@xn--bcher-kva.example"},
         {"sharp s in a host is a letter of its own", "jane@stra\u00dfe.example", "jane@xn--strae-oqa.example",
          "jane@xn--strae-oqa.example"},
         {"an international top level", "jane@example.\u4e2d\u56fd", "jane@example.xn--fiqs8s",
          "jane@example.xn--fiqs8s"}}));
    INFO(row.why);
    auto const email = EmailAddress::parse(row.text);
    REQUIRE(email);
    CHECK(email->str() == row.str);
    CHECK(email->key() == row.key);
}

TEST_CASE("what mail cannot be sent to is refused", "[email]")
{
    using Row = std::pair<std::string, std::string>;
    auto const row = GENERATE(values<Row>(
        {{"nothing", ""},
         {"blanks", " \t\n"},
         {"no at sign", "jane.example.com"},
         {"only an at sign", "@"},
         {"two at signs", "jane@@example.com"},
         {"two at signs apart", "jane@doe@example.com"},
         {"nothing before the at sign", "@example.com"},
         {"nothing after the at sign", "jane@"},
         {"a host without a dot", "a@b"},
         {"a dot at the start", ".jane@example.com"},
         {"a dot before the at sign", "jane.@example.com"},
         {"two dots", "a..b@example.com"},
         {"a dot at the end of the host", "jane@example.com."},
         {"a dot at the start of the host", "jane@.example.com"},
         {"two dots in the host", "jane@example..com"},
         {"an IP literal", "jane@[192.0.2.1]"},
         {"an IPv6 literal", "jane@[IPv6:2001:db8::1]"},
         {"an IP address", "jane@192.0.2.1"},
         {"a top level of digits", "jane@example.123"},
         {"a comment", "jane(work)@example.com"},
         {"a comment after the host", "jane@example.com(work)"},
         {"a quoted local part", "\"jane\"@example.com"},
         {"a quoted local part with another address", "\"a@evil.com x\"@good.example"},
         {"a closing bracket", "a@good.example>"},
         {"brackets", "<a@example.com>"},
         {"a display name", "Jane <a@example.com>"},
         {"two addresses, comma", "a@example.com,b@example.com"},
         {"two addresses, semicolon", "a@example.com;b@example.com"},
         {"a comma in the local part", "a,b@example.com"},
         {"a header", "a@example.com\r\nBcc: b@example.com"},
         {"a line feed in the local part", "a\nb@example.com"},
         {"a percent sign in the host", "a@x%0abcc:b.example"},
         {"a backslash", "a\\b@example.com"},
         {"a space inside", "ja ne@example.com"},
         {"a space beside the at sign", "jane @example.com"},
         {"a space after the at sign", "jane@ example.com"},
         {"a tab inside", "ja\tne@example.com"},
         {"a NUL in the local part", std::string("ja\0ne@example.com", 17)},
         {"a NUL in the host", std::string("jane@example\0.com", 17)},
         {"a delete character", "ja\x7fne@example.com"},
         {"an underscore in the host", "jane@exam_ple.com"},
         {"a hyphen at the start of a label", "jane@-example.com"},
         {"a hyphen at the end of a label", "jane@example-.com"},
         {"a label of 64", "jane@" + std::string(64, 'x') + ".com"},
         {"65 octets before the at sign", std::string(65, 'j') + "@example.com"},
         {"65 octets in few letters", repeated("\u00e9", 32) + "x@example.com"},
         {"255 octets in all", "jane@" + host_of(250)},
         {"a very long host", "jane@" + repeated("example.", 10000) + "com"},
         {"255 octets once encoded", "jane@" + repeated("\u00fc\u00fc\u00fc\u00fc.", 25) + "example"},
         {"a fullwidth at sign alone", "jane\uff20example.com"},
         {"a fullwidth at sign as well", "jane\uff20x@example.com"},
         {"a small at sign", "jane\ufe6bx@example.com"},
         {"a fullwidth full stop before the at sign", "jane\uff0edoe@example.com"},
         {"a fullwidth full stop in the host", "jane@example\uff0ecom"},
         {"a sign that hides a slash", "jane\u2100@example.com"},
         {"a zero-width space", "ja\u200bne@example.com"},
         {"a zero-width space in the host", "jane@exam\u200bple.com"},
         {"a zero-width joiner in the host", "jane@exam\u200dple.com"},
         {"a soft hyphen", "ja\u00adne@example.com"},
         {"a soft hyphen in the host", "jane@exam\u00adple.com"},
         {"a byte order mark", "\ufeffjane@example.com"},
         {"a byte order mark in the host", "jane@example\ufeff.com"},
         {"a word joiner in the host", "jane@example\u2060.com"},
         {"a right-to-left override", "ja\u202ene@example.com"},
         {"a right-to-left override in the host", "jane@exam\u202eple.com"},
         {"a variation selector", "jane\ufe0f@example.com"},
         {"a variation selector in the host", "jane@exam\ufe0fple.com"},
         {"a no-break space inside", "ja\u00a0ne@example.com"},
         {"a line separator", "ja\u2028ne@example.com"},
         {"a Hangul filler", "ja\u3164ne@example.com"},
         {"a private character", "ja\ue000ne@example.com"},
         {"a noncharacter", "ja\uffffne@example.com"},
         {"broken UTF-8", "ja\xffne@example.com"},
         {"half a letter", "jan\xc3@example.com"},
         {"an overlong slash", "ja\xc0\xafne@example.com"},
         {"a surrogate", "ja\xed\xa0\x80ne@example.com"},
         {"broken UTF-8 in the host", "jane@exam\xffple.com"},
         {"an encoded label that decodes to nothing", "jane@xn--.example"},
         {"an encoded label that is no encoding", "jane@xn--a-.example"},
         {"an encoded label that is badly encoded", "jane@xn--0.pt"},
         {"an encoded label of plain letters", "jane@xn--example-.com"},
         {"an encoded label that encodes a capital", "jane@xn--bcher-2pa.example"},
         {"a mark at the start of a label", "jane@\u0301example.com"}}));
    INFO(row.first);
    auto const email = EmailAddress::parse(row.second);
    CHECK(error_of(email) == refuse(Errc::email_malformed, "email"));
}

TEST_CASE("two spellings of one address are equal", "[email]")
{
    auto const [why, one, other] = GENERATE(table<char const*, char const*, char const*>(
        {{"case", "Jane@Example.COM", "jane@example.com"},
         {"spaces around it", " jane@example.com ", "jane@example.com"},
         {"combining and precomposed", "rene\u0301@example.com", "REN\u00c9@example.com"},
         {"both forms of a host", "jane@b\u00fccher.example", "jane@xn--bcher-kva.example"},
         {"marks in another order", "\u03b1\u0345\u0301@example.com", "\u03b1\u0301\u0345@example.com"},
         {"the Kelvin sign", "ma\u212a@example.com", "mak@example.com"}}));
    INFO(why);
    CHECK(EmailAddress::parse(one).value() == EmailAddress::parse(other).value());
}

TEST_CASE("addresses of different people are different", "[email]")
{
    auto const [why, one, other] = GENERATE(table<char const*, char const*, char const*>(
        {{"a look-alike letter", "j\u0430ne@example.com", "jane@example.com"},
         {"a look-alike host", "jane@ex\u0430mple.com", "jane@example.com"},
         {"a tag", "jane+bike@example.com", "jane@example.com"},
         {"a dot", "j.ane@gmail.com", "jane@gmail.com"},
         {"dotless i", "\u0131an@example.com", "ian@example.com"},
         {"dotted I", "\u0130an@example.com", "ian@example.com"},
         {"an accent", "ren\u00e9@example.com", "rene@example.com"},
         {"a fullwidth letter", "\uff4aane@example.com", "jane@example.com"}}));
    INFO(why);
    auto const first = EmailAddress::parse(one);
    if (first)
        CHECK_FALSE(*first == EmailAddress::parse(other).value());
}

TEST_CASE("the key of a key is the key itself", "[email]")
{
    // Letters whose folding, composition or length is out of the ordinary, and some that are not.
    std::vector<std::string> const letters{
        "a",
        "Z",
        "0",
        ".",
        "+",
        "-",
        "\u00e9",
        "\u00c9",
        "e\u0301",
        "\u00df",
        "\u1e9e",
        "\u0130",
        "\u0131",
        "i\u0307",
        "\u017f",
        "\ufb00",
        "\ufb03",
        "\u0149",
        "\u01f0",
        "j\u030c",
        "\u0390",
        "\u03b0",
        "\u03c2",
        "\u03a3",
        "\u0345",
        "\u1fb3",
        "\u1fb4",
        "\u03b1\u0345",
        "\u0301",
        "\u0323",
        "\u212a",
        "\u2126",
        "\u212b",
        "\u1e96",
        "\u1e9b",
        "\u0587",
        "\u13a0",
        "\uab70",
        "\u10a0",
        "\u1c90",
        "\u0660",
        "\u4e2d",
        "\U00010400",
        "\uff21",
        "\u1100\u1161",
        "\uac00",
        "\u0f73",
        "\u0344",
        "\u1f80"};
    std::mt19937 random(20250601);
    int checked = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string local;
        for (auto length = 1 + random() % 8; length > 0; --length)
            local += letters[random() % letters.size()];
        auto const email = EmailAddress::parse(local + "@example.com");
        if (!email)
            continue;
        auto const again = EmailAddress::parse(email->key());
        if (!again)
            continue;  // folding made it too long for an address
        ++checked;
        if (again->key() != email->key())
            FAIL_CHECK(
                "not stable: " << email->str() << " has key " << email->key() << ", whose key is " << again->key());
    }
    CHECK(checked > 10'000);
}

TEST_CASE("reading what str() says gives the same address", "[email]")
{
    auto const text = GENERATE(
        "Jane.Doe@Example.COM", "J\u00c4NE@b\u00fccher.example", "rene\u0301@stra\u00dfe.example",
        "\u7530@example.\u4e2d\u56fd");
    auto const email = EmailAddress::parse(text).value();
    auto const again = EmailAddress::parse(email.str());
    REQUIRE(again);
    CHECK(again->str() == email.str());
    CHECK(again->key() == email.key());
}

TEST_CASE("reading a megabyte takes no longer than its length deserves", "[email]")
{
    auto const filler = GENERATE("a", ".", "@", "((((", "\u00e9", " ", "xn--", "a.", "\xff");
    auto const long_text = repeated(filler, 1'000'000 / static_cast<int>(std::string_view(filler).size()));
    CHECK_FALSE(EmailAddress::parse(long_text));
    CHECK_FALSE(EmailAddress::parse("jane@" + long_text));
    CHECK_FALSE(EmailAddress::parse(long_text + "@example.com"));
}

}
