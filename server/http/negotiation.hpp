#pragma once

#include <optional>
#include <string_view>

namespace onboard::server {

// Whether a Content-Type field says JSON: application/json, and no charset but UTF-8 (RFC 8259, 8.1).
bool is_json(std::string_view content_type);

// Whether it says application/vnd.sso.v1+json or application/json, and no charset but UTF-8.
bool is_sso_json(std::string_view content_type);

// Whether it says application/x-www-form-urlencoded, and no charset but UTF-8.
bool is_form(std::string_view content_type);

// Which of application/vnd.sso.v1+json and application/json to answer in, by the value of the Accept field (RFC 9110,
// 12.5.1). Several fields are one, joined by commas. No field, or one that lists nothing, accepts anything. Nothing
// if neither type is acceptable. The answer does not refer to `accept`. Takes time in proportion to its length.
std::optional<std::string_view> sso_media_type(std::optional<std::string_view> accept);

}
