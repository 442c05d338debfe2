#include <set>

#include <onboard/letters.hpp>

#include "support/catch.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;

std::vector<LetterKind> all_kinds()
{
    std::vector<LetterKind> kinds;
    for (auto kind = LetterKind::partner_confirmation; !name_of(kind).empty();
         kind = static_cast<LetterKind>(static_cast<int>(kind) + 1))
        kinds.push_back(kind);
    return kinds;
}

TEST_CASE("every kind of letter has a name of its own", "[letters]")
{
    auto const kinds = all_kinds();
    CHECK(kinds.back() >= LetterKind::phone_code);
    std::set<std::string_view> names;
    for (auto const kind : kinds) {
        names.insert(name_of(kind));
        CHECK(name_of(kind).find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos);
    }
    CHECK(names.size() == kinds.size());
    CHECK(name_of(LetterKind::phone_code) == "phone-code");
    CHECK(name_of(LetterKind::email_opt_in) == "email-opt-in");
    CHECK(name_of(LetterKind::email_changed) == "email-changed");
}

TEST_CASE("codes for telephones are text messages, and all else is mail", "[letters]")
{
    for (auto const kind : all_kinds()) {
        INFO(name_of(kind));
        CHECK(channel_of(kind) == (kind == LetterKind::phone_code ? Channel::text : Channel::mail));
    }
}

TEST_CASE("a recipient is written as a carrier wants it, and told apart as storage does", "[letters]")
{
    Recipient const jane = EmailAddress::parse("Jane@Example.com").value();
    CHECK(text_of(jane) == "Jane@example.com");
    CHECK(key_of(jane) == "jane@example.com");
    Recipient const telephone = PhoneNumber::parse("0151 12345678", Region::parse("DE").value()).value();
    CHECK(text_of(telephone) == "+4915112345678");
    CHECK(key_of(telephone) == "+4915112345678");
    CHECK(jane == Recipient(EmailAddress::parse("jane@EXAMPLE.com").value()));
    CHECK_FALSE(jane == telephone);
}

}
