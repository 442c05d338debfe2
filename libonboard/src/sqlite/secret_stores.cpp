#include "stores.hpp"

#include "../send_limits.hpp"
#include "columns.hpp"

namespace onboard::sqlite {

LoginLinkId SqliteLoginLinks::insert(LoginLink const& link)
{
    auto const id = LoginLinkId(connection_.numbers().next(Numbers::Of::login_links));
    connection_.run(
        "INSERT INTO login_links (id, account, partner, generation, digest, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        id, link.account, link.partner, link.generation, link.digest, link.expires_at);
    if (auto const& proposal = link.proposal)
        connection_.run(
            "INSERT INTO login_link_proposals (link, first_name, last_name, language, plan, contract_type, person_id,"
            " personnel_number, additional_data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id, proposal->name.first(), proposal->name.last(), proposal->language, proposal->enrolment.plan,
            proposal->enrolment.contract_type, proposal->enrolment.person_id, proposal->enrolment.personnel_number,
            proposal->enrolment.additional_data);
    return id;
}

std::optional<LoginLink> SqliteLoginLinks::find(LoginLinkId id) const
{
    auto row = connection_.query(
        "SELECT account, login_links.partner, generation, digest, expires_at, used_at, first_name, last_name, "
        "language,"
        " plan, contract_type, person_id, personnel_number, additional_data"
        " FROM login_links LEFT JOIN login_link_proposals ON link = id WHERE id = ?",
        id);
    return row.next() ? std::optional(login_link(row, 0)) : std::nullopt;
}

bool SqliteLoginLinks::spend(LoginLinkId id, Instant now)
{
    return connection_.run(
               "UPDATE login_links SET used_at = ?1 WHERE id = ?2 AND used_at IS NULL AND expires_at > ?1", now,
               id) == 1;
}

void SqliteLoginLinks::forget_proposals(AccountId account)
{
    connection_.run(
        "DELETE FROM login_link_proposals WHERE link IN (SELECT id FROM login_links WHERE account = ?)", account);
}

int SqliteLoginLinks::forget(Instant before, int limit)
{
    // Links expire nearly in the order of their numbers, so looking at the first ones finds nearly all.
    return connection_.run(
        "DELETE FROM login_links WHERE id IN (SELECT id FROM login_links ORDER BY id LIMIT ?) AND expires_at < ?",
        limit, before);
}

SessionId SqliteSessions::insert(StoredSession const& session)
{
    auto const id = SessionId(connection_.numbers().next(Numbers::Of::sessions));
    connection_.run(
        "INSERT INTO sessions (id, account, partner, generation, digest, opened_at, seen_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        id, session.account, session.partner, session.generation, session.digest, session.opened_at, session.seen_at);
    return id;
}

std::optional<StoredSession> SqliteSessions::find(SessionId id) const
{
    auto row = connection_.query(
        "SELECT account, partner, generation, digest, opened_at, seen_at, ended FROM sessions WHERE id = ?", id);
    return row.next() ? std::optional(session(row, 0)) : std::nullopt;
}

void SqliteSessions::touch(SessionId id, Instant seen_at)
{
    connection_.run("UPDATE sessions SET seen_at = max(seen_at, ?) WHERE id = ?", seen_at, id);
}

void SqliteSessions::end(SessionId id)
{
    connection_.run("UPDATE sessions SET ended = 1 WHERE id = ?", id);
}

int SqliteSessions::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions ORDER BY id LIMIT ?) AND opened_at < ?", limit,
        before);
}

