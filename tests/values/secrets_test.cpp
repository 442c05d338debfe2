#include <algorithm>
#include <fstream>
#include <set>

#include <sys/stat.h>

#include <onboard/secrets.hpp>
#include <onboard/testing.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;

constexpr std::string_view base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

SecretKey other_key()
{
    std::array<std::byte, 32> bytes{};
    bytes[0] = std::byte{1};
    return SecretKey::from_bytes(bytes);
}

struct Issued {
    std::string text;
    Digest digest;
};

template <class Token>
Issued issue(std::int64_t row, Random& random, SecretKey const& key = test_key())
{
    auto const verifier = Token::draw(random);
    return {Token::make(row, verifier, key).reveal(), Token::digest(verifier, key)};
}

// Whether this text is taken for the token of this row with this digest.
template <class Token>
bool accepted(std::string_view text, std::int64_t row, Digest const& digest, SecretKey const& key = test_key())
{
    auto const parts = Token::read(text, key);
    return parts && parts->selector == row && same(parts->digest, digest);
}

TEST_CASE("a token is 54 characters that are safe in a URL", "[tokens]")
{
    ScriptedRandom random;
    for (int number = 0; number < 1000; ++number) {
        auto const text = issue<LoginToken>(number, random).text;
        REQUIRE(text.size() == 54);
        REQUIRE(text.find_first_not_of(base64url) == std::string::npos);
    }
}

TEST_CASE("a token names its row and carries what its digest is of", "[tokens]")
{
    ScriptedRandom random;
    auto const row = GENERATE(
        std::int64_t(0), std::int64_t(1), std::int64_t(4711), std::numeric_limits<std::int64_t>::max(),
        std::int64_t(-1));
    auto const token = issue<SessionToken>(row, random);
    CHECK(accepted<SessionToken>(token.text, row, token.digest));
}

TEST_CASE("a token with any one character changed is not the token", "[tokens]")
{
    ScriptedRandom random;
    auto const token = issue<LoginToken>(4711, random);
    int taken = 0;
    for (std::size_t place = 0; place < token.text.size(); ++place)
        for (auto const letter : base64url) {
            if (letter == token.text[place])
                continue;
            auto changed = token.text;
            changed[place] = letter;
            taken += accepted<LoginToken>(changed, 4711, token.digest);
        }
    CHECK(taken == 0);
}

