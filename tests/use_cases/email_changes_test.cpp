#include <atomic>

#include "support/catch.hpp"
#include "support/telephones.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

auto const jane = "+4915112345678"_phone;
auto const john = "+31612345678"_phone;

struct Addresses : Telephones {
    using Telephones::Telephones;

    Result<EmailState> change(PhoneNumber const& phone, std::string_view email)
    {
        return onboarding.change_email({.phone = phone, .email = EmailAddress::parse(email).value()});
    }

    // What the person is mailed who asks for this address. Fails the test if it is not one letter to that address.
    RecordingMailer::Sent opt_in(PhoneNumber const& phone, std::string_view email)
    {
        REQUIRE(change(phone, email).value() == EmailState::pending);
        auto const letters = delivered();
        REQUIRE(letters.size() == 1);
        REQUIRE(letters[0].letter.kind == LetterKind::email_opt_in);
        REQUIRE(text_of(letters[0].letter.to) == email);
        return letters[0];
    }

    std::string link(PhoneNumber const& phone, std::string_view email) { return opt_in(phone, email).secret; }

    // Somebody who signed in and confirmed this address.
    void person(PhoneNumber const& phone, std::string_view email)
    {
        sign_in(phone);
        REQUIRE(onboarding.confirm_email(link(phone, email)));
    }

    std::optional<Errc> confirm(std::string_view link) { return refusal(onboarding.confirm_email(link)); }

    Result<EmailState> state(PhoneNumber const& phone, std::string_view email, std::string_view client = "192.0.2.1")
    {
        return onboarding.email_state(
            {.email = EmailAddress::parse(email).value(), .phone = phone, .client = client});
    }

    std::optional<std::string> email_of(PhoneNumber const& phone)
    {
        auto const account = find(phone);
        return account && account->email ? std::optional(account->email->str()) : std::nullopt;
    }
};

auto const nobody = refuse(Errc::person_unknown, "phone");

TEST_CASE("a new address is mailed a link, without a name, and is nobody's until it is followed", "[email changes]")
{
    Addresses world;
    auto const code = world.code_for(jane);
    auto request = world.entry(jane, code);
    request.language = Language::dutch;
    REQUIRE(world.onboarding.confirm_phone(request));

    auto const [letter, link] = world.opt_in(jane, "Jane@example.com");
    CHECK(letter.language == Language::dutch);
    CHECK(letter.first_name.empty());
    CHECK(letter.partner.empty());
    CHECK(letter.expires_at == world.clock.now() + 24h);
    CHECK_FALSE(world.email_of(jane));
    CHECK(refusal(world.administration.find("jane@example.com"_email)) == Errc::person_unknown);
    CHECK(world.state(jane, "jane@example.com").value() == EmailState::pending);
    CHECK(world.texted().empty());

    auto const invitation = world.onboarding.opt_in_invitation(link);
    REQUIRE(invitation);
    CHECK(invitation->email.str() == "Jane@example.com");
    CHECK(invitation->language == Language::dutch);

    world.clock.advance(1h);
    auto const confirmed = world.onboarding.confirm_email(link);
    REQUIRE(confirmed);
    CHECK(confirmed->email->str() == "Jane@example.com");
    CHECK(confirmed->phone == jane);
    auto const account = world.account("jane@example.com"_email);
    CHECK(account.id == world.account(jane).id);
    CHECK(account.email_verified);
    CHECK(account.updated_at == world.clock.now());
    CHECK(world.state(jane, "jane@example.com").value() == EmailState::confirmed);
    CHECK(world.delivered().empty());  // there was no old address to tell
}

TEST_CASE("a link to confirm an address may be looked at as often as one likes, and works once", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    auto const link = world.link(jane, "jane@example.com");
    for (int visit = 0; visit < 20; ++visit)
        CHECK(world.onboarding.opt_in_invitation(link));
    CHECK_FALSE(world.email_of(jane));
    REQUIRE(world.onboarding.confirm_email(link));
    CHECK(error_of(world.onboarding.confirm_email(link)) == refuse(Errc::link_unknown, "token"));
    CHECK(error_of(world.onboarding.opt_in_invitation(link)) == refuse(Errc::link_unknown, "token"));
}

