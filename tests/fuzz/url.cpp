#include "fuzz.hpp"

#include <algorithm>
#include <string>

#include "server/http/forms.hpp"
#include "server/settings/urls.hpp"

using namespace onboard::server;
using onboard::testing::promise;

namespace {

std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view digits = "0123456789aBcDeF";
    std::string encoded;
    for (unsigned char const byte : text)
        ((encoded += '%') += digits[byte >> 4]) += digits[byte & 15];
    return encoded;
}

void read_path(std::string_view input)
{
    auto const plain = percent_decoded(input);
    promise(!plain || plain->size() <= input.size(), "decoding makes nothing longer");
    promise(input.find('%') != std::string_view::npos || plain == input, "text without a percent is itself");
    promise(percent_decoded(percent_encoded(input)) == input, "what is encoded is decoded");
}

void read_query(std::string_view input)
{
    auto const query = "a=1&code=" + percent_encoded(input) + "&b=2";
    promise(form_field(query, "code") == input, "a value is what was written");
    promise(form_field(query, "a") == "1" && form_field(query, "b") == "2", "and breaks out of nothing");
}

void read_url(std::string_view input)
{
    auto const url = WebUrl::parse(input);
    if (!url)
        return;
    promise(
        url->host.find_first_of("/?#@\\% \r\n\t") == std::string::npos && !url->host.empty(),
        "a host is a host alone");
    promise(url->path.empty() || url->path.starts_with('/'), "a path begins behind its host");
    auto const origin = WebUrl::parse(url->origin());
    promise(origin && origin->origin() == url->origin(), "an origin reads as itself");
    promise(
        origin->host == url->host && origin->https == url->https && !origin->has_user, "and leads to the same host");
    promise(without_password(url->origin()) == url->origin(), "an origin has no password");
}

void hide(std::string_view password)
{
    auto const url = "smtp://us:" + percent_encoded(password) + "@mail.example:25";
    promise(without_password(url) == "smtp://us:***@mail.example:25", "a password is not shown");
    promise(without_secrets(url) == without_password(url), "nor in any other way");
    auto const ill_formed = "https://us:" + std::string(password) + "@mail.example";
    promise(without_secrets(ill_formed).starts_with("https://us:***@"), "not even if it is not encoded");
}

}

FUZZ(input)
{
    read_path(input);
    read_query(input);
    read_url(input);
    hide(input);
}
