#pragma once

#include <string>
#include <string_view>

namespace onboard::server::pages {

// The description of all calls, an OpenAPI document, as a page to read: complete without scripts. It loads stylesheet()
// and /assets/docs.css, and the script of /assets/docs.js, which lets people make the calls from the page. The calls are
// those of the server at `base`. Throws std::invalid_argument for what is no such document.
std::string documentation(std::string_view openapi, std::string_view base);

}
