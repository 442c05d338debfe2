#include "fuzz.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <onboard/jwt.hpp>

using namespace onboard;
using onboard::testing::promise;

namespace {

std::string content_of(std::string const& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// The only tokens that are good, and the keys they are by: beside the seeds, which hold them too.
struct Known {
    std::set<std::string> tokens;
    jwt::KeySet keys = *jwt::KeySet::read(content_of(std::string(ONBOARD_FUZZ_DATA) + "/token.keys"));

    Known()
    {
        std::ifstream stream(std::string(ONBOARD_FUZZ_DATA) + "/token.good");
        for (std::string line; std::getline(stream, line);)
            tokens.insert(line);
        promise(tokens.size() > 5, "there are good tokens");
        for (auto const& token : tokens)
            promise(verifier.verify(token, keys, now).has_value(), "a good token is taken");
    }

    jwt::Verifier verifier{jwt::google({"web.apps.example", "other.apps.example"}).tokens};
    Instant now{std::chrono::seconds(1760000000)};
};

}

FUZZ(input)
{
    static Known const known;
    auto const claims = known.verifier.verify(input, known.keys, known.now);
    promise(!claims || known.tokens.contains(std::string(input)), "no token is taken that the provider did not make");
    promise(claims || known.tokens.contains(std::string(input)) == false, "and those it made are");
    if (auto const issuer = jwt::unverified_issuer(input))
        promise(!issuer->empty(), "an issuer has a name");
    static_cast<void>(jwt::VerificationKey::from_jwk(input));
    static_cast<void>(jwt::VerificationKey::from_pem(input));
    static_cast<void>(jwt::KeySet::read(input));
    static_cast<void>(jwt::http_life(input, input));
}
