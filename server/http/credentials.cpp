#include "server/http/credentials.hpp"

#include <array>

#include <openssl/evp.h>

#include "server/text.hpp"

namespace onboard::server {

namespace {

constexpr std::size_t longest = 1024;  // a name of 64 characters and a token have room in a quarter of it

// RFC 4648, 4, with its padding; OpenSSL alone would let blanks pass.
std::optional<std::string> decoded(std::string_view base64)
{
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    auto const text = base64.substr(0, base64.find('='));
    auto const padding = base64.size() - text.size();
    if (base64.empty() || base64.size() > longest || base64.size() % 4 != 0 || padding > 2 ||
        text.find_first_not_of(letters) != std::string_view::npos ||
        base64.find_first_not_of('=', text.size()) != std::string_view::npos)
        return std::nullopt;
    std::array<unsigned char, longest> plain;
    auto const size = EVP_DecodeBlock(
        plain.data(), reinterpret_cast<unsigned char const*>(base64.data()), static_cast<int>(base64.size()));
    if (size < 0)
        return std::nullopt;
    return std::string(plain.begin(), plain.begin() + size - static_cast<std::ptrdiff_t>(padding));
}

std::optional<Credentials> read_basic(std::string_view encoded)
{
    auto const pair = decoded(encoded);
    auto const colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos || colon == 0 || colon + 1 == pair->size())
        return std::nullopt;
    return Credentials{.name = pair->substr(0, colon), .token = pair->substr(colon + 1)};
}

}

std::optional<Credentials> read_credentials(std::string_view authorization)
{
    auto const blank = authorization.find(' ');
    if (blank == std::string_view::npos)
        return std::nullopt;
    auto const scheme = authorization.substr(0, blank);
    auto const rest = without_blanks(authorization.substr(blank));  // RFC 9110, 11.4: one blank or more
    if (equal_but_case(scheme, "Basic"))
        return read_basic(rest);
    if (!equal_but_case(scheme, "Bearer") || rest.empty() || rest.find(' ') != std::string_view::npos)
        return std::nullopt;
    return Credentials{.token = std::string(rest)};
}

}
