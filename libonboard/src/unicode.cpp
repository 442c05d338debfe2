#include "unicode.hpp"

#include <algorithm>

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <onboard/error.hpp>

namespace onboard::unicode {

namespace {

constexpr UChar32 ill_formed = -1;

// Takes the code point at `at` and moves on; ill_formed if there is none.
UChar32 next(std::string_view text, std::size_t& at)
{
    auto const* bytes = reinterpret_cast<std::uint8_t const*>(text.data());
    auto position = static_cast<std::int32_t>(at);
    UChar32 point = ill_formed;
    U8_NEXT(bytes, position, static_cast<std::int32_t>(text.size()), point);
    at = static_cast<std::size_t>(position);
    return point;
}

bool printable(UChar32 point)
{
    if (point < 0x80)
        return point >= 0x20 && point != 0x7f;
    if (u_hasBinaryProperty(point, UCHAR_BIDI_CONTROL))
        return false;
    auto const unprintable = U_GC_CC_MASK | U_GC_CS_MASK | U_GC_CO_MASK | U_GC_CN_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
    return (U_GET_GC_MASK(point) & unprintable) == 0;
}

bool visible(UChar32 point)
{
    return printable(point) && (U_GET_GC_MASK(point) & (U_GC_CF_MASK | U_GC_Z_MASK)) == 0 &&
           !u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

void check(UErrorCode status)
{
    if (U_FAILURE(status))
        throw std::runtime_error(std::string("Unicode data is not usable: ") + u_errorName(status));
}

std::string normalized(icu::Normalizer2 const& form, std::string_view text)
{
    std::string result;
    icu::StringByteSink<std::string> sink(&result, static_cast<std::int32_t>(text.size()));
    auto status = U_ZERO_ERROR;
    form.normalizeUTF8(
        0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink, nullptr, status);
    check(status);
    return result;
}

std::string nfkc(std::string_view text)
{
    auto status = U_ZERO_ERROR;
    auto const* form = icu::Normalizer2::getNFKCInstance(status);
    check(status);
    return normalized(*form, text);
}

bool is_space(UChar32 point)
{
    return point >= 0 && u_hasBinaryProperty(point, UCHAR_WHITE_SPACE);
}

}

std::string nfc(std::string_view text)
{
    auto status = U_ZERO_ERROR;
    auto const* form = icu::Normalizer2::getNFCInstance(status);
    check(status);
    return normalized(*form, text);
}

std::string_view trimmed(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        auto const start = at;
        if (!is_space(next(text, at))) {
            text.remove_prefix(start);
            break;
        }
        if (at == text.size())
            return {};
    }
    while (!text.empty()) {
        auto const* bytes = reinterpret_cast<std::uint8_t const*>(text.data());
        auto position = static_cast<std::int32_t>(text.size());
        UChar32 point = ill_formed;
        U8_PREV(bytes, 0, position, point);
        if (!is_space(point))
            break;
        text = text.substr(0, static_cast<std::size_t>(position));
    }
    return text;
}

std::optional<std::size_t> printable_length(std::string_view text)
{
    std::size_t length = 0;
    for (std::size_t at = 0; at < text.size(); ++length)
        if (auto const point = next(text, at); point == ill_formed || !printable(point))
            return std::nullopt;
    return length;
}

bool is_plain_word(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();)
        if (auto const point = next(text, at); point == ill_formed || !visible(point))
            return false;
    if (is_ascii(text))
        return true;

    auto const ascii_punctuation = [](std::string_view word) {
        return std::ranges::count_if(word, [](unsigned char byte) { return byte < 0x80 && !u_isalnum(byte); });
    };
    return ascii_punctuation(nfkc(text)) == ascii_punctuation(text);
}

std::string fold(std::string_view text)
{
    if (is_ascii(text))
        return ascii_lower(text);

    auto const composed = nfc(text);
    std::string folded;
    icu::StringByteSink<std::string> sink(&folded, static_cast<std::int32_t>(composed.size()));
    auto status = U_ZERO_ERROR;
    icu::CaseMap::utf8Fold(
        U_FOLD_CASE_DEFAULT, icu::StringPiece(composed.data(), static_cast<std::int32_t>(composed.size())), sink,
        nullptr, status);
    check(status);
    return nfc(folded);
}

std::string ascii_lower(std::string_view text)
{
    std::string lower(text);
    for (auto& letter : lower)
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter - 'A' + 'a');
    return lower;
}

bool is_ascii(std::string_view text) noexcept
{
    return std::ranges::all_of(text, [](unsigned char byte) { return byte < 0x80; });
}

}
