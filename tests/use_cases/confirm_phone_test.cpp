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
auto const john = "+31612345678"_phone;

constexpr std::int64_t beyond_numbers = std::int64_t{1} << 53;

struct SignIns : Telephones {
    using Telephones::Telephones;

    PartnerId bolt = partner("Bolt");

    // What Acme, or another partner, is told for this authentication code.
    Result<Account> profile(PhoneNumber const& phone, AuthCode const& code, std::optional<PartnerId> by = {})
    {
        return onboarding.profile({.partner = by.value_or(acme), .phone = phone, .auth_code = code.reveal()});
    }

    std::vector<Consent> consents(PhoneNumber const& phone)
    {
        auto const id = account(phone).id;
        return storage->begin_reading()->consents().of(id);
    }
};

TEST_CASE("who signs in with a new number has an account from then on", "[confirm phone]")
{
    SignIns world;
    auto const code = world.code_for(jane);
    world.clock.advance(10s);
    auto request = world.entry(jane, code);
    request.language = Language::french;
    auto const confirmed = world.onboarding.confirm_phone(request);
    REQUIRE(confirmed);
    CHECK(confirmed->is_new);
    CHECK(confirmed->expires_at == world.clock.now() + 300s);

    auto const account = world.account(jane);
    CHECK(account.id == confirmed->account);
    CHECK(account.handle.size() == 36);
    CHECK(account.phone == jane);
    CHECK_FALSE(account.email);
    CHECK_FALSE(account.name);
    CHECK_FALSE(account.email_verified);
    CHECK(account.language == Language::french);
    CHECK(account.status == AccountStatus::active);
    CHECK(account.push_token.empty());
    CHECK(account.created_at == world.clock.now());
    CHECK(account.updated_at == world.clock.now());
    REQUIRE(account.number);
    CHECK(*account.number >= 1);
    CHECK(*account.number < beyond_numbers);
}

TEST_CASE("who signs in again is the same person, and nothing of theirs is changed", "[confirm phone]")
{
    SignIns world;
    auto const first = world.sign_in(jane);
    auto const before = world.account(jane);
    world.clock.advance(1h);
    auto request = world.entry(jane, {});
    auto const code = world.code_for(jane);
    request.code = code;
    request.partner = world.bolt;
    request.language = Language::german;
    auto const again = world.onboarding.confirm_phone(request);
    REQUIRE(again);
    CHECK_FALSE(again->is_new);
    CHECK(again->account == first.account);
    auto const after = world.account(jane);
    CHECK(after.handle == before.handle);
    CHECK(after.number == before.number);
    CHECK(after.language == before.language);
    CHECK(after.generation == before.generation);
    CHECK(after.created_at == before.created_at);
    CHECK(after.updated_at == before.updated_at);
}

TEST_CASE("a texted code signs in once", "[confirm phone]")
{
    SignIns world;
    auto const code = world.code_for(jane);
    REQUIRE(world.enter(jane, code));
    for (int left = 4; left >= 2; --left)
        CHECK(
            error_of(world.enter(jane, code)) ==
            Error{.code = Errc::code_wrong, .field = "code", .attempts_left = left});
}

TEST_CASE("a new person has to agree to both, and until then has nothing used up", "[confirm phone]")
{
    auto const [why, terms, privacy, field] = GENERATE(table<char const*, bool, bool, char const*>(
        {{"neither", false, false, "agrees_to_terms"},
         {"the terms only", true, false, "agrees_to_privacy"},
         {"the privacy notice only", false, true, "agrees_to_terms"}}));
    INFO(why);
    SignIns world({.code_tries = 1});
    auto const code = world.code_for(jane);
    auto request = world.entry(jane, code);
    request.agrees_to_terms = terms;
    request.agrees_to_privacy = privacy;
    request.push_token = "device";
    for (int time = 0; time < 5; ++time)
        CHECK(error_of(world.onboarding.confirm_phone(request)) == refuse(Errc::consent_missing, field));
    CHECK_FALSE(world.find(jane));
    CHECK(world.codes_alive(jane) == 1);

    REQUIRE(world.enter(jane, code));
    CHECK(world.account(jane).push_token.empty());
    CHECK(world.consents(jane).size() == 2);
}

