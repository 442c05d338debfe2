#include <functional>
#include <thread>
#include <utility>

#include <onboard/postgres_storage.hpp>

#include "support/catch.hpp"
#include "support/forwarding_storage.hpp"
#include "support/postgres_schema.hpp"
#include "support/telephones.hpp"

// Where several write at once, each statement of a unit of work sees what others have committed meanwhile.
namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

// A storage on which somebody does something of their own, from beginning to end, before one of the calls that somebody
// else's unit of work makes.
class InterruptedStorage : public Storage {
public:
    explicit InterruptedStorage(std::unique_ptr<Storage> beneath) : beneath_(std::move(beneath)) {}

    // Before this call, counted from now on and from one.
    void interrupt(int call, std::function<void()> meanwhile)
    {
        calls_left_ = call;
        meanwhile_ = std::move(meanwhile);
    }

    // Whether there were so many calls.
    bool was_interrupted() const { return !meanwhile_; }

    std::unique_ptr<UnitOfWork> begin() override { return std::make_unique<Work>(*this, beneath_->begin()); }
    std::unique_ptr<UnitOfWork const> begin_reading() override { return beneath_->begin_reading(); }
    std::unique_ptr<Group> begin_group() override { return beneath_->begin_group(); }
    int concurrent_writers() const override { return beneath_->concurrent_writers(); }

private:
    class Work : public ForwardingWork {
    public:
        Work(InterruptedStorage& storage, std::unique_ptr<UnitOfWork> beneath)
            : storage_(storage), beneath_(std::move(beneath))
        {
        }

        UnitOfWork& reach(char const*) override
        {
            storage_.count_call();
            return *beneath_;
        }
        std::optional<PartnerOfToken> partner_of(PartnerTokenId id) const override
        {
            return beneath_->partner_of(id);
        }
        std::optional<PersonOfSession> person_of(SessionId id) const override { return beneath_->person_of(id); }
        void commit() override { reach("commit").commit(); }

    private:
        InterruptedStorage& storage_;
        std::unique_ptr<UnitOfWork> beneath_;
    };

    void count_call()
    {
        if (!meanwhile_ || --calls_left_ > 0)
            return;
        std::thread(std::exchange(meanwhile_, nullptr)).join();
    }

    std::unique_ptr<Storage> beneath_;
    std::function<void()> meanwhile_;
    int calls_left_ = 0;
};

// Says whether it was granted what it asked for.
using Attempt = std::function<bool()>;

class Rivals {
public:
    // Of two attempts, of which one may be granted, the second is made before each call of the first in turn. Each time
    // both are prepared anew, for a round of this number.
    void check_one_of_two(std::function<std::pair<Attempt, Attempt>(int)> const& prepare)
    {
        for (int call = 1;; ++call) {
            auto const [first, second] = prepare(call);
            bool second_granted = false;
            storage_->interrupt(call, [&, &second = second] {
                try {
                    second_granted = second();
                } catch (StorageConflict const&) {
                    // It met what the first one holds, and comes again.
                }
            });
            auto const first_granted = until_done(first);
            if (!storage_->was_interrupted()) {
                CHECK(call > 3);
                return;
            }
            second_granted = second_granted || until_done(second);
            INFO("before call " << call);
            CHECK(static_cast<int>(first_granted) + static_cast<int>(second_granted) == 1);
        }
    }

private:
    PostgresSchema schema_;
    InterruptedStorage* storage_ = nullptr;

    std::unique_ptr<Storage> opened()
    {
        auto storage = std::make_unique<InterruptedStorage>(open_postgres(schema_.url(), {.lock_limit = 50ms}));
        storage_ = storage.get();
        return storage;
    }

public:
    Telephones world{
        {.code_pause = 0s, .codes_per_hour = 100, .codes_per_day = 100, .release_deleted = true}, opened()};
    Onboarding& onboarding = world.onboarding;
};

EmailAddress address(int number)
{
    return EmailAddress::parse("person" + std::to_string(number) + "@example.com").value();
}

// Somebody who was mailed a link that makes this address theirs.
Attempt confirmation(Telephones& world, PhoneNumber const& phone, EmailAddress const& email)
{
    world.sign_in(phone);
    REQUIRE(world.onboarding.change_email({.phone = phone, .email = email}));
    auto const link = world.delivered().at(0).secret;
    return [&world, link] { return world.onboarding.confirm_email(link).has_value(); };
}

TEST_CASE("of two who confirm one address, each between any two calls of the other, one gets it")
{
    Rivals rivals;
    auto& world = rivals.world;
    rivals.check_one_of_two([&](int round) {
        auto first = confirmation(world, stranger(2 * round), address(round));
        return std::pair(std::move(first), confirmation(world, stranger(2 * round + 1), address(round)));
    });
}

TEST_CASE("of two who confirm an address that a deleted person had, one gets it")
{
    Rivals rivals;
    auto& world = rivals.world;
    rivals.check_one_of_two([&](int round) {
        world.login_link(address(round));
        REQUIRE(world.administration.remove(address(round)));
        auto first = confirmation(world, stranger(2 * round), address(round));
        return std::pair(std::move(first), confirmation(world, stranger(2 * round + 1), address(round)));
    });
}

TEST_CASE("of two who follow one link, each between any two calls of the other, one is signed in")
{
    Rivals rivals;
    auto& world = rivals.world;
    rivals.check_one_of_two([&](int round) {
        auto const link = world.login_link(address(round));
        Attempt const follow = [&, link] { return world.onboarding.open_session(link).has_value(); };
        return std::pair(follow, follow);
    });
}

TEST_CASE("of two who enter one code, each between any two calls of the other, one is signed in")
{
    Rivals rivals;
    auto& world = rivals.world;
    rivals.check_one_of_two([&](int round) {
        auto const phone = stranger(round);
        auto const code = world.code_for(phone);
        Attempt const enter = [&, phone, code] { return world.enter(phone, code).has_value(); };
        return std::pair(enter, enter);
    });
}

Result<SignedUp>
sign_up(Telephones& world, PhoneNumber const& phone, std::string_view code, std::optional<UserName> const& name = {})
{
    return world.onboarding.sign_up(
        {.partner = world.acme,
         .name = PersonName::parse("Asha", "Kumari").value(),
         .contact = phone,
         .code = code,
         .user_name = name});
}

TEST_CASE("of two who sign up with one number, each with a code of their own, one is here then")
{
    Rivals rivals;
    auto& world = rivals.world;
    rivals.check_one_of_two([&](int round) {
        auto const attempt = [&]() -> Attempt {
            auto const phone = stranger(round);
            REQUIRE(world.onboarding.send_sign_up_code({.partner = world.acme, .to = phone}));
            auto const code = world.texted().at(0).secret;
            return [&, phone, code] { return sign_up(world, phone, code).has_value(); };
        };
        auto first = attempt();
        return std::pair(std::move(first), attempt());
    });
}

TEST_CASE("of two who want one user name, each between any two calls of the other, one gets it")
{
    Rivals rivals;
    auto& world = rivals.world;
    rivals.check_one_of_two([&](int round) {
        auto const attempt = [&](PhoneNumber const& phone) -> Attempt {
            REQUIRE(world.onboarding.send_sign_up_code({.partner = world.acme, .to = phone}));
            auto const code = world.texted().at(0).secret;
            auto const name = UserName::parse("asha" + std::to_string(round)).value();
            return [&, phone, code, name] { return sign_up(world, phone, code, name).has_value(); };
        };
        auto first = attempt(stranger(2 * round));
        return std::pair(std::move(first), attempt(stranger(2 * round + 1)));
    });
}

}
