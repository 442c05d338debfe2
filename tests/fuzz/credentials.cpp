#include "fuzz.hpp"

#include <string>

#include "server/http/credentials.hpp"

using namespace onboard::server;
using onboard::testing::promise;

namespace {

// RFC 4648, 4
std::string base64(std::string_view bytes)
{
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        auto const byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
        auto const three = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
        for (auto const shift : {18U, 12U, 6U, 0U})
            text += letters[three >> shift & 63U];
    }
    for (std::size_t missing = (3 - bytes.size() % 3) % 3; missing > 0; --missing)
        text[text.size() - missing] = '=';
    return text;
}

void read(std::string_view field)
{
    auto const credentials = read_credentials(field);
    if (!credentials)
        return;
    promise(!credentials->token.empty(), "credentials have a token");
    promise(credentials->name.find(':') == std::string::npos, "a name ends at its colon");
    promise(
        !credentials->name.empty() || credentials->token.find(' ') == std::string::npos,
        "the token of a bearer is one word");
    auto const written = credentials->name.empty() ? "Bearer " + credentials->token
                                                   : "Basic " + base64(credentials->name + ":" + credentials->token);
    auto const again = read_credentials(written);
    promise(
        again && again->name == credentials->name && again->token == credentials->token,
        "credentials read as themselves");
}

}

FUZZ(input)
{
    read(input);
    read("Basic " + std::string(input));
    read("Basic " + base64(input));
}
