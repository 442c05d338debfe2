// The library alone, without HTTP: what its use cases cost in memory and in SQLite; there from one thread, from 64 that
// wait for each other's syncs, and from one that runs 64 in a group. Or in PostgreSQL, from one thread and from 16.
//
// in_process [--database FILE | --url URL] [--key FILE] [--people N] [--first N] [Google Benchmark's own options]
// Without a database it makes one with 10000 people. Who they are, people.py and tool.hpp say.
#include <atomic>
#include <functional>
#include <memory>

#include <benchmark/benchmark.h>

#include <onboard/administration.hpp>
#include <onboard/memory_storage.hpp>
#include <onboard/onboard.hpp>
#include <onboard/testing.hpp>

#include "benchmark/open_database.hpp"
#include "benchmark/tool.hpp"
#include "support/temporary_folder.hpp"

namespace onboard::benchmark {

namespace {

using State = ::benchmark::State;

constexpr int callers = 64;
constexpr int postgres_callers = 16;
constexpr int group_size = 64;
constexpr std::int64_t usual_people = 10'000;

// A storage with people in it, and a partner that brought them.
class Site {
public:
    Site(std::unique_ptr<Storage> storage, SecretKey const& key, std::int64_t people, std::int64_t first)
        : storage_(std::move(storage)),
          ports_{.storage = *storage_, .key = key},
          onboarding_(ports_),
          people_(people),
          next_(first)
    {
        auto const name = PartnerName::parse("bench").value();
        Administration administration(ports_);
        if (administration.add_partner({.name = name, .rights = {Right::partner, Right::redeem}}))
            administration.add_plan(plan_, name).value();
        partner_ = storage_->begin_reading()->partners().find(name)->id;
        // A token of our own, whatever tokens there are.
        partner_token_ = administration.rotate(name).value().reveal();
    }

    Storage& storage() { return *storage_; }
    Onboarding& onboarding() { return onboarding_; }
    std::string const& partner_token() const { return partner_token_; }

    LogIn somebody_new() { return request(next_++); }
    LogIn somebody_known() { return request(somebody_of(people_, turn_++)); }
    LogIn request(std::int64_t number)
    {
        return {
            .partner = partner_,
            .plan = plan_,
            .email = EmailAddress::parse(address_of(number)).value(),
            .name = PersonName::parse("Jane", "Johansson").value(),
            .language = Language::french,
            .contract_type = ContractType::clerk,
            .person_id = PersonId::parse("ABC" + std::to_string(number)).value(),
            .personnel_number = PersonnelNumber::parse("A" + std::to_string(turn_++)).value(),
            .additional_data = R"({"site": "Brussels", "costCentre": 4711, "tags": ["a", "b"]})"};
    }

    // Something for each of `count`, in groups, so that it does not take long.
    void prepare(std::int64_t count, auto const& action)
    {
        for (std::int64_t done = 0; done < count;) {
            auto const group = storage_->begin_group();
            for (int member = 0; member < group_size && done < count; ++member, ++done)
                action();
            group->commit();
        }
    }

    std::vector<std::string> links(std::int64_t count)
    {
        std::vector<std::string> tokens;
        prepare(count, [&] { tokens.push_back(onboarding_.log_in(somebody_known()).value().token.reveal()); });
        return tokens;
    }

