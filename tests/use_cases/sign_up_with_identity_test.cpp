#include <array>
#include <atomic>
#include <mutex>
#include <set>

#include "support/catch.hpp"
#include "support/telephones.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

auto const jane = "+4915112345678"_phone;
auto const asha = "asha@example.com"_email;

auto const taken = refuse(Errc::email_taken, "email");
auto const blocked = refuse(Errc::account_blocked, "email");

constexpr auto google = "https://accounts.google.com";

// Somebody whom a provider vouches for, which is the authority for the address.
Identity known_as(std::string_view subject, EmailAddress const& email = asha)
{
    return {
        .issuer = google,
        .subject = std::string(subject),
        .email = email,
        .email_verified = true,
        .email_authoritative = true,
        .name = "Asha Kumari",
        .given_name = "Asha",
        .family_name = "Kumari"};
}

struct Providers : Telephones {
    using Telephones::Telephones;

    Result<SignedUp> enter(Identity const& identity)
    {
        return onboarding.sign_up_with_identity({.identity = identity});
    }

    std::optional<Account> owner(EmailAddress const& email)
    {
        return storage->begin_reading()->accounts().find(email);
    }
    Account stored(AccountId id) { return storage->begin_reading()->accounts().find(id).value(); }

    // Whose identity this is, if anybody's.
    std::optional<AccountId> linked(Identity const& identity)
    {
        return storage->begin_reading()->identities().find(identity.issuer, identity.subject);
    }
    std::size_t identities_of(AccountId id) { return storage->begin_reading()->identities().of(id).size(); }

    // Somebody who is here already with an address, and no identity.
    Account person(AccountStatus status, bool verified, EmailAddress const& email = asha)
    {
        login_link(email);
        auto account = World::account(email);
        account.email_verified = verified;
        {
            auto const work = storage->begin();
            REQUIRE(work->accounts().update(account));
            work->commit();
        }
        if (status == AccountStatus::blocked)
            REQUIRE(administration.block(email));
        if (status == AccountStatus::deleted)
            REQUIRE(administration.remove(email));
        return World::account(email);
    }
};

TEST_CASE("who comes with a new identity has an account whose address is verified, and is sent nothing", "[identity]")
{
    auto const authoritative = GENERATE(true, false);
    Providers world;
    auto identity = known_as("1", "Asha@Example.com"_email);
    identity.email_authoritative = authoritative;
    auto const signed_up = world.onboarding.sign_up_with_identity(
        {.identity = identity, .name = "Asha K"_name, .language = Language::german});
    REQUIRE(signed_up);
    CHECK(signed_up->is_new);

    auto const account = world.account(asha);
    CHECK(account.id == signed_up->account.id);
    CHECK(account.handle == signed_up->account.handle);
    CHECK(account.email->str() == "Asha@example.com");
    CHECK(account.email_verified);
    CHECK_FALSE(account.phone);
    CHECK_FALSE(account.number);
    CHECK(account.name == "Asha K"_name);
    CHECK(account.language == Language::german);
    CHECK(account.status == AccountStatus::active);
    CHECK(account.membership == Membership{.channel = ChannelName::parse("default").value()});
    CHECK(account.created_at == world.clock.now());
    REQUIRE(account.user_name);
    CHECK(account.user_name == signed_up->account.user_name);
    CHECK(account.user_name->str().starts_with("ashak"));
    CHECK(world.linked(identity) == account.id);
    CHECK(world.administration.letters(10).empty());
    CHECK_FALSE(world.storage->begin_reading()->passwords().find(account.id));
}

TEST_CASE("who comes again is the same person, and nothing of theirs is changed", "[identity]")
{
    Providers world;
    auto const first = world.enter(known_as("1")).value().account;
    world.clock.advance(1h);
    auto identity = known_as("1");
    identity.given_name = "Another";
    auto const again = world.onboarding.sign_up_with_identity(
        {.identity = identity, .name = "Some Body"_name, .language = Language::french});
    REQUIRE(again);
    CHECK_FALSE(again->is_new);
    CHECK(again->account.id == first.id);
    auto const after = world.account(asha);
    CHECK(after.name == first.name);
    CHECK(after.language == first.language);
    CHECK(after.user_name == first.user_name);
    CHECK(after.generation == first.generation);
    CHECK(after.updated_at == first.updated_at);
    CHECK(world.identities_of(first.id) == 1);
    CHECK(world.administration.letters(10).empty());
}

