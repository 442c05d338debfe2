#include <functional>
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

TEST_CASE("a letter whose code has died never leaves, and an operator can see that", "[courier]")
{
    Post world;
    world.ask(1);
    world.ask(2);
    world.clock.advance(300s);
    CHECK(world.courier.deliver_due() == 0);
    CHECK(world.mailer.sent().empty());
    CHECK(world.letters_waiting() == 0);
    auto const kept = world.administration.letters(10);
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].state == LetterState::dead);
    CHECK(kept[0].reason == "it was not delivered in time");
}

TEST_CASE("a code that was replaced twice before it left is not mailed", "[courier]")
{
    Post world(quick_hashing({.code_pause = 0s}));
    for (int time = 0; time < 3; ++time)
        world.ask(1);
    CHECK(world.courier.deliver_due() == 2);  // of the last two either works
    CHECK(world.administration.letters(10).empty());
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
    Post world(quick_hashing(), std::move(owned));
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
    CHECK(text_of(sent[0].letter.to) == text_of(sent[1].letter.to));
    CHECK(sent[0].secret == sent[1].secret);
    CHECK(world.letters_waiting() == 0);
}

// Answers every letter in the same way.
template <class Answer>
class StubbornMailer : public Mailer {
public:
    void send(Letter const&, std::string_view) override { throw Answer("550 no such user"); }
};

TEST_CASE("a letter that is refused for good is given up with the reason, and tried no more", "[courier]")
{
    Post world;
    world.ask(1);
    StubbornMailer<DeliveryRefused> stubborn;
    CHECK(Courier(world.ports, Channel::mail, stubborn).deliver_due() == 0);
    CHECK(world.letters_waiting() == 0);
    world.clock.advance(1min);
    CHECK(world.courier.deliver_due() == 0);

    auto const kept = world.administration.letters(10);
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].state == LetterState::dead);
    CHECK(kept[0].reason == "550 no such user");
    CHECK(kept[0].attempts == 1);
}

TEST_CASE("a letter that may have arrived is not sent again unless an operator says so", "[courier]")
{
    Post world;
    world.ask(1);
    StubbornMailer<DeliveryUnknown> cut_off;
    CHECK(Courier(world.ports, Channel::mail, cut_off).deliver_due() == 0);
    world.clock.advance(1min);
    CHECK(world.courier.deliver_due() == 0);
    auto const kept = world.administration.letters(10);
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].state == LetterState::unknown);

    REQUIRE(world.administration.retry(kept[0].letter.id));
    CHECK(world.courier.deliver_due() == 1);
    CHECK(world.mailer.sent().front().letter.id == kept[0].letter.id);
    CHECK(world.administration.letters(10).empty());
}

TEST_CASE("an operator lets all letters that were given up wait again, but for those that are too old", "[courier]")
{
    Post world;
    StubbornMailer<DeliveryRefused> stubborn;
    world.ask(1);
    Courier(world.ports, Channel::mail, stubborn).deliver_due();
    world.clock.advance(4min);
    world.ask(2);
    world.ask(3);
    Courier(world.ports, Channel::mail, stubborn).deliver_due();
    world.clock.advance(2min);
    CHECK(world.administration.retry_all() == 2);
    CHECK(world.courier.deliver_due() == 2);
    CHECK(refusal(world.administration.retry("nobody's")) == Errc::letter_unknown);
}

// How long after its last failure a letter is tried again, for every failure in a row.
std::vector<std::chrono::milliseconds> pauses(Post& world, int failures)
{
    std::vector<std::chrono::milliseconds> result;
    for (int failure = 0; failure < failures; ++failure) {
        StubbornMailer<DeliveryFailure> failing;
        REQUIRE(world.administration.letters(1).front().due_at <= world.clock.now());
        Courier(world.ports, Channel::mail, failing).deliver_due();
        auto const due = world.administration.letters(1).front().due_at;
        result.push_back(due - world.clock.now());
        world.clock.set(due);
    }
    return result;
}

TEST_CASE("a letter that fails is tried again after pauses that double, give or take a quarter", "[courier]")
{
    Post world;
    REQUIRE(world.create(world.acme, world.person("new@example.com")));
    auto expected = 30s;
    for (auto const pause : pauses(world, 10)) {
        CHECK(pause >= expected * 3 / 4);
        CHECK(pause <= expected * 5 / 4);
        expected = std::min(2 * expected, 3600s);
    }
}

TEST_CASE("a letter that fails until it is too old is given up with the last reason", "[courier]")
{
    Post world;
    world.ask(1);
    StubbornMailer<DeliveryFailure> failing;
    Courier courier(world.ports, Channel::mail, failing);
    for (int time = 0; time < 10; ++time) {
        courier.deliver_due();
        world.clock.advance(45s);
    }
    auto const kept = world.administration.letters(10);
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].state == LetterState::dead);
    CHECK(kept[0].reason == "too late to try again: 550 no such user");
}

TEST_CASE("a letter whose secret was sealed with another key is given up and holds up no other", "[courier]")
{
    Post world;
    world.ask(1);
    std::vector<std::byte> bytes(32, std::byte{1});
    bytes[0] = std::byte{2};
    Ports other{
        .storage = *world.storage, .key = SecretKey::from_bytes(bytes), .clock = world.clock, .random = world.random};
    CHECK(Courier(other, Channel::mail, world.mailer).deliver_due() == 0);
    CHECK(world.mailer.sent().empty());
    CHECK(world.administration.letters(10).front().reason == "its secret cannot be read with this key");
}