TEST_CASE("of many who follow a link to confirm an address at once, one succeeds", "[email changes]")
{
    Addresses world;
    world.person(jane, "old@example.com");
    auto const link = world.link(jane, "jane@example.com");
    std::atomic<int> succeeded = 0;
    together(20, [&](int) { succeeded += !until_done([&] { return world.confirm(link); }); });
    CHECK(succeeded == 1);
    CHECK(world.delivered().size() == 1);  // the old address is told once
}

TEST_CASE("a link that is made up, cut or of another kind confirms no address", "[email changes]")
{
    Addresses world;
    auto const auth_code = world.sign_in(jane).auth_code.reveal();
    auto const good = world.link(jane, "jane@example.com");
    for (auto const& text :
         {std::string(), std::string("null"), good.substr(1), good + "A", std::string(54, 'A'), auth_code,
          world.login_link("other@example.com"_email, world.acme),
          world.session("other@example.com"_email, world.acme)}) {
        CHECK(refusal(world.onboarding.opt_in_invitation(text)) == Errc::link_unknown);
        CHECK(world.confirm(text) == Errc::link_unknown);
    }
    CHECK(refusal(world.onboarding.redeem(good)) == Errc::link_unknown);
    CHECK(refusal(world.onboarding.password_invitation(good)) == Errc::link_unknown);
    CHECK_FALSE(world.confirm(good));
}

TEST_CASE("a link to confirm an address dies at its expiry instant", "[email changes]")
{
    auto const [why, later, good] = GENERATE(table<char const*, std::chrono::milliseconds, bool>(
        {{"just before", 24h - 1ms, true}, {"just then", 24h, false}, {"just after", 24h + 1ms, false}}));
    INFO(why);
    Addresses world;
    world.sign_in(jane);
    auto const link = world.link(jane, "jane@example.com");
    world.clock.advance(later);
    world.onboarding.tidy();
    CHECK(world.onboarding.opt_in_invitation(link).has_value() == good);
    CHECK(error_of(world.state(jane, "jane@example.com")) == (good ? std::nullopt : std::optional(nobody)));
    CHECK(world.confirm(link) == (good ? std::nullopt : std::optional(Errc::link_unknown)));
    CHECK(world.email_of(jane).has_value() == good);
}

TEST_CASE("a change that nobody confirmed is forgotten in the end", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    world.link(jane, "jane@example.com");
    auto const is_kept = [&] {
        world.onboarding.tidy();
        auto const id = world.account(jane).id;
        return world.storage->begin_reading()->email_changes().find(id).has_value();
    };
    world.clock.advance(24h - 1ms);
    CHECK(is_kept());
    world.clock.advance(72h);
    CHECK_FALSE(is_kept());
}

TEST_CASE("the address of a number that nobody has is not changed", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    CHECK(error_of(world.change(john, "john@example.com")) == nobody);
    CHECK(world.delivered().empty());
}

TEST_CASE("the address of somebody blocked or deleted is not changed", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    REQUIRE(world.administration.block(jane));
    CHECK(error_of(world.change(jane, "jane@example.com")) == refuse(Errc::account_blocked, "phone"));
    REQUIRE(world.administration.remove(jane));
    CHECK(error_of(world.change(jane, "jane@example.com")) == nobody);
    CHECK(world.delivered().empty());
}

TEST_CASE("who asks for the address they have confirmed has it, and withdraws what waited", "[email changes]")
{
    Addresses world;
    world.person(jane, "jane@example.com");
    auto const link = world.link(jane, "new@example.com");
    CHECK(world.change(jane, "JANE@example.com").value() == EmailState::confirmed);
    CHECK(world.delivered().empty());
    CHECK(world.confirm(link) == Errc::link_unknown);
    CHECK(error_of(world.state(jane, "new@example.com")) == nobody);
    CHECK(world.email_of(jane) == "jane@example.com");
}