// Whether there is an account with the address of an identity that comes for the first time, and what becomes of it.
struct Meeting {
    bool provider_verified;
    bool authoritative;
    bool local_verified;
    std::optional<AccountStatus> local;
    bool release;
};

enum class Met : std::uint8_t { opened = 1, linked, refused };

// The rule in other words than the code's.
std::pair<Met, std::optional<Error>> expected(Meeting const& meeting)
{
    if (!meeting.provider_verified)
        return {Met::refused, refuse(Errc::identity_unverified, "email")};
    if (!meeting.local)
        return {Met::opened, {}};
    switch (*meeting.local) {
    case AccountStatus::active:
        return meeting.authoritative && meeting.local_verified ? std::pair{Met::linked, std::optional<Error>()}
                                                               : std::pair{Met::refused, std::optional(taken)};
    case AccountStatus::blocked: return {Met::refused, blocked};
    case AccountStatus::deleted:
        return meeting.release ? std::pair{Met::opened, std::optional<Error>()}
                               : std::pair{Met::refused, std::optional(taken)};
    }
    return {};
}

TEST_CASE(
    "an account that is here already is linked only if both sides know the address to be its owner's", "[identity]")
{
    auto const provider_verified = GENERATE(true, false);
    auto const authoritative = GENERATE(true, false);
    auto const local_verified = GENERATE(true, false);
    auto const release = GENERATE(true, false);
    auto const local = GENERATE(
        std::optional<AccountStatus>(), std::optional(AccountStatus::active), std::optional(AccountStatus::blocked),
        std::optional(AccountStatus::deleted));
    Meeting const meeting{provider_verified, authoritative, local_verified, local, release};
    auto const [met, refused] = expected(meeting);
    CAPTURE(provider_verified, authoritative, local_verified, release, local);

    Providers world({.release_deleted = release});
    auto const before = local ? std::optional(world.person(*local, local_verified)) : std::nullopt;
    world.clock.advance(1h);
    auto identity = known_as("1");
    identity.email_verified = provider_verified;
    identity.email_authoritative = authoritative;
    auto const signed_up = world.enter(identity);
    CHECK(error_of(signed_up) == refused);
    REQUIRE(signed_up.has_value() == (met != Met::refused));
    CHECK(world.letters_waiting() == 0);

    if (met == Met::refused)
        CHECK_FALSE(world.linked(identity));
    else
        CHECK(world.linked(identity) == signed_up->account.id);
    if (met != Met::refused)
        CHECK(signed_up->is_new == (met == Met::opened));
    if (met == Met::linked)
        CHECK(signed_up->account.id == before->id);

    if (before && met != Met::opened) {
        auto const after = world.account(asha);
        CHECK(after.id == before->id);
        CHECK(after.status == before->status);
        CHECK(after.name == before->name);
        CHECK(after.email_verified == before->email_verified);
        CHECK(after.generation == before->generation);
        CHECK(after.updated_at == before->updated_at);
    }
    if (before && met == Met::opened) {
        CHECK(signed_up->account.id != before->id);
        CHECK(world.stored(before->id).status == AccountStatus::deleted);
    }
    if (!before && met == Met::refused)
        CHECK_FALSE(world.owner(asha));
}

TEST_CASE("an identity without an address is vouched for by nobody", "[identity]")
{
    Providers world;
    auto identity = known_as("1");
    identity.email.reset();
    CHECK(error_of(world.enter(identity)) == refuse(Errc::identity_unverified, "email"));
    CHECK_FALSE(world.linked(identity));
}

TEST_CASE("a link ends nothing that the person had, and a provider is one way in more", "[identity]")
{
    Providers world;
    world.person_with_password("asha@example.com", "mijn fiets is blauw", world.acme);
    auto const session =
        world.onboarding.sign_in({.email = asha, .password = "mijn fiets is blauw"}).value().token.reveal();
    REQUIRE(world.account(asha).email_verified);
    auto const id = world.account(asha).id;
    REQUIRE(world.enter(known_as("1"))->account.id == id);
    CHECK(world.onboarding.session(session));
    CHECK(world.onboarding.sign_in({.email = asha, .password = "mijn fiets is blauw"}));
    CHECK_FALSE(world.account(asha).user_name);
}

