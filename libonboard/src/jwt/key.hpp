#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include <onboard/jwt.hpp>

#include "openssl.hpp"

namespace onboard::jwt {

// SHA-256 of a text.
Claims::Fingerprint sha256(std::string_view text);

// Whether a `kid` (RFC 7515, 4.1.4) is a text, and not too long a one.
bool is_key_id(boost::json::value const&);

struct VerificationKey::Key {
    openssl::KeyContext ready;  // to check with; each check works on a copy
    Algorithm algorithm;
    std::size_t signature_size;  // octets

    // Whether these octets, as many as `signature_size`, are a signature over the text with this hash.
    [[gnu::visibility("hidden")]] bool has_signed(Claims::Fingerprint const&, std::string_view signature) const;
};

// Makes keys of what was read.
struct KeyReader {
    [[gnu::visibility("hidden")]] static Outcome<VerificationKey, KeyFault> read(boost::json::object const& jwk);

    // Checks that the key is one of those we use, and sound.
    [[gnu::visibility("hidden")]] static Outcome<VerificationKey, KeyFault> accept(openssl::Key);
};

}
