#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <onboard/secrets.hpp>

namespace onboard::server {

// Text in a path (RFC 3986, 2.1). Nothing if it is not encoded as it should be.
std::optional<std::string> percent_decoded(std::string_view text);

// The value of a field of a posted form (application/x-www-form-urlencoded). Nothing if it is missing, comes twice, or
// is not encoded as it should be.
std::optional<std::string> form_field(std::string_view body, std::string_view name);

// How often a field is there.
int count_form_field(std::string_view body, std::string_view name);

// The value of a cookie. Nothing if it is missing or comes twice: then nobody can tell which is meant.
std::optional<std::string_view> cookie(std::string_view cookie_field, std::string_view name);

// The token in a form that only our page can have: it belongs to the cookie the browser was given, and to the page.
std::string form_token(SecretKey const&, std::string_view page, std::string_view cookie_value);
bool is_form_token(
    SecretKey const&, std::string_view page, std::string_view cookie_value, std::string_view presented);

}
