#include <atomic>
#include <deque>
#include <mutex>
#include <set>

#include "support/catch.hpp"
#include "support/dying_storage.hpp"
#include "support/telephones.hpp"
#include "support/together.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

auto const jane = "+4915112345678"_phone;
auto const john = "+31612345678"_phone;

auto const kerala = ChannelName::parse("kerala").value();
auto const assam = ChannelName::parse("assam").value();
auto const school = OrganisationId::parse("School 7").value();
auto const college = OrganisationId::parse("college").value();
auto const academy = OrganisationId::parse("academy").value();

constexpr std::string_view portal = "https://kerala.example/portal";
constexpr std::string_view other_portal = "https://assam.example/portal";

auto const unknown_visit = refuse(Errc::link_unknown, "token");
auto const spent_token = refuse(Errc::token_spent, "token");

Error wrong_code(int left)
{
    return {.code = Errc::code_wrong, .field = "code", .attempts_left = left};
}

Error no_tries_left(std::chrono::seconds again)
{
    return {.code = Errc::attempts_spent, .field = "code", .attempts_left = 0, .retry_after = again};
}

struct Portals : Telephones {
    explicit Portals(Policy const& policy = {}, std::unique_ptr<Storage> empty = open_empty_storage())
        : Telephones(policy, std::move(empty))
    {
        REQUIRE(administration.add_channel(kerala, std::array{school, college}));
        REQUIRE(administration.add_channel(assam, std::array{academy}));
        add_issuer(portal, kerala);
        add_issuer(other_portal, assam);
    }

    void add_issuer(std::string_view name, ChannelName const& channel)
    {
        REQUIRE(administration.add_issuer(
            {.name = std::string(name), .public_key = "PEM", .channel = channel, .audience = {}}));
    }

    // Somebody who comes with a new token of the portal's.
    Visit visit(std::string_view subject = "teacher-1", std::optional<PhoneNumber> const& phone = jane)
    {
        token_ids.push_back("token " + std::to_string(token_ids.size()));
        return {
            .issuer = portal,
            .subject = subject,
            .token_id = token_ids.back(),
            .token_refused_from = clock.now() + 660s,
            .name = PersonName::parse("Asha Kumari").value(),
            .phone = phone,
            .target = "/resources"};
    }
    std::deque<std::string> token_ids;

    // Lets somebody unknown arrive. Returns the visit token's text; fails the test if they are let in or refused.
    std::string begin(Visit const& visit)
    {
        auto const arrival = onboarding.arrive(visit);
        REQUIRE(arrival);
        REQUIRE_FALSE(arrival->session);
        REQUIRE(arrival->visit);
        return arrival->visit->reveal();
    }

    // The code in the one text that waits.
    std::string text()
    {
        auto const texts = texted();
        REQUIRE(texts.size() == 1);
        return texts[0].secret;
    }

    Result<FinishedVisit> finish(std::string_view token, std::string_view code, std::string_view previous = {})
    {
        return onboarding.finish_visit(token, code, previous);
    }

    // Somebody who came and entered their code.
    Account person(std::string_view subject = "teacher-1", PhoneNumber const& phone = jane)
    {
        auto const token = begin(visit(subject, phone));
        return finish(token, text()).value().session.person.account;
    }

    std::optional<AccountId> linked(std::string_view subject = "teacher-1", std::string_view issuer = portal)
    {
        return storage->begin_reading()->identities().find(issuer, subject);
    }
    Account stored(AccountId id) { return storage->begin_reading()->accounts().find(id).value(); }
};

TEST_CASE("of somebody new who arrives nothing is stored but that the token was used, and a text leaves", "[visits]")
{
    Portals world;
    auto visit = world.visit();
    visit.organisation = school.str();
    visit.language = Language::french;
    auto const token = world.begin(visit);
    CHECK_FALSE(world.find(jane));
    CHECK_FALSE(world.linked());
    CHECK(world.letters_waiting() == 1);
    auto const texts = world.texted();
    REQUIRE(texts.size() == 1);
    CHECK(texts[0].letter.kind == LetterKind::phone_code);
    CHECK(text_of(texts[0].letter.to) == jane.e164());
    CHECK(texts[0].letter.language == Language::french);
    CHECK(texts[0].letter.first_name.empty());
    CHECK(texts[0].letter.expires_at == world.clock.now() + 300s);
    CHECK(world.codes_alive(jane) == 1);
    CHECK(error_of(world.onboarding.arrive(visit)) == spent_token);

    // What they hold shows nothing of what is in it.
    CHECK(
        token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        std::string::npos);
}

TEST_CASE("the code opens an account where the portal's people belong, and a session", "[visits]")
{
    Portals world;
    auto visit = world.visit();
    visit.organisation = school.str();
    visit.language = Language::dutch;
    auto const token = world.begin(visit);
    auto const code = world.text();
    world.clock.advance(10s);
    auto const finished = world.finish(token, code);
    REQUIRE(finished);
    CHECK(finished->target == "/resources");
    CHECK(finished->session.expires_at == world.clock.now() + 24h);

    auto const account = world.account(jane);
    CHECK(account.id == finished->session.person.account.id);
    CHECK(account.phone == jane);
    CHECK(account.number);
    CHECK_FALSE(account.email);
    CHECK_FALSE(account.email_verified);
    CHECK(account.name == PersonName::parse("Asha Kumari").value());
    CHECK(account.language == Language::dutch);
    CHECK(account.status == AccountStatus::active);
    CHECK(account.membership == Membership{.channel = kerala, .organisation = school});
    CHECK(account.created_at == world.clock.now());
    REQUIRE(account.user_name);
    CHECK(account.user_name->str().starts_with("ashakumari"));
    CHECK(login_id(account) == account.user_name->str() + "@kerala");
    CHECK(world.linked() == account.id);
    CHECK(world.letters_waiting() == 0);

    auto const session = world.onboarding.session(finished->session.token.reveal());
    REQUIRE(session);
    CHECK(session->person.account.id == account.id);
    CHECK_FALSE(session->person.partner);
}

