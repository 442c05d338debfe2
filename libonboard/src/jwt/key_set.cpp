#include <algorithm>

#include "key.hpp"
#include "strict_json.hpp"

namespace onboard::jwt {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_set = 65536;
constexpr std::size_t most_keys = 32;

bool are_rivals(NamedKey const& one, NamedKey const& other)
{
    return one.id == other.id && one.key.algorithm() == other.key.algorithm();
}

// A key of a set and its name; nothing if it is none that we could use.
std::optional<NamedKey> read_element(json::value const& element)
{
    auto const* const jwk = element.if_object();
    if (!jwk || (jwk->contains("kid") && !is_key_id(jwk->at("kid"))))
        return std::nullopt;
    auto key = KeyReader::read(*jwk);
    if (!key)
        return std::nullopt;
    auto const id = text_of(*jwk, "kid");
    return NamedKey{std::move(*key), id ? std::optional<std::string>(*id) : std::nullopt};
}

}

Outcome<KeySet, KeyFault> KeySet::of(std::vector<NamedKey> keys)
{
    if (keys.empty())
        return KeyFault::set_empty;
    if (keys.size() > most_keys)
        return KeyFault::set_too_large;
    for (auto key = keys.begin(); key != keys.end(); ++key)
        if (std::any_of(keys.begin(), key, [&](NamedKey const& other) { return are_rivals(*key, other); }))
            return KeyFault::id_repeated;
    return KeySet(std::make_shared<std::vector<NamedKey> const>(std::move(keys)));
}

Outcome<KeySet, KeyFault> KeySet::read(std::string_view text)
{
    auto const document = text.size() <= longest_set ? read_object(text) : JsonFault::malformed;
    if (!document)
        return KeyFault::set_malformed;
    auto const* const member = document->if_contains("keys");
    auto const* const elements = member ? member->if_array() : nullptr;
    if (!elements)
        return KeyFault::set_malformed;
    std::vector<NamedKey> keys;
    for (auto const& element : *elements) {
        if (keys.size() > most_keys)
            break;  // a key takes milliseconds to read
        if (auto key = read_element(element))
            keys.push_back(std::move(*key));
    }
    return of(std::move(keys));
}

}