// Takes a while for every letter: looks on while time passes.
class SlowMailer : public Mailer {
public:
    SlowMailer(FixedClock& clock, std::chrono::seconds time, std::function<void()> meanwhile)
        : clock_(clock), time_(time), meanwhile_(std::move(meanwhile))
    {
    }

    void send(Letter const& letter, std::string_view) override
    {
        ids.push_back(letter.id);
        clock_.advance(time_);
        meanwhile_();
    }

    std::vector<std::string> ids;

private:
    FixedClock& clock_;
    std::chrono::seconds time_;
    std::function<void()> meanwhile_;
};

TEST_CASE("a letter that takes long is nobody else's as long as its claim is renewed", "[courier]")
{
    Post world;
    world.ask(1);
    Courier* carrying = nullptr;
    int others = 0;
    SlowMailer slow(world.clock, 7s, [&] {
        carrying->renew_claim();
        world.clock.advance(7s);
        others += Courier(world.ports, Channel::mail, world.mailer).deliver_due();
    });
    Courier courier(world.ports, Channel::mail, slow);
    carrying = &courier;
    CHECK(courier.deliver_due() == 1);
    CHECK(others == 0);
    CHECK(world.letters_waiting() == 0);
}

TEST_CASE("who stood still too long cannot undo what another carrier made of the letter", "[courier]")
{
    Post world;
    world.ask(1);
    StubbornMailer<DeliveryRefused> refusing;
    SlowMailer slow(world.clock, 9s, [&] { Courier(world.ports, Channel::mail, refusing).deliver_due(); });
    Courier(world.ports, Channel::mail, slow).deliver_due();
    auto const kept = world.administration.letters(10);
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].state == LetterState::dead);
}

TEST_CASE("letters behind one that takes long are left to others", "[courier]")
{
    Post world;
    for (int number = 0; number < 3; ++number)
        world.ask(number);
    SlowMailer slow(world.clock, 9s, [&] { Courier(world.ports, Channel::mail, world.mailer).deliver_due(); });
    Courier(world.ports, Channel::mail, slow).deliver_due();
    CHECK(slow.ids.size() == 1);
    CHECK(world.ids().size() == 3);  // the slow one among them: nobody renewed its claim
    CHECK(world.letters_waiting() == 0);
}

TEST_CASE("a courier that is told to stop gives back what it has in hand, untried", "[courier]")
{
    Post world;
    for (int number = 0; number < 3; ++number)
        world.ask(number);
    std::stop_source stop;
    SlowMailer slow(world.clock, 1s, [&] {
        stop.request_stop();
        throw DeliveryFailure("interrupted");
    });
    CHECK(Courier(world.ports, Channel::mail, slow, stop.get_token()).deliver_due() == 0);
    CHECK(slow.ids.size() == 1);
    for (auto const& entry : world.administration.letters(10))
        CHECK(entry.attempts == 0);
    CHECK(world.courier.deliver_due() == 3);
}

TEST_CASE("what waits for a person who is blocked or deleted is not delivered", "[courier]")
{
    Post world;
    world.ask(1);
    world.ask(2);
    world.ask(3);
    REQUIRE(world.administration.block("person1@example.com"_email));
    REQUIRE(world.administration.remove("person2@example.com"_email));
    CHECK(world.courier.deliver_due() == 1);
    CHECK(text_of(world.mailer.sent().front().letter.to) == "person3@example.com");
    CHECK(world.administration.letters(10).empty());
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
    CHECK(Courier(world.ports, Channel::mail, broken).deliver_due() == 0);
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
    auto const letters = work->outbox().claim(Channel::mail, world.clock.now(), world.clock.now() + 1min, 1);
    REQUIRE(letters.size() == 1);
    work.reset();

    auto const code = world.mailed_code();
    CHECK(letters[0].pending.sealed_secret.find(code) == std::string::npos);
    CHECK(letters[0].pending.letter.id.find(code) == std::string::npos);
    CHECK(
        world.ports.key.open(Purpose::letter, letters[0].pending.letter.id, letters[0].pending.sealed_secret) ==
        code);
    CHECK_FALSE(world.ports.key.open(Purpose::letter, "another letter", letters[0].pending.sealed_secret));
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
        Courier courier(world.ports, Channel::mail, world.mailer);
        while (courier.deliver_due() > 0) {
        }
    });
    CHECK(world.mailer.sent().size() == letters);
    CHECK(world.ids().size() == letters);
    CHECK(world.letters_waiting() == 0);
}

// Remembers what it was told was given up.
struct ToldMailer : Mailer {
    void send(Letter const&, std::string_view) override
    {
        if (refuses)
            throw DeliveryRefused("no such mailbox");
        throw std::runtime_error("busy");
    }
    void gave_up(Letter const& letter, LetterState state, std::string_view reason) override
    {
        told.push_back(letter.id + ' ' + std::string(name_of(state)) + ": " + std::string(reason));
    }

    bool refuses = false;
    std::vector<std::string> told;
};

TEST_CASE("a mailer is told once of a letter that is given up, and not of one that is tried again", "[courier]")
{
    Post world;
    ToldMailer mailer;
    Courier courier(world.ports, Channel::mail, mailer);
    world.ask(1);
    courier.deliver_due();
    CHECK(mailer.told.empty());

    auto const id = world.administration.letters(1).at(0).letter.id;
    mailer.refuses = true;
    world.clock.advance(1min);
    courier.deliver_due();
    courier.deliver_due();
    CHECK(mailer.told == std::vector{id + " dead: no such mailbox"});

    mailer.refuses = false;
    world.ask(2);
    world.clock.advance(299s);
    courier.deliver_due();
    REQUIRE(mailer.told.size() == 2);
    CHECK_THAT(mailer.told[1], Catch::Contains("dead: too late to try again: busy"));
}

}