TEST_CASE("a wrong code says nothing of whether somebody is known or has to agree", "[confirm phone]")
{
    SignIns world;
    world.sign_in(jane);
    for (auto const& phone : {jane, john})
        CHECK(
            error_of(world.onboarding.confirm_phone({.partner = world.acme, .phone = phone, .code = "1234567"})) ==
            Error{.code = Errc::code_wrong, .field = "code", .attempts_left = 4});
}

TEST_CASE("somebody who is known signs in without agreeing again, and takes nothing back by it", "[confirm phone]")
{
    SignIns world;
    world.sign_in(jane);
    auto const before = world.consents(jane);
    world.clock.advance(1h);
    auto const code = world.code_for(jane);
    CHECK(world.onboarding.confirm_phone({.partner = world.acme, .phone = jane, .code = code}));
    CHECK(world.consents(jane) == before);
}

TEST_CASE("what people agree to is on record with its time, its version and through whom", "[confirm phone]")
{
    SignIns world({.terms_version = "2024-01", .privacy_version = "7"});
    auto const id = world.sign_in(jane).account;
    auto const first_time = world.clock.now();
    world.clock.advance(24h);

    auto policy = world.onboarding.policy();
    policy.terms_version = "2025-01";
    Onboarding next_year(world.ports, policy);
    auto const code = world.code_for(jane);
    REQUIRE(next_year.confirm_phone(
        {.partner = world.bolt, .phone = jane, .code = code, .agrees_to_terms = true, .agrees_to_privacy = false}));
    auto const second_time = world.clock.now();
    world.clock.advance(24h);
    auto const later = world.code_for(jane);
    REQUIRE(next_year.confirm_phone(
        {.partner = world.acme, .phone = jane, .code = later, .agrees_to_terms = false, .agrees_to_privacy = true}));

    CHECK(
        world.consents(jane) ==
        std::vector<Consent>{
            {.account = id,
             .to = Agreement::terms,
             .version = "2024-01",
             .partner = world.acme,
             .given_at = first_time},
            {.account = id, .to = Agreement::privacy, .version = "7", .partner = world.acme, .given_at = first_time},
            {.account = id,
             .to = Agreement::terms,
             .version = "2025-01",
             .partner = world.bolt,
             .given_at = second_time},
            {.account = id,
             .to = Agreement::privacy,
             .version = "7",
             .partner = world.acme,
             .given_at = world.clock.now()}});
}

TEST_CASE("a push token is taken over, replaced, cleared, and left where nothing is said of it", "[confirm phone]")
{
    SignIns world;
    auto const tell = [&](std::optional<std::string> const& push_token) {
        world.clock.advance(1h);
        auto const code = world.code_for(jane);
        auto request = world.entry(jane, code);
        request.push_token = push_token;
        REQUIRE(world.onboarding.confirm_phone(request));
        return world.account(jane);
    };
    CHECK(tell("first").push_token == "first");
    auto const replaced = tell("second");
    CHECK(replaced.push_token == "second");
    CHECK(replaced.updated_at == world.clock.now());
    auto const left = tell(std::nullopt);
    CHECK(left.push_token == "second");
    CHECK(left.updated_at == replaced.updated_at);
    CHECK(tell("second").updated_at == replaced.updated_at);
    auto const cleared = tell("");
    CHECK(cleared.push_token.empty());
    CHECK(cleared.updated_at == world.clock.now());
}

TEST_CASE("a push token that comes with a wrong code is not taken over", "[confirm phone]")
{
    SignIns world;
    world.sign_in(jane);
    auto request = world.entry(jane, "1234567");
    request.push_token = "a stranger's";
    CHECK(refusal(world.onboarding.confirm_phone(request)) == Errc::code_wrong);
    CHECK(world.account(jane).push_token.empty());
}