TEST_CASE("somebody is known by who they are, and their address is another matter", "[identity]")
{
    Providers world;
    auto const id = world.enter(known_as("1"))->account.id;

    SECTION("with another address that nobody has")
    {
        auto const again = world.enter(known_as("1", "new@example.com"_email));
        REQUIRE(again);
        CHECK_FALSE(again->is_new);
        CHECK(again->account.id == id);
        CHECK(again->account.email == asha);  // it is not taken over
        CHECK_FALSE(world.owner("new@example.com"_email));
    }
    SECTION("with an address that somebody else has")
    {
        auto const others = world.enter(known_as("2", "ravi@example.com"_email))->account.id;
        CHECK(world.enter(known_as("1", "ravi@example.com"_email))->account.id == id);
        CHECK(world.enter(known_as("2", asha))->account.id == others);
    }
    SECTION("with an address of somebody blocked")
    {
        world.enter(known_as("2", "ravi@example.com"_email)).value();
        REQUIRE(world.administration.block("ravi@example.com"_email));
        CHECK(world.enter(known_as("1", "ravi@example.com"_email))->account.id == id);
    }
    SECTION("when the provider is not the authority for the address any more")
    {
        auto identity = known_as("1");
        identity.email_authoritative = false;
        CHECK(world.enter(identity)->account.id == id);
    }
    SECTION("but not when the provider does not vouch for the address any more")
    {
        auto identity = known_as("1");
        identity.email_verified = false;
        CHECK(error_of(world.enter(identity)) == refuse(Errc::identity_unverified, "email"));
    }
}

TEST_CASE(
    "an address that somebody else has now at the provider does not lead to the account of who had it", "[identity]")
{
    auto const authoritative = GENERATE(true, false);
    Providers world;
    auto const id = world.enter(known_as("1"))->account.id;
    auto identity = known_as("2");
    identity.email_authoritative = authoritative;
    CHECK(error_of(world.enter(identity)) == taken);
    CHECK(world.identities_of(id) == 1);
    CHECK_FALSE(world.linked(identity));
    CHECK(world.enter(known_as("1"))->account.id == id);
}

TEST_CASE("one subject at two providers is two people", "[identity]")
{
    Providers world;
    auto const first = world.enter(known_as("1"));
    auto identity = known_as("1", "ravi@example.com"_email);
    identity.issuer = "https://login.example.com";
    auto const second = world.enter(identity);
    REQUIRE(second);
    CHECK(second->is_new);
    CHECK(second->account.id != first->account.id);
    CHECK(world.enter(known_as("1"))->account.id == first->account.id);
    CHECK(world.enter(identity)->account.id == second->account.id);
}

TEST_CASE("who somebody is has nothing to do with case, with blanks or with where one part ends", "[identity]")
{
    Providers world;
    std::set<AccountId> people;
    int number = 0;
    std::vector<std::pair<std::string, std::string>> const rows{
        {"https://a.example", "x"},        {"https://a.example", "X"},
        {"https://a.example", " x"},       {"https://a.example", "x "},
        {"https://A.example", "x"},        {"https://a.example/", "x"},
        {"https://a.example1", "2"},       {"https://a.example", "12"},
        {"https://a.example", "\u00e9"},   {"https://a.example", "e\u0301"},
        {"https://a.example", "' OR 1=1"}, {"https://a.example", std::string(255, 'x')},
        {"https://a.example", "\xff"},     {"https://a.example", std::string("x\0", 2)}};
    auto const identity_of = [&](std::size_t row) {
        auto identity = known_as(rows[row].second, EmailAddress::parse(std::to_string(row) + "@example.com").value());
        identity.issuer = rows[row].first;
        return identity;
    };
    for (std::size_t row = 0; row < rows.size(); ++row) {
        auto const signed_up = world.enter(identity_of(row));
        REQUIRE(signed_up);
        number += signed_up->is_new;
        people.insert(signed_up->account.id);
    }
    CHECK(people.size() == rows.size());
    CHECK(number == static_cast<int>(rows.size()));
    for (std::size_t row = 0; row < rows.size(); ++row)
        CHECK_FALSE(world.enter(identity_of(row))->is_new);
}