TEST_CASE(
    "who asks for the address they have and never confirmed is mailed a link, and told of no change",
    "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    {
        auto account = world.account(jane);
        account.email = "jane@example.com"_email;
        auto const work = world.storage->begin();
        REQUIRE(work->accounts().update(account));
        work->commit();
    }
    CHECK(error_of(world.state(jane, "jane@example.com")) == nobody);
    auto const link = world.link(jane, "jane@example.com");
    CHECK(world.state(jane, "jane@example.com").value() == EmailState::pending);
    CHECK_FALSE(world.confirm(link));
    CHECK(world.account(jane).email_verified);
    CHECK(world.delivered().empty());
}

TEST_CASE("the newest change is the one that waits, and no link confirms the address of another", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    auto const first = world.link(jane, "first@example.com");
    auto const second = world.link(jane, "second@example.com");
    CHECK(world.confirm(first) == Errc::link_unknown);
    CHECK_FALSE(world.email_of(jane));
    CHECK(error_of(world.state(jane, "first@example.com")) == nobody);
    CHECK(world.state(jane, "second@example.com").value() == EmailState::pending);
    CHECK_FALSE(world.confirm(second));
    CHECK(world.email_of(jane) == "second@example.com");
    CHECK(world.confirm(first) == Errc::link_unknown);
    CHECK(world.email_of(jane) == "second@example.com");
}

TEST_CASE("changes of two people confirm each their own", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    world.sign_in(john);
    auto const janes = world.link(jane, "jane@example.com");
    auto const johns = world.link(john, "john@example.com");
    CHECK_FALSE(world.confirm(johns));
    CHECK_FALSE(world.email_of(jane));
    CHECK_FALSE(world.confirm(janes));
    CHECK(world.email_of(jane) == "jane@example.com");
    CHECK(world.email_of(john) == "john@example.com");
}

TEST_CASE(
    "an address asked for again within the pause gets no second letter, and the first link stays good",
    "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    auto const link = world.link(jane, "jane@example.com");
    auto const asked_at = world.clock.now();
    world.clock.advance(60s - 1ms);
    CHECK(world.change(jane, "Jane@Example.com").value() == EmailState::pending);
    CHECK(world.delivered().empty());
    world.clock.set(asked_at + 24h - 1ms);
    CHECK_FALSE(world.confirm(link));
}

TEST_CASE(
    "an address asked for again after the pause gets another letter, whose link replaces the first",
    "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    auto const first = world.link(jane, "jane@example.com");
    world.clock.advance(60s);
    auto const second = world.link(jane, "jane@example.com");
    CHECK(world.confirm(first) == Errc::link_unknown);
    CHECK_FALSE(world.confirm(second));
}

TEST_CASE("an address gets five letters of this kind in an hour and ten in a day, whoever asks", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    world.sign_in(john);
    // Of two who ask for one address in turn, the letters of one are replaced before they leave.
    std::size_t posted = 0;
    auto const letters = [&](std::chrono::hours hours) {
        auto const before = world.administration.letters(100).size();
        for (auto const end = world.clock.now() + hours; world.clock.now() < end; world.clock.advance(1min))
            for (auto const& phone : {jane, john})
                CHECK(world.change(phone, "victim@example.com").value() == EmailState::pending);
        posted += world.administration.letters(100).size() - before;
        return posted;
    };
    CHECK(letters(1h) == 5);
    CHECK(letters(1h) == 10);
    CHECK(letters(22h) == 10);
    CHECK(letters(1h) == 15);
}

TEST_CASE("somebody whose letter was held back is mailed one when they ask again later", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    world.sign_in(john);
    world.link(jane, "both@example.com");
    CHECK(world.change(john, "both@example.com").value() == EmailState::pending);
    CHECK(world.delivered().empty());
    CHECK(world.state(john, "both@example.com").value() == EmailState::pending);
    world.clock.advance(60s);
    CHECK_FALSE(world.confirm(world.link(john, "both@example.com")));
    CHECK(world.email_of(john) == "both@example.com");
}

