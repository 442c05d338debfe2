#include "server/http/traffic.hpp"

#include "server/contracts/contracts.hpp"
#include "server/events.hpp"
#include "server/http/application.hpp"
#include "support/catch.hpp"
#include "support/world.hpp"

using namespace onboard;
using namespace onboard::server;
using namespace onboard::testing;
using namespace std::chrono_literals;

namespace {

// What operators may ask, and nothing else.
struct Operators : World {
    Throttle failures{30};
    RouteNumbers routes;
    Log log{LogLevel::error};
    Application application = made();
    Traffic traffic{routes.paths().size()};

    Application made()
    {
        std::vector<std::unique_ptr<Contract>> contracts;
        contracts.push_back(operations_contract([] { return true; }, [] { return std::string(); }));
        return {onboarding, std::move(contracts), routes, failures, log};
    }

    void ask(std::string const& method, std::string const& path)
    {
        auto const bytes = method + ' ' + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
        auto const head = RequestHead::read(bytes);
        REQUIRE(head.has_value());
        Admitted admitted;
        auto refusal = application.find_route(*head, admitted);
        if (!refusal)
            refusal = application.admit(*head, "127.0.0.1", admitted);
        traffic.note(admitted.route_number, head->method(), refusal ? refusal->status : 200, 1ms);
    }

    std::uint64_t count(std::size_t route, MethodClass method, int status) const
    {
        std::vector<Traffic::Sum> sums(traffic.routes());
        traffic.add_to(sums);
        return sums.at(route).answered[static_cast<std::size_t>(method)][place_of_status(status)];
    }
};

}

TEST_CASE("a request is counted by its route, whatever its path, by what its method is for, and by its status")
{
    Operators world;
    world.ask("GET", "/healthz");
    world.ask("HEAD", "/healthz");
    world.ask("POST", "/healthz");
    world.ask("BREW", "/healthz");
    auto const healthz = world.routes.number_of("/healthz");
    CHECK(world.count(healthz, MethodClass::reads, 200) == 2);
    CHECK(world.count(healthz, MethodClass::writes, 405) == 1);
    CHECK(world.count(healthz, MethodClass::other, 405) == 1);
}

TEST_CASE("a hundred thousand requests for a hundred thousand paths are one route")
{
    Operators world;
    constexpr int many = 100'000;
    for (int number = 0; number < many; ++number)
        world.ask("GET", "/nowhere/" + std::to_string(number));
    CHECK(world.traffic.routes() == 4);  // three, and none
    CHECK(world.count(0, MethodClass::reads, 404) == many);
}

TEST_CASE("statuses that are not told apart share a place")
{
    for (auto const status : told_statuses)
        if (status != 0)
            CHECK(told_statuses[place_of_status(status)] == status);
    for (auto const status : {0, 100, 299, 402, 418, 504, 599, 1000, -1})
        CHECK(place_of_status(status) == told_statuses.size() - 1);
}

TEST_CASE("a hundred thousand numbers of telephones are as many countries as there are, and no more")
{
    TextedCodes codes;
    constexpr int many = 100'000;
    std::uint64_t right = 0;
    for (int number = 0; number < many; ++number) {
        // Every country code there may be, in front of every few digits.
        auto const digits = std::to_string(100'000'000LL + number * 9000LL);
        if (auto const phone = PhoneNumber::from_storage('+' + digits)) {
            codes.note_sent(*phone);
            ++right;
        }
    }
    REQUIRE(right == many);
    std::uint64_t countries = 0;
    std::uint64_t sent = 0;
    codes.for_each([&](std::string_view country, std::uint64_t texts, std::uint64_t proved) {
        ++countries;
        sent += texts;
        CHECK(country.size() == 2);
        CHECK(proved == 0);
    });
    CHECK(sent == many);
    CHECK(countries > 100);
    CHECK(countries < 300);
}

TEST_CASE("every reason to refuse somebody has its own count")
{
    SignIns sign_ins;
    sign_ins.note(Entrance::password);
    sign_ins.note(Entrance::password, Errc::sign_in_wrong);
    sign_ins.note(Entrance::password, Errc::sign_in_wrong);
    CHECK(sign_ins.count(Entrance::password, 0) == 1);
    CHECK(sign_ins.count(Entrance::password, static_cast<std::size_t>(Errc::sign_in_wrong)) == 2);
    CHECK(sign_ins.count(Entrance::portal, 0) == 0);
    for (auto const entrance : all_entrances)
        CHECK_FALSE(name_of(entrance).empty());
    for (std::size_t result = 1; result < SignIns::results; ++result)
        CHECK_FALSE(onboard::name_of(static_cast<Errc>(result)).empty());
}