TEST_CASE("a new person has the name of the request, or else the provider's best", "[identity]")
{
    using Text = std::optional<std::string>;
    auto const [why, told, name, given, family, kept] =
        GENERATE(table<char const*, std::optional<PersonName>, Text, Text, Text, PersonName>(
            {{"the request's", "Asha K"_name, "N", "G", "F", "Asha K"_name},
             {"given and family", {}, "N", "G", "F", "G F"_name},
             {"without the family name", {}, "Whole Name", "G", {}, PersonName::parse("Whole Name").value()},
             {"without the given name", {}, "Whole Name", {}, "F", PersonName::parse("Whole Name").value()},
             {"the name alone", {}, "Whole Name", {}, {}, PersonName::parse("Whole Name").value()},
             {"the given name alone", {}, {}, "G", {}, PersonName::parse("G").value()},
             {"a family name that is blank", {}, {}, "G", " ", PersonName::parse("G").value()},
             {"a given name with a line end", {}, "N", "G\nH", "F", PersonName::parse("N").value()},
             {"a name with a NUL", {}, std::string("N\0", 2), "G", {}, PersonName::parse("G").value()},
             {"a name that is too long", {}, std::string(101, 'x'), "G", {}, PersonName::parse("G").value()},
             {"a name with an override", {}, "A\u202eB", "G", {}, PersonName::parse("G").value()},
             {"a name that is no UTF-8", {}, "\xff", "G", {}, PersonName::parse("G").value()},
             {"markup is a name like another",
              {},
              "<b>Asha</b>",
              {},
              {},
              PersonName::parse("<b>Asha</b>").value()}}));
    INFO(why);
    Providers world;
    auto identity = known_as("1");
    identity.name = name;
    identity.given_name = given;
    identity.family_name = family;
    auto const signed_up = world.onboarding.sign_up_with_identity({.identity = identity, .name = told});
    REQUIRE(signed_up);
    CHECK(signed_up->account.name == kept);
    CHECK(world.account(asha).name == kept);
    CHECK(world.account(asha).user_name);
}

TEST_CASE("a new person whose name nobody tells is refused, and a known one is not", "[identity]")
{
    using Text = std::optional<std::string>;
    auto const [why, name, given, family] = GENERATE(table<char const*, Text, Text, Text>(
        {{"nothing", {}, {}, {}},
         {"the family name alone", {}, {}, "F"},
         {"blanks", " ", "", "\t"},
         {"nothing that can be shown", "\xff", "\n", "F"}}));
    INFO(why);
    Providers world;
    auto identity = known_as("1");
    identity.name = name;
    identity.given_name = given;
    identity.family_name = family;
    CHECK(error_of(world.enter(identity)) == refuse(Errc::field_missing, "first_name"));
    CHECK_FALSE(world.owner(asha));
    CHECK_FALSE(world.linked(identity));

    auto const person = world.person(AccountStatus::active, true);
    CHECK(world.enter(identity)->account.id == person.id);
    CHECK(world.enter(identity)->account.id == person.id);
}

TEST_CASE("a refusal for want of a name lets go of nothing that a deleted person had", "[identity]")
{
    Providers world({.release_deleted = true});
    auto const id = world.enter(known_as("1"))->account.id;
    REQUIRE(world.administration.remove(asha));
    auto identity = known_as("1");
    identity.name = identity.given_name = identity.family_name = std::nullopt;
    CHECK(refusal(world.enter(identity)) == Errc::field_missing);
    CHECK(world.owner(asha)->id == id);
    CHECK(world.linked(identity) == id);
}

TEST_CASE("somebody who is blocked is refused by their identity, whatever address comes with it", "[identity]")
{
    auto const& email = GENERATE(true, false) ? asha : "new@example.com"_email;
    Providers world;
    world.enter(known_as("1")).value();
    REQUIRE(world.administration.block(asha));
    CHECK(refusal(world.enter(known_as("1", email))) == Errc::account_blocked);
    CHECK_FALSE(world.owner("new@example.com"_email));
    REQUIRE(world.administration.unblock(asha));
    CHECK_FALSE(world.enter(known_as("1", email))->is_new);
}

