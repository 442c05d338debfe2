#include <atomic>

#include "support/catch.hpp"
#include "support/together.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

constexpr std::string_view good = "mijn fiets is blauw";
constexpr std::string_view better = "mein Fahrrad ist blau";

struct Passwords : World {
    using World::World;

    PartnerId acme = partner("Acme");

    Result<OpenedSession> sign_in(std::string_view email, std::string_view password, std::string_view previous = {})
    {
        return onboarding.sign_in(
            {.email = EmailAddress::parse(email).value(),
             .password = password,
             .client = "192.0.2.1",
             .previous = previous});
    }

    // The link that a person who asks for one is mailed.
    std::string forgotten(std::string_view email)
    {
        REQUIRE(onboarding.forgot_password({.email = EmailAddress::parse(email).value(), .client = "192.0.2.1"}));
        auto const letters = delivered();
        REQUIRE(letters.size() == 1);
        CHECK(letters[0].letter.kind == LetterKind::reset_password);
        return letters[0].secret;
    }
};

TEST_CASE("who follows the mailed link and sets a password is signed in at once", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    auto const opened = world.onboarding.set_password({.link = link, .password = good});
    REQUIRE(opened);
    auto const session = world.onboarding.session(opened->token.reveal());
    REQUIRE(session);
    CHECK(session->person.account.email->str() == "jane@example.com");
    CHECK(session->person.partner == "Acme"_partner);
    CHECK(session->person.enrolment->plan == "PLAN-Acme"_plan);
    CHECK(world.sign_in("jane@example.com", good));
    CHECK(world.delivered().empty());
}

TEST_CASE("a mailed link may be looked at as often as one likes", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    for (int visit = 0; visit < 20; ++visit)
        CHECK(world.onboarding.password_invitation(link)->language == Language::french);
    CHECK(world.onboarding.set_password({.link = link, .password = good}));
}

TEST_CASE("a mailed link sets one password", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    REQUIRE(world.onboarding.set_password({.link = link, .password = good}));
    CHECK(
        error_of(world.onboarding.set_password({.link = link, .password = better})) ==
        refuse(Errc::link_spent, "token"));
    CHECK(world.onboarding.password_invitation(link)->state == PasswordLinkState::spent);
    CHECK(world.sign_in("jane@example.com", good));
    CHECK_FALSE(world.sign_in("jane@example.com", better));
}

TEST_CASE("of many who set a password through one link at once, one succeeds", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    std::atomic<int> succeeded = 0;
    std::atomic<int> winner = -1;
    auto const password_of = [](int number) { return "a long enough sentence " + std::to_string(number); };
    together(8, [&](int number) {
        if (auto const opened = world.onboarding.set_password({.link = link, .password = password_of(number)})) {
            ++succeeded;
            winner = number;
        }
    });
    CHECK(succeeded == 1);
    CHECK(world.sign_in("jane@example.com", password_of(winner)));
}

TEST_CASE("a mailed link dies at its expiry instant", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    world.clock.advance(24h - 1ms);
    CHECK(world.onboarding.password_invitation(link)->state == PasswordLinkState::good);
    world.clock.advance(1ms);
    auto const invitation = world.onboarding.password_invitation(link);
    CHECK(invitation->state == PasswordLinkState::expired);
    CHECK(invitation->language == Language::french);
    CHECK(refusal(world.onboarding.set_password({.link = link, .password = good})) == Errc::link_expired);
}

TEST_CASE("an expired link is good for a new one, mailed to the person and to nobody else", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    CHECK(refusal(world.onboarding.renew_password_link(link, "192.0.2.1")) == Errc::link_spent);  // it is still good
    world.clock.advance(24h);
    REQUIRE(world.onboarding.renew_password_link(link, "192.0.2.1"));
    auto const letters = world.delivered();
    REQUIRE(letters.size() == 1);
    CHECK(text_of(letters[0].letter.to) == "jane@example.com");
    CHECK(world.onboarding.set_password({.link = letters[0].secret, .password = good}));
    CHECK(refusal(world.onboarding.renew_password_link(link, "192.0.2.1")) == Errc::link_spent);
}

