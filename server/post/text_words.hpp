#pragma once

#include <string_view>

#include <onboard/person.hpp>

// What the text messages say. In braces stand the values that belong there. All of it is in the GSM 7-bit alphabet
// (3GPP TS 23.038, 6.2.1): one character beyond it, and a message has room for 70 in place of 160.
namespace onboard::server::post {

struct TextWords {
    std::string_view code;        // {code}, {host}
    std::string_view short_code;  // {code}; beside a long host
    std::string_view keep_secret;
};

TextWords const& texts_in(Language);

}
