// The conformance suite against storages that are wrong on purpose: a check that lets its fault pass checks nothing.
#define CATCH_CONFIG_RUNNER

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>

#include "conformance/storage_under_test.hpp"
#include "faults/faulty_storage.hpp"
#include "support/catch.hpp"

namespace {

using onboard::faults::Fault;

std::function<std::unique_ptr<onboard::Storage>()> storage_under_test;

constexpr auto usage =
    R"(faulty-storages FAULT            passes if each check that is named for this fault rejects it
faulty-storages --right          passes if the suite has nothing against the same storage without a fault
faulty-storages --coverage       passes if there is a fault for every kind of check, and every check named is one
faulty-storages --ctest PROGRAM  prints all of this as tests for CTest
)";

std::vector<Fault> all_faults()
{
    std::vector<Fault> faults;
    for (auto const group :
         {onboard::faults::faults_of_units_of_work, onboard::faults::faults_of_partners,
          onboard::faults::faults_of_accounts, onboard::faults::faults_of_sign_in, onboard::faults::faults_of_codes,
          onboard::faults::faults_of_organisations, onboard::faults::faults_of_requests,
          onboard::faults::faults_of_the_outbox, onboard::faults::faults_of_the_audit_trail})
        for (auto& fault : group())
            faults.push_back(std::move(fault));
    return faults;
}

// What came of the checks that ran.
struct Outcome {
    std::set<std::string> ran;
    int failed = 0;  // assertions that were not as they should be
    int broke = 0;   // exceptions and signals that nobody expected
};

Outcome outcome;

// Keeps the outcome, and prints nothing.
class Noting : public Catch::StreamingReporterBase<Noting> {
public:
    using StreamingReporterBase::StreamingReporterBase;

    static std::string getDescription() { return "notes what came of the checks"; }

    void assertionStarting(Catch::AssertionInfo const&) override {}
    bool assertionEnded(Catch::AssertionStats const& stats) override
    {
        auto const& result = stats.assertionResult;
        if (result.isOk())
            return false;
        auto const type = result.getResultType();
        auto const expected =
            type == Catch::ResultWas::ExpressionFailed || type == Catch::ResultWas::DidntThrowException;
        ++(expected ? outcome.failed : outcome.broke);
        std::printf(
            "  line %zu: %s%s\n", stats.assertionResult.getSourceInfo().line,
            stats.assertionResult.getExpression().c_str(), expected ? "" : ": an exception that nobody expected");
        return false;
    }
    void testCaseEnded(Catch::TestCaseStats const& stats) override { outcome.ran.insert(stats.testInfo.name); }
};

CATCH_REGISTER_REPORTER("noting", Noting)

// A name, as a test specification of Catch2 has it.
std::string quoted(std::string_view check)
{
    std::string pattern;
    for (auto const letter : check) {
        if (letter == ',' || letter == '[' || letter == '\\')
            pattern += '\\';
        pattern += letter;
    }
    return pattern;
}

// Runs one check as far as its first failure.
Outcome run(Catch::Session& session, std::string_view check)
{
    outcome = {};
    Catch::ConfigData config;
    config.reporterName = "noting";
    config.abortAfter = 1;
    config.testsOrTags = {quoted(check)};
    session.useConfigData(config);
    session.run();
    return outcome;
}

bool rejects(Catch::Session& session, std::string_view check)
{
    std::printf("%s\n", std::string(check).c_str());
    auto const came = run(session, check);
    if (came.ran != std::set{std::string(check)})
        std::printf("  there is no check of exactly this name\n");
    else if (came.failed > 0)
        return true;
    else
        std::printf("  it %s\n", came.broke > 0 ? "broke, and did not reject the storage" : "lets the storage pass");
    return false;
}

bool is_found(Catch::Session& session, Fault const& fault)
{
    storage_under_test = fault.open;
    return !fault.checks.empty() &&
           std::ranges::all_of(fault.checks, [&](auto check) { return rejects(session, check); });
}

// Whether there is a fault for each tag of the suite, each name is one fault's, and each check named is one.
bool covers(Catch::Session& session, std::vector<Fault> const& faults)
{
    std::set<std::string_view> names;
    std::set<std::string> named;
    for (auto const& fault : faults) {
        if (!names.insert(fault.name).second)
            std::printf("two faults are called: %s\n", std::string(fault.name).c_str());
        named.insert(fault.checks.begin(), fault.checks.end());
    }

    std::set<std::string> tags;
    std::set<std::string> tags_with_faults;
    for (auto const& check : Catch::getAllTestCasesSorted(session.config())) {
        tags.insert(check.tags.begin(), check.tags.end());
        if (named.erase(check.name) > 0)
            tags_with_faults.insert(check.tags.begin(), check.tags.end());
    }
    for (auto const& check : named)
        std::printf("this is no check: %s\n", check.c_str());
    for (auto const& tag : tags)
        if (!tags_with_faults.contains(tag))
            std::printf("no fault is found by the checks of: %s\n", tag.c_str());
    return names.size() == faults.size() && named.empty() && !tags.empty() && tags == tags_with_faults;
}

void print_ctest(std::vector<Fault> const& faults, std::string const& program)
{
    auto const print = [&](std::string const& name, std::string const& argument) {
        std::printf("add_test([==[%s]==] [==[%s]==] [==[%s]==])\n", name.c_str(), program.c_str(), argument.c_str());
    };
    print("faulty storages: the right one passes", "--right");
    print("faulty storages: there is one for every kind of check", "--coverage");
    for (auto const& fault : faults)
        print("faulty storage is rejected: " + std::string(fault.name), std::string(fault.name));
}

}

std::unique_ptr<onboard::Storage> open_empty_storage()
{
    return storage_under_test();
}

int main(int count, char** arguments)
{
    std::vector<std::string> const given(arguments + 1, arguments + count);
    auto const faults = all_faults();
    if (given.size() == 2 && given[0] == "--ctest") {
        print_ctest(faults, given[1]);
        return 0;
    }
    if (given.size() != 1) {
        std::fputs(usage, stderr);
        return 2;
    }
    Catch::Session session;
    if (given[0] == "--coverage")
        return covers(session, faults) ? 0 : 1;
    if (given[0] == "--right") {
        storage_under_test = onboard::faults::storage_of<onboard::faults::FaultyWork>;
        return session.run();
    }
    auto const fault = std::ranges::find(faults, given[0], &Fault::name);
    if (fault == faults.end()) {
        std::fprintf(stderr, "there is no such fault: %s\n", given[0].c_str());
        return 2;
    }
    return is_found(session, *fault) ? 0 : 1;
}
