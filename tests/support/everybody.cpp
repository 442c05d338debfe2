#include "support/everybody.hpp"

namespace onboard::testing {

Everybody::Everybody(std::unique_ptr<Storage> empty) : Telephones({}, std::move(empty))
{
    for (auto const* const who : {"member", "blocked", "deleted"}) {
        person_with_password(email(who).str(), password, acme);
        sign_in(phone(who));
    }
    login_link(email("without password"), acme);
    login_link(email("elsewhere"), partner("Other"));
    REQUIRE(administration.block(email("blocked")));
    REQUIRE(administration.block(phone("blocked")));
    REQUIRE(administration.remove(email("deleted")));
    REQUIRE(administration.remove(phone("deleted")));
    clock.advance(std::chrono::hours(1));
}

EmailAddress Everybody::email(std::string const& who)
{
    auto name = who;
    std::erase(name, ' ');
    return EmailAddress::parse(name + "@example.com").value();
}

}
