#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <onboard/jwt.hpp>

#include "support/catch.hpp"

namespace onboard::testing {

// corpus.json, which make_corpus.mjs makes with npm's jose.
struct Corpus {
    struct Token {
        std::string name;
        std::string rules;  // an Expectation, or what is known of a provider
        std::string keys;
        std::string text;
        std::string refused;  // the Reason's name; empty if it is good
        std::string about;
    };

    struct Key {
        std::string name;
        std::string form;  // "pem" or "jwk"
        std::string text;
        std::string fault;  // empty if it is good
    };

    struct Set {
        std::string name;
        std::string text;
        std::size_t size;
        std::string fault;
    };

    Instant now;
    std::map<std::string, std::string> issuers;  // texts of key sets, by name
    std::vector<Token> tokens;
    std::vector<Key> keys;
    std::vector<Set> sets;

    // The text of a token.
    std::string const& token(std::string_view name, std::string_view rules = "google") const;
};

Corpus const& corpus();

jwt::KeySet keys_named(std::string const& issuer);

// What Google's tokens, a portal's, and those of a school that signs with a curve have to be like.
jwt::Expectation expectation_named(std::string_view name);

// Why something was refused, as text: "key_unknown kid", and "" if it was not.
template <class Value>
std::string refusal(jwt::Checked<Value> const& checked)
{
    if (checked)
        return {};
    auto text = std::string(name_of(checked.error().reason));
    return checked.error().about.empty() ? text : text + ' ' + checked.error().about;
}

template <class Value>
std::string fault(jwt::Outcome<Value, jwt::KeyFault> const& read)
{
    return read ? std::string() : std::string(name_of(read.error()));
}

}