TEST_CASE("an address that two people wait for is whose link is followed first", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    world.sign_in(john);
    auto const janes = world.link(jane, "both@example.com");
    world.clock.advance(60s);
    auto const johns = world.link(john, "both@example.com");
    CHECK(world.state(jane, "both@example.com").value() == EmailState::pending);
    CHECK(world.state(john, "both@example.com").value() == EmailState::pending);
    CHECK_FALSE(world.confirm(janes));
    CHECK(error_of(world.onboarding.confirm_email(johns)) == refuse(Errc::email_taken, "email"));
    CHECK(error_of(world.onboarding.confirm_email(johns)) == refuse(Errc::email_taken, "email"));
    CHECK(world.email_of(jane) == "both@example.com");
    CHECK_FALSE(world.email_of(john));
    CHECK(world.state(john, "both@example.com").value() == EmailState::pending);  // nothing has changed

    REQUIRE(world.onboarding.confirm_email(world.link(jane, "another@example.com")));
    CHECK_FALSE(world.confirm(johns));
    CHECK(world.email_of(john) == "both@example.com");
}

TEST_CASE("of many who confirm one address at once, one gets it", "[email changes]")
{
    constexpr int people = 12;
    Addresses world({.code_pause = 0s, .codes_per_hour = people, .codes_per_day = people});
    std::vector<std::string> links;
    for (int number = 0; number < people; ++number) {
        world.sign_in(stranger(number));
        links.push_back(world.link(stranger(number), "all@example.com"));
    }
    std::atomic<int> got = 0;
    std::atomic<int> refused = 0;
    together(people, [&](int number) {
        auto const outcome = until_done([&] { return world.confirm(links[static_cast<std::size_t>(number)]); });
        got += !outcome;
        refused += outcome == Errc::email_taken;
    });
    CHECK(got == 1);
    CHECK(refused == people - 1);
    int owners = 0;
    for (int number = 0; number < people; ++number)
        owners += world.email_of(stranger(number)).has_value();
    CHECK(owners == 1);
}

TEST_CASE("an address that a partner brings on board meanwhile is taken when its link is followed", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    auto const link = world.link(jane, "jane@example.com");
    world.login_link("jane@example.com"_email, world.acme);
    CHECK(error_of(world.onboarding.confirm_email(link)) == refuse(Errc::email_taken, "email"));
    CHECK_FALSE(world.email_of(jane));
}

TEST_CASE("a new address in force is told to the old one, which is then free", "[email changes]")
{
    Addresses world;
    world.person(jane, "Old@example.com");
    auto const link = world.link(jane, "new@example.com");
    CHECK(world.email_of(jane) == "Old@example.com");  // in force until then
    REQUIRE(world.onboarding.confirm_email(link));
    auto const letters = world.delivered();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].letter.kind == LetterKind::email_changed);
    CHECK(text_of(letters[0].letter.to) == "Old@example.com");
    CHECK(letters[0].letter.language == Language::english);
    CHECK(letters[0].letter.expires_at == world.clock.now() + 72h);
    CHECK(letters[0].secret.empty());
    CHECK(error_of(world.state(jane, "old@example.com")) == nobody);

    world.sign_in(john);
    world.clock.advance(60s);
    CHECK_FALSE(world.confirm(world.link(john, "old@example.com")));
}

TEST_CASE("a new address in force ends what the old one was sent, and every session", "[email changes]")
{
    Addresses world;
    world.person(jane, "old@example.com");
    auto const session = world.session("old@example.com"_email);
    auto const login_link = world.login_link("old@example.com"_email);
    REQUIRE(world.onboarding.forgot_password({.email = "old@example.com"_email}));
    auto const password_link = world.delivered().at(0).secret;
    auto const link = world.link(jane, "new@example.com");
    CHECK(world.onboarding.session(session));  // asking ends nothing
    CHECK(world.onboarding.password_invitation(password_link)->state == PasswordLinkState::good);

    // One more that has yet to leave.
    world.clock.advance(60s);
    REQUIRE(world.onboarding.forgot_password({.email = "old@example.com"_email}));
    REQUIRE(world.onboarding.confirm_email(link));
    CHECK_FALSE(world.onboarding.session(session));
    CHECK(refusal(world.onboarding.redeem(login_link)) == Errc::link_spent);
    CHECK(world.onboarding.password_invitation(password_link)->state == PasswordLinkState::spent);
    CHECK_FALSE(world.onboarding.set_password({.link = password_link, .password = "mijn fiets is blauw"}));
    auto const letters = world.delivered();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].letter.kind == LetterKind::email_changed);
}