    std::vector<std::string> sessions(std::int64_t count)
    {
        auto const tokens = links(count);
        std::vector<std::string> sessions;
        prepare(count, [&] {
            sessions.push_back(onboarding_.open_session(tokens[sessions.size()]).value().token.reveal());
        });
        return sessions;
    }

private:
    std::unique_ptr<Storage> storage_;
    Ports ports_;
    Onboarding onboarding_;
    std::int64_t people_;
    std::atomic<std::int64_t> next_;
    std::atomic<std::int64_t> turn_ = 0;
    PlanCode plan_ = PlanCode::parse("PLAN-A").value();
    PartnerId partner_{};
    std::string partner_token_;
};

template <class Value>
void demand(Result<Value> const& result)
{
    if (!result)
        throw std::runtime_error("refused: " + std::string(name_of(result.error().code)));
}

// What one thread does with its share of the turns: prepared before the clock runs, and then once a turn.
using UseCase = std::function<std::function<void()>(Site&, std::int64_t turns)>;

struct NamedUseCase {
    char const* name;
    UseCase use_case;
    bool writes = true;
};

template <class Items, class Action>
std::function<void()> one_each(Items items, Action action)
{
    return [items = std::move(items), action, at = std::size_t(0)]() mutable { action(items[at++]); };
}

std::vector<NamedUseCase> use_cases()
{
    return {
        {"login-new",
         [](Site& site, std::int64_t) { return [&site] { demand(site.onboarding().log_in(site.somebody_new())); }; }},
        {"login-known",
         [](Site& site, std::int64_t) {
             return [&site] { demand(site.onboarding().log_in(site.somebody_known())); };
         }},
        {"redeem",
         [](Site& site, std::int64_t turns) {
             return one_each(
                 site.links(turns), [&site](std::string const& link) { demand(site.onboarding().redeem(link)); });
         }},
        {"open-session",
         [](Site& site, std::int64_t turns) {
             return one_each(site.links(turns), [&site](std::string const& link) {
                 demand(site.onboarding().open_session(link));
             });
         }},
        {"session",
         [](Site& site, std::int64_t turns) {
             return one_each(site.sessions(turns), [&site](std::string const& session) {
                 demand(site.onboarding().session(session));
             });
         },
         false},
        {"identify",
         [](Site& site, std::int64_t) {
             return [&site] { demand(site.onboarding().identify(site.partner_token())); };
         },
         false},
    };
}

void tell(State& state, std::int64_t items_each)
{
    state.SetItemsProcessed(state.iterations() * items_each);
    if (state.thread_index() == 0)
        state.counters["items_each"] = ::benchmark::Counter(static_cast<double>(items_each));
}

// One at a time, on each thread.
void run_alone(State& state, Site& site, UseCase const& use_case)
{
    auto const act = use_case(site, static_cast<std::int64_t>(state.max_iterations));
    for ([[maybe_unused]] auto const turn : state)
        act();
    tell(state, 1);
}

// Many in a group of the storage.
void run_grouped(State& state, Site& site, UseCase const& use_case)
{
    auto const act = use_case(site, static_cast<std::int64_t>(state.max_iterations) * group_size);
    for ([[maybe_unused]] auto const turn : state) {
        auto const group = site.storage().begin_group();
        for (int member = 0; member < group_size; ++member)
            act();
        group->commit();
    }
    tell(state, group_size);
}

void add(std::string const& name, Site& site, UseCase const& use_case, auto const& run, int iterations, int threads)
{
    ::benchmark::RegisterBenchmark(name.c_str(), [&site, use_case, run](State& state) { run(state, site, use_case); })
        ->Iterations(iterations)
        ->Threads(threads)
        ->Unit(::benchmark::kMicrosecond)
        ->MeasureProcessCPUTime()
        ->UseRealTime();
}

constexpr int quick = 10'000;
constexpr int syncs = 500;
constexpr int syncs_of_each = 150;

void add_memory(Site& site)
{
    for (auto const& [name, use_case, writes] : use_cases())
        add(std::string("memory/") + name, site, use_case, run_alone, quick, 1);
}

void add_sqlite(Site& site)
{
    for (auto const& [name, use_case, writes] : use_cases()) {
        auto const full_name = std::string("sqlite/") + name;
        add(full_name, site, use_case, run_alone, writes ? syncs : quick, 1);
        if (!writes)
            continue;
        add(full_name + "/waiting", site, use_case, run_alone, syncs_of_each, callers);
        add(full_name + "/group", site, use_case, run_grouped, syncs_of_each, 1);
    }
}

void add_postgres(Site& site)
{
    for (auto const& [name, use_case, writes] : use_cases()) {
        auto const full_name = std::string("postgres/") + name;
        add(full_name, site, use_case, run_alone, syncs, 1);
        add(full_name + "/waiting", site, use_case, run_alone, syncs, postgres_callers);
    }
}

void log_in_the_first(Site& site)
{
    std::int64_t number = 0;
    site.prepare(usual_people, [&] { demand(site.onboarding().log_in(site.request(++number))); });
}

std::unique_ptr<Site> site_of(Options const& options, testing::TemporaryFolder const& folder)
{
    if (options.has("database") || options.has("url")) {
        auto const people = options.number("people", usual_people);
        return std::make_unique<Site>(
            open_database(options, postgres_callers), SecretKey::from_file(options.text("key")), people,
            options.number("first", people + 1));
    }
    auto site = std::make_unique<Site>(
        open_sqlite(folder / "people.db"), testing::test_key(), usual_people, usual_people + 1);
    log_in_the_first(*site);
    return site;
}

int measure(Options const& options)
{
    testing::TemporaryFolder const folder;
    Site memory(open_memory(), testing::test_key(), usual_people, usual_people + 1);
    auto const site = site_of(options, folder);
    if (options.has("url")) {
        add_postgres(*site);
    } else {
        log_in_the_first(memory);
        add_memory(memory);
        add_sqlite(*site);
    }
    ::benchmark::RunSpecifiedBenchmarks();
    return 0;
}

}

}

int main(int argc, char** argv)
{
    onboard::leave_sqlite_memory_uncounted();
    benchmark::Initialize(&argc, argv);  // takes its own options away
    return onboard::benchmark::run(argc, argv, onboard::benchmark::measure);
}