TEST_CASE("a push token that is too long or not printable is refused before a try is counted", "[confirm phone]")
{
    auto const [why, push_token, taken] = GENERATE(table<char const*, std::string, bool>(
        {{"what is in use", "fcm:APA91bH_x-y.z/+=", true},
         {"all that prints", " !~", true},
         {"as long as it may be", std::string(4096, 'x'), true},
         {"one longer", std::string(4097, 'x'), false},
         {"a line end", "one\ntwo", false},
         {"a NUL", std::string("one\0two", 7), false},
         {"a letter beyond ASCII", "\u00e9", false},
         {"not UTF-8", "\xff", false},
         {"delete", "\x7f", false}}));
    INFO(why);
    SignIns world({.code_tries = 1});
    auto const code = world.code_for(jane);
    auto request = world.entry(jane, code);
    request.push_token = push_token;
    if (taken) {
        REQUIRE(world.onboarding.confirm_phone(request));
        CHECK(world.account(jane).push_token == push_token);
    } else {
        request.code = "1234567";
        for (int time = 0; time < 3; ++time)
            CHECK(error_of(world.onboarding.confirm_phone(request)) == refuse(Errc::text_malformed, "push_token"));
        CHECK_FALSE(world.find(jane));
        CHECK(world.enter(jane, code));
    }
}

TEST_CASE("the number of an account is random, in the range of a JSON number, and nobody else's", "[confirm phone]")
{
    SignIns world;
    std::set<std::int64_t> numbers;
    int high = 0;
    for (int number = 0; number < 100; ++number) {
        world.sign_in(stranger(number));
        auto const drawn = world.account(stranger(number)).number.value();
        CHECK(drawn >= 1);
        CHECK(drawn < beyond_numbers);
        high += drawn >= beyond_numbers / 2;
        numbers.insert(drawn);
    }
    CHECK(numbers.size() == 100);
    CHECK(high > 20);  // a hundred tosses of a coin
    CHECK(high < 80);
}

// Bytes for what a new account draws first, its handle, and for the numbers that follow.
std::vector<std::byte> bytes_of(std::vector<std::uint64_t> const& numbers)
{
    std::vector<std::byte> bytes(16, std::byte{0x5a});
    for (auto const& number : numbers) {
        auto const raw = std::as_bytes(std::span(&number, 1));
        bytes.insert(bytes.end(), raw.begin(), raw.end());
    }
    return bytes;
}

TEST_CASE("the numbers of accounts begin with one and end before two to the 53rd", "[confirm phone]")
{
    auto const [drawn, number] = GENERATE(table<std::vector<std::uint64_t>, std::int64_t>(
        {{{0, 1}, 1}, {{0, std::uint64_t{1} << 53, 7}, 7}, {{UINT64_MAX}, beyond_numbers - 1}}));
    SignIns world;
    auto const code = world.code_for(jane);
    world.random.script(bytes_of(drawn));
    REQUIRE(world.enter(jane, code));
    CHECK(world.account(jane).number == number);
}

TEST_CASE("two accounts that draw one number do not share it", "[confirm phone]")
{
    SignIns world({.code_tries = 1});
    auto const janes = world.code_for(jane);
    auto const johns = world.code_for(john);
    world.random.script(bytes_of({42}));
    REQUIRE(world.enter(jane, janes));
    world.random.script(bytes_of({42}));
    CHECK_THROWS_AS(world.enter(john, johns), StorageConflict);
    CHECK_FALSE(world.find(john));
    REQUIRE(world.enter(john, johns));  // as a host does: code and try are as they were
    CHECK(world.account(jane).number == 42);
    CHECK(world.account(john).number != 42);
}