TEST_CASE("somebody who was deleted does not come back by their identity", "[identity]")
{
    auto const& email = GENERATE(true, false) ? asha : "new@example.com"_email;
    Providers world;
    auto const id = world.enter(known_as("1")).value().account.id;
    REQUIRE(world.administration.remove(asha));
    CHECK(error_of(world.enter(known_as("1", email))) == taken);
    CHECK_FALSE(world.owner("new@example.com"_email));
    CHECK(world.owner(asha)->id == id);
    CHECK(world.owner(asha)->status == AccountStatus::deleted);
    CHECK(error_of(world.enter(known_as("2"))) == taken);  // nor the next who has the address
}

TEST_CASE("where deleted people let go of what they had, who comes with their identity is somebody new", "[identity]")
{
    auto const& email = GENERATE(true, false) ? asha : "new@example.com"_email;
    Providers world({.release_deleted = true});
    auto const first = world.enter(known_as("1")).value().account;
    REQUIRE(world.administration.remove(asha));
    auto const second = world.enter(known_as("1", email));
    REQUIRE(second);
    CHECK(second->is_new);
    CHECK(second->account.id != first.id);
    CHECK(second->account.user_name != first.user_name);
    CHECK(world.linked(known_as("1")) == second->account.id);
    CHECK(world.identities_of(first.id) == 0);
    CHECK(world.stored(first.id).status == AccountStatus::deleted);
    CHECK(world.enter(known_as("1", email))->account.id == second->account.id);
}

TEST_CASE(
    "who signed up with an address and a code is found by the provider that is the authority for it", "[identity]")
{
    Providers world;
    REQUIRE(world.onboarding.send_sign_up_code({.partner = world.acme, .to = asha}));
    auto const code = world.mailed_code();
    auto const account =
        world.onboarding.sign_up({.partner = world.acme, .name = "Asha K"_name, .contact = asha, .code = code})
            .value()
            .account;
    auto const signed_up = world.enter(known_as("1"));
    REQUIRE(signed_up);
    CHECK_FALSE(signed_up->is_new);
    CHECK(signed_up->account.id == account.id);
    CHECK(signed_up->account.user_name == account.user_name);
}

TEST_CASE(
    "of many who come at once with one new identity all are one person, who is new to one of them", "[identity]")
{
    auto const authoritative = GENERATE(true, false);
    auto const one_address = GENERATE(true, false);
    Providers world;
    std::mutex mutex;
    std::set<AccountId> people;
    std::atomic<int> opened = 0;
    std::atomic<int> refused = 0;
    together(32, [&](int number) {
        auto identity = known_as("1");
        if (!one_address)
            identity.email = EmailAddress::parse("asha" + std::to_string(number) + "@example.com").value();
        identity.email_authoritative = authoritative;
        auto const signed_up = until_done([&] { return world.enter(identity); });
        refused += !signed_up;
        opened += signed_up && signed_up->is_new;
        std::scoped_lock const lock(mutex);
        if (signed_up)
            people.insert(signed_up->account.id);
    });
    CHECK(refused == 0);
    CHECK(opened == 1);
    CHECK(people.size() == 1);
    CHECK(world.identities_of(*people.begin()) == 1);
    int accounts = world.owner(asha) ? 1 : 0;
    for (int number = 0; number < 32; ++number)
        accounts +=
            world.owner(EmailAddress::parse("asha" + std::to_string(number) + "@example.com").value()) ? 1 : 0;
    CHECK(accounts == 1);
}

TEST_CASE("of many who come at once with identities of their own and one address, one has it", "[identity]")
{
    Providers world;
    std::atomic<int> opened = 0;
    std::atomic<int> late = 0;
    together(16, [&](int number) {
        auto identity = known_as(std::to_string(number));
        identity.email_authoritative = false;
        auto const signed_up = until_done([&] { return world.enter(identity); });
        opened += signed_up && signed_up->is_new;
        late += error_of(signed_up) == taken;
    });
    CHECK(opened == 1);
    CHECK(late == 15);
}

