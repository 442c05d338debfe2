#pragma once

#include <string>
#include <string_view>

#include <onboard/letters.hpp>

namespace onboard::server::post {

// What a letter says. The subject is one line; the text has its secret in one piece, to be copied.
struct LetterText {
    std::string subject;
    std::string text;
    std::string html;
};

// Words a letter in its own language. Its links begin with `public_url`, which has no slash at its end. Names are shown
// as they are, except that nothing in them can begin a line or turn the reading direction; whoever has none is greeted
// without. Throws std::invalid_argument for a kind that does not travel by mail.
LetterText write(Letter const&, std::string_view secret, std::string_view public_url);

}