TEST_CASE(
    "somebody blocked does not sign in, and keeps code and tries until they are let in again", "[confirm phone]")
{
    SignIns world({.code_tries = 1});
    world.sign_in(jane);
    world.clock.advance(1h);
    REQUIRE(world.administration.block(jane));
    auto const code = world.code_for(jane);
    for (int time = 0; time < 3; ++time)
        CHECK(error_of(world.enter(jane, code)) == refuse(Errc::account_blocked, "phone"));
    REQUIRE(world.administration.unblock(jane));
    CHECK_FALSE(world.enter(jane, code)->is_new);
}

TEST_CASE("a block is told to whoever has the code, and to nobody else", "[confirm phone]")
{
    SignIns world;
    world.sign_in(jane);
    REQUIRE(world.administration.block(jane));
    CHECK(refusal(world.enter(jane, "1234567")) == Errc::code_wrong);
}

TEST_CASE("the number of somebody deleted stays taken, and a code for it is good for nothing", "[confirm phone]")
{
    SignIns world;
    auto const id = world.sign_in(jane).account;
    world.clock.advance(1h);
    auto const code = world.code_for(jane);
    REQUIRE(world.administration.remove(jane));
    for (int time = 0; time < 7; ++time)
        CHECK(error_of(world.enter(jane, code)) == refuse(Errc::account_deleted, "phone"));
    CHECK(world.account(jane).id == id);
    CHECK(world.account(jane).status == AccountStatus::deleted);
    CHECK(world.consents(jane).size() == 2);  // nothing was added
}

TEST_CASE("where deleted people let go of their numbers, the next owner is somebody new", "[confirm phone]")
{
    SignIns world({.release_deleted = true});
    auto const first = world.sign_in(jane);
    auto const before = world.account(jane);
    world.clock.advance(1h);
    REQUIRE(world.administration.remove(jane));
    auto const code = world.code_for(jane);

    // Who does not agree leaves the tombstone as it was.
    CHECK(
        refusal(world.onboarding.confirm_phone({.partner = world.acme, .phone = jane, .code = code})) ==
        Errc::consent_missing);
    CHECK(world.account(jane).id == first.account);

    auto const second = world.enter(jane, code);
    REQUIRE(second);
    CHECK(second->is_new);
    CHECK(second->account != first.account);
    auto const after = world.account(jane);
    CHECK(after.id == second->account);
    CHECK(after.handle != before.handle);
    CHECK(after.number != before.number);
    CHECK(world.consents(jane).size() == 2);
    CHECK(world.storage->begin_reading()->consents().of(first.account).size() == 2);
    CHECK(world.storage->begin_reading()->accounts().find(first.account)->status == AccountStatus::deleted);
    CHECK_FALSE(world.profile(jane, first.auth_code));
    CHECK(world.profile(jane, second->auth_code)->id == second->account);
}

TEST_CASE("of many who enter one texted code at once, one signs in", "[confirm phone]")
{
    SignIns world({.code_tries = 1000});
    auto const code = world.code_for(jane);
    std::atomic<int> in = 0;
    std::atomic<int> late = 0;
    together(40, [&](int number) {
        auto request = world.entry(jane, code);
        request.partner = number % 2 ? world.acme : world.bolt;
        auto const refused = until_done([&] { return error_of(world.onboarding.confirm_phone(request)); });
        in += !refused;
        late += refused && refused->code == Errc::code_wrong;
    });
    CHECK(in == 1);
    CHECK(late == 39);
    CHECK(world.consents(jane).size() == 2);
}

TEST_CASE(
    "of first sign-ins at once with two codes, both succeed, and one of them opens the account", "[confirm phone]")
{
    SignIns world({.code_tries = 1000});
    auto const first = world.code_for(jane);
    world.clock.advance(60s);
    auto const second = world.code_for(jane);
    REQUIRE(first != second);

    std::mutex mutex;
    std::vector<PhoneConfirmed> in;
    together(20, [&](int number) {
        auto const confirmed = until_done([&] { return world.enter(jane, number % 2 ? first : second); });
        std::scoped_lock const lock(mutex);
        if (confirmed)
            in.push_back(*confirmed);
    });
    REQUIRE(in.size() == 2);
    CHECK(in[0].account == in[1].account);
    CHECK(in[0].is_new != in[1].is_new);
    CHECK(world.account(jane).id == in[0].account);
    // The authentication code of the later one is the one that counts.
    CHECK(world.profile(jane, in[0].auth_code).has_value() != world.profile(jane, in[1].auth_code).has_value());
}

