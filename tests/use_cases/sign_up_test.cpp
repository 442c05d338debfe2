#include <atomic>
#include <mutex>
#include <set>
#include <span>

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
auto const asha = "asha@example.com"_email;
auto const ravi = "ravi@example.com"_email;

// Somebody to sign up by mail, and somebody to sign up by text.
std::vector<Recipient> const contacts{asha, jane};

bool is_phone(Recipient const& contact)
{
    return std::holds_alternative<PhoneNumber>(contact);
}

std::string field_of(Recipient const& contact)
{
    return is_phone(contact) ? "phone" : "email";
}

UserName user_name(std::string_view text)
{
    return UserName::parse(text).value();
}

ChannelName channel(std::string_view text)
{
    return ChannelName::parse(text).value();
}

OrganisationId organisation(std::string_view text)
{
    return OrganisationId::parse(text).value();
}

auto const expired = refuse(Errc::code_expired, "code");

Error wrong_code(int left)
{
    return {.code = Errc::code_wrong, .field = "code", .attempts_left = left};
}

Error no_tries_left(std::chrono::seconds again)
{
    return {.code = Errc::attempts_spent, .field = "code", .attempts_left = 0, .retry_after = again};
}

Error too_soon(Recipient const& contact, std::chrono::seconds again)
{
    return {.code = Errc::attempts_spent, .field = field_of(contact), .retry_after = again};
}

Error taken(Recipient const& contact)
{
    return refuse(is_phone(contact) ? Errc::phone_taken : Errc::email_taken, field_of(contact));
}

Error unproven(Recipient const& contact)
{
    return refuse(Errc::contact_unproven, field_of(contact));
}

struct SignUps : Telephones {
    using Telephones::Telephones;

    PartnerId bolt = partner("Bolt");

    Result<void> ask(Recipient const& to, std::optional<PartnerId> partner = {})
    {
        return onboarding.send_sign_up_code({.partner = partner.value_or(acme), .to = to});
    }

    std::vector<RecordingMailer::Sent> received(Recipient const& by) { return is_phone(by) ? texted() : delivered(); }

    // Has a code sent and returns it. Fails the test if that is refused.
    std::string new_code(Recipient const& to, std::optional<PartnerId> partner = {})
    {
        REQUIRE(ask(to, partner));
        auto const letters = received(to);
        REQUIRE(!letters.empty());
        REQUIRE(text_of(letters.back().letter.to) == text_of(to));
        return letters.back().secret;
    }

    // What Acme sends for somebody with this code, or with a proof.
    SignUp entry(Recipient const& contact, std::optional<std::string_view> code = {}) const
    {
        return {.partner = acme, .name = "Asha Kumari"_name, .contact = contact, .code = code};
    }
    Result<SignedUp> enter(Recipient const& contact, std::optional<std::string_view> code = {})
    {
        return onboarding.sign_up(entry(contact, code));
    }

    // What becomes of somebody who signs in at Acme.
    Result<PhoneConfirmed> confirm(PhoneNumber const& phone, std::string_view code)
    {
        return Telephones::enter(phone, code);
    }

    // Signs somebody up with a new code. Fails the test if that is refused.
    Account sign_up(Recipient const& contact)
    {
        auto const code = new_code(contact);
        return enter(contact, code).value().account;
    }

    Result<void> prove(Recipient const& contact, std::string_view code, std::optional<PartnerId> partner = {})
    {
        return onboarding.prove_contact({.partner = partner.value_or(acme), .contact = contact, .code = code});
    }

    // Has it proven with a new code. Fails the test if that is refused.
    void prove(Recipient const& contact, std::optional<PartnerId> partner = {})
    {
        auto const code = new_code(contact, partner);
        REQUIRE(prove(contact, code, partner));
    }

    // One guess, by the one call or by the other.
    std::optional<Error> guess(Recipient const& contact, std::string_view code, bool by_proving)
    {
        return by_proving ? error_of(prove(contact, code)) : error_of(enter(contact, code));
    }

    std::optional<Account> owner(Recipient const& contact)
    {
        auto const work = storage->begin_reading();
        return std::visit([&](auto const& key) { return work->accounts().find(key); }, contact);
    }
    std::optional<Account> owner(UserName const& name) { return storage->begin_reading()->accounts().find(name); }
    Account stored(AccountId id) { return storage->begin_reading()->accounts().find(id).value(); }

    // Makes this address or number somebody's, not by a sign-up.
    void take(Recipient const& contact)
    {
        if (is_phone(contact))
            sign_in(std::get<PhoneNumber>(contact));
        else
            login_link(std::get<EmailAddress>(contact));
    }

    std::vector<std::pair<ChannelName, std::vector<OrganisationId>>> const roots{
        {channel("kerala"), {organisation("school"), organisation("college")}},
        {channel("assam"), {organisation("academy")}}};
    void add_roots()
    {
        for (auto const& [name, below] : roots)
            REQUIRE(administration.add_channel(name, below));
    }
};

TEST_CASE("who signs up with an address has an account whose address is verified", "[sign up]")
{
    SignUps world;
    auto const code = world.new_code(asha);
    world.clock.advance(10s);
    auto request = world.entry(asha, code);
    request.language = Language::dutch;
    auto const signed_up = world.onboarding.sign_up(request);
    REQUIRE(signed_up);
    CHECK(signed_up->is_new);

    auto const account = world.account(asha);
    CHECK(account.id == signed_up->account.id);
    CHECK(account.handle == signed_up->account.handle);
    CHECK(account.handle.size() == 36);
    CHECK(account.email == asha);
    CHECK(account.email_verified);
    CHECK_FALSE(account.phone);
    CHECK_FALSE(account.number);
    CHECK(account.name == "Asha Kumari"_name);
    CHECK(account.language == Language::dutch);
    CHECK(account.status == AccountStatus::active);
    CHECK(account.push_token.empty());
    CHECK(account.membership == Membership{.channel = channel("default")});
    CHECK(account.generation == 1);
    CHECK(account.created_at == world.clock.now());
    CHECK(account.updated_at == world.clock.now());
    REQUIRE(account.user_name);
    CHECK(account.user_name == signed_up->account.user_name);
    CHECK(login_id(account) == account.user_name->str() + "@default");
    CHECK(world.owner(*account.user_name)->id == account.id);
}

