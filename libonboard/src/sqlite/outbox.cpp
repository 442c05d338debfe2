#include "columns.hpp"
#include "stores.hpp"

namespace onboard::sqlite {

// Where only waiting letters count, or only the others, statements say the state as the indexes do: outright.
static_assert(static_cast<int>(LetterState::waiting) == 1);

void SqliteOutbox::add(PendingLetter const& pending, Instant due)
{
    auto const& letter = pending.letter;
    connection_.run(
        "INSERT INTO outbox (letter_id, channel, kind, recipient, recipient_key, language, first_name, partner,"
        " expires_at, sealed_secret, added_at, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)",
        letter.id, channel_of(letter.kind), letter.kind, text_of(letter.to), key_of(letter.to), letter.language,
        letter.first_name, letter.partner, letter.expires_at, Bytes{pending.sealed_secret}, due);
}

std::vector<ClaimedLetter> SqliteOutbox::claim(Channel channel, Instant now, Instant until, int limit)
{
    std::vector<ClaimedLetter> letters;
    {
        auto rows = connection_.query(
            "SELECT letter_id, kind, recipient, language, first_name, partner, expires_at, sealed_secret,"
            " attempts + 1, fence + 1 FROM outbox WHERE channel = ? AND state = 1 AND due_at <= ?"
            " ORDER BY due_at, id LIMIT ?",
            channel, now, limit);
        while (rows.next())
            letters.push_back(claimed_letter(rows, 0));
    }
    for (auto const& [pending, claim] : letters)
        connection_.run(
            "UPDATE outbox SET due_at = ?, attempts = ?, fence = ? WHERE letter_id = ?", until, claim.attempt,
            claim.fence, claim.letter_id);
    return letters;
}

bool SqliteOutbox::extend(LetterClaim const& claim, Instant until)
{
    return connection_.run(
               "UPDATE outbox SET due_at = ? WHERE letter_id = ? AND fence = ?", until, claim.letter_id,
               claim.fence) == 1;
}

bool SqliteOutbox::postpone(LetterClaim const& claim, Instant due, std::string_view reason)
{
    return connection_.run(
               "UPDATE outbox SET due_at = ?, reason = ?, fence = fence + 1 WHERE letter_id = ? AND fence = ?", due,
               reason, claim.letter_id, claim.fence) == 1;
}

bool SqliteOutbox::give_back(LetterClaim const& claim, Instant due)
{
    return connection_.run(
               "UPDATE outbox SET due_at = ?, attempts = attempts - 1, fence = fence + 1"
               " WHERE letter_id = ? AND fence = ?",
               due, claim.letter_id, claim.fence) == 1;
}

bool SqliteOutbox::bury(LetterClaim const& claim, LetterState state, Instant now, std::string_view reason)
{
    return connection_.run(
               "UPDATE outbox SET state = ?, due_at = ?, reason = ?, fence = fence + 1"
               " WHERE letter_id = ? AND fence = ?",
               state, now, reason, claim.letter_id, claim.fence) == 1;
}

bool SqliteOutbox::remove(LetterClaim const& claim)
{
    return connection_.run("DELETE FROM outbox WHERE letter_id = ? AND fence = ?", claim.letter_id, claim.fence) == 1;
}

void SqliteOutbox::cancel(Recipient const& recipient)
{
    connection_.run(
        "DELETE FROM outbox WHERE recipient_key = ? AND channel = ?", key_of(recipient), channel_to(recipient));
}

std::vector<OutboxEntry> SqliteOutbox::all(int limit) const
{
    std::vector<OutboxEntry> entries;
    auto rows = connection_.query(
        "SELECT letter_id, kind, recipient, language, first_name, partner, expires_at, state, attempts, added_at,"
        " due_at, reason FROM outbox ORDER BY id LIMIT ?",
        limit);
    while (rows.next())
        entries.push_back(outbox_entry(rows, 0));
    return entries;
}

bool SqliteOutbox::revive(std::string_view letter_id, Instant now)
{
    return connection_.run(
               "UPDATE outbox SET state = ?1, due_at = ?2, attempts = 0 WHERE letter_id = ?3 AND state <> ?1",
               LetterState::waiting, now, letter_id) == 1;
}

int SqliteOutbox::size() const
{
    auto row = connection_.query("SELECT count(*) FROM outbox WHERE state = 1");
    return row.next() ? static_cast<int>(row.integer(0)) : 0;
}

// Bounded by the index of what waits.
OutboxBacklog SqliteOutbox::backlog(Channel channel, int most) const
{
    auto row = connection_.query(
        "SELECT count(*), min(added_at) FROM"
        " (SELECT added_at FROM outbox WHERE channel = ? AND state = 1 ORDER BY due_at LIMIT ?)",
        channel, most);
    if (!row.next() || row.is_null(1))
        return {};
    return {.letters = static_cast<int>(row.integer(0)), .oldest = row.instant(1)};
}

int SqliteOutbox::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state <> 1 AND due_at < ? LIMIT ?)", before,
        limit);
}

}
