// Reads a key set on one line, and then tokens in hex, one a line. Prints for each what jwt_mutations.mjs prints of
// jose: taken, with issuer, subject and expiry, or refused, with the reason; each in hex, with tabs between them.
#include <iostream>
#include <string>

#include <onboard/jwt.hpp>

namespace {

using namespace onboard;

std::string to_hex(std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (auto const letter : text) {
        auto const octet = static_cast<unsigned char>(letter);
        hex += {digits[octet >> 4], digits[octet & 15]};
    }
    return hex;
}

std::string from_hex(std::string_view hex)
{
    std::string text;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
        text += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
    return text;
}

void print(jwt::Checked<jwt::Claims> const& claims)
{
    using std::chrono::duration_cast, std::chrono::seconds;
    if (!claims) {
        std::cout << to_hex("refused") << '\t' << to_hex(name_of(claims.error().reason)) << '\n';
        return;
    }
    auto const expiry = duration_cast<seconds>(claims->expires_at().time_since_epoch()).count();
    std::cout << to_hex("taken") << '\t' << to_hex(claims->issuer()) << '\t' << to_hex(claims->subject()) << '\t'
              << to_hex(std::to_string(expiry)) << '\n';
}

}

int main()
{
    std::ios::sync_with_stdio(false);
    Instant const now(std::chrono::seconds(1760000000));
    jwt::Verifier const verifier(
        {.issuers = {"https://issuer.example", "issuer.example"},
         .audiences = {"ours", "ours too"},
         .algorithms = {jwt::Algorithm::rs256, jwt::Algorithm::es256}});
    std::string line;
    std::getline(std::cin, line);
    auto const keys = jwt::KeySet::read(line);
    if (!keys)
        return 1;
    while (std::getline(std::cin, line))
        print(verifier.verify(from_hex(line), *keys, now));
}