TEST_CASE("who signs up with a telephone has an account with a number, and nothing is said of mail", "[sign up]")
{
    SignUps world;
    auto const returned = world.sign_up(jane);
    auto const account = world.account(jane);
    CHECK(account.id == returned.id);
    CHECK(account.phone == jane);
    CHECK_FALSE(account.email);
    CHECK_FALSE(account.email_verified);
    REQUIRE(account.number);
    CHECK(account.number == returned.number);
    CHECK(*account.number >= 1);
    CHECK(*account.number < std::int64_t{1} << 53);
    CHECK(account.user_name);
    CHECK(account.membership);
}

TEST_CASE("who signed up with a telephone signs in to that account, and agrees to nothing for it", "[sign up]")
{
    SignUps world;
    auto const account = world.sign_up(jane);
    world.clock.advance(60s);
    auto const code = world.code_for(jane);
    auto const confirmed =
        world.onboarding.confirm_phone({.partner = world.bolt, .phone = jane, .code = code, .push_token = "device"});
    REQUIRE(confirmed);
    CHECK_FALSE(confirmed->is_new);
    CHECK(confirmed->account == account.id);
    auto const after = world.account(jane);
    CHECK(after.push_token == "device");
    CHECK(after.handle == account.handle);
    CHECK(after.number == account.number);
    CHECK(after.user_name == account.user_name);
    CHECK(after.membership == account.membership);
    CHECK(after.name == account.name);
    CHECK(
        world.onboarding.profile({.partner = world.bolt, .phone = jane, .auth_code = confirmed->auth_code.reveal()})
            ->id == account.id);
}

TEST_CASE("who signed in with a telephone before cannot sign up with it", "[sign up]")
{
    SignUps world;
    auto const id = world.sign_in(jane).account;
    world.clock.advance(60s);
    CHECK(error_of(world.ask(jane)) == taken(jane));
    CHECK(error_of(world.enter(jane, "123456")) == taken(jane));
    CHECK(world.account(jane).id == id);
    CHECK_FALSE(world.account(jane).user_name);
}

TEST_CASE("who signed up with an address is sent mail there, and logged in by partners", "[sign up]")
{
    SignUps world;
    auto const account = world.sign_up(asha);
    CHECK(world.onboarding.log_in({.email = asha, .name = "Asha Kumari"_name})->registered != Registered::created);
    REQUIRE(world.onboarding.forgot_password({.email = asha}));
    auto const letters = world.delivered();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].letter.kind == LetterKind::reset_password);
    CHECK(letters[0].letter.first_name == "Asha");
    CHECK(world.account(asha).id == account.id);
    CHECK(world.account(asha).user_name == account.user_name);
    CHECK(world.account(asha).membership == account.membership);
}

TEST_CASE(
    "a code to sign up with goes where it was asked for, in the language asked for, and nowhere else", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    REQUIRE(world.onboarding.send_sign_up_code({.partner = world.acme, .to = contact, .language = Language::french}));
    CHECK(world.letters_waiting() == 1);
    CHECK(world.received(is_phone(contact) ? Recipient(asha) : Recipient(jane)).empty());
    auto const letters = world.received(contact);
    REQUIRE(letters.size() == 1);
    auto const& [letter, code] = letters[0];
    CHECK(letter.kind == (is_phone(contact) ? LetterKind::phone_code : LetterKind::otp));
    CHECK(channel_of(letter.kind) == (is_phone(contact) ? Channel::text : Channel::mail));
    CHECK(text_of(letter.to) == text_of(contact));
    CHECK(letter.language == Language::french);
    CHECK(letter.first_name.empty());
    CHECK(letter.partner.empty());
    CHECK(letter.expires_at == world.clock.now() + 300s);
    CHECK(code.size() == 6);
    CHECK(code.find_first_not_of("0123456789") == std::string::npos);
    CHECK(world.letters_waiting() == 0);
    CHECK_FALSE(world.owner(contact));  // a code alone registers nobody
}

TEST_CASE("signing up sends nothing", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    world.sign_up(contact);
    CHECK(world.letters_waiting() == 0);
}

TEST_CASE("a code has as many digits as the policy says, leading zeros kept", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world({.code_digits = 8});
    world.draw_next(42);
    CHECK(world.new_code(contact) == "00000042");
    CHECK(world.guess(contact, "42", true) == wrong_code(4));
    CHECK(world.enter(contact, " 0000 0042\n"));
}

TEST_CASE("a letter with a code to sign up with dies with it", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    SECTION("expired")
    {
        REQUIRE(world.ask(contact));
        world.clock.advance(300s);
        CHECK(world.received(contact).empty());
    }
    SECTION("just before it expires")
    {
        REQUIRE(world.ask(contact));
        world.clock.advance(300s - 1ms);
        CHECK(world.received(contact).size() == 1);
    }
    SECTION("replaced by two others")
    {
        for (int time = 0; time < 3; ++time) {
            REQUIRE(world.ask(contact));
            world.clock.advance(60s);
        }
        CHECK(world.received(contact).size() == 2);
    }
    SECTION("used")
    {
        world.draw_next(42);
        REQUIRE(world.ask(contact));
        REQUIRE(world.enter(contact, "000042"));
        CHECK(world.received(contact).empty());
    }
    SECTION("proven")
    {
        world.draw_next(42);
        REQUIRE(world.ask(contact));
        REQUIRE(world.prove(contact, "000042"));
        CHECK(world.received(contact).empty());
    }
}

