#include "stores.hpp"

#include "../rows.hpp"
#include "../send_limits.hpp"

namespace onboard::postgres {

LoginLinkId PostgresLoginLinks::insert(LoginLink const& link)
{
    auto const id = LoginLinkId(numbers_.take(connection_));
    connection_.send(
        "INSERT INTO login_links (id, account, partner, generation, digest, expires_at) VALUES ($1, $2, $3, $4, $5, "
        "$6)",
        id, link.account, link.partner, link.generation, link.digest, link.expires_at);
    if (auto const& proposal = link.proposal)
        connection_.send(
            "INSERT INTO login_link_proposals (link, first_name, last_name, language, plan, contract_type, person_id,"
            " personnel_number, additional_data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            id, proposal->name.first(), proposal->name.last(), proposal->language, proposal->enrolment.plan,
            proposal->enrolment.contract_type, proposal->enrolment.person_id, proposal->enrolment.personnel_number,
            Bytes{proposal->enrolment.additional_data});
    return id;
}

std::optional<LoginLink> PostgresLoginLinks::find(LoginLinkId id) const
{
    auto row = connection_.query(
        "SELECT account, login_links.partner, generation, digest, expires_at, used_at, first_name, last_name, "
        "language,"
        " plan, contract_type, person_id, personnel_number, additional_data"
        " FROM login_links LEFT JOIN login_link_proposals ON link = id WHERE id = $1",
        id);
    return row.next() ? std::optional(columns::login_link(row, 0)) : std::nullopt;
}

bool PostgresLoginLinks::spend(LoginLinkId id, Instant now)
{
    return connection_.run(
               "UPDATE login_links SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND expires_at > $1", now,
               id) == 1;
}

void PostgresLoginLinks::forget_proposals(AccountId account)
{
    connection_.send("DELETE FROM login_link_proposals USING login_links WHERE id = link AND account = $1", account);
}

int PostgresLoginLinks::forget(Instant before, int limit)
{
    // Links expire nearly in the order of their numbers, so looking at the first ones finds nearly all.
    return connection_.run(
        "DELETE FROM login_links WHERE id = ANY (ARRAY(SELECT id FROM login_links WHERE id = ANY (ARRAY("
        "SELECT id FROM login_links ORDER BY id LIMIT $2)) AND expires_at < $1 ORDER BY id FOR UPDATE SKIP LOCKED))",
        before, limit);
}

SessionId PostgresSessions::insert(StoredSession const& session)
{
    auto const id = SessionId(numbers_.take(connection_));
    connection_.send(
        "INSERT INTO sessions (id, account, partner, generation, digest, opened_at, seen_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id, session.account, session.partner, session.generation, session.digest, session.opened_at, session.seen_at);
    return id;
}

std::optional<StoredSession> PostgresSessions::find(SessionId id) const
{
    auto row = connection_.query(
        "SELECT account, partner, generation, digest, opened_at, seen_at, ended FROM sessions WHERE id = $1", id);
    return row.next() ? std::optional(columns::session(row, 0)) : std::nullopt;
}

void PostgresSessions::touch(SessionId id, Instant seen_at)
{
    connection_.send("UPDATE sessions SET seen_at = greatest(seen_at, $1) WHERE id = $2", seen_at, id);
}

void PostgresSessions::end(SessionId id)
{
    connection_.send("UPDATE sessions SET ended = 1 WHERE id = $1", id);
}

int PostgresSessions::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM sessions WHERE id = ANY (ARRAY(SELECT id FROM sessions WHERE id = ANY (ARRAY("
        "SELECT id FROM sessions ORDER BY id LIMIT $2)) AND opened_at < $1 ORDER BY id FOR UPDATE SKIP LOCKED))",
        before, limit);
}

PasswordLinkId PostgresPasswordLinks::insert(PasswordLink const& link)
{
    auto const id = PasswordLinkId(numbers_.take(connection_));
    connection_.send(
        "INSERT INTO password_links (id, account, partner, generation, digest, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        id, link.account, link.partner, link.generation, link.digest, link.expires_at);
    return id;
}

std::optional<PasswordLink> PostgresPasswordLinks::find(PasswordLinkId id) const
{
    auto row = connection_.query(
        "SELECT account, partner, generation, digest, expires_at, used_at FROM password_links WHERE id = $1", id);
    return row.next() ? std::optional(columns::password_link(row, 0)) : std::nullopt;
}

bool PostgresPasswordLinks::spend(PasswordLinkId id, Instant now)
{
    return connection_.run(
               "UPDATE password_links SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND expires_at > $1", now,
               id) == 1;
}

int PostgresPasswordLinks::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM password_links WHERE id = ANY (ARRAY(SELECT id FROM password_links WHERE id = ANY (ARRAY("
        "SELECT id FROM password_links ORDER BY id LIMIT $2)) AND expires_at < $1 ORDER BY id"
        " FOR UPDATE SKIP LOCKED))",
        before, limit);
}

void PostgresPasswords::put(AccountId account, std::string_view sealed, Instant now)
{
    connection_.send(
        "INSERT INTO passwords (account, sealed, set_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (account) DO UPDATE SET sealed = $2, set_at = $3",
        account, Bytes{sealed}, now);
}

std::optional<std::string> PostgresPasswords::find(AccountId account) const
{
    static Finding const password_of_account("SELECT sealed FROM passwords WHERE account = $1");
    auto row = connection_.query(password_of_account.statement(writing_), account);
    return row.next() ? std::optional(row.text(0)) : std::nullopt;
}

void PostgresPasswords::erase(AccountId account)
{
    connection_.send("DELETE FROM passwords WHERE account = $1", account);
}

void PostgresAuthCodes::put(StoredAuthCode const& code)
{
    connection_.send(
        "INSERT INTO auth_codes (account, partner, digest, expires_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (account) DO UPDATE SET partner = $2, digest = $3, expires_at = $4",
        code.account, code.partner, code.digest, code.expires_at);
}

std::optional<StoredAuthCode> PostgresAuthCodes::find(AccountId account) const
{
    auto row =
        connection_.query("SELECT account, partner, digest, expires_at FROM auth_codes WHERE account = $1", account);
    return row.next() ? std::optional(columns::auth_code(row, 0)) : std::nullopt;
}

void PostgresAuthCodes::erase(AccountId account)
{
    connection_.send("DELETE FROM auth_codes WHERE account = $1", account);
}

int PostgresAuthCodes::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM auth_codes WHERE account = ANY (ARRAY(SELECT account FROM auth_codes WHERE expires_at < $1"
        " ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        before, limit);
}

void PostgresEmailChanges::put(EmailChange const& change)
{
    connection_.send(
        "INSERT INTO email_changes (account, email, digest, expires_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (account) DO UPDATE SET email = $2, digest = $3, expires_at = $4",
        change.account, change.email.str(), change.digest, change.expires_at);
}

std::optional<EmailChange> PostgresEmailChanges::find(AccountId account) const
{
    auto row =
        connection_.query("SELECT account, email, digest, expires_at FROM email_changes WHERE account = $1", account);
    return row.next() ? std::optional(columns::email_change(row, 0)) : std::nullopt;
}

bool PostgresEmailChanges::spend(AccountId account, Digest const& digest, Instant now)
{
    return connection_.run(
               "DELETE FROM email_changes WHERE account = $1 AND digest = $2 AND expires_at > $3", account, digest,
               now) == 1;
}

void PostgresEmailChanges::erase(AccountId account)
{
    connection_.send("DELETE FROM email_changes WHERE account = $1", account);
}

int PostgresEmailChanges::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM email_changes WHERE account = ANY (ARRAY(SELECT account FROM email_changes WHERE expires_at < $1"
        " ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        before, limit);
}

void PostgresCodes::hold(Purpose purpose, std::string_view subject)
{
    connection_.send(
        "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' ' || $1, $2))", subject, purpose);
}

std::optional<Instant>
PostgresCodes::count_send(Purpose purpose, std::string_view subject, Instant now, SendLimits const& limits)
{
    hold(purpose, subject);
    std::vector<Instant> sends;
    auto row = connection_.query(
        "SELECT sent_at FROM code_sends WHERE subject = $1 AND purpose = $2 AND sent_at > $3 ORDER BY sent_at DESC",
        subject, purpose, now - std::chrono::hours(24));
    while (row.next())
        sends.push_back(row.instant(0));
    if (auto const allowed_at = next_send(sends, now, limits))
        return allowed_at;
    connection_.send("INSERT INTO code_sends (subject, purpose, sent_at) VALUES ($1, $2, $3)", subject, purpose, now);
    return std::nullopt;
}

void PostgresCodes::add(Code const& code)
{
    hold(code.purpose, code.subject);
    connection_.send(
        "INSERT INTO codes (purpose, subject, binding, digest, expires_at) VALUES ($1, $2, $3, $4, $5)", code.purpose,
        code.subject, code.binding, code.digest, code.expires_at);
    connection_.send(
        "DELETE FROM codes WHERE subject = $1 AND purpose = $2 AND id NOT IN"
        " (SELECT id FROM codes WHERE subject = $1 AND purpose = $2 ORDER BY id DESC LIMIT 2)",
        code.subject, code.purpose);
}

std::vector<Code> PostgresCodes::alive(Purpose purpose, std::string_view subject, Instant now) const
{
    std::vector<Code> codes;
    auto row = connection_.query(
        "SELECT id, binding, digest, expires_at FROM codes WHERE subject = $1 AND purpose = $2 AND expires_at > $3"
        " AND used_at IS NULL ORDER BY id DESC",
        subject, purpose, now);
    while (row.next())
        codes.push_back(
            {.id = row.id<CodeId>(0),
             .purpose = purpose,
             .subject = std::string(subject),
             .binding = row.text(1),
             .digest = row.digest(2),
             .expires_at = row.instant(3)});
    return codes;
}

Tries PostgresCodes::count_tries(
    Purpose purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses)
{
    auto row = connection_.query(
        "INSERT INTO code_tries AS tries (subject, purpose, used, window_ends) VALUES ($1, $2, $5, $4)"
        " ON CONFLICT (subject, purpose) DO UPDATE SET"
        " used = CASE WHEN tries.window_ends > $3 THEN tries.used ELSE 0 END + $5,"
        " window_ends = CASE WHEN tries.window_ends > $3 THEN tries.window_ends ELSE $4 END"
        " RETURNING used, window_ends",
        subject, purpose, now, now + window, guesses);
    if (!row.next())
        throw StorageFailure("database: guesses could not be counted");
    return {.used = static_cast<int>(row.integer(0)), .window_ends = row.instant(1)};
}

void PostgresCodes::give_back_try(Purpose purpose, std::string_view subject)
{
    connection_.send(
        "UPDATE code_tries SET used = used - 1 WHERE subject = $1 AND purpose = $2 AND used > 0", subject, purpose);
}

bool PostgresCodes::spend(CodeId id, Instant now)
{
    return connection_.run(
               "UPDATE codes SET used_at = $2 WHERE id = $1 AND expires_at > $2 AND used_at IS NULL", id, now) == 1;
}

int PostgresCodes::forget(Instant before, int limit)
{
    auto forgotten = connection_.run(
        "DELETE FROM codes WHERE id = ANY (ARRAY(SELECT id FROM codes WHERE id = ANY (ARRAY("
        "SELECT id FROM codes ORDER BY id LIMIT $2)) AND expires_at < $1 ORDER BY id FOR UPDATE SKIP LOCKED))",
        before, limit);
    forgotten += connection_.run(
        "DELETE FROM code_sends WHERE id = ANY (ARRAY(SELECT id FROM code_sends WHERE id = ANY (ARRAY("
        "SELECT id FROM code_sends ORDER BY id LIMIT $2)) AND sent_at < $1 ORDER BY id FOR UPDATE SKIP LOCKED))",
        before, limit - forgotten);
    forgotten += connection_.run(
        "DELETE FROM code_tries WHERE (subject, purpose) IN (SELECT subject, purpose FROM code_tries"
        " WHERE window_ends < $1 ORDER BY window_ends LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before, limit - forgotten);
    return forgotten;
}

}
