#pragma once

#include <algorithm>

#include "state.hpp"

namespace onboard::memory {

class MemoryOutbox : public Outbox {
public:
    MemoryOutbox(State& state, Journal& journal) : state_(state), journal_(journal) {}

    void add(PendingLetter const& letter, Instant due) override
    {
        state_.outbox.put(
            journal_, state_.next_id<std::int64_t>(), {.pending = letter, .added_at = due, .due_at = due});
    }

    std::vector<ClaimedLetter> claim(Channel channel, Instant now, Instant until, int limit) override
    {
        std::vector<std::pair<Instant, std::int64_t>> due;
        for (auto const& [number, letter] : state_.outbox)
            if (channel_of(letter.pending.letter.kind) == channel && letter.state == LetterState::waiting &&
                letter.due_at <= now)
                due.emplace_back(letter.due_at, number);
        std::ranges::sort(due);
        if (static_cast<int>(due.size()) > limit)
            due.resize(static_cast<std::size_t>(limit));

        std::vector<ClaimedLetter> claimed;
        claimed.reserve(due.size());
        for (auto const& [since, number] : due)
            claimed.push_back(claim(number, until));
        return claimed;
    }

    bool extend(LetterClaim const& claim, Instant until) override
    {
        return change(claim, [until](StoredLetter& letter) { letter.due_at = until; });
    }

    bool postpone(LetterClaim const& claim, Instant due, std::string_view reason) override
    {
        return change(claim, [due, reason](StoredLetter& letter) {
            letter.due_at = due;
            letter.reason = reason;
            ++letter.fence;
        });
    }

    bool give_back(LetterClaim const& claim, Instant due) override
    {
        return change(claim, [due](StoredLetter& letter) {
            letter.due_at = due;
            --letter.attempts;
            ++letter.fence;
        });
    }

    bool bury(LetterClaim const& claim, LetterState state, Instant now, std::string_view reason) override
    {
        return change(claim, [state, now, reason](StoredLetter& letter) {
            letter.state = state;
            letter.due_at = now;
            letter.reason = reason;
            ++letter.fence;
        });
    }

    bool remove(LetterClaim const& claim) override
    {
        auto const number = number_of(claim);
        if (number)
            state_.outbox.erase(journal_, *number);
        return number.has_value();
    }

    void cancel(Recipient const& recipient) override
    {
        auto const everything = static_cast<int>(state_.outbox.size());
        state_.outbox.erase_if(
            journal_, everything, [&](StoredLetter const& letter) { return letter.pending.letter.to == recipient; });
    }

    std::vector<OutboxEntry> all(int limit) const override
    {
        std::vector<OutboxEntry> entries;
        for (auto const& [number, letter] : state_.outbox) {
            if (static_cast<int>(entries.size()) == limit)
                break;
            entries.push_back(
                {.letter = letter.pending.letter,
                 .state = letter.state,
                 .attempts = letter.attempts,
                 .added_at = letter.added_at,
                 .due_at = letter.due_at,
                 .reason = letter.reason});
        }
        return entries;
    }

    bool revive(std::string_view letter_id, Instant now) override
    {
        auto const number = number_of(letter_id);
        if (!number || state_.outbox.find(*number)->state == LetterState::waiting)
            return false;
        auto letter = *state_.outbox.find(*number);
        letter.state = LetterState::waiting;
        letter.due_at = now;
        letter.attempts = 0;
        state_.outbox.put(journal_, *number, std::move(letter));
        return true;
    }

    int size() const override
    {
        return static_cast<int>(std::ranges::count_if(
            state_.outbox, [](auto const& row) { return row.second.state == LetterState::waiting; }));
    }

    int forget(Instant before, int limit) override
    {
        return state_.outbox.erase_if(journal_, limit, [before](StoredLetter const& letter) {
            return letter.state != LetterState::waiting && letter.due_at < before;
        });
    }

private:
    ClaimedLetter claim(std::int64_t number, Instant until)
    {
        auto letter = *state_.outbox.find(number);
        letter.due_at = until;
        ++letter.attempts;
        ++letter.fence;
        ClaimedLetter claimed{
            .pending = letter.pending,
            .claim = {.letter_id = letter.pending.letter.id, .attempt = letter.attempts, .fence = letter.fence}};
        state_.outbox.put(journal_, number, std::move(letter));
        return claimed;
    }

    // Changes the letter, if the claim on it is not over.
    template <class Change>
    bool change(LetterClaim const& claim, Change change)
    {
        auto const number = number_of(claim);
        if (!number)
            return false;
        auto letter = *state_.outbox.find(*number);
        change(letter);
        state_.outbox.put(journal_, *number, std::move(letter));
        return true;
    }

    // Nothing if the claim is over.
    std::optional<std::int64_t> number_of(LetterClaim const& claim) const
    {
        auto const number = number_of(claim.letter_id);
        return number && state_.outbox.find(*number)->fence == claim.fence ? number : std::nullopt;
    }

    std::optional<std::int64_t> number_of(std::string_view letter_id) const
    {
        for (auto const& [number, letter] : state_.outbox)
            if (letter.pending.letter.id == letter_id)
                return number;
        return std::nullopt;
    }

    State& state_;
    Journal& journal_;
};

}
