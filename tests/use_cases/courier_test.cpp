#include <set>

#include "support/catch.hpp"
#include "support/dying_storage.hpp"
#include "support/together.hpp"
#include "support/world.hpp"

namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

// Acme's customers, and letters that ask them about Bolt.
struct Post : World {
    using World::World;

    PartnerId acme = partner("Acme");
    PartnerId bolt = partner("Bolt");

    // Makes one letter wait, to "person N".
    void ask(int number)
    {
        auto const email = EmailAddress::parse("person" + std::to_string(number) + "@example.com").value();
        login_link(email, acme);
        REQUIRE(onboarding.log_in({.partner = bolt, .email = email, .name = "Jane Doe"_name})->confirmation_required);
    }

    std::set<std::string> ids() const
    {
        std::set<std::string> result;
        for (auto const& [letter, secret] : mailer.sent())
            result.insert(letter.id);
        return result;
    }
};

TEST_CASE("a letter leaves once", "[courier]")
{
    Post world;
    world.ask(1);
    CHECK(world.courier.deliver_due() == 1);
    CHECK(world.courier.deliver_due() == 0);
    world.clock.advance(1h);
    CHECK(world.courier.deliver_due() == 0);
    CHECK(world.mailer.sent().size() == 1);
    CHECK(world.letters_waiting() == 0);
}

TEST_CASE("a courier without letters does nothing", "[courier]")
{
    World world;
    CHECK(world.courier.deliver_due() == 0);
}

TEST_CASE("a letter of an abandoned unit of work never leaves", "[courier]")
{
    Post world;
    world.login_link("jane@example.com"_email, world.acme);
    {
        auto group = world.storage->begin_group();
        REQUIRE(world.onboarding.log_in(
            {.partner = world.bolt, .email = "jane@example.com"_email, .name = "Jane Roe"_name}));
    }
    CHECK(world.courier.deliver_due() == 0);
    CHECK(world.mailer.sent().empty());
}

TEST_CASE("a letter whose code has died is dropped", "[courier]")
{
    Post world;
    world.ask(1);
    world.ask(2);
    world.clock.advance(300s);
    CHECK(world.courier.deliver_due() == 0);
    CHECK(world.mailer.sent().empty());
    CHECK(world.letters_waiting() == 0);
}

TEST_CASE("a letter just before its code dies still leaves", "[courier]")
{
    Post world;
    world.ask(1);
    world.clock.advance(300s - 1ms);
    CHECK(world.courier.deliver_due() == 1);
}

TEST_CASE("a letter that was refused comes back later under the same id, with the same code", "[courier]")
{
    Post world;
    world.ask(1);
    world.mailer.refuse_next(1);
    CHECK(world.courier.deliver_due() == 0);
    CHECK(world.letters_waiting() == 1);
    CHECK(world.courier.deliver_due() == 0);
    CHECK(world.mailer.sent().empty());

    world.clock.advance(1min);
    CHECK(world.courier.deliver_due() == 1);
    CHECK(world.letters_waiting() == 0);
}

TEST_CASE("a letter that is refused holds up no other", "[courier]")
{
    Post world;
    for (int number = 0; number < 3; ++number)
        world.ask(number);
    world.mailer.refuse_next(1);
    CHECK(world.courier.deliver_due() == 2);
    CHECK(world.letters_waiting() == 1);
    world.clock.advance(1min);
    CHECK(world.courier.deliver_due() == 1);
    CHECK(world.ids().size() == 3);
}

TEST_CASE("a letter whose carrier died leaves again within ten seconds, the same in every word", "[courier]")
{
    auto owned = std::make_unique<DyingStorage>();
    auto& storage = *owned;
    Post world({}, std::move(owned));
    world.ask(1);
    storage.begins_left = 1;  // enough to claim the letter, too little to say that it has left
    CHECK_THROWS_AS(world.courier.deliver_due(), StorageFailure);
    storage.begins_left = DyingStorage::immortal;
    CHECK(world.courier.deliver_due() == 0);

    world.clock.advance(10s);
    CHECK(world.courier.deliver_due() == 1);
    auto const sent = world.mailer.sent();
    REQUIRE(sent.size() == 2);
    CHECK(sent[0].letter.id == sent[1].letter.id);
    CHECK(sent[0].letter.to.str() == sent[1].letter.to.str());
    CHECK(sent[0].secret == sent[1].secret);
    CHECK(world.letters_waiting() == 0);
}

// Breaks down in a way that nobody foresaw.
class BrokenMailer : public Mailer {
public:
    void send(Letter const&, std::string_view) override { throw std::logic_error("nobody foresaw this"); }
};

TEST_CASE("a mailer that breaks down loses no letter", "[courier]")
{
    Post world;
    world.ask(1);
    world.ask(2);
    BrokenMailer broken;
    CHECK(Courier(world.ports, broken).deliver_due() == 0);
    CHECK(world.letters_waiting() == 2);
    world.clock.advance(1min);
    CHECK(world.courier.deliver_due() == 2);
}

TEST_CASE("letters have ids of their own that nobody can guess", "[courier]")
{
    Post world;
    for (int number = 0; number < 10; ++number)
        world.ask(number);
    CHECK(world.courier.deliver_due() == 10);
    auto const ids = world.ids();
    CHECK(ids.size() == 10);
    CHECK(std::all_of(ids.begin(), ids.end(), [](auto const& id) { return id.size() == 36; }));
}

TEST_CASE("the code inside a waiting letter cannot be read without the key", "[courier]")
{
    Post world;
    world.ask(1);
    auto work = world.storage->begin();
    auto const letters = work->outbox().claim(world.clock.now(), world.clock.now() + 1min, 1);
    REQUIRE(letters.size() == 1);
    work.reset();

    auto const code = world.mailed_code();
    CHECK(letters[0].sealed_secret.find(code) == std::string::npos);
    CHECK(letters[0].letter.id.find(code) == std::string::npos);
    CHECK(world.ports.key.open(Purpose::letter, letters[0].letter.id, letters[0].sealed_secret) == code);
    CHECK_FALSE(world.ports.key.open(Purpose::letter, "another letter", letters[0].sealed_secret));
}

TEST_CASE("a long queue is delivered batch by batch", "[courier]")
{
    Post world;
    constexpr int letters = 100;
    for (int number = 0; number < letters; ++number)
        world.ask(number);
    int rounds = 0;
    for (int delivered = 0; delivered < letters; ++rounds) {
        auto const now = world.courier.deliver_due();
        REQUIRE(now > 0);
        delivered += now;
    }
    CHECK(rounds > 1);
    CHECK(world.ids().size() == letters);
}

TEST_CASE("couriers that go round at the same moment carry each letter once", "[courier]")
{
    Post world;
    constexpr int letters = 60;
    for (int number = 0; number < letters; ++number)
        world.ask(number);
    together(8, [&](int) {
        Courier courier(world.ports, world.mailer);
        while (courier.deliver_due() > 0) {
        }
    });
    CHECK(world.mailer.sent().size() == letters);
    CHECK(world.ids().size() == letters);
    CHECK(world.letters_waiting() == 0);
}

}