TEST_CASE("a code to sign up with is good until its life ends, to the millisecond", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    auto const by_proving = GENERATE(true, false);
    auto const [why, later, good] = GENERATE(table<char const*, std::chrono::milliseconds, bool>(
        {{"just before", 300s - 1ms, true}, {"just then", 300s, false}, {"just after", 300s + 1ms, false}}));
    INFO(why);
    SignUps world;
    auto const code = world.new_code(contact);
    world.clock.advance(later);
    CHECK(world.guess(contact, code, by_proving) == (good ? std::nullopt : std::optional(expired)));
}

TEST_CASE("either of the last two codes signs up, and none before them", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    auto const by_proving = GENERATE(true, false);
    auto const place = GENERATE(0U, 1U, 2U);
    SignUps world;
    std::vector<std::string> codes;
    for (int time = 0; time < 3; ++time) {
        codes.push_back(world.new_code(contact));
        world.clock.advance(60s);
    }
    CHECK(
        world.guess(contact, codes[place], by_proving) == (place > 0 ? std::nullopt : std::optional(wrong_code(4))));
}

TEST_CASE("a code to sign up with is used up, by signing up and by a proof", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    auto const code = world.new_code(contact);
    SECTION("by a proof")
    {
        REQUIRE(world.prove(contact, code));
        CHECK(world.guess(contact, code, true) == expired);
        CHECK(world.guess(contact, other_than(code), false) == expired);
        CHECK(world.enter(contact));
    }
    SECTION("by signing up")
    {
        REQUIRE(world.enter(contact, code));
        CHECK(world.guess(contact, code, true) == expired);
        CHECK(world.guess(contact, code, false) == taken(contact));
    }
}

TEST_CASE("a code that was proven may be sent along once more, to sign up", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    auto const code = world.new_code(contact);
    REQUIRE(world.prove(contact, code));
    auto request = world.entry(contact, code);
    request.partner = world.bolt;
    CHECK(refusal(world.onboarding.sign_up(request)) == Errc::code_expired);
    CHECK(world.enter(contact, code));
}

TEST_CASE("a code to sign up with may be taken to another partner", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    auto const code = world.new_code(contact);
    CHECK(error_of(world.prove(contact, other_than(code), world.bolt)) == wrong_code(4));
    auto request = world.entry(contact, code);
    request.partner = world.bolt;
    CHECK(world.onboarding.sign_up(request));
}

TEST_CASE("who is told too often in a day who is here learns it no more", "[sign up]")
{
    SignUps world({.look_ups_per_day = 3});
    world.take(jane);
    world.take(asha);
    CHECK(error_of(world.ask(jane)) == taken(jane));
    CHECK(error_of(world.enter(asha)) == taken(asha));
    CHECK(error_of(world.enter(john)) == unproven(john));
    CHECK(refusal(world.ask(jane)) == Errc::attempts_spent);
    CHECK(refusal(world.enter(john, "123456")) == Errc::code_expired);
    CHECK(refusal(world.onboarding.exists({.partner = world.acme, .who = jane})) == Errc::attempts_spent);
    CHECK(error_of(world.ask(jane, world.bolt)) == taken(jane));
}

TEST_CASE("a code is good for the address or the number it was sent to", "[sign up]")
{
    SignUps world;
    auto const ashas = world.new_code(asha);
    auto const janes = world.new_code(jane);
    auto const ravis = world.new_code(ravi);
    REQUIRE(std::set{ashas, janes, ravis}.size() == 3);
    auto const by_proving = GENERATE(true, false);
    CHECK(world.guess(asha, janes, by_proving) == wrong_code(4));
    CHECK(world.guess(asha, ravis, by_proving) == wrong_code(3));
    CHECK(world.guess(jane, ashas, by_proving) == wrong_code(4));
    CHECK_FALSE(world.guess("ASHA@Example.com"_email, ashas, by_proving));  // the same address
    CHECK_FALSE(world.guess("0151 / 123 456 78"_phone, janes, by_proving));
    CHECK_FALSE(world.guess(ravi, ravis, by_proving));
}

TEST_CASE("a wrong code counts and says how many guesses are left, until none is", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    auto const first = GENERATE(true, false);
    SignUps world;
    auto const start = world.clock.now();
    auto const code = world.new_code(contact);
    for (int left = 4; left >= 0; --left) {
        CHECK(world.guess(contact, other_than(code), (left % 2 == 0) == first) == wrong_code(left));
        world.clock.advance(10s);
    }
    for (int time = 0; time < 3; ++time)
        for (auto const& text : {code, other_than(code)})
            for (auto const by_proving : {true, false})
                CHECK(world.guess(contact, text, by_proving) == no_tries_left(3550s));
    CHECK_FALSE(world.owner(contact));

    // New codes give no guess back; the end of the window does.
    world.clock.advance(60s);
    auto const second = world.new_code(contact);
    CHECK(world.guess(contact, second, first) == no_tries_left(3490s));
    world.clock.set(start + 1h - 1ms);
    auto const third = world.new_code(contact);
    CHECK(world.guess(contact, third, first) == no_tries_left(1s));
    world.clock.advance(1ms);
    CHECK_FALSE(world.guess(contact, third, first));
}

TEST_CASE("codes sent anew give no guesses back", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    auto const by_proving = GENERATE(true, false);
    SignUps world;
    for (int left = 4; left >= 2; --left) {
        auto const code = world.new_code(contact);
        CHECK(world.guess(contact, other_than(code), by_proving) == wrong_code(left));
        world.clock.advance(60s);
    }
}

TEST_CASE("a restart gives no guesses back", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    auto const code = world.new_code(contact);
    for (int left = 4; left >= 0; --left)
        CHECK(
            error_of(Onboarding(world.ports, world.onboarding.policy()).sign_up(world.entry(contact, "1234567"))) ==
            wrong_code(left));
    CHECK(
        error_of(Onboarding(world.ports, world.onboarding.policy()).sign_up(world.entry(contact, code))) ==
        no_tries_left(3600s));
}

