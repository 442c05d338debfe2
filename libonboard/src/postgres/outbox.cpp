#include "../rows.hpp"
#include "stores.hpp"

namespace onboard::postgres {

// Where only waiting letters count, or only the others, statements say the state as the indexes do: outright.
static_assert(static_cast<int>(LetterState::waiting) == 1);

void PostgresOutbox::add(PendingLetter const& pending, Instant due)
{
    auto const& letter = pending.letter;
    connection_.send(
        "INSERT INTO outbox (letter_id, channel, kind, recipient, recipient_key, language, first_name, partner,"
        " expires_at, sealed_secret, added_at, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        letter.id, channel_of(letter.kind), letter.kind, text_of(letter.to), key_of(letter.to), letter.language,
        letter.first_name, letter.partner, letter.expires_at, Bytes{pending.sealed_secret}, due);
}

std::vector<ClaimedLetter> PostgresOutbox::claim(Channel channel, Instant now, Instant until, int limit)
{
    std::vector<ClaimedLetter> letters;
    auto row = connection_.query(
        "WITH due AS (SELECT id, due_at FROM outbox WHERE channel = $4 AND state = 1 AND due_at <= $1"
        " ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED), claimed AS (UPDATE outbox SET due_at = $2,"
        " attempts = attempts + 1, fence = fence + 1 FROM due WHERE outbox.id = due.id"
        " RETURNING due.due_at AS was_due, outbox.*)"
        " SELECT letter_id, kind, recipient, language, first_name, partner, expires_at, sealed_secret, attempts, "
        "fence"
        " FROM claimed ORDER BY was_due, id",
        now, until, limit, channel);
    while (row.next())
        letters.push_back(columns::claimed_letter(row, 0));
    return letters;
}

bool PostgresOutbox::extend(LetterClaim const& claim, Instant until)
{
    return connection_.run(
               "UPDATE outbox SET due_at = $1 WHERE letter_id = $2 AND fence = $3", until, claim.letter_id,
               claim.fence) == 1;
}

bool PostgresOutbox::postpone(LetterClaim const& claim, Instant due, std::string_view reason)
{
    return connection_.run(
               "UPDATE outbox SET due_at = $1, reason = $2, fence = fence + 1 WHERE letter_id = $3 AND fence = $4",
               due, Bytes{reason}, claim.letter_id, claim.fence) == 1;
}

bool PostgresOutbox::give_back(LetterClaim const& claim, Instant due)
{
    return connection_.run(
               "UPDATE outbox SET due_at = $1, attempts = attempts - 1, fence = fence + 1"
               " WHERE letter_id = $2 AND fence = $3",
               due, claim.letter_id, claim.fence) == 1;
}

bool PostgresOutbox::bury(LetterClaim const& claim, LetterState state, Instant now, std::string_view reason)
{
    return connection_.run(
               "UPDATE outbox SET state = $1, due_at = $2, reason = $3, fence = fence + 1"
               " WHERE letter_id = $4 AND fence = $5",
               state, now, Bytes{reason}, claim.letter_id, claim.fence) == 1;
}

bool PostgresOutbox::remove(LetterClaim const& claim)
{
    return connection_.run("DELETE FROM outbox WHERE letter_id = $1 AND fence = $2", claim.letter_id, claim.fence) ==
           1;
}

void PostgresOutbox::cancel(Recipient const& recipient)
{
    connection_.send(
        "DELETE FROM outbox WHERE recipient_key = $1 AND channel = $2", key_of(recipient),
        columns::channel_to(recipient));
}

std::vector<OutboxEntry> PostgresOutbox::all(int limit) const
{
    std::vector<OutboxEntry> entries;
    auto row = connection_.query(
        "SELECT letter_id, kind, recipient, language, first_name, partner, expires_at, state, attempts, added_at,"
        " due_at, reason FROM outbox ORDER BY id LIMIT $1",
        limit);
    while (row.next())
        entries.push_back(columns::outbox_entry(row, 0));
    return entries;
}

bool PostgresOutbox::revive(std::string_view letter_id, Instant now)
{
    return connection_.run(
               "UPDATE outbox SET state = $1, due_at = $2, attempts = 0 WHERE letter_id = $3 AND state <> $1",
               LetterState::waiting, now, letter_id) == 1;
}

int PostgresOutbox::size() const
{
    auto row = connection_.query("SELECT count(*) FROM outbox WHERE state = 1");
    return row.next() ? static_cast<int>(row.integer(0)) : 0;
}

// Bounded by the index of what waits.
OutboxBacklog PostgresOutbox::backlog(Channel channel, int most) const
{
    auto row = connection_.query(
        "SELECT count(*), min(added_at) FROM"
        " (SELECT added_at FROM outbox WHERE channel = $1 AND state = 1 ORDER BY due_at LIMIT $2) AS waiting",
        channel, most);
    if (!row.next() || row.is_null(1))
        return {};
    return {.letters = static_cast<int>(row.integer(0)), .oldest = row.instant(1)};
}

int PostgresOutbox::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM outbox WHERE id = ANY (ARRAY(SELECT id FROM outbox WHERE state <> 1 AND due_at < $1"
        " ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        before, limit);
}

}
