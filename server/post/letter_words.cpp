#include "server/post/letter_words.hpp"

#include <stdexcept>

namespace onboard::server::post {

LetterWords const& letters_in(Language language)
{
    switch (language) {
    case Language::dutch: return dutch_letters;
    case Language::french: return french_letters;
    case Language::english: return english_letters;
    case Language::german: return german_letters;
    }
    throw std::invalid_argument("no such language");
}

}