TEST_CASE(
    "a guess to sign up with is counted before it is looked at, even if the process dies in between", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    auto owned = std::make_unique<DyingStorage>();
    auto& storage = *owned;
    SignUps world({}, std::move(owned));
    auto const code = world.new_code(contact);
    for (int time = 0; time < 5; ++time) {
        storage.begins_left = 1;
        CHECK_THROWS_AS(world.guess(contact, time % 2 ? code : other_than(code), time < 3), StorageFailure);
    }
    storage.begins_left = DyingStorage::immortal;
    CHECK(world.guess(contact, code, true) == no_tries_left(3600s));
    CHECK(world.guess(contact, code, false) == no_tries_left(3600s));
}

TEST_CASE("where no code is alive a guess is told so, and costs nothing", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    auto const by_proving = GENERATE(true, false);
    SignUps world({.code_tries = 1});
    SECTION("never sent") {}
    SECTION("expired")
    {
        world.new_code(contact);
        world.clock.advance(300s);
    }
    SECTION("used")
    {
        world.prove(contact);
        world.clock.advance(60s);
    }
    for (int time = 0; time < 10; ++time)
        CHECK(world.guess(contact, "123456", by_proving) == expired);
    auto const code = world.new_code(contact);
    CHECK_FALSE(world.guess(contact, code, by_proving));
}

TEST_CASE("a right code gives its guess back, and no other", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    for (int time = 0; time < 3; ++time) {
        world.prove(contact);
        world.clock.advance(60s);
    }
    auto const code = world.new_code(contact);
    for (int left = 4; left >= 1; --left)
        CHECK(world.guess(contact, other_than(code), left % 2 == 0) == wrong_code(left));
    CHECK(world.prove(contact, code));
    world.clock.advance(1h - 180s - 1s);  // the window began with the first of them
    auto const next = world.new_code(contact);
    CHECK(world.guess(contact, other_than(next), true) == wrong_code(0));
    CHECK(world.guess(contact, next, true) == no_tries_left(1s));
}

TEST_CASE("guesses of codes for one number have one budget, whatever the codes are for", "[sign up]")
{
    SignUps world;
    auto const sign_in_code = world.code_for(jane);
    world.clock.advance(60s);
    auto const code = world.new_code(jane);
    REQUIRE(code != sign_in_code);
    CHECK(world.guess(jane, other_than(code), true) == wrong_code(4));
    CHECK(error_of(world.onboarding.check_code({.phone = jane, .code = "1234567"})) == wrong_code(3));
    CHECK(world.guess(jane, other_than(code), false) == wrong_code(2));
    CHECK(error_of(world.confirm(jane, "1234567")) == wrong_code(1));
    CHECK(world.guess(jane, other_than(code), false) == wrong_code(0));
    CHECK(world.guess(jane, code, true) == no_tries_left(3600s));
    CHECK(world.guess(jane, code, false) == no_tries_left(3600s));
    CHECK(error_of(world.onboarding.check_code({.phone = jane, .code = sign_in_code})) == no_tries_left(3600s));
}

TEST_CASE("a code to sign in with is no code to sign up with, and the other way round", "[sign up]")
{
    auto const by_proving = GENERATE(true, false);
    SignUps world;
    auto const sign_in_code = world.code_for(jane);
    CHECK(world.guess(jane, sign_in_code, by_proving) == expired);  // none of its kind is alive
    world.clock.advance(60s);
    auto const code = world.new_code(jane);
    REQUIRE(code != sign_in_code);
    CHECK(world.guess(jane, sign_in_code, by_proving) == wrong_code(4));
    CHECK(error_of(world.onboarding.check_code({.phone = jane, .code = code})) == wrong_code(3));
    CHECK(error_of(world.confirm(jane, code)) == wrong_code(2));
    CHECK(world.onboarding.check_code({.phone = jane, .code = sign_in_code}));
    CHECK_FALSE(world.guess(jane, code, by_proving));
}

TEST_CASE("a code by which a partner is confirmed is no code to sign up with", "[sign up]")
{
    SignUps world;
    world.login_link(asha, world.acme);
    REQUIRE(world.onboarding.log_in({.partner = world.bolt, .email = asha, .name = "Asha Kumari"_name}));
    auto const code = world.mailed_code();
    CHECK(world.guess(asha, code, true) == expired);
    CHECK(world.guess(asha, code, false) == taken(asha));
}

TEST_CASE("what else is wrong with a sign-up is told before a guess is counted", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    auto const with_proof = GENERATE(true, false);
    struct Row {
        char const* why;
        void (*spoil)(SignUp&);
        Error refused;
    };
    auto const row = GENERATE(values<Row>(
        {{"a channel nobody added", [](SignUp& request) { request.channel = channel("bihar"); },
          refuse(Errc::channel_unknown, "channel")},
         {"a channel in another case", [](SignUp& request) { request.channel = channel("Kerala"); },
          refuse(Errc::channel_unknown, "channel")},
         {"an organisation nobody added", [](SignUp& request) { request.organisation = organisation("nowhere"); },
          refuse(Errc::organisation_unknown, "organisation")},
         {"an organisation of another channel",
          [](SignUp& request) {
              request.channel = channel("assam");
              request.organisation = organisation("school");
          },
          refuse(Errc::organisation_elsewhere, "organisation")},
         {"an organisation of a channel, and the default one",
          [](SignUp& request) {
              request.channel = channel("default");
              request.organisation = organisation("school");
          },
          refuse(Errc::organisation_elsewhere, "organisation")},
         {"a user name that somebody has", [](SignUp& request) { request.user_name = user_name("ravi"); },
          refuse(Errc::user_name_taken, "user_name")}}));
    INFO(row.why);
    SignUps world({.code_tries = 1});
    world.add_roots();
    auto const ravis = world.new_code(ravi);
    auto first = world.entry(ravi, ravis);
    first.user_name = user_name("ravi");
    REQUIRE(world.onboarding.sign_up(first));

    auto const code = world.new_code(contact);
    if (with_proof)
        REQUIRE(world.prove(contact, code));
    for (auto const& text : {other_than(code), code})
        for (int time = 0; time < 3; ++time) {
            auto request = with_proof ? world.entry(contact) : world.entry(contact, text);
            row.spoil(request);
            CHECK(error_of(world.onboarding.sign_up(request)) == row.refused);
        }
    CHECK_FALSE(world.owner(contact));
    CHECK((with_proof ? world.enter(contact) : world.enter(contact, code)));
}

