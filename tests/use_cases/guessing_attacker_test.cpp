#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <random>
#include <span>

#include <onboard/memory_storage.hpp>

#include "support/catch.hpp"
#include "support/telephones.hpp"

// What limits are worth together, measured: attackers who know all of them, against a service in memory.
namespace {

using namespace onboard;
using namespace onboard::testing;
using namespace std::chrono_literals;

// A service of its own, with a clock and dice of its own.
struct Service {
    Service(Policy const& policy, std::uint64_t seed)
        : random(seed), onboarding({.storage = *storage, .key = test_key(), .clock = clock, .random = random}, policy)
    {
    }

    std::size_t codes_alive(PhoneNumber const& phone)
    {
        return storage->begin_reading()->codes().alive(Purpose::phone, phone.e164(), clock.now()).size();
    }

    std::unique_ptr<Storage> storage = open_memory();
    FixedClock clock;
    ScriptedRandom random;
    Onboarding onboarding;
};

// Wants to sign in with a telephone they do not have. They know every rule, ask from a thousand addresses, and write the
// number in another way each time.
class Attacker {
public:
    Attacker(Service& service, int number, std::mt19937& dice) : service_(service), dice_(dice)
    {
        auto const local = "151" + std::to_string(10'000 + number).substr(1) + "5678";
        for (auto const* before : {"0", "0049 ", "+49-"})
            spellings_.push_back(PhoneNumber::parse(before + local, Region::parse("DE").value()).value());
        begin_anew();
    }

    // Has a code texted, if that is allowed just now.
    bool ask_for_text()
    {
        auto const client = "10.0." + std::to_string(dice_() % 4) + '.' + std::to_string(dice_() % 250);
        return service_.onboarding.send_code({.phone = phone(), .client = client}).has_value();
    }

    // Tries a code that was not tried yet, and says whether anybody looked at it.
    bool guess()
    {
        auto const digits = static_cast<std::size_t>(service_.onboarding.policy().code_digits);
        auto const refused = try_code(std::to_string(next_code_).substr(10 - digits));
        if (refused == Errc::attempts_spent)
            return false;
        ++next_code_;
        met_ += static_cast<int>(service_.codes_alive(phone()));
        in_ = in_ || refused != Errc::code_wrong;
        return true;
    }

    void guess_while_allowed()
    {
        while (!in_ && guess()) {
        }
    }

    // Goes through the codes from somewhere else on. To be called when other codes are alive: what was wrong may be
    // right.
    void begin_anew() { next_code_ = 1'000'000'000 + static_cast<int>(dice_() % 900'000'000); }

    bool is_in() const { return in_; }

    // How many pairs there were of a guess that was looked at and a code that was alive.
    int met() const { return met_; }

private:
    PhoneNumber const& phone() { return spellings_[dice_() % spellings_.size()]; }

    // By either call. Without agreeing to anything, which leaves a right code good.
    std::optional<Errc> try_code(std::string const& code)
    {
        if (dice_() % 2 == 0)
            return refusal(service_.onboarding.check_code({.phone = phone(), .code = code}));
        return refusal(service_.onboarding.confirm_phone({.partner = PartnerId(1), .phone = phone(), .code = code}));
    }

    Service& service_;
    std::vector<PhoneNumber> spellings_;
    std::mt19937& dice_;
    int next_code_ = 0;  // its last digits, behind a one
    bool in_ = false;
    int met_ = 0;
};

Policy policy_of(int code_digits)
{
    Policy policy;
    policy.code_digits = code_digits;
    return texting(policy);
}

// A day of somebody who has two codes alive whenever a window of guesses ends and the next begins, since every guess
// then counts twice, and there are nearly twice as many of them. The price is one guess that opens a window.
void use_borders(Service& service, std::vector<Attacker>& attackers)
{
    auto const start = service.clock.now();
    auto const everybody = [&](auto act) {
        for (auto& attacker : attackers)
            if (!attacker.is_in())
                act(attacker);
    };
    for (auto begin = start; begin + 2h <= start + 24h; begin += 2h) {
        service.clock.set(begin);
        everybody([](Attacker& attacker) { attacker.guess(); });
        service.clock.set(begin + 1h - 70s);
        everybody([](Attacker& attacker) { attacker.ask_for_text(); });
        service.clock.advance(60s);
        everybody([](Attacker& attacker) {
            attacker.ask_for_text();
            attacker.begin_anew();
        });
        service.clock.set(begin + 1h - 1ms);
        everybody([](Attacker& attacker) { attacker.guess_while_allowed(); });
        service.clock.advance(1ms);
        everybody([](Attacker& attacker) { attacker.guess_while_allowed(); });
    }
}

// A day of somebody who believes that a new code gives tries back.
void use_new_codes(Service& service, std::vector<Attacker>& attackers)
{
    auto const start = service.clock.now();
    for (auto begin = start; begin + 2h <= start + 24h; begin += 2h) {
        service.clock.set(begin);
        for (auto& attacker : attackers)
            attacker.guess();
        for (auto const before : {70s, 10s, 0s}) {
            service.clock.set(begin + 1h - before);
            for (auto& attacker : attackers) {
                attacker.ask_for_text();
                attacker.guess_while_allowed();
            }
        }
    }
}

// A day of somebody who takes what they can get, every minute.
void take_everything(Service& service, std::vector<Attacker>& attackers)
{
    for (auto const end = service.clock.now() + 24h; service.clock.now() < end; service.clock.advance(1min))
        for (auto& attacker : attackers) {
            attacker.ask_for_text();
            attacker.guess_while_allowed();
        }
}

// A day of somebody who tries their luck, with long pauses and with short ones.
void try_luck(Service& service, std::vector<Attacker>& attackers)
{
    std::mt19937 dice(static_cast<unsigned>(attackers.size()));
    std::array<std::chrono::milliseconds, 6> const pauses{1ms, 1s, 61s, 239s, 20min, 1h};
    for (auto const end = service.clock.now() + 24h; service.clock.now() < end;
         service.clock.advance(pauses[dice() % pauses.size()]))
        for (auto& attacker : attackers) {
            if (dice() % 3 == 0)
                attacker.ask_for_text();
            if (dice() % 3 == 0)
                attacker.guess();
            if (dice() % 9 == 0)
                attacker.guess_while_allowed();
        }
}

std::vector<Attacker> attackers_of(Service& service, int first, int count, std::mt19937& dice)
{
    std::vector<Attacker> attackers;
    for (int number = first; number < first + count; ++number)
        attackers.emplace_back(service, number, dice);
    return attackers;
}

TEST_CASE("who does nothing but guess for a whole day gets in no more often than was calculated", "[attack]")
{
    constexpr int people = 1500;
    constexpr int at_once = 3;
    auto const policy = policy_of(3);
    std::mt19937 dice(7);
    int in = 0;
    for (int first = 0; first < people; first += at_once) {
        Service service(policy, static_cast<std::uint64_t>(first) + 1);
        auto attackers = attackers_of(service, first, at_once, dice);
        use_borders(service, attackers);
        in += static_cast<int>(std::ranges::count_if(attackers, &Attacker::is_in));
    }
    auto const rate = static_cast<double>(in) / people;
    auto const bound = guess_risk_per_day(policy);
    CAPTURE(rate, bound);
    CHECK(rate <= 1.2 * bound);
    CHECK(rate >= bound / 3);  // or the attacker would be a poor one
}

TEST_CASE("no more guesses meet codes in a day than were calculated, however they are arranged", "[attack]")
{
    using Day = void (*)(Service&, std::vector<Attacker>&);
    auto const [why, codes_a_day, day, least] = GENERATE(table<char const*, int, Day, double>(
        {{"at the borders of windows", 10, use_borders, 0.9},
         {"after every new code", 10, use_new_codes, 0.6},
         {"as often as is allowed", 10, take_everything, 0.1},
         {"at random", 10, try_luck, 0.05},
         {"as often as is allowed, with as many codes as one likes", 10'000, take_everything, 0.9}}));
    INFO(why);
    auto policy = policy_of(8);  // so that nobody gets in, and everybody goes on until the end
    policy.codes_per_day = codes_a_day;
    policy.codes_per_hour = std::max(policy.codes_per_hour, codes_a_day / 10);
    policy.text_guard_records_only = true;
    auto const most = guess_risk_per_day(policy) * std::pow(10, policy.code_digits);
    std::mt19937 dice(11);
    int met_most = 0;
    for (int count = 1; count <= 2; ++count) {
        Service service(policy, static_cast<std::uint64_t>(count));
        auto attackers = attackers_of(service, 0, count, dice);
        day(service, attackers);
        for (auto const& attacker : attackers) {
            CHECK(attacker.met() <= most);
            met_most = std::max(met_most, attacker.met());
        }
    }
    CAPTURE(met_most, most);
    CHECK(met_most >= least * most);
}

// A request for a text, of a day that is made up.
struct Wish {
    std::chrono::milliseconds at{};
    PhoneNumber phone;
    std::string client;
    bool pumped = false;
    std::optional<std::chrono::seconds> answered_after = {};  // with the right code
    int range = 0;
};

// What became of a day's wishes, each in its place: whether the guard was against it.
using Decisions = std::vector<bool>;

constexpr int ranges = 1000;
constexpr int pumped_ranges = 8;
constexpr int normal_wishes = 50'000;
constexpr int pumped_wishes = 10'000;

PhoneNumber number_in(int range, int last_digits)
{
    return PhoneNumber::from_storage(
               "+49151" + std::to_string(10'000 + range).substr(1) + std::to_string(10'000 + last_digits).substr(1))
        .value();
}

std::vector<Wish> made_up_day()
{
    std::mt19937 dice(3);
    auto const below = [&](int bound) { return static_cast<int>(dice() % static_cast<unsigned>(bound)); };
    auto const add = [&](std::vector<Wish>& wishes, int range, std::string client) -> Wish& {
        return wishes.emplace_back(Wish{
            .at = std::chrono::milliseconds(below(86'400'000)),
            .phone = number_in(range, below(10'000)),
            .client = std::move(client),
            .range = range});
    };
    std::vector<Wish> wishes;
    for (int number = 0; number < normal_wishes; ++number) {
        auto& wish = add(wishes, below(ranges), "person " + std::to_string(number));
        if (below(100) < 85)
            wish.answered_after = std::chrono::seconds(8 + below(150));
    }
    for (int number = 0; number < pumped_wishes; ++number)
        add(wishes, below(pumped_ranges), "machine " + std::to_string(below(1000))).pumped = true;
    std::ranges::sort(wishes, {}, &Wish::at);
    return wishes;
}

bool is_against(Result<CodeSent> const& sent)
{
    return sent ? sent->suspicious : sent.error().field == "range";
}

// Has everybody ask for a text and type the code that came, each at their time. Only what concerns one range can meet,
// so each range has a service of its own, which is quicker.
Decisions run(Policy const& policy, std::vector<Wish> const& wishes)
{
    std::vector<std::vector<std::size_t>> by_range(ranges);
    for (std::size_t index = 0; index < wishes.size(); ++index)
        by_range[static_cast<std::size_t>(wishes[index].range)].push_back(index);

    Decisions decisions(wishes.size());
    for (auto const& indices : by_range) {
        Service service(policy, indices.size() + 1);
        auto const start = service.clock.now();
        std::multimap<std::chrono::milliseconds, std::pair<PhoneNumber, std::string>> answers;
        auto const answer_until = [&](std::chrono::milliseconds now) {
            for (; !answers.empty() && answers.begin()->first <= now; answers.erase(answers.begin())) {
                auto const& [at, answer] = *answers.begin();
                service.clock.set(start + at);
                static_cast<void>(service.onboarding.confirm_phone(
                    {.partner = PartnerId(1),
                     .phone = answer.first,
                     .code = answer.second,
                     .agrees_to_terms = true,
                     .agrees_to_privacy = true}));
            }
        };
        for (auto const index : indices) {
            auto const& wish = wishes[index];
            answer_until(wish.at);
            service.clock.set(start + wish.at);
            std::uint64_t const code = 100'000 + index;
            auto const bytes = std::as_bytes(std::span(&code, 1));
            service.random.script({bytes.begin(), bytes.end()});
            auto const sent = service.onboarding.send_code({.phone = wish.phone, .client = wish.client});
            decisions[index] = is_against(sent);
            if (sent && wish.answered_after)
                answers.emplace(wish.at + *wish.answered_after, std::pair(wish.phone, std::to_string(code)));
        }
    }
    return decisions;
}

double share(std::vector<Wish> const& wishes, Decisions const& decisions, bool pumped)
{
    int all = 0;
    int decided = 0;
    for (std::size_t index = 0; index < wishes.size(); ++index)
        if (wishes[index].pumped == pumped) {
            ++all;
            decided += decisions[index];
        }
    return static_cast<double>(decided) / all;
}

Policy for_many_people()
{
    auto policy = texting();
    policy.texts_per_day = 100'000;
    return policy;
}

TEST_CASE("of texts that somebody earns on nearly all are refused, of those that people want nearly none", "[attack]")
{
    auto const wishes = made_up_day();
    auto const refused = run(for_many_people(), wishes);
    auto const of_pumped = share(wishes, refused, true);
    auto const of_normal = share(wishes, refused, false);
    CAPTURE(of_pumped, of_normal);
    CHECK(of_pumped >= 0.95);
    CHECK(of_normal <= 0.01);
}

TEST_CASE("a guard that only records finds suspicious what the other refuses, but for the start of a day", "[attack]")
{
    auto wishes = made_up_day();
    std::erase_if(wishes, [](Wish const& wish) { return wish.range >= 2 * pumped_ranges; });  // elsewhere it is quiet
    auto policy = for_many_people();
    auto const refused = run(policy, wishes);
    policy.text_guard_records_only = true;
    auto const suspicious = run(policy, wishes);
    int more = 0;
    int less = 0;
    for (std::size_t index = 0; index < wishes.size(); ++index) {
        more += suspicious[index] && !refused[index];
        less += refused[index] && !suspicious[index];
    }
    CAPTURE(more, less, wishes.size());
    CHECK(more + less <= static_cast<int>(wishes.size() / 1000));  // a day may begin with a text that was not counted
}

}