TEST_CASE("an address that is taken is answered like one that is free, and its owner told", "[email changes]")
{
    Addresses world;
    world.person(john, "john@example.com");
    world.sign_in(jane);
    world.clock.advance(60s);
    CHECK(world.change(jane, "JOHN@example.com").value() == EmailState::pending);
    auto const letters = world.delivered();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].letter.kind == LetterKind::already_have_account);
    CHECK(text_of(letters[0].letter.to) == "john@example.com");
    CHECK(letters[0].letter.partner.empty());
    CHECK(letters[0].secret.empty());
    CHECK(world.email_of(john) == "john@example.com");
    CHECK_FALSE(world.email_of(jane));

    // The owner is told once a day, however often somebody asks.
    for (int time = 0; time < 20; ++time) {
        world.clock.advance(1h);
        CHECK(world.change(jane, "john@example.com").value() == EmailState::pending);
    }
    CHECK(world.delivered().empty());
    world.clock.advance(4h);
    CHECK(world.change(jane, "john@example.com").value() == EmailState::pending);
    CHECK(world.delivered().size() == 1);
}

TEST_CASE("an address that is taken leaves the traces of one that is free", "[email changes]")
{
    Addresses world;
    world.person(john, "taken@example.com");
    world.clock.advance(2h);
    auto const free = stranger(1);
    auto const taken = stranger(2);
    auto const also_free = stranger(3);
    auto const also_taken = stranger(4);
    for (auto const& phone : {free, taken, also_free, also_taken})
        world.sign_in(phone);
    world.link(free, "old@example.com");
    world.link(taken, "old2@example.com");

    auto const of_free = world.change(free, "free@example.com");
    auto const of_taken = world.change(taken, "taken@example.com");
    CHECK(of_free.value() == of_taken.value());
    auto const waiting = [&](PhoneNumber const& phone) {
        auto const id = world.account(phone).id;
        return world.storage->begin_reading()->email_changes().find(id);
    };
    REQUIRE(waiting(free));
    REQUIRE(waiting(taken));
    CHECK(waiting(free)->expires_at == waiting(taken)->expires_at);

    auto const states_alike = [&](PhoneNumber const& one, PhoneNumber const& other, std::string_view at_other) {
        auto const email_of_one = at_other == "taken@example.com" ? "free@example.com" : "old@example.com";
        auto const first = world.state(one, email_of_one);
        auto const second = world.state(other, at_other);
        CHECK(error_of(first) == error_of(second));
        if (first && second)
            CHECK(*first == *second);
    };
    // Replaced, and waiting; asked for by somebody else within the pause; just before the end, and at the end.
    states_alike(free, taken, "old2@example.com");
    states_alike(free, taken, "taken@example.com");
    CHECK(
        world.change(also_free, "free@example.com").value() == world.change(also_taken, "taken@example.com").value());
    states_alike(also_free, also_taken, "taken@example.com");
    world.clock.advance(30s);
    CHECK(world.change(free, "free@example.com").value() == world.change(taken, "taken@example.com").value());
    CHECK(waiting(free)->expires_at == waiting(taken)->expires_at);
    world.clock.advance(24h - 30s - 1ms);
    CHECK(world.state(free, "free@example.com").value() == EmailState::pending);
    states_alike(free, taken, "taken@example.com");
    world.clock.advance(1ms);
    CHECK(error_of(world.state(free, "free@example.com")) == nobody);
    states_alike(free, taken, "taken@example.com");
}