TEST_CASE("an address or a number that became somebody's meanwhile is refused, and no guess counted", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    auto const status = GENERATE(AccountStatus::active, AccountStatus::blocked, AccountStatus::deleted);
    SignUps world;
    auto const code = world.new_code(contact);
    world.clock.advance(60s);
    world.take(contact);
    auto const id = world.owner(contact)->id;
    if (status == AccountStatus::blocked)
        REQUIRE(world.administration.block(contact));
    if (status == AccountStatus::deleted)
        REQUIRE(world.administration.remove(contact));
    auto const refused =
        status == AccountStatus::blocked ? refuse(Errc::account_blocked, field_of(contact)) : taken(contact);
    for (int time = 0; time < 6; ++time)
        CHECK(world.guess(contact, time % 2 ? code : other_than(code), false) == refused);
    CHECK(world.guess(contact, other_than(code), true) == wrong_code(4));

    // A proof is no way around it.
    REQUIRE(world.prove(contact, code));
    CHECK(world.guess(contact, code, false) == refused);
    CHECK(error_of(world.enter(contact)) == refused);
    CHECK(world.owner(contact)->id == id);
}

TEST_CASE("no code is sent to an address or a number that somebody has", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    world.take(contact);
    world.clock.advance(60s);
    auto const refused = [&] { return error_of(world.ask(contact)); };
    CHECK(refused() == taken(contact));
    REQUIRE(world.administration.block(contact));
    CHECK(refused() == refuse(Errc::account_blocked, field_of(contact)));
    REQUIRE(world.administration.unblock(contact));
    CHECK(refused() == taken(contact));
    REQUIRE(world.administration.remove(contact));
    CHECK(refused() == taken(contact));
    CHECK(world.letters_waiting() == 0);
    if (is_phone(contact))
        CHECK(world.send(jane));  // none of them was counted
}

TEST_CASE("an address that waits for an opt-in is free to sign up with", "[sign up]")
{
    SignUps world;
    world.sign_in(jane);
    REQUIRE(world.onboarding.change_email({.phone = jane, .email = asha}));
    auto const link = world.delivered().at(0).secret;
    auto const account = world.sign_up(asha);
    CHECK(refusal(world.onboarding.confirm_email(link)) == Errc::email_taken);
    CHECK(world.account(asha).id == account.id);
}

TEST_CASE("a number that no text is sent to is refused, and nothing counted", "[sign up]")
{
    auto const [why, phone] = GENERATE(table<char const*, PhoneNumber>(
        {{"of another country", "+447400123456"_phone}, {"a fixed number", "+493012345678"_phone}}));
    INFO(why);
    SignUps world({.texts_per_day = 1});
    for (int time = 0; time < 3; ++time)
        CHECK(error_of(world.ask(phone)) == refuse(Errc::phone_not_served, "phone"));
    CHECK(world.ask(jane));
}

TEST_CASE("codes to sign up with keep their distance", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    REQUIRE(world.ask(contact));
    CHECK(error_of(world.ask(contact)) == too_soon(contact, 60s));
    world.clock.advance(60s - 1ms);
    CHECK(error_of(world.ask(contact)) == too_soon(contact, 1s));
    world.clock.advance(1ms);
    CHECK(world.ask(contact));
    CHECK(world.letters_waiting() == 2);
}

TEST_CASE("no more than five codes in any hour and ten in any day are sent to sign up with", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    auto const start = world.clock.now();
    for (int minute = 0; minute < 5; ++minute) {
        CHECK(world.ask(contact));
        world.clock.advance(1min);
    }
    CHECK(error_of(world.ask(contact)) == too_soon(contact, 55min));
    for (int hour = 1; hour <= 5; ++hour) {
        world.clock.set(start + hour * 1h);
        CHECK(world.ask(contact));
    }
    world.clock.set(start + 7h);
    CHECK(error_of(world.ask(contact)) == too_soon(contact, 17h));
    world.clock.set(start + 24h);
    CHECK(world.ask(contact));
}

TEST_CASE("codes for one number have one count of texts, whatever they are for", "[sign up]")
{
    SignUps world({.codes_per_hour = 2, .texts_per_day = 3});
    REQUIRE(world.ask(jane));
    CHECK(error_of(world.send(jane)) == too_soon(jane, 60s));
    world.clock.advance(60s);
    REQUIRE(world.send(jane));
    CHECK(error_of(world.ask(jane)) == too_soon(jane, 59min));
    REQUIRE(world.ask(john));
    CHECK(refusal(world.ask(stranger(1))) == Errc::attempts_spent);
    CHECK(world.ask(asha));  // no text
}

TEST_CASE("a code that was not sent leaves what was sent before as it was", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    auto const code = world.new_code(contact);
    for (int time = 0; time < 5; ++time)
        CHECK_FALSE(world.ask(contact));
    CHECK(world.enter(contact, code));
}