TEST_CASE("text that no token can be is not read at all", "[tokens]")
{
    ScriptedRandom random;
    auto const token = issue<LoginToken>(4711, random).text;
    auto with = [&](std::size_t place, char letter) {
        auto changed = token;
        changed[place] = letter;
        return changed;
    };
    std::vector<std::pair<std::string, std::string>> const rows{
        {"nothing", ""},
        {"a blank", " "},
        {"null", "null"},
        {"undefined", "undefined"},
        {"one character less", token.substr(0, 53)},
        {"without its first", token.substr(1)},
        {"half", token.substr(0, 27)},
        {"one character more", token + "A"},
        {"two characters more", token + "AA"},
        {"twice", token + token},
        {"padded", token + "="},
        {"padded in full", token + "=="},
        {"a blank before", " " + token},
        {"a line feed after", token + "\n"},
        {"a NUL after", token + std::string(1, '\0')},
        {"a NUL inside", with(10, '\0')},
        {"the other alphabet's plus", with(10, '+')},
        {"the other alphabet's slash", with(10, '/')},
        {"an escaped slash", token.substr(0, 51) + "%2f"},
        {"a letter beyond ASCII", with(10, '\xe9')},
        {"ten kilobytes", std::string(10'000, 'A')}};
    for (auto const& [why, text] : rows) {
        INFO(why);
        CHECK_FALSE(LoginToken::read(text, test_key()));
    }
}

TEST_CASE("a token has one spelling: no stray bits in its last character", "[tokens]")
{
    ScriptedRandom random;
    auto const token = issue<LoginToken>(4711, random).text;
    int readable = 0;
    for (auto const letter : base64url) {
        auto changed = token;
        changed.back() = letter;
        readable += LoginToken::read(changed, test_key()).has_value();
    }
    CHECK(readable == 4);  // 320 bits are 53 characters and two bits
}

TEST_CASE("a token in another case is not the token", "[tokens]")
{
    ScriptedRandom random;
    auto const token = issue<LoginToken>(4711, random);
    auto upper = token.text;
    std::ranges::transform(
        upper, upper.begin(), [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    CHECK_FALSE(accepted<LoginToken>(upper, 4711, token.digest));
}

TEST_CASE("a token of one purpose is no token of another", "[tokens]")
{
    ScriptedRandom random;
    auto const token = issue<LoginToken>(4711, random);
    CHECK_FALSE(accepted<SessionToken>(token.text, 4711, token.digest));
    CHECK_FALSE(accepted<PartnerToken::Body>(token.text, 4711, token.digest));
    CHECK(accepted<LoginToken>(token.text, 4711, token.digest));
}

TEST_CASE("a token is worth nothing under another key", "[tokens]")
{
    ScriptedRandom random;
    auto const token = issue<LoginToken>(4711, random);
    CHECK_FALSE(accepted<LoginToken>(token.text, 4711, token.digest, other_key()));
}

TEST_CASE("tokens of neighbouring rows do not show that they are neighbours", "[tokens]")
{
    // The first ten characters are the masked number. Unmasked, most of them would be the same in all tokens.
    ScriptedRandom random;
    std::array<std::set<char>, 10> letters_at;
    for (int row = 1; row <= 1000; ++row) {
        auto const token = issue<LoginToken>(row, random).text;
        for (std::size_t place = 0; place < letters_at.size(); ++place)
            letters_at[place].insert(token[place]);
    }
    CHECK(std::ranges::all_of(letters_at, [](auto const& letters) { return letters.size() > 60; }));
}

TEST_CASE("two tokens of one row are different", "[tokens]")
{
    ScriptedRandom random;
    std::set<std::string> tokens;
    for (int number = 0; number < 1000; ++number)
        tokens.insert(issue<LoginToken>(1, random).text);
    CHECK(tokens.size() == 1000);
}

TEST_CASE("a partner's token is recognised by its beginning and its checksum", "[partner tokens]")
{
    ScriptedRandom random;
    auto const key = test_key();
    auto const verifier = PartnerToken::Body::draw(random);
    PartnerToken const token(PartnerToken::Body::make(7, verifier, key));

    CHECK(token.reveal().starts_with("onboard_"));
    CHECK(token.reveal().size() == 8 + 54 + 6);
    CHECK(token.reveal().find_first_not_of(base64url) == std::string::npos);
    auto const parts = PartnerToken::read(token.reveal(), key);
    REQUIRE(parts);
    CHECK(parts->selector == 7);
    CHECK(same(parts->digest, PartnerToken::Body::digest(verifier, key)));
}

TEST_CASE("a mistyped partner's token is recognised without looking it up", "[partner tokens]")
{
    ScriptedRandom random;
    auto const key = test_key();
    auto const token = PartnerToken(PartnerToken::Body::make(7, PartnerToken::Body::draw(random), key)).reveal();
    int readable = 0;
    for (std::size_t place = 0; place < token.size(); ++place) {
        auto changed = token;
        changed[place] = changed[place] == 'x' ? 'y' : 'x';
        readable += PartnerToken::read(changed, key).has_value();
    }
    CHECK(readable == 0);
    for (auto const& text :
         {std::string(), std::string("onboard_"), std::string("onboard_123456"), token + "A",
          token.substr(0, token.size() - 1), token.substr(8), "Onboard_" + token.substr(8), " " + token})
        CHECK_FALSE(PartnerToken::read(text, key));
}

// As a program would write it that knows how an access token is made.
std::string base64url_of(std::string_view bytes)
{
    std::string text;
    std::uint32_t bits = 0;
    int held = 0;
    for (auto const byte : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        for (held += 8; held >= 6; held -= 6)
            text += base64url[bits >> (held - 6) & 63];
    }
    if (held > 0)
        text += base64url[bits << (6 - held) & 63];
    return text;
}

constexpr std::string_view access_prefix = "onboard_access_";

TEST_CASE(
    "an access token says which token it stands for and until when, to nobody without the key", "[access tokens]")
{
    ScriptedRandom random;
    auto const [row, expires_at] = GENERATE(table<std::int64_t, std::int64_t>(
        {{1, 0}, {7, 1'700'000'000'123}, {INT64_MAX, INT64_MAX}, {-1, -1}, {0, INT64_MIN}}));
    auto const token =
        AccessToken::make({.token = row, .expires_at = std::chrono::milliseconds(expires_at)}, test_key(), random)
            .reveal();
    CHECK(token.starts_with(access_prefix));
    CHECK(token.size() == access_prefix.size() + 75);
    CHECK(token.find_first_not_of(base64url) == std::string::npos);
    auto const parts = AccessToken::read(token, test_key());
    REQUIRE(parts);
    CHECK(parts->token == row);
    CHECK(parts->expires_at.count() == expires_at);
    CHECK_FALSE(AccessToken::read(token, other_key()));
    CHECK_FALSE(PartnerToken::read(token, test_key()));
}

TEST_CASE("access tokens for one token and one moment have nothing in common but their beginning", "[access tokens]")
{
    ScriptedRandom random;
    std::vector<std::set<char>> letters_at(75);
    for (int number = 0; number < 500; ++number) {
        auto const token = AccessToken::make({.token = 1, .expires_at = {}}, test_key(), random).reveal();
        for (std::size_t place = 0; place < letters_at.size(); ++place)
            letters_at[place].insert(token[access_prefix.size() + place]);
    }
    letters_at.pop_back();  // the last holds two bits
    CHECK(std::ranges::all_of(letters_at, [](auto const& letters) { return letters.size() > 50; }));
}

TEST_CASE("what was sealed for something else is no access token", "[access tokens]")
{
    ScriptedRandom random;
    auto const key = test_key();
    std::string const content(16, '\x01');
    auto const read = [&](Purpose purpose, std::string_view subject, std::string_view text) {
        return AccessToken::read(
            std::string(access_prefix) + base64url_of(key.seal(purpose, subject, text, random)), key);
    };
    CHECK(read(Purpose::access_token, {}, content));
    for (auto const purpose :
         {Purpose::letter, Purpose::form, Purpose::password, Purpose::session, Purpose::auth_code})
        CHECK_FALSE(read(purpose, {}, content));
    CHECK_FALSE(read(Purpose::access_token, "somebody", content));
    for (std::size_t size : {0, 1, 8, 15, 17, 24, 32, 1000})
        CHECK_FALSE(read(Purpose::access_token, {}, std::string(size, '\x01')));
}

TEST_CASE("a visit token gives back what was put into it, and shows nothing of it", "[visit tokens]")
{
    ScriptedRandom random;
    auto const content = GENERATE(
        std::string(), std::string("x"), std::string("xy"), std::string("portal\nteacher-1\n+4915112345678\n"),
        std::string("a\0b", 3), std::string("\xff\xfe"), std::string(100'000, 'x'));
    auto const token = VisitToken::make(content, test_key(), random).reveal();
    CHECK(token.find_first_not_of(base64url) == std::string::npos);
    CHECK(token.size() == ((24 + content.size() + 16) * 4 + 2) / 3);
    CHECK(VisitToken::read(token, test_key()) == content);
    CHECK_FALSE(VisitToken::read(token, other_key()));
    CHECK(VisitToken::make(content, test_key(), random).reveal() != token);
}

TEST_CASE("a visit token that was changed, cut or lengthened is not read", "[visit tokens]")
{
    ScriptedRandom random;
    auto const size = GENERATE(20U, 21U, 22U);  // so that the last character holds two, four or six bits
    auto const token = VisitToken::make(std::string(size, 'x'), test_key(), random).reveal();
    int taken = 0;
    for (std::size_t place = 0; place < token.size(); ++place)
        for (auto const letter : base64url)
            if (letter != token[place]) {
                auto changed = token;
                changed[place] = letter;
                taken += VisitToken::read(changed, test_key()).has_value();
            }
    for (std::size_t length = 0; length < token.size(); ++length) {
        taken += VisitToken::read(token.substr(0, length), test_key()).has_value();
        taken += VisitToken::read(token.substr(token.size() - length), test_key()).has_value();
    }
    for (auto const& text :
         {token + "A", token + "AA", token + "AAAA", token + "=", token + "==", " " + token, token + "\n",
          token + std::string(1, '\0'), token + token})
        taken += VisitToken::read(text, test_key()).has_value();
    CHECK(taken == 0);
    CHECK(VisitToken::read(token, test_key()));
}

TEST_CASE("what was sealed for something else is no visit token", "[visit tokens]")
{
    ScriptedRandom random;
    auto const key = test_key();
    auto const read = [&](Purpose purpose, std::string_view subject) {
        return VisitToken::read(base64url_of(key.seal(purpose, subject, "content", random)), key);
    };
    CHECK(read(Purpose::visit, "1") == "content");
    CHECK_FALSE(read(Purpose::visit, {}));  // of another version
    for (auto const purpose : {Purpose::letter, Purpose::form, Purpose::password, Purpose::access_token})
        CHECK_FALSE(read(purpose, {}));
    CHECK_FALSE(read(Purpose::visit, "somebody"));
    for (auto const& text : {std::string(), std::string("A"), std::string(40, 'A'), std::string(100'000, 'A')})
        CHECK_FALSE(VisitToken::read(text, key));
}

TEST_CASE("a digest depends on the key, the purpose, the subject and the secret", "[digests]")
{
    auto const key = test_key();
    auto const digest = key.digest(Purpose::session, "jane", "secret");
    CHECK(same(digest, key.digest(Purpose::session, "jane", "secret")));
    CHECK_FALSE(same(digest, other_key().digest(Purpose::session, "jane", "secret")));
    CHECK_FALSE(same(digest, key.digest(Purpose::form, "jane", "secret")));
    CHECK_FALSE(same(digest, key.digest(Purpose::session, "john", "secret")));
    CHECK_FALSE(same(digest, key.digest(Purpose::session, "jane", "Secret")));
}

TEST_CASE("what belongs to the subject cannot be moved to the secret", "[digests]")
{
    auto const key = test_key();
    auto const digest = key.digest(Purpose::session, "jane", "secret");
    CHECK_FALSE(same(digest, key.digest(Purpose::session, "janes", "ecret")));
    CHECK_FALSE(same(digest, key.digest(Purpose::session, "jan", "esecret")));
    CHECK_FALSE(same(digest, key.digest(Purpose::session, "", "janesecret")));
    CHECK_FALSE(same(digest, key.digest(Purpose::session, "janesecret", "")));
}

TEST_CASE("digests differ when one bit of them does", "[digests]")
{
    auto bytes = test_key().digest(Purpose::session, "jane", "secret").bytes();
    Digest const digest(bytes);
    for (auto& byte : bytes)
        for (int bit = 0; bit < 8; ++bit) {
            byte ^= std::byte{1} << bit;
            CHECK_FALSE(same(digest, Digest(bytes)));
            byte ^= std::byte{1} << bit;
        }
    CHECK(same(digest, Digest(bytes)));
}

TEST_CASE("no purpose shares its key with another", "[digests]")
{
    constexpr auto last = Purpose::used_token;
    ScriptedRandom random;
    std::set<Digest::Bytes> digests;
    auto const key = test_key();
    int opened = 0;
    for (auto purpose = static_cast<int>(Purpose::login_link); purpose <= static_cast<int>(last); ++purpose) {
        digests.insert(key.digest(static_cast<Purpose>(purpose), "jane", "secret").bytes());
        auto const sealed = key.seal(static_cast<Purpose>(purpose), "jane", "secret", random);
        for (auto other = static_cast<int>(Purpose::login_link); other <= static_cast<int>(last); ++other)
            opened += key.open(static_cast<Purpose>(other), "jane", sealed).has_value();
    }
    CHECK(digests.size() == static_cast<std::size_t>(last));
    CHECK(opened == static_cast<int>(last));
}

TEST_CASE("what was sealed can be opened", "[sealing]")
{
    ScriptedRandom random;
    auto const key = test_key();
    auto const text =
        GENERATE(std::string(), std::string("123456"), std::string("a\0b", 3), std::string(10'000, 'x'));
    auto const sealed = key.seal(Purpose::letter, "id", text, random);
    CHECK(key.open(Purpose::letter, "id", sealed) == text);
    CHECK(sealed.find("123456") == std::string::npos);
}

TEST_CASE("sealing the same twice shows nothing of it", "[sealing]")
{
    ScriptedRandom random;
    auto const key = test_key();
    CHECK(key.seal(Purpose::letter, "id", "123456", random) != key.seal(Purpose::letter, "id", "123456", random));
}

TEST_CASE("what was sealed for one is not opened for another", "[sealing]")
{
    ScriptedRandom random;
    auto const key = test_key();
    auto const sealed = key.seal(Purpose::letter, "id", "123456", random);
    CHECK_FALSE(key.open(Purpose::letter, "other id", sealed));
    CHECK_FALSE(key.open(Purpose::letter, "", sealed));
    CHECK_FALSE(key.open(Purpose::form, "id", sealed));
    CHECK_FALSE(other_key().open(Purpose::letter, "id", sealed));
}

TEST_CASE("what was tampered with is not opened", "[sealing]")
{
    ScriptedRandom random;
    auto const key = test_key();
    auto const sealed = key.seal(Purpose::letter, "id", "123456", random);
    int opened = 0;
    for (std::size_t place = 0; place < sealed.size(); ++place)
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = sealed;
            changed[place] = static_cast<char>(changed[place] ^ (1 << bit));
            opened += key.open(Purpose::letter, "id", changed).has_value();
        }
    for (std::size_t size = 0; size < sealed.size(); ++size)
        opened += key.open(Purpose::letter, "id", sealed.substr(0, size)).has_value();
    opened += key.open(Purpose::letter, "id", sealed + "x").has_value();
    CHECK(opened == 0);
}

TEST_CASE("a code has as many digits as were asked for, leading zeros kept", "[codes]")
{
    ScriptedRandom random;
    auto const digits = GENERATE(6, 8, 10);
    int with_leading_zero = 0;
    for (int number = 0; number < 2000; ++number) {
        auto const code = OneTimeCode::draw(random, digits).reveal();
        REQUIRE(code.size() == static_cast<std::size_t>(digits));
        REQUIRE(code.find_first_not_of("0123456789") == std::string::npos);
        with_leading_zero += code.front() == '0';
    }
    CHECK(with_leading_zero > 100);
}

// The 0.1 % bound of the chi-square distribution with so many degrees of freedom (Wilson and Hilferty).
double chi_square_bound(double freedom)
{
    auto const part = 2.0 / (9.0 * freedom);
    return freedom * std::pow(1.0 - part + 3.09 * std::sqrt(part), 3);
}

TEST_CASE("every code is equally likely", "[codes]")
{
    constexpr int draws = 200'000;
    ScriptedRandom random(7);
    std::array<std::array<int, 10>, 6> digit_at{};
    std::array<int, 1000> first_three{};
    for (int draw = 0; draw < draws; ++draw) {
        auto const code = OneTimeCode::draw(random, 6).reveal();
        for (std::size_t place = 0; place < 6; ++place)
            ++digit_at[place][static_cast<std::size_t>(code[place] - '0')];
        ++first_three[static_cast<std::size_t>(std::stoi(code.substr(0, 3)))];
    }
    auto const chi_square = [](auto const& counts) {
        auto const expected = static_cast<double>(draws) / static_cast<double>(counts.size());
        double sum = 0;
        for (auto const count : counts)
            sum += (count - expected) * (count - expected) / expected;
        return sum;
    };
    for (auto const& counts : digit_at)
        CHECK(chi_square(counts) < chi_square_bound(9));
    CHECK(chi_square(first_three) < chi_square_bound(999));
}

std::vector<std::byte> bytes_of(std::vector<std::uint64_t> const& numbers)
{
    std::vector<std::byte> bytes;
    for (auto const& number : numbers) {
        auto const raw = std::as_bytes(std::span(&number, 1));
        bytes.insert(bytes.end(), raw.begin(), raw.end());
    }
    return bytes;
}

TEST_CASE("a draw from the unfair end of the numbers is thrown away", "[codes]")
{
    // 2^64 is no multiple of a million: the last 551616 numbers would favour the codes up to 551615.
    constexpr auto fair_end = std::uint64_t(18'446'744'073'709'000'000u);
    ScriptedRandom random;
    random.script(bytes_of({fair_end, UINT64_MAX, fair_end + 1, 42}));
    CHECK(OneTimeCode::draw(random, 6).reveal() == "000042");
    random.script(bytes_of({fair_end - 1}));
    CHECK(OneTimeCode::draw(random, 6).reveal() == "999999");
    random.script(bytes_of({0}));
    CHECK(OneTimeCode::draw(random, 6).reveal() == "000000");
}

std::filesystem::path file_of(TemporaryFolder const& folder, std::string const& content, mode_t mode)
{
    auto const path = folder / "secret";
    std::ofstream(path, std::ios::binary) << content;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
}

std::string varied(std::size_t size)
{
    std::string text;
    for (std::size_t index = 0; index < size; ++index)
        text += static_cast<char>('a' + index % 26);
    return text;
}

TEST_CASE("a secret file is made with mode 0600 and read back as the same key", "[secret file]")
{
    TemporaryFolder const folder;
    ScriptedRandom random;
    auto const made = SecretKey::make_file(folder / "secret", random);
    auto const read = SecretKey::from_file(folder / "secret");
    CHECK(same(made.digest(Purpose::session, "a", "b"), read.digest(Purpose::session, "a", "b")));

    struct stat status {};
    REQUIRE(::stat((folder / "secret").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
    CHECK(status.st_size == 32);
}

TEST_CASE("a secret file is never overwritten", "[secret file]")
{
    TemporaryFolder const folder;
    auto const path = file_of(folder, varied(32), 0600);
    ScriptedRandom random;
    CHECK_THROWS_AS(SecretKey::make_file(path, random), std::runtime_error);
    CHECK(std::filesystem::file_size(path) == 32);
    CHECK_NOTHROW(SecretKey::from_file(path));
}

TEST_CASE("a secret file that cannot be made says so and leaves nothing", "[secret file]")
{
    TemporaryFolder const folder;
    ScriptedRandom random;
    CHECK_THROWS_WITH(
        SecretKey::make_file(folder / "missing" / "secret", random), Catch::Matchers::Contains("missing/secret"));
}

TEST_CASE("a secret file of the wrong kind is refused with its path and the rule", "[secret file]")
{
    struct Row {
        char const* why;
        std::string content;
        mode_t mode;
        char const* rule;
    };
    auto const row = GENERATE(values<Row>(
        {{"open to the group", varied(32), 0640, "mode 0600"},
         {"open to everybody", varied(32), 0604, "mode 0600"},
         {"writable by everybody", varied(32), 0602, "mode 0600"},
         {"empty", "", 0600, "32 bytes"},
         {"31 bytes", varied(31), 0600, "32 bytes"},
         {"zeros", std::string(32, '\0'), 0600, "equal"},
         {"one letter over and over", std::string(64, 'x'), 0600, "equal"}}));
    INFO(row.why);
    TemporaryFolder const folder;
    auto const path = file_of(folder, row.content, row.mode);
    using Catch::Matchers::Contains;
    CHECK_THROWS_WITH(SecretKey::from_file(path), Contains(path.string()) && Contains(row.rule));
}

TEST_CASE("a missing secret file or a folder in its place is refused with its path", "[secret file]")
{
    TemporaryFolder const folder;
    using Catch::Matchers::Contains;
    CHECK_THROWS_WITH(SecretKey::from_file(folder / "missing"), Contains("missing"));
    CHECK_THROWS_WITH(SecretKey::from_file(folder.path()), Contains(folder.path().string()));
}

TEST_CASE("a secret file may be longer, and every byte of it counts", "[secret file]")
{
    TemporaryFolder const folder;
    auto const digest = [&](std::string const& content) {
        return SecretKey::from_file(file_of(folder, content, 0400)).digest(Purpose::session, "a", "b");
    };
    auto const content = varied(100);
    auto const first = digest(content);
    std::filesystem::remove(folder / "secret");
    CHECK_FALSE(same(first, digest(content.substr(0, 99) + '!')));
}

TEST_CASE("a key in memory needs 32 bytes that are not all equal", "[secret file]")
{
    std::array<std::byte, 32> bytes{};
    CHECK_THROWS_AS(SecretKey::from_bytes(bytes), std::invalid_argument);
    bytes[31] = std::byte{1};
    CHECK_NOTHROW(SecretKey::from_bytes(bytes));
    CHECK_THROWS_AS(SecretKey::from_bytes(std::span(bytes).first(31)), std::invalid_argument);
    CHECK_THROWS_AS(SecretKey::from_bytes({}), std::invalid_argument);
}

}