TEST_CASE("nobody is mailed for the taken address of somebody blocked or deleted", "[email changes]")
{
    Addresses world;
    world.person(john, "john@example.com");
    auto const deleted = GENERATE(false, true);
    REQUIRE((deleted ? world.administration.remove(john) : world.administration.block(john)));
    world.sign_in(jane);
    CHECK(world.change(jane, "john@example.com").value() == EmailState::pending);
    CHECK(world.state(jane, "john@example.com").value() == EmailState::pending);
    CHECK(world.delivered().empty());
    CHECK(world.letters_waiting() == 0);
}

TEST_CASE(
    "where deleted people let go of their addresses, who asks for one is mailed a link and gets it",
    "[email changes]")
{
    Addresses world({.release_deleted = true});
    world.person(john, "john@example.com");
    auto const id = world.account(john).id;
    REQUIRE(world.administration.remove(john));
    world.clock.advance(60s);
    world.sign_in(jane);
    auto const link = world.link(jane, "john@example.com");
    CHECK(world.account("john@example.com"_email).id == id);  // not before the link is followed
    CHECK_FALSE(world.confirm(link));
    CHECK(world.account("john@example.com"_email).id == world.account(jane).id);
    CHECK(world.delivered().empty());
    CHECK(world.storage->begin_reading()->accounts().find(id)->status == AccountStatus::deleted);
}

TEST_CASE(
    "an address whose owner is deleted while its link waits is had only where such people let go of it",
    "[email changes]")
{
    auto const release = GENERATE(false, true);
    Addresses world({.release_deleted = release});
    world.sign_in(jane);
    auto const link = world.link(jane, "john@example.com");
    world.login_link("john@example.com"_email, world.acme);
    CHECK(world.confirm(link) == Errc::email_taken);
    REQUIRE(world.administration.remove("john@example.com"_email));
    CHECK(world.confirm(link) == (release ? std::nullopt : std::optional(Errc::email_taken)));
    CHECK(world.email_of(jane).has_value() == release);
}

TEST_CASE("a block ends a change that waits, and the end of the block does not bring it back", "[email changes]")
{
    Addresses world;
    world.person(jane, "old@example.com");
    auto const link = world.link(jane, "new@example.com");
    REQUIRE(world.administration.block(jane));
    CHECK(world.confirm(link) == Errc::link_unknown);
    CHECK(refusal(world.onboarding.opt_in_invitation(link)) == Errc::link_unknown);
    CHECK(error_of(world.state(jane, "new@example.com")) == nobody);
    CHECK(error_of(world.state(jane, "old@example.com")) == nobody);
    REQUIRE(world.administration.unblock(jane));
    CHECK(world.confirm(link) == Errc::link_unknown);
    CHECK(refusal(world.onboarding.opt_in_invitation(link)) == Errc::link_unknown);
    CHECK(error_of(world.state(jane, "new@example.com")) == nobody);
    CHECK(world.state(jane, "old@example.com").value() == EmailState::confirmed);
    CHECK(world.email_of(jane) == "old@example.com");
}

TEST_CASE("a deletion ends a change that waits", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    auto const link = world.link(jane, "new@example.com");
    REQUIRE(world.administration.remove(jane));
    CHECK(world.confirm(link) == Errc::link_unknown);
    CHECK(error_of(world.state(jane, "new@example.com")) == nobody);
    CHECK_FALSE(world.email_of(jane));
}

TEST_CASE("a link of somebody who is not active confirms nothing, whatever was left of the change", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    auto const link = world.link(jane, "jane@example.com");
    auto account = world.account(jane);
    account.status = GENERATE(AccountStatus::blocked, AccountStatus::deleted);
    {
        auto const work = world.storage->begin();
        REQUIRE(work->accounts().update(account));
        work->commit();
    }
    CHECK(refusal(world.onboarding.opt_in_invitation(link)) == Errc::link_unknown);
    CHECK(world.confirm(link) == Errc::link_unknown);
    CHECK_FALSE(world.email_of(jane));
}

