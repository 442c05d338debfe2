#pragma once

#include <string_view>

// Files that the program carries along, as they are in the sources.
namespace onboard::server::embedded {

std::string_view api_description();       // docs/openapi.json
std::string_view documentation_style();   // server/pages/documentation.css
std::string_view documentation_script();  // server/pages/documentation.js

}
