#include "simulation/run.hpp"

#include <algorithm>
#include <limits>

#include <onboard/testing.hpp>

#include "simulation/world.hpp"

namespace onboard::simulation {

namespace {

using namespace std::chrono_literals;

constexpr int tasks_at_once = 6;
constexpr int process_count = 2;
constexpr auto longest_run = 20 * 24h;  // before anybody forgets letters that were given up

// Where a run begins: long after 1970, so that nothing is before it.
constexpr Instant first_moment{std::chrono::hours(24 * 365 * 50)};

// Whether a host that has one writer would do this with others together: it writes and does nothing else for long.
bool may_be_in_group(Call call)
{
    switch (call) {
    case Call::log_in:
    case Call::redeem:
    case Call::open_session:
    case Call::confirm:
    case Call::register_people:
    case Call::send_code:
    case Call::check_code:
    case Call::confirm_phone:
    case Call::prove_contact:
    case Call::sign_up:
    case Call::arrive:
    case Call::finish_visit:
    case Call::confirm_email: return true;
    default: return false;
    }
}

}

void SimulatedRandom::fill(std::span<std::byte> bytes)
{
    if (surroundings_.fault_dice().one_in(faults_.no_randomness)) {
        branches_.hit(Branch::no_randomness);
        throw NoRandomness("simulated: no random numbers");
    }
    std::uint64_t drawn = 0;
    for (std::size_t index = 0; index < bytes.size(); ++index) {
        if (index % 8 == 0)
            drawn = bytes_.next();
        bytes[index] = static_cast<std::byte>(drawn >> (index % 8 * 8));
    }
}

Process::Process(Storage& storage, Instant const& truth, Policy const& policy, SimulatedRandom own_random)
    : clock(truth),
      random(std::move(own_random)),
      ports{.storage = storage, .key = testing::test_key(), .clock = clock, .random = random},
      onboarding(ports, policy),
      administration(ports)
{
}

World::World(RunOptions const& options, Fibers& fibers, Branches& branches)
    : options_(options),
      fibers_(fibers),
      branches_(branches),
      schedule_dice_(options.seed, "schedule"),
      time_dice_(options.seed, "time"),
      client_dice_(options.seed, "clients"),
      checker_(history_, branches, options.strict),
      truth_(first_moment),
      beginning_(first_moment),
      memory_(open_memory()),
      tasks_(static_cast<std::size_t>(fibers.count()))
{
    Storage* beneath = memory_.get();
    if (options.bug != Bug::none) {
        buggy_ = std::make_unique<BuggyStorage>(
            *memory_, options.bug,
            Stage{
                .pause = [this] { pause(); },
                .running = [this] { return running_; },
                .its_process =
                    [this] { return running_ < 0 ? 0 : tasks_[static_cast<std::size_t>(running_)].process; }});
        beneath = buggy_.get();
    }
    storage_ = std::make_unique<SimulatedStorage>(*beneath, *this, faults_, branches_);
    Storage* above = storage_.get();
    if (options.bug == Bug::doubt_ignored) {
        careless_ = ignoring_doubt(*storage_);
        above = careless_.get();
    }
    choose_policy();
    for (int process = 0; process < process_count; ++process)
        processes_.push_back(std::make_unique<Process>(
            *above, truth_, history_.policy,
            SimulatedRandom(Dice(options.seed, "process " + std::to_string(process)), *this, faults_, branches_)));
}

World::~World() = default;

void World::choose_policy()
{
    Dice dice(options_.seed, "policy");
    auto& policy = history_.policy;
    policy.password_passes = 1;
    policy.password_memory = 8192;  // the least that libsodium takes
    policy.texted_regions = {Region::parse("DE").value()};
    policy.release_deleted = dice.one_in(2);
    policy.code_tries = dice.from_to(2, 5);
    policy.codes_per_hour = dice.from_to(3, 6);
    policy.codes_per_day = policy.codes_per_hour + dice.from_to(0, 5);
    policy.texts_per_client_per_hour = dice.from_to(2, 12);
    policy.texts_per_day = dice.one_in(4) ? dice.from_to(4, 10) : 1000;
    policy.unanswered_texts_per_hour = dice.from_to(2, 10);
    policy.unanswered_texts_per_day = policy.unanswered_texts_per_hour * 2;
    policy.password_tries_per_hour = dice.from_to(2, 6);
    policy.password_tries_per_day = 30;
    policy.sign_ins_per_client_per_minute = dice.from_to(5, 30);
    auto const may_differ = dice.one_in(2) && !without(Fault::clock);
    history_.skew = may_differ ? std::chrono::milliseconds(dice.from_to(1, 2000)) : 0ms;
    haste_ = dice.from_to(1, 4);
    tempo_ = dice.one_in(4) ? 5 : dice.from_to(1, 2);
    care_ = dice.one_in(2) ? 3 : 20;
    if (dice.one_in(2)) {
        policy.session_idle = 1s * dice.from_to(100, 900);
        policy.session_life = policy.session_idle * dice.from_to(2, 10);
    }
}

// Every world has a weather of its own: calm, or stormy in one way, or in all.
void World::choose_faults()
{
    Dice dice(options_.seed, "weather");
    auto const often = [&](int chances) { return dice.one_in(2) ? 0 : dice.from_to(chances, chances * 8); };
    if (!dice.one_in(8))
        faults_ = {
            .conflict = often(12),
            .failure = often(25),
            .unknown = often(15),
            .crash = often(40),
            .no_randomness = often(100),
            .mail = often(2)};
    if (without(Fault::conflict))
        faults_.conflict = 0;
    if (without(Fault::failure))
        faults_.failure = 0;
    if (without(Fault::unknown))
        faults_.unknown = 0;
    if (without(Fault::crash))
        faults_.crash = 0;
    if (without(Fault::no_randomness))
        faults_.no_randomness = 0;
    if (without(Fault::mail))
        faults_.mail = 0;
    groups_ = dice.one_in(3) || options_.bug == Bug::answered_before_sync ? 0 : dice.from_to(4, 20);
}

void World::set_up()
{
    Dice dice(options_.seed, "partners");
    auto& administration = processes_[0]->administration;
    for (int partner = 0; partner < 3; ++partner) {
        auto const existing = static_cast<LinkExisting>(dice.from_to(1, 3));
        auto const name = partner_name(partner);
        auto const token = administration.add_partner({.name = name, .link_existing = existing}).value();
        history_.partners.push_back(memory_->begin_reading()->partners().find(name)->id);
        history_.link_existing.push_back(existing);
        administration.add_plan(PlanCode::parse("PLAN-" + std::to_string(partner)).value(), name).value();
    }
    auto const portal = ChannelName::parse("portal").value();
    administration.add_channel(portal, {}).value();
    administration.add_issuer({.name = "portal", .public_key = "", .channel = portal, .audience = "", .added_at = {}})
        .value();
    for (int process = 0; process < process_count; ++process)
        restart(process);
    choose_weights();
    choose_faults();
}

RunResult World::run()
{
    set_up();
    try {
        schedule();
        if (!violation_) {
            drain();
            checker_.check_remains(remains());
        }
    } catch (Violation const& violation) {
        violation_ = violation;
    }
    abandon();
    return {
        .violation = violation_,
        .trace = std::move(trace_),
        .operations = static_cast<int>(history_.operations.size())};
}

// One thing after the other, until all operations are begun and done.
void World::schedule()
{
    std::vector<int> busy;
    while (!violation_) {
        busy.clear();
        int idle = -1;
        for (int task = 0; task < fibers_.count(); ++task)
            if (fibers_.is_busy(task))
                busy.push_back(task);
            else
                idle = task;
        auto const more = static_cast<int>(history_.operations.size()) < options_.operations;
        if (busy.empty() && !more)
            return;
        pass_time();
        auto const crowd = static_cast<int>(busy.size());
        if (more && idle >= 0 && (busy.empty() || schedule_dice_.below(fibers_.count() + 1) > crowd)) {
            start_something(idle);
            continue;
        }
        if (busy.empty())
            continue;
        running_ = schedule_dice_.pick(busy);
        fibers_.resume(running_);
        running_ = -1;
    }
}

void World::pass_time()
{
    auto& dice = time_dice_;
    std::chrono::milliseconds by{};
    auto const what = dice.below(10'000) / tempo_;
    if (what < 2 && truth_ - beginning_ < longest_run)
        by = 1h * dice.from_to(20, 26);
    else if (what < 10)
        by = 1min * dice.from_to(20, 65);
    else if (what < 60)
        by = 1s * dice.from_to(60, 310);
    else if (what < 400)
        by = 1s * dice.from_to(1, 62);
    else if (what < 2000)
        by = 1ms * dice.from_to(1, 1500);
    else
        return;
    truth_ += by;
}

// Each operation has dice of its own, so that one that is left out changes as little as possible for the others.
void World::start_something(int task)
{
    auto const number = std::to_string(history_.operations.size());
    schedule_dice_ = Dice(options_.seed, "schedule " + number);
    time_dice_ = Dice(options_.seed, "time " + number);
    Dice dice(options_.seed, "call " + number);
    auto& operation = begin_operation(choose_call(dice), dice.below(process_count));
    if (skip(operation))
        return;
    if (!may_be_in_group(operation.call) || !dice.one_in(groups_)) {
        fibers_.start(task, [this, task, &operation] { work(task, operation); });
        return;
    }
    std::vector<Operation*> members{&operation};
    for (auto more = dice.below(4); more > 0; --more)
        if (auto const call = choose_call(dice); may_be_in_group(call))
            members.push_back(&begin_operation(call, operation.process));
    std::erase_if(members, [this](Operation* member) { return skip(*member); });
    fibers_.start(task, [this, task, members] { work_in_group(task, members); });
}

bool World::skip(Operation& operation)
{
    if (!options_.skipped.contains(operation.number))
        return false;
    operation.outcome = Outcome::refused;
    operation.ended_at = operation.begun_at;
    operation.ended = operation.begun;
    return true;
}

Operation& World::begin_operation(Call call, int process)
{
    auto& operation = history_.operations.emplace_back();
    operation.number = static_cast<int>(history_.operations.size()) - 1;
    operation.call = call;
    operation.process = process;
    operation.begun_at = process_of(operation).clock.now();
    operation.begun = history_.next_step();
    return operation;
}

// The operation goes on in this task from now on.
void World::enter(int task, Operation& operation)
{
    tasks_[static_cast<std::size_t>(task)] = {
        .operation = &operation,
        .process = operation.process,
        .life = processes_[static_cast<std::size_t>(operation.process)]->lives,
        .faults = Dice(options_.seed, "faults " + std::to_string(operation.number))};
    client_dice_ = Dice(options_.seed, "client " + std::to_string(operation.number));
}

void World::end_operation(Operation& operation)
{
    if (operation.outcome == Outcome::unknown || operation.outcome == Outcome::running) {
        operation.outcome = Outcome::unknown;
        operation.refusal.reset();
        operation.field.clear();
        operation.account = 0;
        operation.token.clear();
        operation.session.clear();
        operation.created = operation.repeated = operation.waits = false;
        for (auto& person : operation.people)
            person.outcome.reset();
    }
    operation.ended_at = std::max(process_of(operation).clock.now(), operation.begun_at);
    operation.ended = history_.next_step();
    if (options_.trace)
        trace("ends  " + line_of(operation));
    learn(operation);
    checker_.check(operation);
}

void World::work(int task, Operation& operation)
{
    enter(task, operation);
    try {
        carry_out(operation);
        end_operation(operation);
    } catch (Crash const&) {
        if (abandoned_)
            return;
        operation.outcome = Outcome::unknown;
        try {
            end_operation(operation);
        } catch (Violation const& violation) {
            violation_ = violation;
        }
    } catch (Violation const& violation) {
        violation_ = violation;
    }
}

// What a thread does that has several requests at hand: nobody is answered before all of it is durable. Nobody else
// writes meanwhile.
void World::work_in_group(int task, std::vector<Operation*> const& members)
{
    std::vector<Outcome> told(members.size(), Outcome::unknown);
    bool durable = false;
    try {
        enter(task, *members.front());
        in_group_ = true;
        auto const group = storage_->begin_group();
        for (std::size_t index = 0; index < members.size(); ++index) {
            auto& member = *members[index];
            enter(task, member);
            carry_out(member);
            told[index] = member.outcome;
            member.outcome = Outcome::running;
        }
        group->commit();
        durable = true;
    } catch (Crash const&) {
    } catch (StorageFailure const&) {
    } catch (Violation const& violation) {
        violation_ = violation;
    }
    in_group_ = false;
    if (violation_)
        return;
    try {
        for (std::size_t index = 0; index < members.size(); ++index) {
            // A refusal may rest on what others of the group did, and be as void as that.
            members[index]->outcome = durable ? told[index] : Outcome::unknown;
            end_operation(*members[index]);
        }
    } catch (Violation const& violation) {
        violation_ = violation;
    }
}

void World::pause()
{
    if (running_ < 0 || in_group_ || draining_)
        return;
    auto const task = running_;
    if (!schedule_dice_.one_in(haste_ + 1)) {
        fibers_.yield();
        running_ = task;
    }
    auto const& own = tasks_[static_cast<std::size_t>(task)];
    if (abandoned_)
        throw Crash{.process = own.process};
    if (own.life != processes_[static_cast<std::size_t>(own.process)]->lives) {
        branches_.hit(Branch::crash_of_a_bystander);
        throw Crash{.process = own.process};
    }
}

void World::crash()
{
    auto const process = tasks_[static_cast<std::size_t>(running_)].process;
    restart(process);
    if (buggy_)
        buggy_->crashed(process);
    throw Crash{.process = process};
}

// A process that begins anew may have a worse clock than the one before it.
void World::restart(int process)
{
    auto& restarted = *processes_[static_cast<std::size_t>(process)];
    ++restarted.lives;
    auto const before = restarted.clock.behind;
    auto const most = static_cast<int>(history_.skew.count());
    restarted.clock.behind = std::chrono::milliseconds(time_dice_.from_to(0, most));
    if (restarted.clock.behind > 0ms)
        branches_.hit(Branch::clock_behind);
    if (restarted.clock.behind > before && restarted.lives > 1)
        branches_.hit(Branch::clock_went_back);
}

void World::note_doubt()
{
    if (running_ >= 0)
        tasks_[static_cast<std::size_t>(running_)].operation->doubtful = true;
}

// Before and after all operations nothing goes wrong.
Dice& World::fault_dice()
{
    return running_ < 0 ? calm_ : tasks_[static_cast<std::size_t>(running_)].faults;
}

int World::operation() const
{
    return running_ < 0 ? 0 : tasks_[static_cast<std::size_t>(running_)].operation->number;
}

void World::note_posted(Letter const& letter, Instant due, int operation)
{
    auto& posted =
        history_.letters.emplace(letter.id, PostedLetter{.letter = letter, .operation = operation, .posted_at = due})
            .first->second;
    posted.posted = history_.next_step();
    history_.letters_in_order.push_back(&posted);
    if (options_.trace)
        trace(
            "posts " + letter.id + ' ' + std::string(name_of(letter.kind)) + " to " + key_of(letter.to) + " for " +
            std::to_string(operation));
    checker_.check_posted(posted);
}

void World::note(char const* what, char const* call)
{
    if (options_.trace)
        trace("fault " + std::string(what) + " at " + call + " of " + std::to_string(operation()));
}

void World::trace(std::string const& line)
{
    trace_ += std::to_string((truth_ - beginning_).count()) + ' ' + line;
    trace_ += '\n';
}

// Nothing goes wrong any more, and couriers go round for as long as there may be something to deliver.
void World::drain()
{
    faults_ = {};
    draining_ = true;
    running_ = 0;
    constexpr int rounds = 250;
    for (int round = 0; round < rounds; ++round) {
        auto const& work = memory_->begin_reading();
        if (work->outbox().size() == 0) {
            branches_.hit(Branch::drained);
            break;
        }
        auto& operation = begin_operation(Call::deliver, 0);
        enter(0, operation);
        operation.phone = round % 2 == 0 ? "mail" : "text";
        carry_out(operation);
        end_operation(operation);
        truth_ += round % 2 == 0 ? 0min : 40min;
    }
    running_ = -1;
    if (buggy_)
        buggy_->settle();
}

Remains World::remains() const
{
    Remains remains;
    auto const work = memory_->begin();  // and never committed
    auto const last = static_cast<std::int64_t>(
        work->sessions().insert({.account = {}, .digest = Digest(Digest::Bytes{}), .opened_at = {}, .seen_at = {}}));
    for (std::int64_t number = 1; number < last; ++number)
        if (auto account = work->accounts().find(AccountId(number)))
            remains.people.push_back(
                {.account = *std::move(account),
                 .enrolments = work->accounts().enrolments(AccountId(number)),
                 .identities = work->identities().of(AccountId(number)),
                 .consents = work->consents().of(AccountId(number))});
    remains.letters = work->outbox().all(std::numeric_limits<int>::max());
    remains.audit = processes_.front()->administration.verify_audit();
    for (auto const& entry : work->audit().entries({}, std::numeric_limits<int>::max()))
        ++remains.audited[entry.event];
    return remains;
}

// Whoever is in the middle of something dies.
void World::abandon()
{
    abandoned_ = true;
    for (int task = 0; task < fibers_.count(); ++task)
        while (fibers_.is_busy(task)) {
            running_ = task;
            fibers_.resume(task);
        }
    running_ = -1;
}

RunResult run(RunOptions const& options, Branches& branches)
{
    thread_local Fibers fibers(tasks_at_once);
    return World(options, fibers, branches).run();
}

RunOptions shortest(RunOptions const& failing, Violation const& violation)
{
    Branches ignored;
    auto best = failing;
    auto least = failing.operations;
    auto const still_fails = [&](RunOptions const& options) {
        auto const result = run(options, ignored);
        if (!result.violation || result.violation->invariant != violation.invariant)
            return false;
        least = result.operations;
        return true;
    };
    for (auto const fault :
         {Fault::conflict, Fault::failure, Fault::unknown, Fault::crash, Fault::no_randomness, Fault::mail,
          Fault::clock}) {
        auto fewer = best;
        fewer.without_faults |= 1U << static_cast<int>(fault);
        if (still_fails(fewer))
            best = fewer;
    }
    // Operations by halves, by quarters, and at last one by one, as long as there is something to leave out.
    best.operations = least;
    for (auto before = best.skipped.size() + 1; before != best.skipped.size();) {
        before = best.skipped.size();
        for (int at_once = best.operations / 2; at_once > 0; at_once /= 2)
            for (int first = 0; first < best.operations; first += at_once) {
                auto fewer = best;
                for (int number = first; number < first + at_once; ++number)
                    fewer.skipped.insert(number);
                if (fewer.skipped.size() > best.skipped.size() && still_fails(fewer)) {
                    best = fewer;
                    best.operations = std::min(best.operations, least);
                }
            }
    }
    return best;
}

}
