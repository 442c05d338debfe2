#include "server/pages/words.hpp"

#include <stdexcept>

namespace onboard::server::pages {

Words const& words_in(Language language)
{
    switch (language) {
    case Language::dutch: return dutch_words;
    case Language::french: return french_words;
    case Language::english: return english_words;
    case Language::german: return german_words;
    }
    throw std::invalid_argument("no such language");
}

}
