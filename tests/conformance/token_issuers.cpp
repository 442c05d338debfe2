#include <atomic>

#include "conformance/rows.hpp"
#include "conformance/storage_under_test.hpp"
#include "support/catch.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::conformance;
using namespace onboard::testing;

Result<void> added(Storage& storage, TokenIssuer const& issuer)
{
    return committed(storage, [&](UnitOfWork& work) { return work.token_issuers().add(issuer); });
}

bool removed(Storage& storage, std::string_view name)
{
    return committed(storage, [&](UnitOfWork& work) { return work.token_issuers().remove(name); });
}

std::optional<TokenIssuer> found(Storage& storage, std::string_view name)
{
    return storage.begin_reading()->token_issuers().find(name);
}

TEST_CASE("an issuer of tokens comes back as it was added", "[token issuers]")
{
    auto const storage = open_empty_storage();
    TokenIssuer const portal{
        .name = "https://portal.example/\u00e4'%20\\x",
        .public_key = std::string("-----BEGIN\r\n\t\\n a\0b\xff\n", 22),
        .channel = channel("Kerala-1_a.b"),
        .audience = std::string("\0\xfe\\ audience", 12),
        .added_at = noon + 1ms};
    auto plain = issuer("plain");
    plain.public_key = "";
    plain.audience = "";
    CHECK(added(*storage, portal));
    CHECK(added(*storage, plain));
    CHECK(found(*storage, portal.name) == portal);
    CHECK(found(*storage, "plain") == plain);
}

TEST_CASE("an issuer of tokens is known by its very name", "[token issuers]")
{
    auto const storage = open_empty_storage();
    CHECK(added(*storage, issuer("https://Portal.example")));
    for (auto const& other :
         {std::string("https://portal.example"), std::string("https://Portal.example/"),
          std::string("https://Portal"), std::string("https://Portal.example "),
          std::string("https://Portal.example\0", 23), std::string("\0", 1), std::string("\xff\xfe"),
          std::string()}) {
        CHECK_FALSE(found(*storage, other));
        CHECK_FALSE(removed(*storage, other));
    }
    CHECK(found(*storage, "https://Portal.example"));
}

TEST_CASE("issuers of tokens are listed by name", "[token issuers]")
{
    auto const storage = open_empty_storage();
    CHECK(storage->begin_reading()->token_issuers().all().empty());
    for (auto const* name : {"b", "\u00e4", "B", "a", "10", "9"})
        CHECK(added(*storage, issuer(name)));
    std::vector<TokenIssuer> expected;
    for (auto const* name : {"10", "9", "B", "a", "b", "\u00e4"})
        expected.push_back(issuer(name));
    CHECK(storage->begin_reading()->token_issuers().all() == expected);
}

TEST_CASE("an issuer of tokens is added once, and a refusal leaves the unit of work usable", "[token issuers]")
{
    auto const storage = open_empty_storage();
    CHECK(added(*storage, issuer("portal")));

    auto work = storage->begin();
    auto other = issuer("portal");
    other.public_key = "another";
    other.channel = channel("assam");
    CHECK(error_of(work->token_issuers().add(other)) == refuse(Errc::issuer_exists, "name"));
    CHECK(work->token_issuers().add(issuer("other")));
    work->commit();

    CHECK(storage->begin_reading()->token_issuers().all() == std::vector{issuer("other"), issuer("portal")});
}

TEST_CASE("an issuer of tokens that was removed is unknown, and can be added with another key", "[token issuers]")
{
    auto const storage = open_empty_storage();
    CHECK(added(*storage, issuer("portal")));
    CHECK(added(*storage, issuer("other")));
    CHECK(removed(*storage, "portal"));
    CHECK_FALSE(removed(*storage, "portal"));
    CHECK_FALSE(found(*storage, "portal"));
    CHECK(found(*storage, "other"));

    auto again = issuer("portal");
    again.public_key = "another";
    CHECK(added(*storage, again));
    CHECK(found(*storage, "portal") == again);
}

TEST_CASE("an issuer of tokens that was added or removed in vain is as it was", "[token issuers]")
{
    auto const storage = open_empty_storage();
    CHECK(storage->begin()->token_issuers().add(issuer("portal")));
    CHECK_FALSE(found(*storage, "portal"));
    CHECK(added(*storage, issuer("portal")));
    {
        auto work = storage->begin();
        CHECK(work->token_issuers().remove("portal"));
        CHECK_FALSE(work->token_issuers().find("portal"));
        auto other = issuer("portal");
        other.public_key = "another";
        CHECK(work->token_issuers().add(other));
    }
    CHECK(found(*storage, "portal") == issuer("portal"));
}

TEST_CASE("of many simultaneous callers that add an issuer, one succeeds, and the others go on", "[token issuers]")
{
    auto const storage = open_empty_storage();
    std::atomic<int> first = 0;
    std::atomic<int> refused = 0;
    together(many_threads, [&](int number) {
        auto work = storage->begin();
        auto const result = work->token_issuers().add(issuer("portal"));
        first += result.has_value();
        refused += !result && result.error() == refuse(Errc::issuer_exists, "name");
        work->token_issuers().add(issuer(std::to_string(number))).value();
        work->commit();
    });
    CHECK(first == 1);
    CHECK(refused == many_threads - 1);
    CHECK(storage->begin_reading()->token_issuers().all().size() == 1 + many_threads);
}

TEST_CASE("of many simultaneous callers that remove an issuer, one succeeds", "[token issuers]")
{
    auto const storage = open_empty_storage();
    CHECK(added(*storage, issuer("portal")));
    std::atomic<int> winners = 0;
    together(many_threads, [&](int) { winners += removed(*storage, "portal"); });
    CHECK(winners == 1);
    CHECK_FALSE(found(*storage, "portal"));
}

}
