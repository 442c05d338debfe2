#include "transliterate.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/unistr.h>

#include "unicode.hpp"

namespace onboard::unicode {

namespace {

// What is read of a text, and how many UTF-16 units of it are worked on once it is folded: each may cost 0.04 ms.
constexpr std::size_t most_octets = 1024;
constexpr std::int32_t most_letters = 64;

// ICU's own way from any script, and the letters in use today that it would lose. They come here in lower case.
constexpr char const* rules = R"(
    # Malayalam: the vowels o and au, which fall into parts, and consonants without a vowel
    [\u0D4A\u0D4B] > \u0D4D o;
    [\u0D4C\u0D57] > \u0D4D au;
    \u0D7A > \u0D23\u0D4D;
    \u0D7B > \u0D28\u0D4D;
    \u0D7C > \u0D30\u0D4D;
    \u0D7D > \u0D32\u0D4D;
    \u0D7E > \u0D33\u0D4D;
    \u0D7F > \u0D15\u0D4D;

    # Gurmukhi: the n of Singh
    \u0A70 > \u0A02;

    # Cyrillic beyond the Slavic languages
    \u0497 > zh;
    [\u049D\u04B9\u04B7] > j;
    [\u04A3\u04A5] > n;
    \u04AB > s;
    [\u04AF\u04B1] > u;
    [\u04B3\u04BB] > h;
    \u04D9 > e;
    \u04E9 > o;

    # Arabic letters of Urdu, Sindhi, Kashmiri, Pashto, Kurdish and Uighur
    [\u067B\u0680] > b;
    [\u0679\u067A\u067C\u067D\u067F] > t;
    [\u0683\u0684] > j;
    [\u0685\u0687] > ch;
    [\u0681\u0696] > z;
    [\u0688-\u068A\u068C\u068D\u068F] > d;
    [\u0691\u0693\u0695\u0699] > r;
    \u06A6 > p;
    \u06AA > k;
    [\u06AB\u06B3] > g;
    [\u06B1\u06BA-\u06BC] > n;
    \u06B5 > l;
    [\u06BE\u06C1] > h;
    [\u06C4\u06C6] > o;
    [\u06C7\u06C8] > u;
    \u06CD > y;
    [\u06CE\u06D0\u06D2\u06D5] > e;

    # Latin letters of Azerbaijani and West Africa; vowels of Armenian and Amharic
    [\u0259\u01DD\u0568\u12A5\u12D5] > e;
    \u0254 > o;
    \u0263 > g;

    :: si-si_Latn;
    :: Any-Latin;
    :: NFKD;
    :: Latin-ASCII;
)";

void check(UErrorCode status)
{
    if (U_FAILURE(status))
        throw std::runtime_error(std::string("transliteration is not usable: ") + u_errorName(status));
}

bool is_kept(char letter) noexcept
{
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

// What is left of a text that has been brought to ASCII as far as it can be.
std::string letters_of(std::string_view text)
{
    auto letters = ascii_lower(text);
    std::erase_if(letters, [](char letter) { return !is_kept(letter); });
    return letters;
}

// Threads have to take turns at a transliterator (unicode/translit.h). With a copy each they were no faster.
class Romanizer {
public:
    Romanizer()
    {
        auto status = U_ZERO_ERROR;
        folding_ = icu::Normalizer2::getNFKCCasefoldInstance(status);
        check(status);
        UParseError place;
        transliterator_.reset(icu::Transliterator::createFromRules(
            "Onboard-Roman", icu::UnicodeString::fromUTF8(rules), UTRANS_FORWARD, place, status));
        check(status);
    }

    std::string operator()(std::string_view text)
    {
        auto status = U_ZERO_ERROR;
        auto const size = static_cast<std::int32_t>(text.size());
        auto letters = folding_->normalize(icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), size)), status);
        check(status);
        letters.truncate(most_letters);
        {
            std::scoped_lock const turn(mutex_);
            transliterator_->transliterate(letters);
        }
        std::string roman;
        letters.toUTF8String(roman);
        return letters_of(roman);
    }

private:
    icu::Normalizer2 const* folding_ = nullptr;
    std::unique_ptr<icu::Transliterator> transliterator_;
    std::mutex mutex_;
};

}

std::string romanized(std::string_view text)
{
    text = text.substr(0, most_octets);
    if (is_ascii(text))
        return letters_of(text);

    static Romanizer romanizer;
    return romanizer(text);
}

}