TEST_CASE("without a code somebody signs up who proved the address or the number lately", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    CHECK(error_of(world.enter(contact)) == unproven(contact));
    auto const code = world.new_code(contact);
    CHECK(error_of(world.enter(contact)) == unproven(contact));
    CHECK(world.guess(contact, other_than(code), true) == wrong_code(4));
    CHECK(error_of(world.enter(contact)) == unproven(contact));
    REQUIRE(world.prove(contact, code));
    CHECK_FALSE(world.owner(contact));
    auto const signed_up = world.enter(contact);
    REQUIRE(signed_up);
    CHECK(signed_up->account.email_verified == !is_phone(contact));
    CHECK(world.owner(contact)->id == signed_up->account.id);
}

TEST_CASE("a proof is good for five minutes, to the millisecond", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    auto const [why, later, good] = GENERATE(table<char const*, std::chrono::milliseconds, bool>(
        {{"just before", 300s - 1ms, true}, {"just then", 300s, false}, {"just after", 300s + 1ms, false}}));
    INFO(why);
    SignUps world;
    auto const code = world.new_code(contact);
    world.clock.advance(299s);  // the code's own life is another matter
    REQUIRE(world.prove(contact, code));
    world.clock.advance(later);
    world.onboarding.tidy();
    CHECK(error_of(world.enter(contact)) == (good ? std::nullopt : std::optional(unproven(contact))));
}

TEST_CASE("the life of a proof is the policy's", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world({.proof_life = 10s});
    world.prove(contact);
    world.clock.advance(10s);
    CHECK(error_of(world.enter(contact)) == unproven(contact));
    world.clock.advance(50s);
    world.prove(contact);
    world.clock.advance(10s - 1ms);
    CHECK(world.enter(contact));
}

TEST_CASE("a proof is good for the partner that had it and for nobody else", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    world.prove(contact, world.bolt);
    CHECK(error_of(world.enter(contact)) == unproven(contact));
    auto request = world.entry(contact);
    request.partner = world.bolt;
    CHECK(world.onboarding.sign_up(request));
}

TEST_CASE("two partners may each have a proof, and one of them signs the person up", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    world.prove(contact);
    world.clock.advance(60s);
    world.prove(contact, world.bolt);
    CHECK(world.enter(contact));
    auto request = world.entry(contact);
    request.partner = world.bolt;
    CHECK(error_of(world.onboarding.sign_up(request)) == taken(contact));
}

TEST_CASE("a proof is good for one address or number", "[sign up]")
{
    SignUps world;
    world.prove(asha);
    world.prove(jane);
    for (auto const& contact : {Recipient(ravi), Recipient(john), Recipient(neighbour(5679))})
        CHECK(error_of(world.enter(contact)) == unproven(contact));
    CHECK(world.enter("ASHA@example.com"_email));  // the same address
    CHECK(world.enter("0151 12345678"_phone));
}

TEST_CASE("a proof is good for one sign-up", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world({.release_deleted = true});
    world.prove(contact);
    REQUIRE(world.enter(contact));
    CHECK(error_of(world.enter(contact)) == taken(contact));
    REQUIRE(world.administration.remove(contact));
    CHECK(error_of(world.enter(contact)) == unproven(contact));
}

TEST_CASE("a proof is no code, and a code that is given is looked at whatever was proven", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    world.prove(contact);
    world.clock.advance(60s);
    auto const code = world.new_code(contact);
    CHECK(world.guess(contact, other_than(code), false) == wrong_code(4));
    for (auto const* text : {"", "1", " "})
        CHECK(refusal(world.enter(contact, text)) == Errc::code_wrong);
    CHECK(world.enter(contact));
}

TEST_CASE("a sign-in proves nothing to sign up with", "[sign up]")
{
    SignUps world;
    auto const code = world.code_for(jane);
    REQUIRE(world.onboarding.check_code({.phone = jane, .code = code}));
    CHECK(error_of(world.enter(jane)) == unproven(jane));
}

TEST_CASE("an address or a number of somebody deleted stays taken", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    auto const id = world.sign_up(contact).id;
    world.clock.advance(60s);
    REQUIRE(world.administration.remove(contact));
    CHECK(error_of(world.ask(contact)) == taken(contact));
    CHECK(error_of(world.enter(contact)) == taken(contact));
    CHECK(error_of(world.enter(contact, "123456")) == taken(contact));
    CHECK(world.owner(contact)->id == id);
    CHECK(world.owner(contact)->status == AccountStatus::deleted);
    CHECK_FALSE(world.owner(contact)->name);
    CHECK_FALSE(world.owner(contact)->membership);
}

TEST_CASE("where deleted people let go of addresses and numbers, the next owner is somebody new", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    auto const by_proof = GENERATE(true, false);
    SignUps world({.release_deleted = true});
    auto const first = world.sign_up(contact);
    world.clock.advance(60s);
    REQUIRE(world.administration.remove(contact));
    auto const code = world.new_code(contact);
    if (by_proof)
        REQUIRE(world.prove(contact, code));
    auto const second = by_proof ? world.enter(contact) : world.enter(contact, code);
    REQUIRE(second);
    CHECK(second->is_new);
    CHECK(second->account.id != first.id);
    CHECK(second->account.handle != first.handle);
    CHECK(second->account.user_name != first.user_name);
    CHECK(world.owner(contact)->id == second->account.id);
    CHECK(world.stored(first.id).status == AccountStatus::deleted);
    CHECK(world.owner(*first.user_name)->id == first.id);
}

TEST_CASE("a deleted person lets go of nothing before somebody else has it", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world({.release_deleted = true});
    auto const id = world.sign_up(contact).id;
    world.clock.advance(60s);
    REQUIRE(world.administration.remove(contact));
    auto const is_kept = [&] {
        auto const owner = world.owner(contact);
        return owner && owner->id == id;
    };
    auto const code = world.new_code(contact);
    CHECK(is_kept());
    CHECK(world.guess(contact, other_than(code), false) == wrong_code(4));
    CHECK(is_kept());
    CHECK(world.guess(contact, other_than(code), true) == wrong_code(3));
    CHECK(error_of(world.enter(contact)) == unproven(contact));
    CHECK(is_kept());
    REQUIRE(world.prove(contact, code));
    CHECK(is_kept());
    REQUIRE(world.enter(contact));
    CHECK(world.owner(contact)->id != id);
}