TEST_CASE("somebody of whom the portal tells neither name nor organisation is a person all the same", "[visits]")
{
    Portals world;
    auto visit = world.visit();
    visit.name.reset();
    visit.target = {};
    auto const token = world.begin(visit);
    auto const finished = world.finish(token, world.text());
    REQUIRE(finished);
    CHECK(finished->target.empty());
    auto const account = world.account(jane);
    CHECK_FALSE(account.name);
    CHECK(account.language == Language::english);
    CHECK(account.user_name->str().starts_with("user"));
    CHECK(account.membership == Membership{.channel = kerala});
}

TEST_CASE("what the portal tells comes through as it was, whatever is in it", "[visits]")
{
    auto const [first, last] = GENERATE(table<std::string, std::string>(
        {{"<b>Asha</b>", ""},
         {"\u0906\u0936\u093e", "O'Hara"},
         {"A, B; C\\n", "%00"},
         {std::string(100, 'x'), std::string(100, 'y')},
         {"\U0001f6b2", "\U0001f6b2"}}));
    Portals world;
    std::string const subject = "user, counted \u00e9 \"' -- \U0001f6b2";
    std::string const target = "/resources?a=b&c=%0A#" + std::string(2000, 'x');
    auto visit = world.visit(subject);
    visit.name = last.empty() ? PersonName::parse(first).value() : PersonName::parse(first, last).value();
    visit.target = target;
    visit.organisation = school.str();
    auto const token = world.begin(visit);
    auto const finished = world.finish(token, world.text());
    REQUIRE(finished);
    CHECK(finished->target == target);
    CHECK(world.account(jane).name == visit.name);
    CHECK(world.account(jane).membership->organisation == school);
    CHECK(world.linked(subject) == world.account(jane).id);
}

TEST_CASE("somebody known arrives straight in, and no text is sent", "[visits]")
{
    Portals world;
    auto const account = world.person();
    auto visit = world.visit("teacher-1", {});
    visit.name = "Another Name"_name;
    visit.language = Language::german;
    auto const arrival = world.onboarding.arrive(visit);
    REQUIRE(arrival);
    CHECK_FALSE(arrival->visit);
    REQUIRE(arrival->session);
    CHECK(arrival->session->person.account.id == account.id);
    CHECK(world.onboarding.session(arrival->session->token.reveal())->person.account.id == account.id);
    CHECK(world.letters_waiting() == 0);
    auto const after = world.account(jane);
    CHECK(after.name == account.name);
    CHECK(after.language == account.language);
    CHECK(after.updated_at == account.updated_at);
}

TEST_CASE("somebody known arrives straight in, whatever else the portal says of them now", "[visits]")
{
    Portals world;
    auto const account = world.person();
    auto visit = world.visit("teacher-1", john);  // another telephone
    visit.organisation = "nowhere";
    auto const arrival = world.onboarding.arrive(visit);
    REQUIRE(arrival);
    REQUIRE(arrival->session);
    CHECK(arrival->session->person.account.id == account.id);
    CHECK_FALSE(world.find(john));
    CHECK(world.account(jane).membership == account.membership);
}

TEST_CASE("the session that a browser came with ends when its person arrives or finishes", "[visits]")
{
    Portals world;
    auto const before = world.session("ravi@example.com"_email);
    auto visit = world.visit();
    visit.previous = before;
    auto const token = world.begin(visit);
    CHECK(world.onboarding.session(before));  // nobody is in yet
    auto const code = world.text();
    CHECK_FALSE(world.finish(token, other_than(code), before));
    CHECK(world.onboarding.session(before));
    auto const first = world.finish(token, code, before)->session.token.reveal();
    CHECK_FALSE(world.onboarding.session(before));
    CHECK(world.onboarding.session(first));

    auto next = world.visit();
    next.previous = first;
    auto const second = world.onboarding.arrive(next)->session->token.reveal();
    CHECK_FALSE(world.onboarding.session(first));
    CHECK(world.onboarding.session(second));

    auto last = world.visit();
    last.previous = "nonsense";
    CHECK(world.onboarding.arrive(last)->session);
    CHECK(world.onboarding.session(second));
}

TEST_CASE("a portal's token is good once", "[visits]")
{
    Portals world;
    world.person();
    auto const visit = world.visit();
    REQUIRE(world.onboarding.arrive(visit)->session);
    for (int time = 0; time < 3; ++time)
        CHECK(error_of(world.onboarding.arrive(visit)) == spent_token);

    // Whoever it is about; and each portal counts for itself.
    auto other = world.visit("teacher-2", john);
    other.token_id = visit.token_id;
    CHECK(error_of(world.onboarding.arrive(other)) == spent_token);
    CHECK(world.letters_waiting() == 0);
    other.issuer = other_portal;
    CHECK(world.onboarding.arrive(other));
}

