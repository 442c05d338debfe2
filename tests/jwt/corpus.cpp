#include "jwt/corpus.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <boost/json/parse.hpp>

namespace onboard::testing {

namespace {

namespace json = boost::json;

std::string text(json::value const& value)
{
    return value.is_null() ? std::string() : std::string(value.as_string());
}

Corpus read_corpus()
{
    std::ifstream file(ONBOARD_TEST_DATA "/jwt/corpus.json");
    std::ostringstream contents;
    contents << file.rdbuf();
    auto const document = json::parse(contents.str());
    Corpus corpus;
    corpus.now = Instant(std::chrono::seconds(document.at("now").as_int64()));
    for (auto const& [name, keys] : document.at("keys").as_object())
        corpus.issuers.emplace(name, text(keys));
    for (auto const& token : document.at("tokens").as_array())
        corpus.tokens.push_back(
            {text(token.at("name")), text(token.at("rules")), text(token.at("keys")), text(token.at("token")),
             text(token.at("refused")), text(token.at("about"))});
    for (auto const& key : document.at("key_texts").as_array())
        corpus.keys.push_back(
            {text(key.at("name")), text(key.at("form")), text(key.at("text")), text(key.at("fault"))});
    for (auto const& set : document.at("key_sets").as_array())
        corpus.sets.push_back(
            {text(set.at("name")), text(set.at("text")), set.at("size").to_number<std::size_t>(),
             text(set.at("fault"))});
    return corpus;
}

}

std::string const& Corpus::token(std::string_view name, std::string_view rules) const
{
    for (auto const& token : tokens)
        if (token.name == name && token.rules == rules)
            return token.text;
    throw std::logic_error("no such token: " + std::string(name));
}

Corpus const& corpus()
{
    static auto const read = read_corpus();
    return read;
}

jwt::KeySet keys_named(std::string const& issuer)
{
    return *jwt::KeySet::read(corpus().issuers.at(issuer));
}

jwt::Expectation expectation_named(std::string_view name)
{
    using jwt::Algorithm;
    if (name == "google")
        return jwt::google({"web.apps.example", "other.apps.example"}).tokens;
    if (name == "portal")
        return {
            .issuers = {"https://portal.example/"},
            .audiences = {"https://onboard.example"},
            .algorithms = {Algorithm::rs256},
            .required = {"jti"},
            .longest_life = std::chrono::minutes(10)};
    jwt::Expectation expectation{
        .issuers = {"https://school.example"},
        .audiences = {"https://onboard.example"},
        .algorithms = {Algorithm::es256}};
    if (name == "both")
        expectation.algorithms = {Algorithm::rs256, Algorithm::es256};
    if (name == "typed") {
        expectation.type = "portal+jwt";
        expectation.type_required = true;
    }
    return expectation;
}

}
