#pragma once

#include <string_view>

namespace onboard::server {

// Whether a Content-Type field says JSON: application/json, and no charset but UTF-8 (RFC 8259, 8.1).
bool is_json(std::string_view content_type);

// Whether it says application/x-www-form-urlencoded, and no charset but UTF-8.
bool is_form(std::string_view content_type);

}
