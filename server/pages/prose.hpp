#pragma once

#include <string>
#include <string_view>

namespace onboard::server::pages {

// Text with `code`, **strong** words and empty lines between paragraphs, the part of Markdown that descriptions use, as
// HTML.
std::string prose(std::string_view text);

// The same for what is one sentence or two, without a paragraph around it.
std::string phrase(std::string_view text);

}
