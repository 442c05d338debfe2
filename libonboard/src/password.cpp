#include "password.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <vector>

#include <sodium.h>
#include <zxcvbn.h>

#include "unicode.hpp"

namespace onboard {

namespace {

// ASVS 5.0, 6.2.9 asks for 64 at least. More than this only keeps the processor busy.
constexpr std::size_t most_code_points = 256;
constexpr std::size_t most_octets = 1024;

// What zxcvbn finds within so many guesses, anybody does who tries what people choose: 2^30, about a thousand million.
// It stands between its "somewhat guessable" (10^8) and "safely unguessable" (10^10).
constexpr double least_bits = 30;

// zxcvbn takes seconds for a few hundred digits that could be dates. The beginning is enough to judge: what cannot be
// guessed there, cannot be guessed.
constexpr std::size_t judged_octets = 32;

std::string beginning_of(std::string const& text)
{
    auto end = std::min(text.size(), judged_octets);
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return text.substr(0, end);
}

// What is typed first in the languages that zxcvbn does not know.
constexpr std::array common_words{"welkom", "wachtwoord", "geheim",   "motdepasse", "bienvenue",
                                  "soleil", "willkommen", "passwort", "kennwort",   "hallo"};

// Words that whoever knows the person and the place tries first.
std::vector<std::string> obvious_words(Account const& account)
{
    std::vector<std::string> words{"onboard"};
    if (account.name) {
        words.push_back(unicode::fold(account.name->first()));
        words.push_back(unicode::fold(account.name->last()));
    }
    if (account.email) {
        auto const& address = account.email->key();
        auto const at = address.rfind('@');
        words.insert(words.end(), {address, address.substr(0, at), address.substr(at + 1)});
    }
    return words;
}

double bits_of(std::string const& text, std::vector<std::string> const& obvious)
{
    std::vector<char const*> words;  // the first count for the least
    words.reserve(obvious.size() + common_words.size() + 1);
    for (auto const& word : obvious)
        words.push_back(word.c_str());
    words.insert(words.end(), common_words.begin(), common_words.end());
    words.push_back(nullptr);
    return ZxcvbnMatch(beginning_of(text).c_str(), words.data(), nullptr);
}

}

Result<Password> Password::read(std::string_view typed)
{
    if (typed.size() > most_octets)
        return refuse(Errc::password_too_long, "password");
    auto const length = unicode::printable_length(typed);
    if (!length)
        return refuse(Errc::password_malformed, "password");
    if (*length > most_code_points)
        return refuse(Errc::password_too_long, "password");
    return Password(unicode::nfc(typed));
}

// A short text is copied and not moved, and would stay behind.
Password::Password(Password&& other) noexcept : text_(std::move(other.text_))
{
    other.erase();
}

Password::~Password()
{
    erase();
}

void Password::erase() noexcept
{
    sodium_memzero(text_.data(), text_.capacity());
}

Result<void> Password::check(int least, Account const& account) const
{
    auto const length = unicode::printable_length(text_).value_or(0);
    if (length < static_cast<std::size_t>(least))
        return refuse(Errc::password_too_short, "password");
    if (bits_of(text_, obvious_words(account)) < least_bits)
        return refuse(Errc::password_too_common, "password");
    return {};
}

std::string Password::hash(PasswordCost cost) const
{
    std::array<char, crypto_pwhash_argon2id_STRBYTES> hash{};
    auto const passes = static_cast<unsigned long long>(cost.passes);
    if (crypto_pwhash_argon2id_str(hash.data(), text_.data(), text_.size(), passes, cost.memory) != 0)
        throw std::bad_alloc();
    return hash.data();
}

bool Password::matches(std::string const& hash) const
{
    errno = 0;
    if (crypto_pwhash_argon2id_str_verify(hash.c_str(), text_.data(), text_.size()) == 0)
        return true;
    // EINVAL is what libsodium says of another password. For anything else there was no memory.
    if (errno != EINVAL)
        throw std::bad_alloc();
    return false;
}

bool is_outdated(std::string const& hash, PasswordCost cost)
{
    return crypto_pwhash_argon2id_str_needs_rehash(
               hash.c_str(), static_cast<unsigned long long>(cost.passes), cost.memory) != 0;
}

std::string decoy_hash(PasswordCost cost)
{
    // A salt of 16 octets and a tag of 32, in base64 without padding, as in every other.
    return "$argon2id$v=19$m=" + std::to_string(cost.memory / 1024) + ",t=" + std::to_string(cost.passes) + ",p=1$" +
           std::string(22, 'A') + '$' + std::string(43, 'A');
}

}
