#include <set>
#include <stdexcept>

#include "jwt/corpus.hpp"

namespace {

using namespace onboard;
using namespace onboard::jwt;
using namespace onboard::testing;

Outcome<VerificationKey, KeyFault> read(Corpus::Key const& key)
{
    return key.form == "pem" ? VerificationKey::from_pem(key.text) : VerificationKey::from_jwk(key.text);
}

std::string good_key(std::string_view name)
{
    for (auto const& key : corpus().keys)
        if (key.name == name && key.fault.empty())
            return key.text;
    throw std::logic_error("no such key");
}

TEST_CASE("a key is taken for what it is, or refused with the reason", "[jwt]")
{
    std::set<std::string> faults;
    for (auto const& key : corpus().keys) {
        INFO(key.name);
        auto const taken = read(key);
        CHECK(fault(taken) == key.fault);
        faults.insert(key.fault);
        if (taken)
            CHECK((taken->algorithm() == Algorithm::es256) == (key.name.find("curve") != std::string::npos));
    }
    CHECK(faults.size() == static_cast<std::size_t>(KeyFault::algorithm_differs) + 1);
}

TEST_CASE("a text that is much too long for a key is none", "[jwt]")
{
    CHECK(fault(VerificationKey::from_pem(good_key("RSA in PEM") + std::string(16384, '\n'))) == "malformed");
    CHECK(fault(VerificationKey::from_jwk(good_key("RSA") + std::string(16384, '\n'))) == "malformed");
    CHECK(fault(VerificationKey::from_pem(std::string(1 << 20, '-'))) == "malformed");
    CHECK(fault(VerificationKey::from_pem(std::string("-----BEGIN PUBLIC KEY-----\n\0\n", 29))) == "malformed");
}

TEST_CASE("a set has the keys of use, or is refused with the reason", "[jwt]")
{
    std::set<std::string> faults;
    for (auto const& set : corpus().sets) {
        INFO(set.name);
        auto const keys = KeySet::read(set.text);
        CHECK(fault(keys) == set.fault);
        if (keys)
            CHECK(keys->size() == set.size);
        faults.insert(set.fault);
    }
    CHECK(faults.size() == 5);
    CHECK(fault(KeySet::read(corpus().issuers.at("google") + std::string(65536, ' '))) == "set_malformed");
}

TEST_CASE("a set is made of keys that were read one by one", "[jwt]")
{
    auto const rsa = *VerificationKey::from_pem(good_key("RSA in PEM"));
    auto const curve = *VerificationKey::from_pem(good_key("a curve in PEM"));
    CHECK(KeySet::of({{rsa, "one"}})->size() == 1);
    CHECK(KeySet::of({{rsa, "one"}, {curve, "one"}, {rsa, "two"}, {rsa}})->size() == 4);
    CHECK(fault(KeySet::of({})) == "set_empty");
    CHECK(fault(KeySet::of({{rsa, "one"}, {rsa, "one"}})) == "id_repeated");
    CHECK(fault(KeySet::of({{rsa}, {rsa}})) == "id_repeated");
    std::vector<NamedKey> many;
    for (int number = 0; number < 33; ++number)
        many.push_back({curve, std::to_string(number)});
    CHECK(fault(KeySet::of(many)) == "set_too_large");
    many.pop_back();
    CHECK(KeySet::of(many)->size() == 32);
}

TEST_CASE("every fault of a key has a name of its own", "[jwt]")
{
    std::set<std::string_view> names;
    for (auto value = 1; value <= static_cast<int>(KeyFault::set_empty); ++value)
        names.insert(name_of(static_cast<KeyFault>(value)));
    CHECK(names.size() == static_cast<std::size_t>(KeyFault::set_empty));
    CHECK_FALSE(names.contains("unknown"));
}

}