TEST_CASE("first sign-ins of many people at once open an account for each", "[confirm phone]")
{
    SignIns world;
    std::vector<std::string> codes;
    for (int number = 0; number < 20; ++number)
        codes.push_back(world.code_for(stranger(number)));
    std::atomic<int> opened = 0;
    together(20, [&](int number) {
        auto const confirmed =
            until_done([&] { return world.enter(stranger(number), codes[static_cast<std::size_t>(number)]); });
        opened += confirmed && confirmed->is_new;
    });
    CHECK(opened == 20);
}

TEST_CASE("the partner somebody signed in with is told who they are, as often as it asks", "[profile]")
{
    SignIns world;
    auto const confirmed = world.sign_in(jane);
    for (int time = 0; time < 10; ++time) {
        auto const account = world.profile(jane, confirmed.auth_code);
        REQUIRE(account);
        CHECK(account->id == confirmed.account);
        CHECK(account->phone == jane);
    }
}

TEST_CASE("an authentication code is good until its life ends, to the millisecond", "[profile]")
{
    SignIns world;
    auto const confirmed = world.sign_in(jane);
    world.clock.set(confirmed.expires_at - 1ms);
    world.onboarding.tidy();
    CHECK(world.profile(jane, confirmed.auth_code));
    world.clock.set(confirmed.expires_at);
    CHECK(error_of(world.profile(jane, confirmed.auth_code)) == refuse(Errc::auth_code_wrong, "auth_code"));
    world.clock.advance(1ms);
    CHECK_FALSE(world.profile(jane, confirmed.auth_code));
}

TEST_CASE("the life of an authentication code is the policy's", "[profile]")
{
    SignIns world({.auth_code_life = 10s});
    auto const confirmed = world.sign_in(jane);
    CHECK(confirmed.expires_at == world.clock.now() + 10s);
    world.clock.advance(10s);
    CHECK_FALSE(world.profile(jane, confirmed.auth_code));
}

TEST_CASE("an authentication code is good for one partner, one number and one person", "[profile]")
{
    SignIns world;
    auto const janes = world.sign_in(jane);
    auto const johns = world.sign_in(john);
    auto const wrong = refuse(Errc::auth_code_wrong, "auth_code");
    CHECK(error_of(world.profile(jane, janes.auth_code, world.bolt)) == wrong);
    CHECK(error_of(world.profile(john, janes.auth_code)) == wrong);
    CHECK(error_of(world.profile(jane, johns.auth_code)) == wrong);
    CHECK(error_of(world.profile(stranger(1), janes.auth_code)) == wrong);
    CHECK(world.profile(jane, janes.auth_code)->phone == jane);
    CHECK(world.profile(john, johns.auth_code)->phone == john);
}

