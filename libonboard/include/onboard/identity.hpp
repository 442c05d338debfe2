#pragma once

#include <optional>
#include <string>

#include <onboard/person.hpp>

#pragma GCC visibility push(default)

namespace onboard {

// Somebody as an identity provider knows them, by its signed word: see onboard/jwt.hpp.
struct Identity {
    // Who it is: these two together, for ever (OpenID Connect Core 1.0, 5.7). If the provider spells its own name in
    // several ways, here it is always the first. 1 to 255 octets each.
    std::string issuer;
    std::string subject;

    std::optional<EmailAddress> email = {};
    bool email_verified = false;

    // Whether the provider hands out the address itself, so that it knows who has it today. No other address may link
    // this person to an account that is here already.
    bool email_authoritative = false;

    std::optional<std::string> hosted_domain = {};  // of the organisation that the account belongs to

    // As the provider has them: any text.
    std::optional<std::string> name = {};
    std::optional<std::string> given_name = {};
    std::optional<std::string> family_name = {};
};

}

#pragma GCC visibility pop