PasswordLinkId SqlitePasswordLinks::insert(PasswordLink const& link)
{
    auto const id = PasswordLinkId(connection_.numbers().next(Numbers::Of::password_links));
    connection_.run(
        "INSERT INTO password_links (id, account, partner, generation, digest, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        id, link.account, link.partner, link.generation, link.digest, link.expires_at);
    return id;
}

std::optional<PasswordLink> SqlitePasswordLinks::find(PasswordLinkId id) const
{
    auto row = connection_.query(
        "SELECT account, partner, generation, digest, expires_at, used_at FROM password_links WHERE id = ?", id);
    return row.next() ? std::optional(password_link(row, 0)) : std::nullopt;
}

bool SqlitePasswordLinks::spend(PasswordLinkId id, Instant now)
{
    return connection_.run(
               "UPDATE password_links SET used_at = ?1 WHERE id = ?2 AND used_at IS NULL AND expires_at > ?1", now,
               id) == 1;
}

int SqlitePasswordLinks::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM password_links WHERE id IN (SELECT id FROM password_links ORDER BY id LIMIT ?)"
        " AND expires_at < ?",
        limit, before);
}

void SqlitePasswords::put(AccountId account, std::string_view sealed, Instant now)
{
    connection_.run(
        "INSERT INTO passwords (account, sealed, set_at) VALUES (?1, ?2, ?3)"
        " ON CONFLICT DO UPDATE SET sealed = ?2, set_at = ?3",
        account, Bytes{sealed}, now);
}

std::optional<std::string> SqlitePasswords::find(AccountId account) const
{
    auto row = connection_.query("SELECT sealed FROM passwords WHERE account = ?", account);
    return row.next() ? std::optional(std::string(row.bytes(0))) : std::nullopt;
}

void SqlitePasswords::erase(AccountId account)
{
    connection_.run("DELETE FROM passwords WHERE account = ?", account);
}

void SqliteAuthCodes::put(StoredAuthCode const& code)
{
    connection_.run(
        "INSERT INTO auth_codes (account, partner, digest, expires_at) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT DO UPDATE SET partner = ?2, digest = ?3, expires_at = ?4",
        code.account, code.partner, code.digest, code.expires_at);
}

std::optional<StoredAuthCode> SqliteAuthCodes::find(AccountId account) const
{
    auto row =
        connection_.query("SELECT account, partner, digest, expires_at FROM auth_codes WHERE account = ?", account);
    return row.next() ? std::optional(auth_code(row, 0)) : std::nullopt;
}

void SqliteAuthCodes::erase(AccountId account)
{
    connection_.run("DELETE FROM auth_codes WHERE account = ?", account);
}

int SqliteAuthCodes::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM auth_codes WHERE account IN (SELECT account FROM auth_codes WHERE expires_at < ? LIMIT ?)",
        before, limit);
}

void SqliteEmailChanges::put(EmailChange const& change)
{
    connection_.run(
        "INSERT INTO email_changes (account, email, digest, expires_at) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT DO UPDATE SET email = ?2, digest = ?3, expires_at = ?4",
        change.account, change.email.str(), change.digest, change.expires_at);
}

std::optional<EmailChange> SqliteEmailChanges::find(AccountId account) const
{
    auto row =
        connection_.query("SELECT account, email, digest, expires_at FROM email_changes WHERE account = ?", account);
    return row.next() ? std::optional(email_change(row, 0)) : std::nullopt;
}

bool SqliteEmailChanges::spend(AccountId account, Digest const& digest, Instant now)
{
    return connection_.run(
               "DELETE FROM email_changes WHERE account = ? AND digest = ? AND expires_at > ?", account, digest,
               now) == 1;
}

void SqliteEmailChanges::erase(AccountId account)
{
    connection_.run("DELETE FROM email_changes WHERE account = ?", account);
}

int SqliteEmailChanges::forget(Instant before, int limit)
{
    return connection_.run(
        "DELETE FROM email_changes WHERE account IN"
        " (SELECT account FROM email_changes WHERE expires_at < ? LIMIT ?)",
        before, limit);
}