TEST_CASE("an expired link sends no flood of letters", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    world.clock.advance(24h);
    for (int time = 0; time < 10; ++time)
        CHECK(world.onboarding.renew_password_link(link, "192.0.2.1"));
    CHECK(world.delivered().size() == 1);
}

TEST_CASE("a link that is made up, cut or of another kind sets no password", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    for (auto const& text :
         {std::string(), std::string("null"), link.substr(1), link + "A", std::string(54, 'A'),
          world.login_link("jane@example.com"_email, world.acme),
          world.session("jane@example.com"_email, world.acme)}) {
        CHECK(refusal(world.onboarding.password_invitation(text)) == Errc::link_unknown);
        CHECK(refusal(world.onboarding.set_password({.link = text, .password = good})) == Errc::link_unknown);
        CHECK(refusal(world.onboarding.renew_password_link(text, "192.0.2.1")) == Errc::link_unknown);
    }
    CHECK(refusal(world.onboarding.redeem(link)) == Errc::link_unknown);
}

TEST_CASE("setting a password ends every session and link of the person but the new one", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    auto const session = world.session("jane@example.com"_email, world.acme);
    auto const login_link = world.login_link("jane@example.com"_email, world.acme);
    auto const another = world.forgotten("jane@example.com");
    REQUIRE(world.onboarding.set_password({.link = link, .password = good}));
    CHECK_FALSE(world.onboarding.session(session));
    CHECK(refusal(world.onboarding.redeem(login_link)) == Errc::link_spent);
    CHECK(refusal(world.onboarding.set_password({.link = another, .password = better})) == Errc::link_spent);
}

TEST_CASE("setting a password ends the session the browser had as somebody else", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    auto const session = world.session("john@example.com"_email, world.acme);
    REQUIRE(world.onboarding.set_password({.link = link, .password = good, .previous = session}));
    CHECK_FALSE(world.onboarding.session(session));
}

TEST_CASE("replacing a password is told by mail, setting the first one is not", "[passwords]")
{
    Passwords world;
    world.person_with_password("jane@example.com", good, world.acme);
    CHECK(world.delivered().empty());
    auto const link = world.forgotten("jane@example.com");
    REQUIRE(world.onboarding.set_password({.link = link, .password = better}));
    auto const letters = world.delivered();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].letter.kind == LetterKind::password_changed);
    CHECK(letters[0].secret.empty());
    CHECK(world.sign_in("jane@example.com", better));
    CHECK(refusal(world.sign_in("jane@example.com", good)) == Errc::sign_in_wrong);
}

TEST_CASE("a refused password leaves the link good and everything as it was", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    auto const session = world.session("jane@example.com"_email, world.acme);
    auto const [why, password, code] = GENERATE(table<char const*, std::string, Errc>({
        {"empty", "", Errc::password_too_short},
        {"14 characters", "x9!kQ2@vR7#pLm", Errc::password_too_short},
        {"14 characters in 28 octets", "дорогападаетна", Errc::password_too_short},
        {"257 characters", std::string(257, 'q'), Errc::password_too_long},
        {"more than 1024 octets", std::string(1025, 'q'), Errc::password_too_long},
        {"a megabyte", std::string(1 << 20, 'q'), Errc::password_too_long},
        {"NUL", std::string("correct horse\0battery", 21), Errc::password_malformed},
        {"a line end", "correct horse\nbattery", Errc::password_malformed},
        {"not UTF-8", "correct horse battery \xff", Errc::password_malformed},
        {"everybody's first", "passwordpassword", Errc::password_too_common},
        {"leet", "P@ssw0rdP@ssw0rd", Errc::password_too_common},
        {"counting", "123456789012345", Errc::password_too_common},
        {"one letter", "aaaaaaaaaaaaaaa", Errc::password_too_common},
        {"a keyboard", "qwertyuiopasdfgh", Errc::password_too_common},
        {"their own address", "jane@example.com", Errc::password_too_common},
        {"their own name, thrice", "JaneDoeJaneDoeJaneDoe", Errc::password_too_common},
        {"ours, thrice", "onboardonboardonboard", Errc::password_too_common},
        {"welcome, in Dutch", "welkomwelkom2024", Errc::password_too_common},
        {"password, in French", "motdepassemotdepasse", Errc::password_too_common},
        {"what could be a hundred dates", std::string(128, '2') + std::string(128, '1'), Errc::password_too_common},
    }));
    CAPTURE(why);
    CHECK(error_of(world.onboarding.set_password({.link = link, .password = password})) == refuse(code, "password"));
    CHECK(world.onboarding.session(session));
    CHECK(world.onboarding.set_password({.link = link, .password = good}));
}