TEST_CASE("token ids are told apart whatever they are made of", "[visits]")
{
    Portals world;
    world.person();
    std::vector<std::string> const ids{
        "", "a", "A", " a", "a ", std::string("a\0", 2), "\xff", "\u00e9", "e\u0301", std::string(10'000, 'a')};
    for (auto const& id : ids) {
        auto visit = world.visit();
        visit.token_id = id;
        CHECK(world.onboarding.arrive(visit));
        CHECK(error_of(world.onboarding.arrive(visit)) == spent_token);
    }
}

TEST_CASE("a used token is remembered for a day after it is refused anyway, and then forgotten", "[visits]")
{
    Portals world;
    world.person();
    world.clock.advance(48h);
    while (world.onboarding.tidy() > 0) {
    }
    auto const visit = world.visit();
    REQUIRE(world.onboarding.arrive(visit));
    world.clock.set(visit.token_refused_from + 24h - 1ms);  // other servers' clocks may be behind
    while (world.onboarding.tidy() > 0) {
    }
    CHECK(error_of(world.onboarding.arrive(visit)) == spent_token);
    world.clock.advance(1ms);
    world.onboarding.tidy();
    world.clock.advance(1ms);
    world.onboarding.tidy();
    CHECK(world.onboarding.arrive(visit));  // whoever reads tokens refuses it
}

TEST_CASE("a refusal uses no token up, and sends and counts nothing", "[visits]")
{
    struct Row {
        char const* why;
        void (*spoil)(Visit&);
        Error refused;
    };
    auto const row = GENERATE(values<Row>(
        {{"a portal nobody added", [](Visit& visit) { visit.issuer = "https://other.example"; },
          refuse(Errc::issuer_unknown, "issuer")},
         {"a portal in another spelling", [](Visit& visit) { visit.issuer = "https://KERALA.example/portal"; },
          refuse(Errc::issuer_unknown, "issuer")},
         {"an organisation nobody added", [](Visit& visit) { visit.organisation = "nowhere"; },
          refuse(Errc::organisation_unknown, "organisation")},
         {"an organisation of another channel", [](Visit& visit) { visit.organisation = academy.str(); },
          refuse(Errc::organisation_elsewhere, "organisation")},
         {"no telephone", [](Visit& visit) { visit.phone.reset(); }, refuse(Errc::contact_missing, "phone")},
         {"a telephone of another country", [](Visit& visit) { visit.phone = "+447400123456"_phone; },
          refuse(Errc::phone_not_served, "phone")},
         {"no subject", [](Visit& visit) { visit.subject = ""; }, refuse(Errc::text_malformed, "subject")},
         {"a subject with a line end", [](Visit& visit) { visit.subject = "a\nb"; },
          refuse(Errc::text_malformed, "subject")},
         {"a subject with a NUL", [](Visit& visit) { visit.subject = std::string_view("a\0b", 3); },
          refuse(Errc::text_malformed, "subject")},
         {"a subject with an override", [](Visit& visit) { visit.subject = "a\u202eb"; },
          refuse(Errc::text_malformed, "subject")},
         {"a subject that is no UTF-8", [](Visit& visit) { visit.subject = "\xff"; },
          refuse(Errc::text_malformed, "subject")},
         {"a target with a line end", [](Visit& visit) { visit.target = "/a\r\nSet-Cookie: b"; },
          refuse(Errc::text_malformed, "target")},
         {"a target with a line separator", [](Visit& visit) { visit.target = "/a\u2028b"; },
          refuse(Errc::text_malformed, "target")},
         {"a target with a NUL", [](Visit& visit) { visit.target = std::string_view("/a\0b", 4); },
          refuse(Errc::text_malformed, "target")},
         {"a target that is no UTF-8", [](Visit& visit) { visit.target = "/\xc3"; },
          refuse(Errc::text_malformed, "target")}}));
    INFO(row.why);
    Portals world({.texts_per_client_per_hour = 1});
    auto visit = world.visit();
    visit.client = "192.0.2.1";
    auto spoilt = visit;
    row.spoil(spoilt);
    for (int time = 0; time < 3; ++time)
        CHECK(error_of(world.onboarding.arrive(spoilt)) == row.refused);
    CHECK(world.letters_waiting() == 0);
    CHECK(world.codes_alive(jane) == 0);
    world.begin(visit);
}

TEST_CASE("a subject has 1 to 255 octets", "[visits]")
{
    auto const [subject, taken] = GENERATE(table<std::string, bool>(
        {{"x", true},
         {" ", true},
         {std::string(255, 'x'), true},
         {std::string(256, 'x'), false},
         {std::string(127, 'x') + "\u00e9" + std::string(126, 'x'), true},
         {std::string(127, 'x') + "\u00e9" + std::string(127, 'x'), false}}));
    Portals world;
    auto const arrival = world.onboarding.arrive(world.visit(subject));
    CHECK(error_of(arrival) == (taken ? std::nullopt : std::optional(refuse(Errc::text_malformed, "subject"))));
    if (taken)
        CHECK(world.finish(arrival->visit->reveal(), world.text()));
}

TEST_CASE("texts for visits have the limits of texts, and a refused one uses no token up", "[visits]")
{
    Portals world({.texts_per_client_per_hour = 2, .texts_per_day = 3});
    auto const arrive = [&](int number, std::string_view client) {
        auto visit = world.visit("teacher", stranger(number));
        visit.client = client;
        return error_of(world.onboarding.arrive(visit));
    };
    CHECK_FALSE(arrive(1, "192.0.2.1"));
    CHECK_FALSE(arrive(2, "192.0.2.1"));
    auto visit = world.visit("teacher", stranger(3));
    visit.client = "192.0.2.1";
    for (int time = 0; time < 3; ++time)
        CHECK(
            error_of(world.onboarding.arrive(visit)) ==
            Error{.code = Errc::attempts_spent, .field = "client", .attempts_left = 0, .retry_after = 1h});
    visit.client = "192.0.2.2";
    CHECK(world.onboarding.arrive(visit));
    CHECK(
        arrive(4, "192.0.2.3") ==
        Error{.code = Errc::attempts_spent, .field = "texts", .attempts_left = 0, .retry_after = 24h});
    CHECK(world.letters_waiting() == 3);
}

TEST_CASE("who comes once more before the pause is over gets in with the code that is on its way", "[visits]")
{
    Portals world;
    auto const first = world.begin(world.visit());
    world.clock.advance(30s);
    auto again = world.visit();
    again.target = "/another";
    auto const second = world.begin(again);
    CHECK(world.letters_waiting() == 1);
    auto const code = world.text();
    auto const with_second = GENERATE(true, false);
    auto const finished = world.finish(with_second ? second : first, code);
    REQUIRE(finished);
    CHECK(finished->target == (with_second ? "/another" : "/resources"));
    CHECK(error_of(world.finish(with_second ? first : second, code)) == wrong_code(4));
}

TEST_CASE("who comes once more after the pause is texted another code, and either works", "[visits]")
{
    auto const place = GENERATE(0U, 1U);
    Portals world;
    std::vector<std::string> tokens;
    std::vector<std::string> codes;
    for (int time = 0; time < 2; ++time) {
        tokens.push_back(world.begin(world.visit()));
        codes.push_back(world.text());
        world.clock.advance(60s);
    }
    auto const finished = world.finish(tokens[1 - place], codes[place]);
    REQUIRE(finished);
    // The other is good once, too, and for the same person.
    auto const again = world.finish(tokens[place], codes[1 - place]);
    REQUIRE(again);
    CHECK(again->session.person.account.id == finished->session.person.account.id);
    CHECK(error_of(world.finish(tokens[0], codes[0])) == wrong_code(4));
}

TEST_CASE("a code that is on its way is good for one person of one portal, and others have to wait", "[visits]")
{
    Portals world;
    world.begin(world.visit("teacher-1"));
    world.clock.advance(10s);
    auto other = world.visit("teacher-2");
    CHECK(
        error_of(world.onboarding.arrive(other)) ==
        Error{.code = Errc::attempts_spent, .field = "phone", .retry_after = 50s});
    other.subject = "teacher-1";
    other.issuer = other_portal;
    CHECK(refusal(world.onboarding.arrive(other)) == Errc::attempts_spent);
    other.subject = "teacher-1, counted";
    other.issuer = portal;
    CHECK(refusal(world.onboarding.arrive(other)) == Errc::attempts_spent);

    Telephones& telephones = world;
    CHECK(refusal(telephones.send(jane)) == Errc::attempts_spent);
}

TEST_CASE("a code is good for the person of the portal that it was texted for", "[visits]")
{
    auto const client = GENERATE("", "192.0.2.1");
    auto const [issuer, subject] = GENERATE(table<std::string_view, char const*>(
        {{portal, "teacher-2"}, {portal, "teacher-1, counted"}, {portal, "Teacher-1"}, {other_portal, "teacher-1"}}));
    Portals world;
    auto visit = world.visit("teacher-1");
    visit.client = client;
    auto const token = world.begin(visit);
    auto const code = world.text();
    world.clock.advance(60s);
    auto other = world.visit(subject);
    other.issuer = issuer;
    other.client = client;
    auto const others_token = world.begin(other);
    auto const others_code = world.text();
    REQUIRE(code != others_code);
    CHECK(error_of(world.finish(others_token, code)) == wrong_code(4));
    CHECK(error_of(world.finish(token, others_code)) == wrong_code(3));
    CHECK(world.finish(token, code));
    CHECK(world.finish(others_token, others_code));  // one telephone, one account
    CHECK_FALSE(world.linked(subject, issuer));
}

TEST_CASE(
    "a code that is on its way helps nobody where another limit is reached, and that counts nothing", "[visits]")
{
    Portals world({.texts_per_client_per_hour = 1});
    auto visit = world.visit();
    visit.client = "192.0.2.1";
    world.begin(visit);
    world.clock.advance(60s);
    auto again = world.visit();
    again.client = "192.0.2.1";
    CHECK(
        error_of(world.onboarding.arrive(again)) ==
        Error{.code = Errc::attempts_spent, .field = "client", .attempts_left = 0, .retry_after = 59min});
    CHECK(world.letters_waiting() == 1);
    again.client = "192.0.2.2";
    CHECK(world.onboarding.arrive(again));  // neither the token nor a text of the number was used up
    CHECK(world.letters_waiting() == 2);
}

TEST_CASE("a code to sign in or to sign up with finishes no visit, and the other way round", "[visits]")
{
    Portals world;
    auto const token = world.begin(world.visit());
    auto const code = world.text();
    world.clock.advance(60s);
    auto const sign_in_code = world.code_for(jane);
    REQUIRE(code != sign_in_code);
    CHECK(error_of(world.finish(token, sign_in_code)) == wrong_code(4));
    CHECK(error_of(world.enter(jane, code)) == wrong_code(3));
    CHECK(error_of(world.onboarding.check_code({.phone = jane, .code = code})) == wrong_code(2));
    CHECK(
        refusal(world.onboarding.prove_contact({.partner = world.acme, .contact = jane, .code = code})) ==
        Errc::code_expired);
    world.clock.advance(60s);
    REQUIRE(world.onboarding.send_sign_up_code({.partner = world.acme, .to = jane}));
    auto const sign_up_code = world.text();
    REQUIRE(code != sign_up_code);
    CHECK(error_of(world.finish(token, sign_up_code)) == wrong_code(1));
}

TEST_CASE("a wrong code of a visit counts, in one budget with the other codes of the number", "[visits]")
{
    Portals world;
    auto const token = world.begin(world.visit());
    auto const code = world.text();
    CHECK(error_of(world.finish(token, other_than(code))) == wrong_code(4));
    CHECK(error_of(world.onboarding.check_code({.phone = jane, .code = "1234567"})) == wrong_code(3));
    CHECK(error_of(world.finish(token, "")) == wrong_code(2));
    CHECK(error_of(world.enter(jane, "1234567")) == wrong_code(1));
    CHECK(error_of(world.finish(token, other_than(code))) == wrong_code(0));
    for (int time = 0; time < 3; ++time)
        CHECK(error_of(world.finish(token, code)) == no_tries_left(3600s));
    CHECK_FALSE(world.find(jane));

    world.clock.advance(60s);
    auto const next = world.begin(world.visit());
    auto const next_code = world.text();
    CHECK(error_of(world.finish(next, next_code)) == no_tries_left(3540s));
}

TEST_CASE("a right code of a visit gives its guess back", "[visits]")
{
    Portals world({.code_tries = 1});
    for (int time = 0; time < 3; ++time) {
        auto const subject = "teacher " + std::to_string(time);
        auto const token = world.begin(world.visit(subject));
        CHECK(world.finish(token, world.text()));
        world.clock.advance(60s);
    }
}

TEST_CASE(
    "a guess of a visit's code is counted before it is looked at, even if the process dies in between", "[visits]")
{
    auto owned = std::make_unique<DyingStorage>();
    auto& storage = *owned;
    Portals world({}, std::move(owned));
    auto const token = world.begin(world.visit());
    auto const code = world.text();
    for (int time = 0; time < 5; ++time) {
        storage.begins_left = 1;
        CHECK_THROWS_AS(world.finish(token, time % 2 ? code : other_than(code)), StorageFailure);
    }
    storage.begins_left = DyingStorage::immortal;
    CHECK(error_of(world.finish(token, code)) == no_tries_left(3600s));
}

TEST_CASE("a visit is finished with its code once", "[visits]")
{
    Portals world;
    auto const token = world.begin(world.visit());
    auto const code = world.text();
    REQUIRE(world.finish(token, code));
    CHECK(error_of(world.finish(token, code)) == wrong_code(4));
    CHECK(world.onboarding.pending_visit(token));  // it says what it said
}

TEST_CASE("a visit and its code live as long as codes do, to the millisecond", "[visits]")
{
    Portals world;
    auto visit = world.visit();
    visit.language = Language::german;
    auto const token = world.begin(visit);
    auto const code = world.text();
    world.clock.advance(300s - 1ms);
    auto const pending = world.onboarding.pending_visit(token);
    REQUIRE(pending);
    CHECK(pending->phone == jane);
    CHECK(pending->issuer == portal);
    CHECK(pending->name->first() == "Asha Kumari");
    CHECK(pending->language == Language::german);
    auto const in_time = GENERATE(true, false);
    if (in_time) {
        CHECK(world.finish(token, code));
        return;
    }
    world.clock.advance(1ms);
    CHECK(error_of(world.onboarding.pending_visit(token)) == unknown_visit);
    for (int time = 0; time < 10; ++time)
        CHECK(error_of(world.finish(token, code)) == unknown_visit);
    CHECK(error_of(world.onboarding.check_code({.phone = jane, .code = code})) == wrong_code(4));  // none was counted
}

TEST_CASE("a visit token that was changed, cut, made up or sealed for something else is unknown", "[visits]")
{
    Portals world;
    auto const token = world.begin(world.visit());
    auto const code = world.text();
    auto const session = world.session("ravi@example.com"_email);
    auto const login_link = world.login_link("ravi@example.com"_email);
    std::vector<std::string> forged{
        "",
        "null",
        token + "A",
        token + "=",
        " " + token,
        token + token,
        session,
        login_link,
        std::string(100'000, 'A'),
        std::string("\0", 1)};
    for (std::size_t size = 0; size < token.size(); size += 7)
        forged.push_back(token.substr(0, size));
    forged.push_back(token.substr(0, token.size() - 1));
    forged.push_back(token.substr(1));
    for (std::size_t place = 0; place < token.size(); ++place) {
        auto changed = token;
        changed[place] = changed[place] == 'x' ? 'y' : 'x';
        forged.push_back(std::move(changed));
    }
    int taken = 0;
    for (auto const& text : forged) {
        taken += error_of(world.onboarding.pending_visit(text)) != unknown_visit;
        taken += error_of(world.finish(text, code)) != unknown_visit;
    }
    CHECK(taken == 0);
    CHECK(refusal(world.onboarding.session(token)) == Errc::session_unknown);
    CHECK(refusal(world.onboarding.redeem(token)) == Errc::link_unknown);

    auto other = world.ports;
    std::array<std::byte, SecretKey::least_size> bytes{};
    bytes[0] = std::byte{1};
    other.key = SecretKey::from_bytes(bytes);
    CHECK(error_of(Onboarding(other, world.onboarding.policy()).finish_visit(token, code)) == unknown_visit);
    CHECK(world.finish(token, code));
}

TEST_CASE("what a visit is about is told without asking the storage", "[visits]")
{
    struct NoStorage : Storage {
        std::unique_ptr<UnitOfWork> begin() override { throw StorageFailure("none"); }
        std::unique_ptr<UnitOfWork const> begin_reading() override { throw StorageFailure("none"); }
        std::unique_ptr<Group> begin_group() override { throw StorageFailure("none"); }
    };
    Portals world;
    auto const token = world.begin(world.visit());
    NoStorage none;
    Onboarding elsewhere(
        {.storage = none, .key = test_key(), .clock = world.clock, .random = world.random},
        world.onboarding.policy());
    CHECK(elsewhere.pending_visit(token)->phone == jane);
    CHECK(error_of(elsewhere.pending_visit("x")) == unknown_visit);
    CHECK(error_of(elsewhere.finish_visit("x", "123456")) == unknown_visit);
}

TEST_CASE("a visit is finished by whatever server has the key, also after a restart", "[visits]")
{
    Portals world;
    auto const token = world.begin(world.visit());
    auto const code = world.text();
    CHECK(Onboarding(world.ports, world.onboarding.policy()).finish_visit(token, code));
}

TEST_CASE(
    "who has the number already is linked if the portal vouches for it, and opens no second account", "[visits]")
{
    Portals world;
    auto const id = world.sign_in(jane).account;
    auto const before = world.account(jane);
    world.clock.advance(60s);
    auto visit = world.visit();
    visit.phone_verified = true;
    visit.organisation = school.str();
    auto const token = world.begin(visit);
    auto const finished = world.finish(token, world.text());
    REQUIRE(finished);
    CHECK(finished->session.person.account.id == id);
    CHECK(world.linked() == id);
    auto const after = world.account(jane);
    CHECK(after.handle == before.handle);
    CHECK(after.number == before.number);
    CHECK_FALSE(after.name);
    CHECK_FALSE(after.user_name);
    CHECK_FALSE(after.membership);
    CHECK(after.updated_at == before.updated_at);
    CHECK(world.onboarding.arrive(world.visit())->session->person.account.id == id);
}

TEST_CASE(
    "where the portal does not vouch for the number, its owner is in once, and asked for a code anew", "[visits]")
{
    Portals world;
    auto const id = world.sign_in(jane).account;
    for (int time = 0; time < 3; ++time) {
        world.clock.advance(60s);
        auto const token = world.begin(world.visit("mallory"));  // whom Jane was talked into
        CHECK(world.finish(token, world.text())->session.person.account.id == id);
        CHECK_FALSE(world.linked("mallory"));
    }
    CHECK_FALSE(world.account(jane).membership);
}

TEST_CASE("whom a portal knows as somebody else is not linked again, whatever it vouches for", "[visits]")
{
    Portals world;
    auto const id = world.person("teacher-1").id;
    world.clock.advance(60s);
    auto visit = world.visit("teacher-2");
    visit.phone_verified = true;
    auto const token = world.begin(visit);
    CHECK(world.finish(token, world.text())->session.person.account.id == id);
    CHECK_FALSE(world.linked("teacher-2"));
}

TEST_CASE("who got the number while the visit was under way is found", "[visits]")
{
    Portals world;
    auto const token = world.begin(world.visit());
    auto const code = world.text();
    world.clock.advance(60s);
    auto const id = world.sign_in(jane).account;
    CHECK(world.finish(token, code)->session.person.account.id == id);
}

TEST_CASE("who signs in by telephone after a visit is the same person", "[visits]")
{
    Portals world;
    auto const account = world.person();
    world.clock.advance(60s);
    auto const confirmed = world.sign_in(jane);
    CHECK_FALSE(confirmed.is_new);
    CHECK(confirmed.account == account.id);
}

TEST_CASE("people of two portals with one number are one person, known by either", "[visits]")
{
    Portals world;
    auto const account = world.person();
    world.clock.advance(60s);
    auto visit = world.visit("pupil-9");
    visit.issuer = other_portal;
    visit.phone_verified = true;
    auto const token = world.begin(visit);
    CHECK(world.finish(token, world.text())->session.person.account.id == account.id);
    CHECK(world.account(jane).membership == Membership{.channel = kerala});
    CHECK(world.linked("pupil-9", other_portal) == account.id);
    CHECK(world.linked("teacher-1", portal) == account.id);
    CHECK_FALSE(world.linked("teacher-1", other_portal));
    auto next = world.visit("pupil-9");
    next.issuer = other_portal;
    CHECK(world.onboarding.arrive(next)->session->person.account.id == account.id);
}

TEST_CASE("one subject at two portals is two people", "[visits]")
{
    Portals world;
    auto const account = world.person();
    auto visit = world.visit("teacher-1", john);
    visit.issuer = other_portal;
    auto const token = world.begin(visit);
    auto const other = world.finish(token, world.text())->session.person.account;
    CHECK(other.id != account.id);
    CHECK(other.membership == Membership{.channel = assam});
}

TEST_CASE("somebody who got to be known while their visit was under way is who they were then", "[visits]")
{
    Portals world;
    auto const first = world.begin(world.visit("teacher-1", jane));
    auto const first_code = world.text();
    auto const second = world.begin(world.visit("teacher-1", john));
    auto const second_code = world.text();
    auto const id = world.finish(first, first_code)->session.person.account.id;
    auto const finished = world.finish(second, second_code);
    REQUIRE(finished);
    CHECK(finished->session.person.account.id == id);
    CHECK_FALSE(world.find(john));
}

TEST_CASE("somebody blocked arrives nowhere, and may come with the same token when they are let in again", "[visits]")
{
    Portals world;
    world.person();
    REQUIRE(world.administration.block(jane));
    auto const visit = world.visit();
    for (int time = 0; time < 3; ++time)
        CHECK(refusal(world.onboarding.arrive(visit)) == Errc::account_blocked);
    CHECK(world.letters_waiting() == 0);
    REQUIRE(world.administration.unblock(jane));
    CHECK(world.onboarding.arrive(visit)->session);
}

TEST_CASE("somebody deleted arrives nowhere", "[visits]")
{
    Portals world;
    auto const id = world.person().id;
    REQUIRE(world.administration.remove(jane));
    CHECK(refusal(world.onboarding.arrive(world.visit())) == Errc::account_deleted);
    CHECK(refusal(world.onboarding.arrive(world.visit("teacher-1", john))) == Errc::account_deleted);
    CHECK(world.letters_waiting() == 0);
    CHECK(world.linked() == id);
    CHECK_FALSE(world.find(john));
}

TEST_CASE(
    "a visit whose number is somebody's who is blocked or deleted is told so with the right code only", "[visits]")
{
    auto const deleted = GENERATE(true, false);
    Portals world({.code_tries = 2});
    world.sign_in(jane);
    world.clock.advance(60s);
    auto const token = world.begin(world.visit());
    auto const code = world.text();
    REQUIRE((deleted ? world.administration.remove(jane) : world.administration.block(jane)));
    CHECK(error_of(world.finish(token, other_than(code))) == wrong_code(1));
    auto const refused = refuse(deleted ? Errc::account_deleted : Errc::account_blocked, "phone");
    for (int time = 0; time < 5; ++time)  // and then it costs no guess
        CHECK(error_of(world.finish(token, code)) == refused);
    CHECK_FALSE(world.linked());
    if (!deleted) {
        REQUIRE(world.administration.unblock(jane));
        CHECK(world.finish(token, code));
    }
}

TEST_CASE("a visit of somebody who is blocked or deleted while it is under way is refused", "[visits]")
{
    auto const deleted = GENERATE(true, false);
    Portals world({.code_tries = 1});
    auto const first = world.begin(world.visit("teacher-1", jane));
    auto const first_code = world.text();
    auto const second = world.begin(world.visit("teacher-1", john));
    auto const second_code = world.text();
    REQUIRE(world.finish(first, first_code));
    REQUIRE((deleted ? world.administration.remove(jane) : world.administration.block(jane)));
    for (int time = 0; time < 3; ++time)
        CHECK(
            refusal(world.finish(second, second_code)) == (deleted ? Errc::account_deleted : Errc::account_blocked));
    CHECK_FALSE(world.find(john));
}

TEST_CASE("where deleted people let go of what they had, who comes from the portal is somebody new", "[visits]")
{
    auto const& phone = GENERATE(true, false) ? jane : john;
    Portals world({.release_deleted = true});
    auto const first = world.person();
    world.clock.advance(60s);
    REQUIRE(world.administration.remove(jane));
    auto const token = world.begin(world.visit("teacher-1", phone));
    auto const code = world.text();

    // Until the code was entered nobody has anything.
    CHECK(world.linked() == first.id);
    CHECK(world.account(jane).id == first.id);
    CHECK_FALSE(world.finish(token, other_than(code)));
    CHECK(world.linked() == first.id);
    CHECK(world.account(jane).id == first.id);

    auto const finished = world.finish(token, code);
    REQUIRE(finished);
    auto const second = finished->session.person.account;
    CHECK(second.id != first.id);
    CHECK(second.user_name != first.user_name);
    CHECK(world.linked() == second.id);
    CHECK(world.account(phone).id == second.id);
    CHECK(world.stored(first.id).status == AccountStatus::deleted);
    CHECK(world.storage->begin_reading()->identities().of(first.id).empty());
}

TEST_CASE("a portal that was removed sends nobody, and those who came stay", "[visits]")
{
    Portals world({.code_tries = 1});
    auto const account = world.person();
    auto const token = world.begin(world.visit("teacher-2", john));
    auto const code = world.text();
    auto const visit = world.visit();
    REQUIRE(world.administration.remove_issuer(portal));
    CHECK(error_of(world.onboarding.arrive(visit)) == refuse(Errc::issuer_unknown, "issuer"));
    for (int time = 0; time < 3; ++time)  // which costs no guess
        CHECK(error_of(world.finish(token, code)) == unknown_visit);
    CHECK_FALSE(world.find(john));
    CHECK(world.account(jane).status == AccountStatus::active);
    CHECK(world.linked() == account.id);

    world.add_issuer(portal, kerala);
    CHECK(world.finish(token, code));
    CHECK(world.onboarding.arrive(visit)->session->person.account.id == account.id);
}

TEST_CASE("people belong to the channel that their portal has when they enter the code", "[visits]")
{
    Portals world({.code_tries = 1});
    auto const token = world.begin(world.visit());
    auto const code = world.text();
    auto in_school = world.visit("teacher-2", john);
    in_school.organisation = school.str();
    auto const schools_token = world.begin(in_school);
    auto const schools_code = world.text();
    REQUIRE(world.administration.remove_issuer(portal));
    world.add_issuer(portal, assam);
    CHECK(world.finish(token, code)->session.person.account.membership == Membership{.channel = assam});
    CHECK(refusal(world.finish(schools_token, schools_code)) == Errc::organisation_elsewhere);
    CHECK_FALSE(world.find(john));
}

TEST_CASE("whose signed tokens are accepted is known by name", "[visits]")
{
    Portals world;
    auto const issuer = world.onboarding.token_issuer(portal);
    REQUIRE(issuer);
    CHECK(issuer->name == portal);
    CHECK(issuer->public_key == "PEM");
    CHECK(issuer->channel == kerala);
    for (auto const* name : {"", "https://kerala.example/portal/", "https://Kerala.example/portal", "%"})
        CHECK(error_of(world.onboarding.token_issuer(name)) == refuse(Errc::issuer_unknown, "issuer"));
    REQUIRE(world.administration.remove_issuer(portal));
    CHECK(refusal(world.onboarding.token_issuer(portal)) == Errc::issuer_unknown);
}

TEST_CASE("texts that a client has sent by visits count for their range, until they are answered", "[visits]")
{
    Portals world({.unanswered_texts_per_hour = 2});
    auto const arrive = [&](int number) {
        auto const subject = "teacher " + std::to_string(number);
        auto visit = world.visit(subject, neighbour(number));
        visit.client = "192.0.2.1";
        return world.onboarding.arrive(visit);
    };
    auto const first = arrive(1);
    REQUIRE(first);
    auto const code = world.text();
    REQUIRE(arrive(2));
    CHECK(
        error_of(arrive(3)) ==
        Error{.code = Errc::attempts_spent, .field = "range", .attempts_left = 0, .retry_after = 1h});
    CHECK_FALSE(world.finish(first->visit->reveal(), other_than(code)));
    CHECK_FALSE(arrive(3));
    REQUIRE(world.finish(first->visit->reveal(), code));
    CHECK(arrive(3));
    CHECK(refusal(arrive(4)) == Errc::attempts_spent);
}

TEST_CASE("texts of visits that no client asked for count for no range, and give nothing back", "[visits]")
{
    Portals world({.unanswered_texts_per_hour = 1});
    REQUIRE(world.send(neighbour(0), "192.0.2.1"));
    world.texted();
    for (int number = 1; number < 4; ++number) {
        auto const subject = "teacher " + std::to_string(number);
        auto const token = world.begin(world.visit(subject, neighbour(number)));
        CHECK(world.finish(token, world.text()));
    }
    CHECK(refusal(world.send(neighbour(9), "192.0.2.1")) == Errc::attempts_spent);
}

TEST_CASE("where the guard of texts only records, what it found suspicious gives nothing back", "[visits]")
{
    Portals world({.unanswered_texts_per_hour = 1, .text_guard_records_only = true});
    REQUIRE(world.send(neighbour(0), "192.0.2.1"));
    world.texted();
    auto visit = world.visit("teacher-1", neighbour(1));
    visit.client = "192.0.2.1";
    auto const token = world.begin(visit);
    REQUIRE(world.finish(token, world.text()));
    CHECK(world.send(neighbour(2), "192.0.2.1")->suspicious);
}

TEST_CASE("two visits that draw one number for their accounts do not share it, and finish with another", "[visits]")
{
    Portals world({.code_tries = 1});
    auto const janes = world.begin(world.visit("teacher-1", jane));
    auto const janes_code = world.text();
    auto const johns = world.begin(world.visit("teacher-2", john));
    auto const johns_code = world.text();
    auto const draw_number = [&](std::byte handle) {
        std::vector<std::byte> bytes(16 + 8);
        bytes[0] = handle;
        bytes[16] = std::byte{42};
        world.random.script(std::move(bytes));
    };
    draw_number(std::byte{1});
    REQUIRE(world.finish(janes, janes_code));
    draw_number(std::byte{2});
    CHECK_THROWS_AS(world.finish(johns, johns_code), StorageConflict);
    CHECK_FALSE(world.find(john));
    CHECK_FALSE(world.linked("teacher-2"));
    REQUIRE(world.finish(johns, johns_code));  // as a host does: code and guess are as they were
    CHECK(world.account(jane).number == 42);
    CHECK(world.account(john).number != 42);
}

TEST_CASE("of many who arrive at once with one token, one does", "[visits]")
{
    auto const known = GENERATE(true, false);
    Portals world;
    if (known)
        world.person();
    world.clock.advance(60s);
    auto const visit = world.visit();
    std::atomic<int> arrived = 0;
    std::atomic<int> late = 0;
    together(16, [&](int) {
        auto const refused = until_done([&] { return error_of(world.onboarding.arrive(visit)); });
        arrived += !refused;
        late += refused == spent_token;
    });
    CHECK(arrived == 1);
    CHECK(late == 15);
    CHECK(world.letters_waiting() == (known ? 0 : 1));
}

TEST_CASE("of one person who arrives many times at once, each waits for one code", "[visits]")
{
    Portals world;
    std::vector<Visit> visits;
    for (int number = 0; number < 16; ++number)
        visits.push_back(world.visit());
    std::atomic<int> waiting = 0;
    together(16, [&](int number) {
        auto const arrival =
            until_done([&] { return world.onboarding.arrive(visits[static_cast<std::size_t>(number)]); });
        waiting += arrival && arrival->visit;
    });
    CHECK(waiting == 16);
    CHECK(world.letters_waiting() == 1);
}

TEST_CASE("of many who finish one visit at once, one does, and opens one account", "[visits]")
{
    Portals world({.code_tries = 1000});
    auto const token = world.begin(world.visit());
    auto const code = world.text();
    std::atomic<int> in = 0;
    std::atomic<int> late = 0;
    together(16, [&](int) {
        auto const refused = until_done([&] { return error_of(world.finish(token, code)); });
        in += !refused;
        late += refused && refused->code == Errc::code_wrong;
    });
    CHECK(in == 1);
    CHECK(late == 15);
    CHECK(world.linked() == world.account(jane).id);
}

TEST_CASE("of one person who finishes two visits at once by two telephones, all are one person", "[visits]")
{
    Portals world({.code_tries = 1000});
    auto const janes = world.begin(world.visit("teacher-1", jane));
    auto const janes_code = world.text();
    auto const johns = world.begin(world.visit("teacher-1", john));
    auto const johns_code = world.text();
    std::mutex mutex;
    std::vector<AccountId> in;
    together(16, [&](int number) {
        auto const finished = until_done(
            [&] { return number % 2 ? world.finish(janes, janes_code) : world.finish(johns, johns_code); });
        std::scoped_lock const lock(mutex);
        if (finished)
            in.push_back(finished->session.person.account.id);
    });
    REQUIRE(in.size() == 2);
    CHECK(in[0] == in[1]);
    CHECK(world.find(jane).has_value() != world.find(john).has_value());
}

TEST_CASE("of a visit and a sign-in with one new number at once, both are in one account", "[visits]")
{
    Portals world({.code_tries = 1000});
    auto const token = world.begin(world.visit());
    auto const code = world.text();
    world.clock.advance(60s);
    auto const sign_in_code = world.code_for(jane);
    std::mutex mutex;
    std::vector<AccountId> in;
    together(16, [&](int number) {
        auto const id = until_done([&]() -> std::optional<AccountId> {
            if (number % 2) {
                auto const finished = world.finish(token, code);
                return finished ? std::optional(finished->session.person.account.id) : std::nullopt;
            }
            auto const confirmed = world.enter(jane, sign_in_code);
            return confirmed ? std::optional(confirmed->account) : std::nullopt;
        });
        std::scoped_lock const lock(mutex);
        if (id)
            in.push_back(*id);
    });
    REQUIRE(in.size() == 2);
    CHECK(in[0] == in[1]);
    CHECK(world.linked().value_or(in[0]) == in[0]);  // linked, if the visit came first
}

}