TEST_CASE("a link to confirm an address is not mailed once it is good for nothing", "[email changes]")
{
    Addresses world;
    world.person(jane, "old@example.com");
    REQUIRE(world.change(jane, "new@example.com"));
    SECTION("replaced")
    {
        auto const link = world.link(jane, "newer@example.com");  // which is the only letter
        CHECK_FALSE(world.confirm(link));
    }
    SECTION("withdrawn")
    {
        REQUIRE(world.change(jane, "old@example.com"));
        CHECK(world.delivered().empty());
    }
    SECTION("blocked")
    {
        REQUIRE(world.administration.block(jane));
        CHECK(world.delivered().empty());
        CHECK(world.administration.letters(10).empty());
    }
}

TEST_CASE("nobody learns the state of an address from a pair that does not match", "[email state]")
{
    Addresses world;
    world.person(jane, "jane@example.com");
    world.person(john, "john@example.com");
    world.link(jane, "waits@example.com");
    for (auto const& [phone, email] :
         {std::pair(jane, "john@example.com"), std::pair(john, "jane@example.com"),
          std::pair(john, "waits@example.com"), std::pair(jane, "nobody@example.com"),
          std::pair(stranger(1), "jane@example.com"), std::pair(stranger(1), "nobody@example.com")})
        CHECK(error_of(world.state(phone, email)) == nobody);
    CHECK(world.state(jane, "JANE@Example.com").value() == EmailState::confirmed);
    CHECK(world.state(jane, "Waits@example.com").value() == EmailState::pending);
}

TEST_CASE("a client asks for so many states in a minute and no more, whatever it hears", "[email state]")
{
    Addresses world({.sign_ins_per_client_per_minute = 4});
    world.person(jane, "jane@example.com");
    for (int time = 0; time < 4; ++time) {
        CHECK(world.state(time % 2 ? jane : john, "jane@example.com").has_value() == (time % 2 == 1));
        world.clock.advance(5s);
    }
    for (int time = 0; time < 3; ++time)
        CHECK(
            error_of(world.state(jane, "jane@example.com")) ==
            Error{.code = Errc::attempts_spent, .field = "client", .attempts_left = 0, .retry_after = 40s});
    CHECK(world.state(jane, "jane@example.com", "192.0.2.2"));
    world.clock.advance(40s - 1ms);
    CHECK(refusal(world.state(jane, "jane@example.com")) == Errc::attempts_spent);
    world.clock.advance(1ms);
    CHECK(world.state(jane, "jane@example.com"));
}

TEST_CASE("states have names", "[email state]")
{
    CHECK(name_of(EmailState::pending) == "pending");
    CHECK(name_of(EmailState::confirmed) == "confirmed");
}

TEST_CASE("changes of addresses in one group know of each other", "[email changes]")
{
    Addresses world;
    world.sign_in(jane);
    world.sign_in(john);
    auto const link = world.link(jane, "new@example.com");
    world.clock.advance(1min);
    {
        auto const group = world.storage->begin_group();
        CHECK(world.state(jane, "new@example.com").value() == EmailState::pending);
        CHECK_FALSE(world.confirm(link));
        CHECK(world.confirm(link) == Errc::link_unknown);
        CHECK(world.state(jane, "new@example.com").value() == EmailState::confirmed);
        CHECK(world.change(john, "new@example.com").value() == EmailState::pending);
        group->commit();
    }
    auto const letters = world.delivered();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].letter.kind == LetterKind::already_have_account);
}

TEST_CASE("a deletion forgets the letter to an address that waits, also one that was given up", "[email changes]")
{
    auto const delay = GENERATE(0h, 24h);
    Addresses world;
    world.sign_in(jane);
    REQUIRE(world.onboarding.change_email({.phone = jane, .email = "new@example.com"_email}));
    world.clock.advance(delay);
    if (delay > 0h)
        world.delivered();
    REQUIRE(world.administration.letters(10).size() == 1);
    REQUIRE(world.administration.remove(jane));
    CHECK(world.administration.letters(10).empty());
}

}
