#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <set>

#include <onboard/memory_storage.hpp>
#include <onboard/sqlite_storage.hpp>

#include "interleavings/scenarios.hpp"
#include "support/temporary_folder.hpp"

// interleavings [--storage memory|sqlite] [--scenario TEXT] [--bug NAME] [--replay "0 2 1"]
namespace {

using namespace onboard;
using namespace onboard::interleavings;

constexpr int most_clients = 3;
constexpr int orders_in_a_file = 500;

struct Arguments {
    bool sqlite = false;
    std::string scenario;  // a part of its name
    Bug bug = Bug::none;
    std::optional<Schedule> replay = {};
};

[[noreturn]] void explain(std::string const& mistake)
{
    std::cerr << mistake
              << "\ninterleavings [--storage memory|sqlite] [--scenario TEXT] [--bug NAME] [--replay \"0 2 1\"]\n";
    std::cerr << "scenarios:\n";
    for (auto const& scenario : all_scenarios())
        std::cerr << "  " << scenario.name << '\n';
    std::cerr << "bugs:\n";
    for (auto const bug : all_bugs())
        std::cerr << "  " << name_of(bug) << '\n';
    std::exit(2);
}

Arguments read(int count, char** texts)
{
    Arguments arguments;
    for (int index = 1; index < count; ++index) {
        std::string const name = texts[index];
        if (++index == count)
            explain(name + " wants a value");
        std::string const value = texts[index];
        if (name == "--storage" && (value == "memory" || value == "sqlite"))
            arguments.sqlite = value == "sqlite";
        else if (name == "--scenario")
            arguments.scenario = value;
        else if (auto const bug = bug_named(value); name == "--bug" && bug)
            arguments.bug = *bug;
        else if (auto schedule = Schedule::parse(value); name == "--replay" && schedule)
            arguments.replay = std::move(schedule);
        else
            explain("what is " + name + ' ' + value + '?');
    }
    return arguments;
}

// What the orders of one scenario came to.
struct Orders {
    int count = 0;
    std::set<std::string> outcomes = {};
    bool failed = false;
};

// Where one order after the other is played. In memory each has a storage of its own; in SQLite many share one, and have
// people of their own.
class Theatre {
public:
    explicit Theatre(Arguments const& arguments)
        : arguments_(arguments), fibers_(most_clients), conductor_(fibers_, arguments.sqlite)
    {
    }

    Orders play_all(Scenario const& scenario)
    {
        Orders orders;
        Schedule schedule;
        do {
            if (!play(scenario, schedule, orders))
                break;
        } while (schedule.advance());
        return orders;
    }

    Orders replay(Scenario const& scenario, Schedule schedule)
    {
        Orders orders;
        conductor_.trace = [](int client, std::string const& step) {
            std::cout << (client < 0 ? "after" : std::to_string(client)) << "  " << step << '\n';
        };
        play(scenario, schedule, orders);
        return orders;
    }

private:
    void open_storage()
    {
        storage_.reset();
        if (arguments_.sqlite) {
            folder_.emplace();
            storage_ = open_sqlite(*folder_ / "people.db");
        } else {
            storage_ = open_memory();
        }
    }

    // False if the model does not explain what clients were told.
    bool play(Scenario const& scenario, Schedule& schedule, Orders& orders)
    {
        if (!arguments_.sqlite || orders.count % orders_in_a_file == 0)
            open_storage();
        Stage stage(*storage_, conductor_, arguments_.bug, scenario.policy, orders.count);
        auto const play = scenario.begin(stage);
        conductor_.run(play->clients(), schedule, scenario.grain);
        play->look_after();
        ++orders.count;
        orders.outcomes.insert(play->outcome());
        if (play->is_explained())
            return true;
        orders.failed = true;
        std::cout << "nothing explains what clients were told in: " << scenario.name << '\n'
                  << play->history() << "again: interleavings --storage " << (arguments_.sqlite ? "sqlite" : "memory")
                  << (arguments_.bug == Bug::none ? "" : " --bug \"" + std::string(name_of(arguments_.bug)) + '"')
                  << " --scenario \"" << scenario.name << "\" --replay \"" << schedule.text() << "\"\n";
        return false;
    }

    Arguments const& arguments_;
    simulation::Fibers fibers_;
    Conductor conductor_;
    std::optional<testing::TemporaryFolder> folder_;
    std::unique_ptr<Storage> storage_;
};

// Whether so many orders and outcomes were seen that they say something.
bool says_something(Orders const& orders)
{
    constexpr int least_orders = 300;
    constexpr std::size_t least_outcomes = 2;
    return orders.count >= least_orders && orders.outcomes.size() >= least_outcomes;
}

}

int main(int count, char** texts)
{
    auto const arguments = read(count, texts);
    Theatre theatre(arguments);
    int played = 0;
    bool failed = false;
    bool vacuous = false;
    for (auto const& scenario : all_scenarios()) {
        auto const is_meant = scenario.name.find(arguments.scenario) != std::string::npos;
        if (!is_meant || (scenario.grain == Grain::calls && !arguments.sqlite))
            continue;
        ++played;
        auto const start = std::chrono::steady_clock::now();
        auto const orders =
            arguments.replay ? theatre.replay(scenario, *arguments.replay) : theatre.play_all(scenario);
        std::chrono::duration<double> const took = std::chrono::steady_clock::now() - start;
        std::cout << std::setw(8) << orders.count << " orders," << std::setw(5) << orders.outcomes.size()
                  << " outcomes," << std::fixed << std::setprecision(2) << std::setw(7) << took.count()
                  << " s: " << scenario.name << std::endl;
        failed = failed || orders.failed;
        vacuous = vacuous || !says_something(orders);
        if (failed && arguments.bug != Bug::none)
            return 0;
    }
    if (played == 0)
        explain("there is no such scenario");
    if (arguments.bug != Bug::none)
        std::cout << "nobody noticed: " << name_of(arguments.bug) << '\n';
    else if (vacuous && !failed && !arguments.replay)
        std::cout << "vacuous: too few orders or outcomes above\n";
    return failed || arguments.bug != Bug::none || (vacuous && !arguments.replay) ? 1 : 0;
}