TEST_CASE("a user name that somebody chose is theirs", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    auto const code = world.new_code(contact);
    auto request = world.entry(contact, code);
    request.user_name = user_name(" Asha2018 ");
    auto const signed_up = world.onboarding.sign_up(request);
    REQUIRE(signed_up);
    CHECK(signed_up->account.user_name == user_name("asha2018"));
    CHECK(world.owner(user_name("ASHA2018"))->id == signed_up->account.id);
    CHECK(login_id(signed_up->account) == "asha2018@default");
}

TEST_CASE("a user name stays taken, whatever becomes of its owner", "[sign up]")
{
    auto const [why, status, release] = GENERATE(table<char const*, AccountStatus, bool>(
        {{"active", AccountStatus::active, false},
         {"blocked", AccountStatus::blocked, false},
         {"deleted", AccountStatus::deleted, false},
         {"deleted, and the address released", AccountStatus::deleted, true}}));
    INFO(why);
    SignUps world({.release_deleted = release});
    auto const first_code = world.new_code(asha);
    auto first = world.entry(asha, first_code);
    first.user_name = user_name("asha");
    REQUIRE(world.onboarding.sign_up(first));
    world.clock.advance(60s);
    if (status == AccountStatus::blocked)
        REQUIRE(world.administration.block(asha));
    if (status == AccountStatus::deleted)
        REQUIRE(world.administration.remove(asha));
    if (release)
        world.sign_up(asha);
    auto const code = world.new_code(jane);
    auto request = world.entry(jane, code);
    request.user_name = user_name("ASHA");
    CHECK(error_of(world.onboarding.sign_up(request)) == refuse(Errc::user_name_taken, "user_name"));
    request.user_name = user_name("asha2");
    CHECK(world.onboarding.sign_up(request));
}

TEST_CASE("a user name is made of the person's name and four digits", "[sign up]")
{
    auto const [name, base] = GENERATE(table<PersonName, char const*>(
        {{"Asha Kumari"_name, "ashakumari"},
         {PersonName::parse("Asha").value(), "asha"},
         {PersonName::parse("\u0906\u0936\u093e", "O'Hara").value(), "asaohara"},
         {PersonName::parse("\U0001f6b2").value(), "user"},
         {PersonName::parse("<script>alert(1)</script>").value(), "scriptalert1script"},
         {PersonName::parse("'; DROP TABLE accounts;--").value(), "droptableaccounts"}}));
    SignUps world;
    auto const code = world.new_code(jane);
    auto request = world.entry(jane, code);
    request.name = name;
    auto const account = world.onboarding.sign_up(request).value().account;
    CHECK(account.name == name);
    auto const generated = account.user_name.value().str();
    CHECK(generated.starts_with(base));
    CHECK(generated.size() == std::string_view(base).size() + 4);
    CHECK(generated.find_first_not_of("0123456789", std::string_view(base).size()) == std::string::npos);
    CHECK(world.account(jane).name == name);
}

// What a sign-up draws: 16 bytes of a handle, of a number if there is a telephone, and the numbers of user names.
void script_sign_up(ScriptedRandom& random, std::vector<std::uint64_t> const& numbers)
{
    std::vector<std::byte> bytes(16);
    static std::uint8_t handle = 0;
    bytes[0] = std::byte{++handle};
    for (auto const& number : numbers) {
        auto const raw = std::as_bytes(std::span(&number, 1));
        bytes.insert(bytes.end(), raw.begin(), raw.end());
    }
    random.script(std::move(bytes));
}

TEST_CASE("a generated user name that is taken, by choice or by a deleted person, is passed over", "[sign up]")
{
    SignUps world;
    auto const first_code = world.new_code(asha);
    auto first = world.entry(asha, first_code);
    first.user_name = user_name("ashakumari1000");
    REQUIRE(world.onboarding.sign_up(first));
    auto const ravis = world.new_code(ravi);
    script_sign_up(world.random, {0, 1});
    CHECK(world.enter(ravi, ravis)->account.user_name == user_name("ashakumari1001"));
    REQUIRE(world.administration.remove(ravi));
    auto const janes = world.new_code(jane);
    script_sign_up(world.random, {42, 0, 1, 2});
    CHECK(world.enter(jane, janes)->account.user_name == user_name("ashakumari1002"));
    CHECK(world.account(jane).number == 42);
}

TEST_CASE("two accounts that draw one number do not share it, and code and guess are as they were", "[sign up]")
{
    SignUps world({.code_tries = 1});
    auto const janes = world.new_code(jane);
    auto const johns = world.new_code(john);
    script_sign_up(world.random, {42});
    REQUIRE(world.enter(jane, janes));
    script_sign_up(world.random, {42});
    CHECK_THROWS_AS(world.enter(john, johns), StorageConflict);
    CHECK_FALSE(world.find(john));
    REQUIRE(world.enter(john, johns));
    CHECK(world.account(john).number != 42);
}

