#include "server/pages/languages.hpp"

#include "server/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace onboard::server::pages {

namespace {

// English first: it is what a browser without a preference of its own gets.
constexpr std::array ours{Language::english, Language::dutch, Language::french, Language::german};

struct Preference {
    std::string_view range;
    int thousandths;
};

// Cuts off what stands before the separator.
std::string_view take(std::string_view& text, char separator)
{
    auto const end = std::min(text.find(separator), text.size());
    auto const part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return without_blanks(part);
}

bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

// A qvalue, "0.25", in thousandths.
std::optional<int> read_weight(std::string_view text)
{
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.'))
        return std::nullopt;

    auto thousandths = (text[0] - '0') * 1000;
    auto place = 100;
    for (auto const digit : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (!is_digit(digit))
            return std::nullopt;
        thousandths += (digit - '0') * place;
        place /= 10;
    }
    return thousandths <= 1000 ? std::optional(thousandths) : std::nullopt;
}

std::optional<Preference> read_preference(std::string_view element)
{
    auto const range = take(element, ';');
    if (range.empty())
        return std::nullopt;
    if (without_blanks(element).empty())
        return Preference{range, 1000};

    auto const name = take(element, '=');
    auto const weight = read_weight(without_blanks(element));
    if ((name != "q" && name != "Q") || !weight)
        return std::nullopt;
    return Preference{range, *weight};
}

std::optional<Language> language_of(std::string_view range)
{
    auto const language = parse_language(range.substr(0, range.find('-')));
    return language ? std::optional(*language) : std::nullopt;
}

std::size_t place_of(Language language)
{
    return static_cast<std::size_t>(std::find(ours.begin(), ours.end(), language) - ours.begin());
}

struct Wish {
    int thousandths;
    int position;  // in the field, the earlier the dearer
};

}

Language preferred(std::string_view accept_language)
{
    std::array<std::optional<Wish>, ours.size()> wishes;
    std::optional<Wish> anything;

    for (auto position = 0; !accept_language.empty(); ++position) {
        auto const preference = read_preference(take(accept_language, ','));
        if (!preference)
            continue;
        auto const language = language_of(preference->range);
        if (!language && preference->range != "*")
            continue;
        auto& wish = language ? wishes[place_of(*language)] : anything;
        if (!wish || wish->thousandths < preference->thousandths)
            wish = Wish{preference->thousandths, position};
    }

    auto best = Language::english;
    auto best_wish = Wish{0, 0};
    for (auto const language : ours) {
        auto const& wish = wishes[place_of(language)] ? wishes[place_of(language)] : anything;
        if (!wish)
            continue;
        auto const dearer = wish->thousandths > best_wish.thousandths ||
                            (wish->thousandths == best_wish.thousandths && wish->position < best_wish.position);
        if (dearer) {
            best = language;
            best_wish = *wish;
        }
    }
    return best;
}

}
