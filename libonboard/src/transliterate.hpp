#pragma once

#include <string>
#include <string_view>

namespace onboard::unicode {

// A text of any script in Roman letters: nothing but a-z and 0-9, and nothing at all if no letter of it can be rendered.
// Accents, punctuation, blanks, emoji and ill-formed UTF-8 are left out. Beyond ASCII only the first 64 letters count,
// so that the work has a bound. Safe to call from many threads, who take turns beyond ASCII.
//
// The first call beyond ASCII takes some 25 ms, the first with a Chinese letter some 120 ms, later ones microseconds.
std::string romanized(std::string_view text);

}