TEST_CASE("people belong where they say, or where their organisation is, or where the policy puts them", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    auto const [why, named, below, belongs] =
        GENERATE(table<char const*, std::optional<ChannelName>, std::optional<OrganisationId>, Membership>(
            {{"nothing said", {}, {}, {.channel = channel("default")}},
             {"the policy's by name", channel("default"), {}, {.channel = channel("default")}},
             {"a channel", channel("assam"), {}, {.channel = channel("assam")}},
             {"an organisation",
              {},
              organisation("school"),
              {.channel = channel("kerala"), .organisation = organisation("school")}},
             {"an organisation and its channel",
              channel("assam"),
              organisation("academy"),
              {.channel = channel("assam"), .organisation = organisation("academy")}}}));
    INFO(why);
    SignUps world;
    world.add_roots();
    auto const code = world.new_code(contact);
    auto request = world.entry(contact, code);
    request.channel = named;
    request.organisation = below;
    auto const account = world.onboarding.sign_up(request).value().account;
    CHECK(account.membership == belongs);
    CHECK(world.owner(contact)->membership == belongs);
    CHECK(login_id(account) == account.user_name->str() + '@' + belongs.channel.str());
}

TEST_CASE("organisations may be below the channel of the policy, which has any name", "[sign up]")
{
    SignUps world({.default_channel = channel("custodian")});
    CHECK(world.sign_up(asha).membership == Membership{.channel = channel("custodian")});
    auto const code = world.new_code(jane);
    auto request = world.entry(jane, code);
    request.channel = channel("default");
    CHECK(error_of(world.onboarding.sign_up(request)) == refuse(Errc::channel_unknown, "channel"));
    REQUIRE(world.administration.add_channel(channel("custodian"), std::array{organisation("club")}));
    request.channel = channel("custodian");
    request.organisation = organisation("club");
    CHECK(
        world.onboarding.sign_up(request).value().account.membership ==
        Membership{.channel = channel("custodian"), .organisation = organisation("club")});
}

TEST_CASE("of many who sign up with one code at once, one succeeds", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world({.code_tries = 1000});
    auto const code = world.new_code(contact);
    std::atomic<int> in = 0;
    std::atomic<int> late = 0;
    together(16, [&](int) {
        auto const refused = until_done([&] { return error_of(world.enter(contact, code)); });
        in += !refused;
        late += refused && (refused == taken(contact) || refused == expired);
    });
    CHECK(in == 1);
    CHECK(late == 15);
    CHECK(world.owner(contact));
}

TEST_CASE("of many who sign up with one proof at once, one succeeds", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    world.prove(contact);
    std::atomic<int> in = 0;
    std::atomic<int> late = 0;
    together(16, [&](int) {
        auto const refused = until_done([&] { return error_of(world.enter(contact)); });
        in += !refused;
        late += refused == taken(contact);
    });
    CHECK(in == 1);
    CHECK(late == 15);
}

TEST_CASE("of many who prove with one code at once, one succeeds, and nobody loses a guess by it", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world({.code_tries = 1000});
    auto const code = world.new_code(contact);
    std::atomic<int> proven = 0;
    std::atomic<int> late = 0;
    together(16, [&](int number) {
        auto const refused =
            until_done([&] { return error_of(world.prove(contact, code, number % 2 ? world.acme : world.bolt)); });
        proven += !refused;
        late += refused == expired;
    });
    CHECK(proven == 1);
    CHECK(late == 15);
    world.clock.advance(60s);
    auto const next = world.new_code(contact);
    CHECK(world.guess(contact, other_than(next), true) == wrong_code(999));
}

TEST_CASE("of many who guess at once by both calls, as many are looked at as the policy says", "[sign up]")
{
    auto const& contact = contacts[GENERATE(0U, 1U)];
    SignUps world;
    auto const code = world.new_code(contact);
    std::atomic<int> looked_at = 0;
    std::atomic<int> turned_away = 0;
    together(20, [&](int number) {
        auto const refused =
            until_done([&] { return world.guess(contact, "x" + std::to_string(number), number % 2 == 0); });
        looked_at += refused && refused->code == Errc::code_wrong;
        turned_away += refused && refused->code == Errc::attempts_spent;
    });
    CHECK(looked_at == 5);
    CHECK(turned_away == 15);
    CHECK(world.guess(contact, code, false) == no_tries_left(3600s));
}

TEST_CASE("of many who choose one user name at once, one has it, and the others keep their codes", "[sign up]")
{
    SignUps world({.code_tries = 1});
    std::vector<std::string> codes;
    for (int number = 0; number < 16; ++number)
        codes.push_back(world.new_code(stranger(number)));
    auto const enter = [&](int number, UserName const& name) {
        auto request = world.entry(stranger(number), codes[static_cast<std::size_t>(number)]);
        request.user_name = name;
        return until_done([&] { return error_of(world.onboarding.sign_up(request)); });
    };
    std::array<std::optional<Error>, 16> refused;
    together(
        16, [&](int number) { refused.at(static_cast<std::size_t>(number)) = enter(number, user_name("asha")); });
    CHECK(std::count(refused.begin(), refused.end(), std::nullopt) == 1);
    CHECK(std::count(refused.begin(), refused.end(), refuse(Errc::user_name_taken, "user_name")) == 15);
    for (int number = 0; number < 16; ++number)
        if (refused.at(static_cast<std::size_t>(number)))
            CHECK_FALSE(enter(number, user_name("asha" + std::to_string(number))));
}

TEST_CASE("many of one name who sign up at once all have user names of their own", "[sign up]")
{
    constexpr int people = 96;
    constexpr int threads = 8;
    SignUps world;
    std::vector<std::string> codes;
    {
        auto const group = world.storage->begin_group();
        for (int number = 0; number < people; ++number) {
            world.draw_next(static_cast<std::uint64_t>(number));
            REQUIRE(world.ask(stranger(number)));
            codes.push_back(std::to_string(1'000'000 + number).substr(1));
        }
        group->commit();
    }
    std::mutex mutex;
    std::set<UserName> names;
    together(threads, [&](int thread) {
        for (int number = thread; number < people; number += threads) {
            auto const signed_up =
                until_done([&] { return world.enter(stranger(number), codes[static_cast<std::size_t>(number)]); });
            std::scoped_lock const lock(mutex);
            names.insert(signed_up.value().account.user_name.value());
        }
    });
    CHECK(names.size() == people);
}

}