TEST_CASE("a password may be anything long that people do not choose first", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    auto const password = GENERATE(
        std::string("x9!kQ2@vR7#pLmn"), std::string(" spaces at both ends "), std::string("grüß gott und servus"),
        std::string("🚲🚲 weg vom 🚗 und hin"), std::string("918273645546372"),
        std::string("de fiets is blauw ") + std::string(200, '1'),
        "een heel lange zin over een fiets die " + std::string(218, '~'));
    REQUIRE(world.onboarding.set_password({.link = link, .password = password}));
    CHECK(world.sign_in("jane@example.com", password));
    CHECK_FALSE(world.sign_in("jane@example.com", password.substr(0, password.size() - 1)));
    CHECK_FALSE(world.sign_in("jane@example.com", password + " "));
}

TEST_CASE("a password is the same however a keyboard composes its letters", "[passwords]")
{
    Passwords world;
    world.person_with_password("jane@example.com", "un v\u00e9lo tr\u00e8s bleu", world.acme);
    CHECK(world.sign_in("jane@example.com", "un ve\u0301lo tre\u0300s bleu"));
    CHECK_FALSE(world.sign_in("jane@example.com", "un velo tres bleu"));
    CHECK_FALSE(world.sign_in("jane@example.com", "Un v\u00e9lo tr\u00e8s bleu"));
}

