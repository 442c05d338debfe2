#include <algorithm>
#include <map>

#include "faults/faulty_storage.hpp"

namespace onboard::faults {

namespace {

using namespace testing;
using namespace std::chrono_literals;

using WrongOutbox = Wrong<ForwardingOutbox>;

struct ClaimWithoutLease : WrongOutbox {
    using Wrong::Wrong;
    std::vector<ClaimedLetter> claim(Channel channel, Instant now, Instant, int limit) override
    {
        return right().claim(channel, now, now, limit);
    }
};

struct LettersReadAndThenClaimed : WrongOutbox {
    using Wrong::Wrong;
    std::vector<ClaimedLetter> claim(Channel channel, Instant now, Instant until, int limit) override
    {
        auto const letters = right().claim(channel, now, until, limit);
        work().let_others_in();
        right().claim(channel, now, until, limit);
        return letters;
    }
};

struct ClaimKeptInVain : WrongOutbox {
    using Wrong::Wrong;
    std::vector<ClaimedLetter> claim(Channel channel, Instant now, Instant until, int limit) override
    {
        auto letters = right().claim(channel, now, until, limit);
        work().commit_early();
        return letters;
    }
};

struct LatestDueFirst : WrongOutbox {
    using Wrong::Wrong;
    std::vector<ClaimedLetter> claim(Channel channel, Instant now, Instant until, int limit) override
    {
        auto letters = right().claim(channel, now, until, limit);
        std::ranges::reverse(letters);
        return letters;
    }
};

struct LettersOfAllChannels : WrongOutbox {
    using Wrong::Wrong;
    std::vector<ClaimedLetter> claim(Channel, Instant now, Instant until, int limit) override
    {
        auto letters = right().claim(Channel::mail, now, until, limit);
        auto const texts = right().claim(Channel::text, now, until, limit);
        letters.insert(letters.end(), texts.begin(), texts.end());
        return letters;
    }
};

struct DueAMomentEarly : WrongOutbox {
    using Wrong::Wrong;
    std::vector<ClaimedLetter> claim(Channel channel, Instant now, Instant until, int limit) override
    {
        return right().claim(channel, now + 1ms, until, limit);
    }
};

// Knows the last claim on each letter.
struct KnowsLastClaims : WrongOutbox {
    using Wrong::Wrong;
    std::vector<ClaimedLetter> claim(Channel channel, Instant now, Instant until, int limit) override
    {
        auto letters = right().claim(channel, now, until, limit);
        for (auto const& letter : letters)
            last_claims()[letter.claim.letter_id] = letter.claim;
        return letters;
    }

protected:
    std::map<std::string, LetterClaim>& last_claims() const
    {
        return work().memory<std::map<std::string, LetterClaim>>();
    }
};

struct FenceIgnored : KnowsLastClaims {
    using KnowsLastClaims::KnowsLastClaims;
    bool remove(LetterClaim const& claim) override { return right().remove(last_claims()[claim.letter_id]); }
};

struct AttemptTakenForFence : KnowsLastClaims {
    using KnowsLastClaims::KnowsLastClaims;
    bool remove(LetterClaim const& claim) override
    {
        auto const last = last_claims()[claim.letter_id];
        return right().remove(last.attempt == claim.attempt ? last : claim);
    }
};

struct ExtendedByAnybody : KnowsLastClaims {
    using KnowsLastClaims::KnowsLastClaims;
    bool extend(LetterClaim const& claim, Instant until) override
    {
        return right().extend(last_claims()[claim.letter_id], until);
    }
};

struct RevivedWithItsAttempts : WrongOutbox {
    using Wrong::Wrong;
    std::vector<ClaimedLetter> claim(Channel channel, Instant now, Instant until, int limit) override
    {
        auto letters = right().claim(channel, now, until, limit);
        for (auto& letter : letters)
            letter.claim.attempt += attempts_before_burial()[letter.claim.letter_id];
        return letters;
    }
    bool bury(LetterClaim const& claim, LetterState state, Instant now, std::string_view reason) override
    {
        attempts_before_burial()[claim.letter_id] = claim.attempt;
        return right().bury(claim, state, now, reason);
    }

private:
    std::map<std::string, int>& attempts_before_burial() const { return work().memory<std::map<std::string, int>>(); }
};

struct GivenBackCounts : WrongOutbox {
    using Wrong::Wrong;
    bool give_back(LetterClaim const& claim, Instant due) override { return right().postpone(claim, due, ""); }
};

struct PostponedIsLost : WrongOutbox {
    using Wrong::Wrong;
    bool postpone(LetterClaim const& claim, Instant, std::string_view) override { return right().remove(claim); }
};

struct BuriedIsLost : WrongOutbox {
    using Wrong::Wrong;
    bool bury(LetterClaim const& claim, LetterState, Instant, std::string_view) override
    {
        return right().remove(claim);
    }
};

struct ReasonTakenForText : WrongOutbox {
    using Wrong::Wrong;
    bool postpone(LetterClaim const& claim, Instant due, std::string_view reason) override
    {
        return right().postpone(claim, due, reason.substr(0, reason.find('\0')));
    }
};

struct RemovedInVain : WrongOutbox {
    using Wrong::Wrong;
    bool remove(LetterClaim const& claim) override
    {
        auto const removed = right().remove(claim);
        work().commit_early();
        return removed;
    }
};

struct CancelForgotten : WrongOutbox {
    using Wrong::Wrong;
    void cancel(Recipient const&) override {}
};

struct WaitingIsRevived : WrongOutbox {
    using Wrong::Wrong;
    bool revive(std::string_view letter_id, Instant now) override
    {
        right().revive(letter_id, now);
        return true;
    }
};

struct BacklogOfAllChannels : WrongOutbox {
    using Wrong::Wrong;
    OutboxBacklog backlog(Channel, int most) const override
    {
        auto all = right().backlog(Channel::mail, most);
        all.letters += right().backlog(Channel::text, most).letters;
        return all;
    }
};

struct BacklogByTheNextAttempt : WrongOutbox {
    using Wrong::Wrong;
    OutboxBacklog backlog(Channel channel, int most) const override
    {
        auto backlog = right().backlog(channel, most);
        for (auto const& entry : right().all(most))
            if (backlog.oldest && entry.state == LetterState::waiting)
                backlog.oldest = std::max(*backlog.oldest, entry.due_at);
        return backlog;
    }
};

struct BuriedIsCounted : WrongOutbox {
    using Wrong::Wrong;
    int size() const override { return static_cast<int>(right().all(1'000'000).size()); }
};

struct OperatorSeesWhatIsDueFirst : WrongOutbox {
    using Wrong::Wrong;
    std::vector<OutboxEntry> all(int limit) const override
    {
        auto entries = right().all(limit);
        std::ranges::stable_sort(entries, {}, &OutboxEntry::due_at);
        return entries;
    }
};

struct BuriedForgottenEarly : WrongOutbox {
    using Wrong::Wrong;
    int forget(Instant, int limit) override { return right().forget(end_of_time, limit); }
};

// Posts its letters when the unit of work is over, however it ends.
struct LetterPostedAnyway : WrongOutbox {
    using Wrong::Wrong;
    ~LetterPostedAnyway() override
    {
        if (letters_.empty())
            return;
        work().let_others_in();
        for (auto const& [letter, due] : letters_)
            right().add(letter, due);
        work().commit();
    }
    LetterPostedAnyway(LetterPostedAnyway const&) = delete;
    LetterPostedAnyway& operator=(LetterPostedAnyway const&) = delete;
    void add(PendingLetter const& letter, Instant due) override { letters_.emplace_back(letter, due); }

private:
    std::vector<std::pair<PendingLetter, Instant>> letters_;
};

}

std::vector<Fault> faults_of_the_outbox()
{
    return {
        {"a letter is handed out to two carriers",
         {"a claimed letter is nobody else's until its time"},
         storage_with<ClaimWithoutLease>},
        {"letters are read, and then claimed",
         {"carriers that claim at the same moment get different letters"},
         storage_with<LettersReadAndThenClaimed>},
        {"a claim stays that was made in vain",
         {"a claim that is abandoned leaves the letter to others, and is not counted"},
         storage_with<ClaimKeptInVain>},
        {"of the letters that are due the last comes first",
         {"letters are handed out a bounded number at a time, the longest due first"},
         storage_with<LatestDueFirst>},
        {"carriers get letters of all channels",
         {"carriers of one channel do not see the letters of the other"},
         storage_with<LettersOfAllChannels>},
        {"a letter is due a moment early", {"a letter waits until it is due"}, storage_with<DueAMomentEarly>},
        {"a letter is removed by whoever held it",
         {"who holds a letter that was handed out again can do nothing to it"},
         storage_with<FenceIgnored>},
        {"a claim is known by its attempt alone",
         {"a letter that was given back and handed out again is out of its first holder's hands"},
         storage_with<AttemptTakenForFence>},
        {"a claim is extended by whoever held the letter",
         {"who holds a letter that was handed out again can do nothing to it",
          "who held a letter before it was revived can do nothing to it"},
         storage_with<ExtendedByAnybody>},
        {"a revived letter keeps its attempts",
         {"a revived letter is as good as new, secret included"},
         storage_with<RevivedWithItsAttempts>},
        {"an attempt that was given back counts",
         {"a letter that was given back comes back as if it had not been handed out"},
         storage_with<GivenBackCounts>},
        {"a postponed letter is lost",
         {"a postponed letter comes back when it is due and holds up no other"},
         storage_with<PostponedIsLost>},
        {"a buried letter is lost",
         {"a buried letter is kept for an operator and handed out no more"},
         storage_with<BuriedIsLost>},
        {"why a letter failed is taken for text",
         {"why a letter failed is kept byte by byte"},
         storage_with<ReasonTakenForText>},
        {"a letter is gone that was removed in vain",
         {"what is done to a letter in vain was never done"},
         storage_with<RemovedInVain>},
        {"letters are sent to those who are gone",
         {"letters to an address are forgotten together, whatever has become of them",
          "text messages to a telephone are forgotten together, whatever has become of them"},
         storage_with<CancelForgotten>},
        {"a letter that waits is revived", {"only a buried letter can be revived"}, storage_with<WaitingIsRevived>},
        {"buried letters are counted with those that wait",
         {"a buried letter is kept for an operator and handed out no more"},
         storage_with<BuriedIsCounted>},
        {"what waits in one channel is told of the other",
         {"what waits in a channel is counted, up to as many as are wanted, and since when"},
         storage_with<BacklogOfAllChannels>},
        {"the age of what waits goes by when it is tried again",
         {"what waits in a channel is counted, up to as many as are wanted, and since when"},
         storage_with<BacklogByTheNextAttempt>},
        {"an operator sees letters in the order they are due",
         {"an operator sees all letters that are not delivered, in the order they were added"},
         storage_with<OperatorSeesWhatIsDueFirst>},
        {"buried letters are forgotten early",
         {"buried letters are forgotten by age, a bounded number at a time"},
         storage_with<BuriedForgottenEarly>},
        {"a letter is posted whatever becomes of the unit of work",
         {"uncommitted work leaves no trace", "a group whose last member is abandoned keeps the others"},
         storage_with<LetterPostedAnyway>},
    };
}

}
