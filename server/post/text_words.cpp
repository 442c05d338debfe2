#include "server/post/text_words.hpp"

#include <stdexcept>

namespace onboard::server::post {

namespace {

constexpr TextWords dutch_texts{
    .code = "{code} is uw code voor {host}.",
    .short_code = "{code} is uw code.",
    .keep_secret = "Geef de code aan niemand door.",
};

constexpr TextWords french_texts{
    .code = "{code} est votre code pour {host}.",
    .short_code = "{code} est votre code.",
    .keep_secret = "Ne le transmettez à personne.",
};

constexpr TextWords english_texts{
    .code = "{code} is your code for {host}.",
    .short_code = "{code} is your code.",
    .keep_secret = "Do not share it.",
};

constexpr TextWords german_texts{
    .code = "{code} ist Ihr Code für {host}.",
    .short_code = "{code} ist Ihr Code.",
    .keep_secret = "Geben Sie ihn an niemanden weiter.",
};

}

TextWords const& texts_in(Language language)
{
    switch (language) {
    case Language::dutch: return dutch_texts;
    case Language::french: return french_texts;
    case Language::english: return english_texts;
    case Language::german: return german_texts;
    }
    throw std::invalid_argument("no such language");
}

}