TEST_CASE("what is kept of a password needs the key, and the very account", "[passwords]")
{
    Passwords world;
    world.person_with_password("jane@example.com", good, world.acme);
    world.person_with_password("john@example.com", better, world.acme);
    auto const jane = world.account("jane@example.com"_email);
    auto const john = world.account("john@example.com"_email);
    auto work = world.storage->begin();
    auto const sealed = work->passwords().find(jane.id).value();
    CHECK(sealed.find("argon2id") == std::string::npos);
    auto const hash = world.ports.key.open(Purpose::password, jane.handle, sealed);
    REQUIRE(hash);
    CHECK(hash->starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    work->passwords().put(john.id, sealed, world.clock.now());
    work->commit();
    work.reset();
    CHECK_FALSE(world.sign_in("john@example.com", good));
}

TEST_CASE("a password hashed at an older cost is hashed anew when it is next used", "[passwords]")
{
    Passwords world;
    world.person_with_password("jane@example.com", good, world.acme);
    auto const jane = world.account("jane@example.com"_email);
    auto const hash = [&] {
        auto const sealed = world.storage->begin_reading()->passwords().find(jane.id).value();
        return world.ports.key.open(Purpose::password, jane.handle, sealed).value();
    };
    auto const before = hash();
    Onboarding dearer(world.ports, {.password_passes = 2, .password_memory = 16384});
    SignIn const request{.email = *jane.email, .password = good, .client = "192.0.2.1"};
    REQUIRE(dearer.sign_in(request));
    auto const after = hash();
    CHECK(after != before);
    CHECK(after.starts_with("$argon2id$v=19$m=16,t=2,p=1$"));
    REQUIRE(dearer.sign_in(request));
    CHECK(hash() == after);
}

TEST_CASE("a password that cannot be hashed for want of memory is not compared in another way", "[passwords]")
{
    Passwords world;
    world.person_with_password("jane@example.com", good, world.acme);
    auto policy = quick_hashing();
    policy.password_memory = std::size_t{1} << 50;
    Onboarding greedy(world.ports, policy);
    auto const link = world.forgotten("jane@example.com");
    CHECK_THROWS_AS(greedy.set_password({.link = link, .password = better}), std::bad_alloc);
    CHECK(world.onboarding.password_invitation(link));
    CHECK(world.sign_in("jane@example.com", good));
}

TEST_CASE("a wrong password, an unknown address and a person without a password are answered alike", "[passwords]")
{
    Passwords world;
    world.person_with_password("jane@example.com", good, world.acme);
    world.person_with_password("blocked@example.com", good, world.acme);
    REQUIRE(world.administration.block("blocked@example.com"_email));
    world.login_link("without@example.com"_email, world.acme);
    auto const email =
        GENERATE("jane@example.com", "nobody@example.com", "without@example.com", "blocked@example.com");
    for (auto const password : {"", " ", "null", "mijn fiets is rood!"})
        CHECK(error_of(world.sign_in(email, password)) == refuse(Errc::sign_in_wrong));
    CHECK(error_of(world.sign_in(email, std::string(2000, 'q'))) == refuse(Errc::password_too_long, "password"));
    if (email != std::string_view("jane@example.com"))
        CHECK(error_of(world.sign_in(email, good)) == refuse(Errc::sign_in_wrong));
}

TEST_CASE("the address is read as everywhere, the password as it was typed", "[passwords]")
{
    Passwords world;
    world.person_with_password("jane@example.com", good, world.acme);
    CHECK(world.sign_in(" JANE@Example.COM ", good));
    CHECK_FALSE(world.sign_in("jane@example.com", "Mijn fiets is blauw"));
}

TEST_CASE("after too many wrong passwords an address has to wait, known or not", "[passwords]")
{
    Passwords world(quick_hashing({.password_tries_per_hour = 3, .password_tries_per_day = 5}));
    world.person_with_password("jane@example.com", good, world.acme);
    auto const email = GENERATE("jane@example.com", "nobody@example.com");
    for (int time = 0; time < 3; ++time)
        CHECK(refusal(world.sign_in(email, better)) == Errc::sign_in_wrong);
    auto const refused = error_of(world.sign_in(email, good));
    REQUIRE(refused);
    CHECK(refused->code == Errc::attempts_spent);
    CHECK(refused->retry_after == 3600s);

    world.clock.advance(1h);
    for (int time = 0; time < 2; ++time)
        CHECK(refusal(world.sign_in(email, better)) == Errc::sign_in_wrong);
    CHECK(refusal(world.sign_in(email, good)) == Errc::attempts_spent);  // the day's are spent, too
    world.clock.advance(23h);
    CHECK(world.sign_in("jane@example.com", good));
}

TEST_CASE("right passwords cost the address nothing", "[passwords]")
{
    Passwords world(quick_hashing({.password_tries_per_hour = 3, .sign_ins_per_client_per_minute = 1000}));
    world.person_with_password("jane@example.com", good, world.acme);
    for (int time = 0; time < 20; ++time)
        CHECK(world.sign_in("jane@example.com", good));
    CHECK(refusal(world.sign_in("jane@example.com", better)) == Errc::sign_in_wrong);
    for (int time = 0; time < 20; ++time)
        CHECK(world.sign_in("jane@example.com", good));
}

TEST_CASE("the owner with a live session is not shut out by what others guess", "[passwords]")
{
    Passwords world(quick_hashing({.password_tries_per_hour = 3, .sign_ins_per_client_per_minute = 100}));
    world.person_with_password("jane@example.com", good, world.acme);
    auto const session = world.session("jane@example.com"_email, world.acme);
    auto const of_another = world.session("john@example.com"_email, world.acme);
    for (int time = 0; time < 5; ++time)
        CHECK_FALSE(world.sign_in("jane@example.com", better));
    CHECK(refusal(world.sign_in("jane@example.com", good)) == Errc::attempts_spent);
    CHECK(refusal(world.sign_in("jane@example.com", good, of_another)) == Errc::attempts_spent);
    CHECK(world.onboarding.session(session));
    CHECK(world.sign_in("jane@example.com", good, session));
    CHECK(refusal(world.sign_in("jane@example.com", good)) == Errc::attempts_spent);  // the count stands
}

TEST_CASE("whoever has the owner's session may guess as often as anybody, and no more", "[passwords]")
{
    Passwords world(quick_hashing({.password_tries_per_hour = 3, .sign_ins_per_client_per_minute = 100}));
    world.person_with_password("jane@example.com", good, world.acme);
    auto const session = world.session("jane@example.com"_email, world.acme);
    for (int time = 0; time < 3; ++time)
        CHECK(refusal(world.sign_in("jane@example.com", better, session)) == Errc::sign_in_wrong);
    CHECK(refusal(world.sign_in("jane@example.com", good, session)) == Errc::attempts_spent);
    CHECK(world.sign_in("jane@example.com", good));  // nothing was counted for the address
}

TEST_CASE("too many guesses from one client make it wait, whoever it guesses at", "[passwords]")
{
    Passwords world(quick_hashing({.sign_ins_per_client_per_minute = 5}));
    world.person_with_password("jane@example.com", good, world.acme);
    auto const another = world.password_link("john@example.com", world.acme);
    for (int number = 0; number < 4; ++number)
        CHECK(
            refusal(world.sign_in("person" + std::to_string(number) + "@example.com", better)) ==
            Errc::sign_in_wrong);
    CHECK(world.sign_in("jane@example.com", good));  // counts for the client like any other
    auto const refused = error_of(world.sign_in("jane@example.com", good));
    REQUIRE(refused);
    CHECK(refused->code == Errc::attempts_spent);
    CHECK(refused->retry_after == 60s);
    CHECK(
        refusal(world.onboarding.forgot_password({.email = "jane@example.com"_email, .client = "192.0.2.1"})) ==
        Errc::attempts_spent);
    CHECK(world.onboarding.sign_in({.email = "jane@example.com"_email, .password = good, .client = "192.0.2.2"}));
    CHECK(
        refusal(world.onboarding.set_password({.link = another, .password = better, .client = "192.0.2.1"})) ==
        Errc::attempts_spent);
    world.clock.advance(60s);
    CHECK(world.sign_in("jane@example.com", good));
}

TEST_CASE("guesses at the same moment are all counted", "[passwords]")
{
    Passwords world(quick_hashing({.password_tries_per_hour = 20, .sign_ins_per_client_per_minute = 1000}));
    world.person_with_password("jane@example.com", good, world.acme);
    std::atomic<int> looked_at = 0;
    together(8, [&](int) {
        for (int time = 0; time < 5; ++time)
            looked_at += refusal(world.sign_in("jane@example.com", better)) == Errc::sign_in_wrong ? 1 : 0;
    });
    CHECK(looked_at == 20);
}

TEST_CASE("people who sign in and ask for links at the same moment are in nobody's way", "[passwords]")
{
    Passwords world(quick_hashing({.sign_ins_per_client_per_minute = 100000}));
    world.person_with_password("jane@example.com", good, world.acme);
    std::atomic<int> refused = 0;
    together(6, [&](int number) {
        for (int time = 0; time < 10; ++time)
            if (number % 2 == 0)
                refused += world.sign_in("jane@example.com", good) ? 0 : 1;
            else
                refused +=
                    world.onboarding.forgot_password({.email = "jane@example.com"_email, .client = "192.0.2.1"}) ? 0
                                                                                                                 : 1;
    });
    CHECK(refused == 0);
}

TEST_CASE("who signs in gets a new session in place of the one the browser had", "[passwords]")
{
    Passwords world;
    world.person_with_password("jane@example.com", good, world.acme);
    auto const first = world.sign_in("jane@example.com", good)->token.reveal();
    auto const second = world.sign_in("jane@example.com", good, first)->token.reveal();
    CHECK(first != second);
    CHECK_FALSE(world.onboarding.session(first));
    CHECK(world.onboarding.session(second));
}

TEST_CASE("a password says nothing of which of several partners a person comes from", "[passwords]")
{
    Passwords world;
    world.person_with_password("jane@example.com", good, world.acme);
    CHECK(world.sign_in("jane@example.com", good)->person.partner == "Acme"_partner);
    auto const bolt = world.partner("Bolt", LinkExisting::trust);
    world.login_link("jane@example.com"_email, bolt);
    CHECK_FALSE(world.sign_in("jane@example.com", good)->person.partner);
}

TEST_CASE("asking for a link leads to a letter only where there is somebody, and is answered alike", "[passwords]")
{
    Passwords world;
    world.login_link("jane@example.com"_email, world.acme);
    world.login_link("blocked@example.com"_email, world.acme);
    REQUIRE(world.administration.block("blocked@example.com"_email));
    for (auto const& email : {"jane@example.com"_email, "nobody@example.com"_email, "blocked@example.com"_email})
        CHECK(world.onboarding.forgot_password({.email = email, .client = "192.0.2.1"}));
    auto const letters = world.delivered();
    REQUIRE(letters.size() == 1);
    CHECK(text_of(letters[0].letter.to) == "jane@example.com");
    CHECK(world.administration.letters(10).empty());  // nothing of the others, who were as much work
    CHECK(world.onboarding.set_password({.link = letters[0].secret, .password = good}));
}

TEST_CASE("a link that was replaced or withdrawn before it left is not mailed", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    REQUIRE(world.onboarding.forgot_password({.email = "jane@example.com"_email}));
    REQUIRE(world.onboarding.set_password({.link = link, .password = good}));
    CHECK(world.delivered().empty());
    CHECK(world.administration.letters(10).empty());
}

TEST_CASE("asking for a link again and again fills nobody's mailbox", "[passwords]")
{
    Passwords world(quick_hashing({.sign_ins_per_client_per_minute = 1000}));
    world.login_link("jane@example.com"_email, world.acme);
    for (int minute = 0; minute < 60; ++minute) {
        CHECK(world.onboarding.forgot_password({.email = "jane@example.com"_email, .client = "192.0.2.1"}));
        world.clock.advance(1min);
    }
    CHECK(world.delivered().size() == 5);
}

TEST_CASE("a blocked person's links set no password, before and after they are let in again", "[passwords]")
{
    Passwords world;
    auto const link = world.password_link("jane@example.com", world.acme);
    REQUIRE(world.administration.block("jane@example.com"_email));
    CHECK(refusal(world.onboarding.set_password({.link = link, .password = good})) == Errc::link_spent);
    REQUIRE(world.administration.unblock("jane@example.com"_email));
    CHECK(refusal(world.onboarding.set_password({.link = link, .password = good})) == Errc::link_spent);
}

TEST_CASE("nothing is left of a deleted person's password", "[passwords]")
{
    Passwords world;
    world.person_with_password("jane@example.com", good, world.acme);
    auto const id = world.account("jane@example.com"_email).id;
    REQUIRE(world.administration.remove("jane@example.com"_email));
    CHECK_FALSE(world.storage->begin_reading()->passwords().find(id));
    CHECK(refusal(world.sign_in("jane@example.com", good)) == Errc::sign_in_wrong);
}

}
