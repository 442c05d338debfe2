#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>

#include "simulation/run.hpp"

// simulation [--seeds N] [--from S] [--seed S] [--operations N] [--bug NAME [--all]] [--replay FILE] [--twice]
// [--strict] [--trace]
namespace {

using namespace onboard::simulation;

constexpr int default_seeds = 10'000;
constexpr int seeds_for_a_bug = 2000;

struct Arguments {
    std::uint64_t from = 1;
    int seeds = 0;  // as many as the task asks for
    RunOptions run;
    bool one_seed = false;
    bool twice = false;
    bool all = false;
    std::string replay;
};

[[noreturn]] void explain(std::string const& mistake)
{
    std::cerr
        << mistake << "\n"
        << "simulation [--seeds N] [--from S] [--seed S] [--operations N] [--bug NAME [--all]] [--replay FILE]\n"
        << "           [--twice] [--strict] [--trace]\n"
        << "bugs:\n";
    for (auto const bug : all_bugs())
        std::cerr << "  " << name_of(bug) << '\n';
    std::exit(2);
}

Arguments read(int count, char** texts)
{
    Arguments arguments;
    for (int index = 1; index < count; ++index) {
        std::string const name = texts[index];
        auto const value = [&]() -> std::string {
            if (++index == count)
                explain(name + " wants a value");
            return texts[index];
        };
        if (name == "--seeds")
            arguments.seeds = std::stoi(value());
        else if (name == "--from")
            arguments.from = std::stoull(value());
        else if (name == "--seed") {
            arguments.from = std::stoull(value());
            arguments.seeds = 1;
            arguments.one_seed = true;
        } else if (name == "--operations")
            arguments.run.operations = std::stoi(value());
        else if (name == "--bug") {
            auto const bug = bug_named(value());
            if (!bug)
                explain("there is no such bug");
            arguments.run.bug = *bug;
        } else if (name == "--all")
            arguments.all = true;
        else if (name == "--replay")
            arguments.replay = value();
        else if (name == "--strict")
            arguments.run.strict = true;
        else if (name == "--twice")
            arguments.twice = true;
        else if (name == "--trace")
            arguments.run.trace = true;
        else
            explain("what is " + name + '?');
    }
    return arguments;
}

void print_breach(RunOptions const& failing, Violation const& violation)
{
    std::cout << "seed " << failing.seed << " breaks " << violation.invariant << ": " << violation.what << "\n";
    auto options = shortest(failing, violation);
    options.trace = true;
    Branches ignored;
    auto const result = run(options, ignored);
    std::cout << "the shortest history found, " << result.operations << " operations:\n" << result.trace;
    if (result.violation)
        std::cout << "there " << result.violation->invariant << ": " << result.violation->what << "\n";
    std::cout << "again: simulation --seed " << failing.seed << " --operations " << failing.operations
              << " --trace\n";
}

// Whether everything happened that makes a run worth anything.
bool print_branches(Branches const& branches)
{
    bool all = true;
    for (std::size_t index = 0; index < branch_count; ++index) {
        auto const branch = static_cast<Branch>(index);
        std::cout << std::setw(10) << branches.hits(branch) << "  " << name_of(branch) << '\n';
        all = all && branches.hits(branch) > 0;
    }
    return all;
}

int run_seeds(Arguments const& arguments)
{
    auto const seeds = arguments.seeds > 0 ? arguments.seeds : default_seeds;
    Branches branches;
    long operations = 0;
    auto const start = std::chrono::steady_clock::now();
    for (int seed = 0; seed < seeds; ++seed) {
        auto options = arguments.run;
        options.seed = arguments.from + static_cast<std::uint64_t>(seed);
        auto const result = run(options, branches);
        operations += result.operations;
        if (options.trace)
            std::cout << result.trace;
        if (result.violation) {
            print_breach(options, *result.violation);
            return 1;
        }
    }
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - start;
    std::cout << seeds << " seeds, " << operations << " operations, " << took.count() << " s\n";
    if (arguments.one_seed)
        return 0;
    auto const all = print_branches(branches);
    if (all || seeds < default_seeds)
        return 0;
    std::cout << "vacuous: something above has never happened\n";
    return 1;
}

int find_bug(Arguments const& arguments)
{
    auto const seeds = arguments.seeds > 0 ? arguments.seeds : seeds_for_a_bug;
    Branches branches;
    int found = 0;
    std::uint64_t first = 0;
    std::map<std::string, int> by_invariant;
    for (int seed = 0; seed < seeds; ++seed) {
        auto options = arguments.run;
        options.seed = arguments.from + static_cast<std::uint64_t>(seed);
        auto const result = run(options, branches);
        if (!result.violation)
            continue;
        ++by_invariant[result.violation->invariant];
        if (found++ == 0) {
            first = options.seed;
            std::cout << name_of(options.bug) << ": " << result.violation->invariant << ", " << result.violation->what
                      << '\n';
        } else if (options.bug == Bug::none) {
            std::cout << options.seed << ": " << result.violation->invariant << ", " << result.violation->what
                      << '\n';
        }
        if (!arguments.all)
            break;
    }
    std::cout << name_of(arguments.run.bug) << ": first in seed " << first;
    if (arguments.all) {
        std::cout << ", in " << found << " of " << seeds;
        for (auto const& [invariant, times] : by_invariant)
            std::cout << ", " << invariant << ' ' << times;
    }
    std::cout << '\n';
    if (arguments.run.bug == Bug::none)
        print_branches(branches);
    return found > 0 ? 0 : 1;
}

int compare_traces(Arguments const& arguments)
{
    auto const seeds = arguments.seeds > 0 ? arguments.seeds : 50;
    Branches branches;
    for (int seed = 0; seed < seeds; ++seed) {
        auto options = arguments.run;
        options.seed = arguments.from + static_cast<std::uint64_t>(seed);
        options.trace = true;
        auto const first = run(options, branches);
        auto const second = run(options, branches);
        if (first.trace != second.trace || first.trace.empty()) {
            std::cout << "seed " << options.seed << " has two traces\n";
            return 1;
        }
    }
    std::cout << seeds << " seeds have one trace each\n";
    return 0;
}

// Each line: a seed, how many operations, whether it is mended or still open, and why it is there. What is open has
// to fail, so that nobody forgets to say that it is mended.
int replay(std::string const& path)
{
    std::ifstream file(path);
    if (!file)
        explain("cannot read " + path);
    Branches branches;
    int wrong = 0;
    int replayed = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.front() == '#')
            continue;
        RunOptions options;
        std::string state;
        std::istringstream(line) >> options.seed >> options.operations >> state;
        options.strict = true;
        auto const result = run(options, branches);
        ++replayed;
        if (result.violation && state != "open")
            print_breach(options, *result.violation);
        if (!result.violation && state == "open")
            std::cout << "seed " << options.seed << " does not fail any more: is it mended?\n";
        wrong += result.violation.has_value() == (state != "open") ? 1 : 0;
    }
    std::cout << replayed << " seeds, " << wrong << " not as they should be\n";
    return wrong > 0 ? 1 : 0;
}

}

int main(int count, char** texts)
{
    auto const arguments = read(count, texts);
    if (!arguments.replay.empty())
        return replay(arguments.replay);
    if (arguments.twice)
        return compare_traces(arguments);
    if (arguments.run.bug != Bug::none || arguments.all)
        return find_bug(arguments);
    return run_seeds(arguments);
}
