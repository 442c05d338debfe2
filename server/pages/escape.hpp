#pragma once

#include <string>
#include <string_view>

namespace onboard::server::pages {

// Text made fit to stand in HTML, between tags and inside quoted attributes alike.
std::string escaped(std::string_view text);

// A value inside a sentence: escaped, and set apart so that its writing direction cannot reorder the words around it.
std::string isolated(std::string_view text);

}