TEST_CASE(
    "who confirmed an address by its opt-in is found by the provider, and who only asked for it is not", "[identity]")
{
    auto const confirms = GENERATE(true, false);
    Providers world;
    auto const id = world.sign_in(jane).account;
    REQUIRE(world.onboarding.change_email({.phone = jane, .email = asha}));
    auto const link = world.delivered().at(0).secret;
    if (confirms)
        REQUIRE(world.onboarding.confirm_email(link));
    auto const signed_up = world.enter(known_as("1"));
    REQUIRE(signed_up);
    CHECK(signed_up->is_new != confirms);
    CHECK((signed_up->account.id == id) == confirms);
    if (!confirms)
        CHECK(refusal(world.onboarding.confirm_email(link)) == Errc::email_taken);
}

TEST_CASE("who gave an address up is not found by it any more, but by who they are", "[identity]")
{
    Providers world;
    auto const id = world.sign_in(jane).account;
    auto const move_to = [&](EmailAddress const& email) {
        world.clock.advance(60s);
        REQUIRE(world.onboarding.change_email({.phone = jane, .email = email}));
        REQUIRE(world.onboarding.confirm_email(world.delivered().at(0).secret));
        world.delivered();
    };
    move_to(asha);
    REQUIRE(world.enter(known_as("1"))->account.id == id);
    move_to("new@example.com"_email);
    CHECK(world.enter(known_as("1"))->account.id == id);
    auto const next = world.enter(known_as("2"));  // the provider gave the address to somebody else
    REQUIRE(next);
    CHECK(next->is_new);
    CHECK(next->account.id != id);
}

TEST_CASE("a partner's link that was followed does not show that mail reaches its owner", "[identity]")
{
    Providers world;
    world.session(asha, world.acme);
    CHECK(error_of(world.enter(known_as("1"))) == taken);
}

TEST_CASE(
    "of a sign-up with a code and one with an identity at once, there is one account for the address", "[identity]")
{
    Providers world({.code_tries = 1000});
    REQUIRE(world.onboarding.send_sign_up_code({.partner = world.acme, .to = asha}));
    auto const code = world.mailed_code();
    std::atomic<int> by_code = 0;
    std::atomic<int> late = 0;
    std::mutex mutex;
    std::set<AccountId> people;
    together(16, [&](int number) {
        if (number % 2) {
            auto const signed_up = until_done([&] {
                return world.onboarding.sign_up(
                    {.partner = world.acme, .name = "Asha K"_name, .contact = asha, .code = code});
            });
            by_code += signed_up.has_value();
            late += !signed_up && (signed_up.error() == taken || signed_up.error().code == Errc::code_expired);
        } else {
            auto const signed_up = until_done([&] { return world.enter(known_as("1")); });
            std::scoped_lock const lock(mutex);
            if (signed_up)
                people.insert(signed_up->account.id);
        }
    });
    CHECK(by_code <= 1);
    CHECK(by_code + late == 8);
    CHECK(people == std::set{world.account(asha).id});
    CHECK(world.identities_of(world.account(asha).id) == 1);
}

TEST_CASE(
    "of many whom one provider knows apart, and who come at once to one account, one is linked to it", "[identity]")
{
    Providers world;
    auto const person = world.person(AccountStatus::active, true);
    std::atomic<int> linked = 0;
    std::atomic<int> refused = 0;
    together(16, [&](int number) {
        auto const signed_up = until_done([&] { return world.enter(known_as(std::to_string(number % 4))); });
        linked += signed_up && !signed_up->is_new && signed_up->account.id == person.id;
        refused += !signed_up && signed_up.error() == taken;
    });
    CHECK(linked == 4);
    CHECK(refused == 12);
    CHECK(world.identities_of(person.id) == 1);
}

TEST_CASE("many of one name who come at once all have user names of their own", "[identity]")
{
    constexpr int people = 200;
    constexpr int threads = 8;
    Providers world;
    std::mutex mutex;
    std::set<UserName> names;
    together(threads, [&](int thread) {
        for (int number = thread; number < people; number += threads) {
            auto const identity = known_as(
                std::to_string(number), EmailAddress::parse(std::to_string(number) + "@example.com").value());
            auto const signed_up = until_done([&] { return world.enter(identity); });
            std::scoped_lock const lock(mutex);
            names.insert(signed_up.value().account.user_name.value());
        }
    });
    CHECK(names.size() == people);
}

}
