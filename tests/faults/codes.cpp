#include <algorithm>

#include "faults/faulty_storage.hpp"

namespace onboard::faults {

namespace {

using namespace testing;
using namespace std::chrono_literals;

using WrongCodes = Wrong<ForwardingCodes>;

struct OldestCodeFirst : WrongCodes {
    using Wrong::Wrong;
    std::vector<Code> alive(Purpose purpose, std::string_view subject, Instant now) const override
    {
        auto codes = right().alive(purpose, subject, now);
        std::ranges::reverse(codes);
        return codes;
    }
};

struct CodeGoodAfterItsExpiry : WrongCodes {
    using Wrong::Wrong;
    bool spend(CodeId id, Instant) override { return right().spend(id, Instant()); }
};

struct CodeSpentAndNotMarked : WrongCodes {
    using Wrong::Wrong;
    bool spend(CodeId, Instant) override { return true; }
};

struct CodeSpentForGood : WrongCodes {
    using Wrong::Wrong;
    bool spend(CodeId id, Instant now) override
    {
        auto const spent = right().spend(id, now);
        work().commit_early();
        return spent;
    }
};

struct SpentCodeSpendsTheRest : WrongCodes {
    using Wrong::Wrong;
    bool spend(CodeId id, Instant now) override
    {
        auto const spent = right().spend(id, now);
        for (auto other = static_cast<std::int64_t>(id); other > 0; --other)
            right().spend(CodeId(other), now);
        return spent;
    }
};

// Numbers begin again after those that were forgotten.
struct CodeNumbersGivenOutAgain : WrongCodes {
    using Wrong::Wrong;
    std::vector<Code> alive(Purpose purpose, std::string_view subject, Instant now) const override
    {
        auto codes = right().alive(purpose, subject, now);
        for (auto& code : codes)
            code.id = CodeId(static_cast<std::int64_t>(code.id) - forgotten());
        return codes;
    }
    bool spend(CodeId id, Instant now) override
    {
        return right().spend(CodeId(static_cast<std::int64_t>(id) + forgotten()), now);
    }
    int forget(Instant before, int limit) override
    {
        auto const now = right().forget(before, limit);
        forgotten() += now;
        return now;
    }

private:
    int& forgotten() const { return work().memory<int>(); }
};

struct NobodyIsAloneWithSubject : WrongCodes {
    using Wrong::Wrong;
    void add(Code const& code) override
    {
        work().let_others_in();
        right().add(code);
    }
};

struct CountsOfThisUnitOfWork : WrongCodes {
    using Wrong::Wrong;
    Tries count_tries(Purpose, std::string_view, Instant now, std::chrono::seconds window, int guesses) override
    {
        used_ += guesses;
        return {.used = used_, .window_ends = now + window};
    }

private:
    int used_ = 0;
};

struct WindowThatSlides : WrongCodes {
    using Wrong::Wrong;
    Tries count_tries(
        Purpose purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses) override
    {
        auto tries = right().count_tries(purpose, subject, now, window, guesses);
        tries.window_ends = now + window;
        return tries;
    }
};

struct SeveralGuessesAreOne : WrongCodes {
    using Wrong::Wrong;
    Tries
    count_tries(Purpose purpose, std::string_view subject, Instant now, std::chrono::seconds window, int) override
    {
        return right().count_tries(purpose, subject, now, window, 1);
    }
};

struct GuessesOfAllPurposes : WrongCodes {
    using Wrong::Wrong;
    Tries
    count_tries(Purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses) override
    {
        return right().count_tries(Purpose::partner_confirmation, subject, now, window, guesses);
    }
};

struct GuessesReadAndThenCounted : WrongCodes {
    using Wrong::Wrong;
    Tries count_tries(
        Purpose purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses) override
    {
        auto const read = right().count_tries(purpose, subject, now, window, guesses);
        work().let_others_in();
        right().count_tries(purpose, subject, now, window, guesses);
        return read;
    }
};

struct GuessGivenBackForGood : WrongCodes {
    using Wrong::Wrong;
    void give_back_try(Purpose purpose, std::string_view subject) override
    {
        right().give_back_try(purpose, subject);
        work().commit_early();
    }
};

struct RightGuessGivesTwoBack : WrongCodes {
    using Wrong::Wrong;
    void give_back_try(Purpose purpose, std::string_view subject) override
    {
        right().give_back_try(purpose, subject);
        right().give_back_try(purpose, subject);
    }
};

struct BudgetResetByNewCode : WrongCodes {
    using Wrong::Wrong;
    void add(Code const& code) override
    {
        right().add(code);
        for (int guess = 0; guess < 100; ++guess)
            right().give_back_try(code.purpose, code.subject);
    }
};

// Sends as if these limits were what somebody gave.
template <void change(SendLimits&)>
struct OtherLimits : WrongCodes {
    using WrongCodes::WrongCodes;
    std::optional<Instant>
    count_send(Purpose purpose, std::string_view subject, Instant now, SendLimits const& limits) override
    {
        auto changed = limits;
        change(changed);
        return right().count_send(purpose, subject, now, changed);
    }
};

void ignore_pause(SendLimits& limits)
{
    limits.pause = 0s;
}

void ignore_hour(SendLimits& limits)
{
    limits.per_hour = limits.per_day;
}

void ignore_day(SendLimits& limits)
{
    limits.per_day = 10'000;
}

struct SendCountedForGood : WrongCodes {
    using Wrong::Wrong;
    std::optional<Instant>
    count_send(Purpose purpose, std::string_view subject, Instant now, SendLimits const& limits) override
    {
        auto const again = right().count_send(purpose, subject, now, limits);
        work().commit_early();
        return again;
    }
};

struct SendsReadAndThenCounted : WrongCodes {
    using Wrong::Wrong;
    std::optional<Instant>
    count_send(Purpose purpose, std::string_view subject, Instant now, SendLimits const& limits) override
    {
        auto const again = right().count_send(purpose, subject, now, limits);
        work().let_others_in();
        right().count_send(purpose, subject, now, limits);
        return again;
    }
};

struct LivingBudgetsForgotten : WrongCodes {
    using Wrong::Wrong;
    int forget(Instant, int limit) override { return right().forget(end_of_time, limit); }
};

struct CodesForgottenWithoutLimit : WrongCodes {
    using Wrong::Wrong;
    int forget(Instant before, int) override { return right().forget(before, 1'000'000); }
};

}

std::vector<Fault> faults_of_codes()
{
    return {
        {"of the codes that are alive the oldest is told first",
         {"of a purpose and a subject the last two codes are alive, the newest first"},
         storage_with<OldestCodeFirst>},
        {"a code is good after its expiry",
         {"a code dies at its expiry instant"},
         storage_with<CodeGoodAfterItsExpiry>},
        {"a code is spent and not marked",
         {"a code is spent once, however many try at once"},
         storage_with<CodeSpentAndNotMarked>},
        {"a code stays spent when the spend is abandoned",
         {"a code that was spent in vain is good again"},
         storage_with<CodeSpentForGood>},
        {"a code that is spent takes those before it along",
         {"spending one of two codes leaves the other"},
         storage_with<SpentCodeSpendsTheRest>},
        {"the number of a code is given out again",
         {"the number of a forgotten code is not given out again"},
         storage_with<CodeNumbersGivenOutAgain>},
        {"who holds a subject is not alone with it",
         {"who holds a subject sees what others did before, and is alone with it"},
         storage_with<NobodyIsAloneWithSubject>},
        {"guesses are counted where the end of a unit of work forgets them",
         {"a guess stays counted when what follows is abandoned"},
         storage_with<CountsOfThisUnitOfWork>},
        {"the window of guesses slides",
         {"guesses are counted within a window that begins with the first"},
         storage_with<WindowThatSlides>},
        {"several guesses at once count as one",
         {"several guesses are counted at once, all of them in one window"},
         storage_with<SeveralGuessesAreOne>},
        {"guesses for all purposes are one count",
         {"every purpose and every subject has a count of guesses of its own"},
         storage_with<GuessesOfAllPurposes>},
        {"guesses are read, and then counted",
         {"no guess is lost under contention"},
         storage_with<GuessesReadAndThenCounted>},
        {"a guess that was given back in vain stays given back",
         {"a guess stays counted when what follows is abandoned"},
         storage_with<GuessGivenBackForGood>},
        {"a right guess gives two back",
         {"a guess that was right is given back, and never more than were made"},
         storage_with<RightGuessGivesTwoBack>},
        {"a new code gives new guesses",
         {"new codes never lower the count of guesses"},
         storage_with<BudgetResetByNewCode>},
        {"there is no pause between codes",
         {"codes are not sent again within the pause"},
         storage_with<OtherLimits<ignore_pause>>},
        {"the limit of an hour is that of a day",
         {"codes are limited to so many in any hour"},
         storage_with<OtherLimits<ignore_hour>>},
        {"there is no limit of a day",
         {"codes are limited to so many in any day"},
         storage_with<OtherLimits<ignore_day>>},
        {"a send that is abandoned counts",
         {"a send that is abandoned does not count"},
         storage_with<SendCountedForGood>},
        {"sends are read, and then counted",
         {"sends at the same moment keep to the limit"},
         storage_with<SendsReadAndThenCounted>},
        {"budgets are forgotten while they count",
         {"forgetting keeps what still limits guesses and sends"},
         storage_with<LivingBudgetsForgotten>},
        {"codes are forgotten without a limit",
         {"expired codes are forgotten, a bounded number at a time",
          "codes and budgets together are forgotten a bounded number at a time"},
         storage_with<CodesForgottenWithoutLimit>},
    };
}

}