std::optional<Instant>
SqliteCodes::count_send(Purpose purpose, std::string_view subject, Instant now, SendLimits const& limits)
{
    constexpr std::chrono::hours day{24};
    std::vector<Instant> sends;  // of the last day, the newest first
    {
        auto rows = connection_.query(
            "SELECT sent_at FROM code_sends WHERE subject = ? AND purpose = ? AND sent_at > ? ORDER BY sent_at DESC",
            subject, purpose, now - day);
        while (rows.next())
            sends.push_back(rows.instant(0));
    }

    if (auto const allowed_at = next_send(sends, now, limits))
        return allowed_at;

    connection_.run("INSERT INTO code_sends (subject, purpose, sent_at) VALUES (?, ?, ?)", subject, purpose, now);
    return std::nullopt;
}

void SqliteCodes::add(Code const& code)
{
    connection_.run(
        "INSERT INTO codes (id, purpose, subject, binding, digest, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        connection_.numbers().next(Numbers::Of::codes), code.purpose, code.subject, code.binding, code.digest,
        code.expires_at);
    connection_.run(
        "DELETE FROM codes WHERE subject = ?1 AND purpose = ?2 AND id <="
        " (SELECT id FROM codes WHERE subject = ?1 AND purpose = ?2 ORDER BY id DESC LIMIT 1 OFFSET 2)",
        code.subject, code.purpose);
}

std::vector<Code> SqliteCodes::alive(Purpose purpose, std::string_view subject, Instant now) const
{
    std::vector<Code> codes;
    auto rows = connection_.query(
        "SELECT id, binding, digest, expires_at FROM codes WHERE subject = ? AND purpose = ? AND expires_at > ?"
        " AND used_at IS NULL ORDER BY id DESC",
        subject, purpose, now);
    while (rows.next())
        codes.push_back(
            {.id = rows.id<CodeId>(0),
             .purpose = purpose,
             .subject = std::string(subject),
             .binding = rows.text(1),
             .digest = rows.digest(2),
             .expires_at = rows.instant(3)});
    return codes;
}

// Not in one statement: SQLite would keep what an upsert returns in a table made for it, and would write the entry of
// an index once more if the window stayed.
Tries SqliteCodes::count_tries(
    Purpose purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses)
{
    std::optional<Tries> before;
    {
        auto row = connection_.query(
            "SELECT used, window_ends FROM code_tries WHERE subject = ? AND purpose = ? AND window_ends > ?", subject,
            purpose, now);
        if (row.next())
            before = {.used = static_cast<int>(row.integer(0)), .window_ends = row.instant(1)};
    }
    if (before) {
        connection_.run(
            "UPDATE code_tries SET used = used + ?3 WHERE subject = ?1 AND purpose = ?2", subject, purpose, guesses);
        return {.used = before->used + guesses, .window_ends = before->window_ends};
    }
    connection_.run(
        "INSERT INTO code_tries (subject, purpose, used, window_ends) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT DO UPDATE SET used = ?3, window_ends = ?4",
        subject, purpose, guesses, now + window);
    return {.used = guesses, .window_ends = now + window};
}

void SqliteCodes::give_back_try(Purpose purpose, std::string_view subject)
{
    connection_.run(
        "UPDATE code_tries SET used = used - 1 WHERE subject = ? AND purpose = ? AND used > 0", subject, purpose);
}

bool SqliteCodes::spend(CodeId id, Instant now)
{
    return connection_.run(
               "UPDATE codes SET used_at = ?2 WHERE id = ?1 AND expires_at > ?2 AND used_at IS NULL", id, now) == 1;
}

int SqliteCodes::forget(Instant before, int limit)
{
    auto forgotten = connection_.run(
        "DELETE FROM codes WHERE id IN (SELECT id FROM codes ORDER BY id LIMIT ?) AND expires_at < ?", limit, before);
    forgotten += connection_.run(
        "DELETE FROM code_sends WHERE id IN (SELECT id FROM code_sends ORDER BY id LIMIT ?) AND sent_at < ?",
        limit - forgotten, before);
    forgotten += connection_.run(
        "DELETE FROM code_tries WHERE (subject, purpose) IN"
        " (SELECT subject, purpose FROM code_tries WHERE window_ends < ? LIMIT ?)",
        before, limit - forgotten);
    return forgotten;
}

}