TEST_CASE("text that is no authentication code of anybody's is refused like one that has expired", "[profile]")
{
    SignIns world;
    auto const good = world.sign_in(jane).auth_code.reveal();
    auto const link = world.login_link("jane@example.com"_email, world.acme);
    auto const session = world.session("jane@example.com"_email, world.acme);
    for (auto const& text :
         {std::string(), std::string("null"), good.substr(1), good + "A", std::string(54, 'A'), link, session,
          std::string(10'000, 'A')})
        CHECK(
            error_of(world.onboarding.profile({.partner = world.acme, .phone = jane, .auth_code = text})) ==
            refuse(Errc::auth_code_wrong, "auth_code"));
    for (std::size_t place = 0; place < good.size(); ++place) {
        auto changed = good;
        changed[place] = changed[place] == 'x' ? 'y' : 'x';
        CHECK_FALSE(world.onboarding.profile({.partner = world.acme, .phone = jane, .auth_code = changed}));
    }
    CHECK(refusal(world.onboarding.redeem(good)) == Errc::link_unknown);
    CHECK(refusal(world.onboarding.session(good)) == Errc::session_unknown);
    CHECK(world.onboarding.profile({.partner = world.acme, .phone = jane, .auth_code = good}));
}

TEST_CASE("a new sign-in ends the authentication code somebody had, whichever partner it was for", "[profile]")
{
    auto const with_another = GENERATE(false, true);
    SignIns world;
    auto const first = world.sign_in(jane);
    world.clock.advance(60s);
    auto const code = world.code_for(jane);
    auto request = world.entry(jane, code);
    request.partner = with_another ? world.bolt : world.acme;
    CHECK(world.profile(jane, first.auth_code));  // until then it is good
    auto const second = world.onboarding.confirm_phone(request);
    REQUIRE(second);
    CHECK_FALSE(world.profile(jane, first.auth_code));
    CHECK(world.profile(jane, second->auth_code, request.partner));
}

TEST_CASE("a sign-in that is refused leaves the authentication code somebody has", "[profile]")
{
    SignIns world;
    auto const first = world.sign_in(jane);
    CHECK_FALSE(world.enter(jane, "1234567"));
    CHECK(world.profile(jane, first.auth_code));
}

TEST_CASE("a block ends an authentication code, and the end of the block does not bring it back", "[profile]")
{
    SignIns world;
    auto const confirmed = world.sign_in(jane);
    REQUIRE(world.administration.block(jane));
    CHECK(refusal(world.profile(jane, confirmed.auth_code)) == Errc::auth_code_wrong);
    REQUIRE(world.administration.unblock(jane));
    CHECK(refusal(world.profile(jane, confirmed.auth_code)) == Errc::auth_code_wrong);
}

TEST_CASE("a deletion ends an authentication code", "[profile]")
{
    SignIns world;
    auto const confirmed = world.sign_in(jane);
    REQUIRE(world.administration.remove(jane));
    CHECK(refusal(world.profile(jane, confirmed.auth_code)) == Errc::auth_code_wrong);
}

TEST_CASE("an authentication code of somebody who is not active says nothing, whatever was left of it", "[profile]")
{
    SignIns world;
    auto const confirmed = world.sign_in(jane);
    auto account = world.account(jane);
    account.status = GENERATE(AccountStatus::blocked, AccountStatus::deleted);
    {
        auto const work = world.storage->begin();
        REQUIRE(work->accounts().update(account));
        work->commit();
    }
    CHECK(refusal(world.profile(jane, confirmed.auth_code)) == Errc::auth_code_wrong);
}

TEST_CASE("what is kept of an authentication code needs the key", "[profile]")
{
    SignIns world;
    auto const confirmed = world.sign_in(jane);
    auto other = world.ports;
    std::array<std::byte, SecretKey::least_size> bytes{};
    bytes[0] = std::byte{1};
    other.key = SecretKey::from_bytes(bytes);
    CHECK(
        refusal(Onboarding(other, world.onboarding.policy())
                    .profile({.partner = world.acme, .phone = jane, .auth_code = confirmed.auth_code.reveal()})) ==
        Errc::auth_code_wrong);
}

TEST_CASE(
    "an authentication code that has long expired is forgotten, and what somebody agreed to is not", "[profile]")
{
    SignIns world;
    auto const confirmed = world.sign_in(jane);
    auto const is_kept = [&] {
        world.onboarding.tidy();
        return world.storage->begin_reading()->auth_codes().find(confirmed.account).has_value();
    };
    world.clock.set(confirmed.expires_at);
    CHECK(is_kept());
    world.clock.advance(72h);
    CHECK_FALSE(is_kept());
    CHECK(world.consents(jane).size() == 2);
}

}
