#include "stores.hpp"

#include "columns.hpp"

namespace onboard::sqlite {

namespace {

Plan plan_in(Query const& row)
{
    return {.code = identifier<PlanCode>(row, 0), .partner = row.id<PartnerId>(1), .open = row.is_null(2)};
}

}

Result<PartnerId> SqlitePartners::insert(Partner const& partner)
{
    connection_.note_partners_changed();
    auto const inserted = connection_.run(
        "INSERT INTO partners (name, rights, link_existing, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        partner.name, static_cast<int>(partner.rights.bits()), partner.link_existing, partner.created_at);
    if (inserted == 0)
        return refuse(Errc::partner_exists, "name");
    return PartnerId(connection_.last_insert_id());
}

std::optional<Partner> SqlitePartners::find(PartnerId id) const
{
    auto row = connection_.query("SELECT id, name, rights, link_existing, created_at FROM partners WHERE id = ?", id);
    return row.next() ? std::optional(sqlite::partner(row, 0)) : std::nullopt;
}

std::optional<Partner> SqlitePartners::find(PartnerName const& name) const
{
    auto row =
        connection_.query("SELECT id, name, rights, link_existing, created_at FROM partners WHERE name = ?", name);
    return row.next() ? std::optional(sqlite::partner(row, 0)) : std::nullopt;
}

std::vector<Partner> SqlitePartners::all() const
{
    std::vector<Partner> partners;
    auto rows = connection_.query("SELECT id, name, rights, link_existing, created_at FROM partners ORDER BY name");
    while (rows.next())
        partners.push_back(partner(rows, 0));
    return partners;
}

PartnerTokenId SqlitePartners::add_token(PartnerId partner, Digest const& digest, Instant now)
{
    connection_.note_partners_changed();
    connection_.run(
        "INSERT INTO partner_tokens (partner, digest, created_at) VALUES (?, ?, ?)", partner, digest, now);
    return PartnerTokenId(connection_.last_insert_id());
}

std::optional<StoredPartnerToken> SqlitePartners::find_token(PartnerTokenId id) const
{
    auto row =
        connection_.query("SELECT id, partner, digest, created_at, revoked_at FROM partner_tokens WHERE id = ?", id);
    return row.next() ? std::optional(partner_token(row, 0)) : std::nullopt;
}

std::vector<StoredPartnerToken> SqlitePartners::live_tokens(PartnerId partner) const
{
    std::vector<StoredPartnerToken> tokens;
    auto rows = connection_.query(
        "SELECT id, partner, digest, created_at, revoked_at FROM partner_tokens"
        " WHERE partner = ? AND revoked_at IS NULL ORDER BY id",
        partner);
    while (rows.next())
        tokens.push_back(partner_token(rows, 0));
    return tokens;
}

void SqlitePartners::revoke_token(PartnerTokenId id, Instant now)
{
    connection_.note_partners_changed();
    connection_.run("UPDATE partner_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", now, id);
}

Result<void> SqlitePartners::add_plan(Plan const& plan, Instant now)
{
    connection_.note_partners_changed();
    auto const inserted = connection_.run(
        "INSERT INTO plans (code, partner, created_at, closed_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        plan.code, plan.partner, now, plan.open ? std::nullopt : std::optional(now));
    if (inserted == 0)
        return refuse(Errc::plan_exists, "code");
    return {};
}

std::optional<Plan> SqlitePartners::find_plan(PlanCode const& code) const
{
    auto row = connection_.query("SELECT code, partner, closed_at FROM plans WHERE code = ?", code);
    return row.next() ? std::optional(plan_in(row)) : std::nullopt;
}

std::vector<Plan> SqlitePartners::all_plans() const
{
    std::vector<Plan> plans;
    auto rows = connection_.query("SELECT code, partner, closed_at FROM plans ORDER BY code");
    while (rows.next())
        plans.push_back(plan_in(rows));
    return plans;
}

bool SqlitePartners::close_plan(PlanCode const& code, Instant now)
{
    connection_.note_partners_changed();
    return connection_.run("UPDATE plans SET closed_at = coalesce(closed_at, ?) WHERE code = ?", now, code) == 1;
}

Result<AccountId> SqliteAccounts::insert(Account const& account)
{
    connection_.note_accounts_changed();
    auto const inserted = with_values<std::string_view>(account, [&](auto const&... values) {
        return connection_.run(
            "INSERT INTO accounts (handle, email, email_key, email_verified, phone, phone_key, first_name, last_name,"
            " language, status, number, push_token, user_name, channel, organisation, generation, created_at,"
            " updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
            " ON CONFLICT DO NOTHING",
            values...);
    });
    if (inserted == 0)
        return why_taken(account, AccountId{});
    return AccountId(connection_.last_insert_id());
}

Result<void> SqliteAccounts::update(Account const& account)
{
    connection_.note_accounts_changed();
    auto const updated = with_values<std::string_view>(account, [&](auto const&... values) {
        return connection_.run(
            "UPDATE OR IGNORE accounts SET handle = ?1, email = ?2, email_key = ?3, email_verified = ?4, phone = ?5,"
            " phone_key = ?5, first_name = ?6, last_name = ?7, language = ?8, status = ?9, number = ?10,"
            " push_token = ?11, user_name = ?12, channel = ?13, organisation = ?14, generation = ?15,"
            " created_at = ?16, updated_at = ?17 WHERE id = ?18",
            values..., account.id);
    });
    if (updated == 0 && find(account.id))
        return why_taken(account, account.id);
    return {};
}

// Which of several indexes objected to the account with this id, SQLite does not say. Most have an address alone.
Error SqliteAccounts::why_taken(Account const& account, AccountId id) const
{
    if (!account.phone && !account.number && !account.user_name)
        return refuse(Errc::email_taken, "email");
    auto row = connection_.query(
        "SELECT EXISTS (SELECT 1 FROM accounts WHERE email_key = ?1 AND id <> ?4),"
        " EXISTS (SELECT 1 FROM accounts WHERE phone_key = ?2 AND id <> ?4),"
        " EXISTS (SELECT 1 FROM accounts WHERE user_name = ?3 AND id <> ?4)",
        part(account.email, &EmailAddress::key), part(account.phone, &PhoneNumber::e164),
        part(account.user_name, &UserName::str), id);
    row.next();
    if (row.integer(0) != 0)
        return refuse(Errc::email_taken, "email");
    if (row.integer(1) != 0)
        return refuse(Errc::phone_taken, "phone");
    if (row.integer(2) != 0)
        return refuse(Errc::user_name_taken, "user_name");
    throw StorageConflict("database: the number of an account is another's");
}

std::optional<Account> SqliteAccounts::find(AccountId id) const
{
    static constexpr Joined by_id{"SELECT ", account_columns, " FROM accounts WHERE id = ?"};
    auto row = connection_.query(by_id.text(), id);
    return row.next() ? std::optional(sqlite::account(row, 0)) : std::nullopt;
}

std::optional<Account> SqliteAccounts::find(EmailAddress const& email) const
{
    static constexpr Joined by_email{"SELECT ", account_columns, " FROM accounts WHERE email_key = ?"};
    auto row = connection_.query(by_email.text(), email.key());
    return row.next() ? std::optional(sqlite::account(row, 0)) : std::nullopt;
}

std::optional<Account> SqliteAccounts::find(PhoneNumber const& phone) const
{
    static constexpr Joined by_phone{"SELECT ", account_columns, " FROM accounts WHERE phone_key = ?"};
    auto row = connection_.query(by_phone.text(), phone.e164());
    return row.next() ? std::optional(sqlite::account(row, 0)) : std::nullopt;
}

std::optional<Account> SqliteAccounts::find(UserName const& name) const
{
    static constexpr Joined by_user_name{"SELECT ", account_columns, " FROM accounts WHERE user_name = ?"};
    auto row = connection_.query(by_user_name.text(), name.str());
    return row.next() ? std::optional(sqlite::account(row, 0)) : std::nullopt;
}

bool SqliteAccounts::any() const
{
    return connection_.query("SELECT 1 FROM accounts").next();
}

namespace {

std::vector<bool> find_registered(Connection& connection, std::span<PhoneNumber const> phones)
{
    std::string array = "[";  // JSON, in which a '+' and digits stand for themselves
    for (auto const& phone : phones)
        array += (array.size() == 1 ? "\"" : ",\"") + phone.e164() + '"';
    array += ']';

    std::vector<bool> registered(phones.size());
    auto rows = connection.query(
        "SELECT key FROM json_each(?) WHERE EXISTS (SELECT 1 FROM accounts WHERE phone_key = value) AND NOT EXISTS"
        " (SELECT 1 FROM accounts INDEXED BY accounts_inactive WHERE phone_key = value AND status <> 1)",
        array);
    while (rows.next())
        registered.at(static_cast<std::size_t>(rows.integer(0))) = true;
    return registered;
}

}

std::vector<bool> SqliteAccounts::are_registered(std::span<PhoneNumber const> phones) const
{
    // A reader has the file in memory, and sees the same accounts as long as this transaction has changed none.
    if (readers_ && !connection_.accounts_changed())
        return find_registered(Reading(*readers_).connection(), phones);
    return find_registered(connection_, phones);
}

void SqliteAccounts::release_identifiers(AccountId id)
{
    connection_.note_accounts_changed();
    connection_.run("UPDATE accounts SET email_key = NULL, phone_key = NULL WHERE id = ?", id);
}

Result<void> SqliteAccounts::enrol(PartnerId partner, AccountId account, Enrolment const& enrolment, Instant now)
{
    auto const before = find_enrolment(partner, account);
    if (!before) {
        auto const inserted = connection_.run(
            "INSERT OR IGNORE INTO enrolments (plan, contract_type, person_id, personnel_number, additional_data,"
            " updated_at, account, partner) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            enrolment.plan, enrolment.contract_type, enrolment.person_id, enrolment.personnel_number,
            enrolment.additional_data, now, account, partner);
        return inserted == 1 ? Result<void>() : refuse(Errc::person_id_taken, "person_id");
    }
    // Whatever a statement names, SQLite writes into its index once more, even if it is the same.
    if (before->person_id != enrolment.person_id) {
        auto const updated = connection_.run(
            "UPDATE OR IGNORE enrolments SET person_id = ? WHERE account = ? AND partner = ?", enrolment.person_id,
            account, partner);
        if (updated == 0)
            return refuse(Errc::person_id_taken, "person_id");
    }
    connection_.run(
        "UPDATE enrolments SET plan = ?, contract_type = ?, personnel_number = ?, additional_data = ?, updated_at = ?"
        " WHERE account = ? AND partner = ?",
        enrolment.plan, enrolment.contract_type, enrolment.personnel_number, enrolment.additional_data, now, account,
        partner);
    return {};
}

std::optional<Enrolment> SqliteAccounts::find_enrolment(PartnerId partner, AccountId account) const
{
    auto row = connection_.query(
        "SELECT plan, contract_type, person_id, personnel_number, additional_data FROM enrolments"
        " WHERE account = ? AND partner = ?",
        account, partner);
    return row.next() ? std::optional(enrolment(row, 0)) : std::nullopt;
}

std::optional<AccountId> SqliteAccounts::find(PartnerId partner, PersonId const& person) const
{
    auto row =
        connection_.query("SELECT account FROM enrolments WHERE partner = ? AND person_id = ?", partner, person);
    return row.next() ? std::optional(row.id<AccountId>(0)) : std::nullopt;
}

std::vector<std::pair<PartnerId, Enrolment>> SqliteAccounts::enrolments(AccountId account) const
{
    std::vector<std::pair<PartnerId, Enrolment>> result;
    auto rows = connection_.query(
        "SELECT plan, contract_type, person_id, personnel_number, additional_data, partner FROM enrolments"
        " WHERE account = ? ORDER BY partner",
        account);
    while (rows.next())
        result.emplace_back(rows.id<PartnerId>(5), enrolment(rows, 0));
    return result;
}

void SqliteConsents::add(Consent const& consent)
{
    connection_.run(
        "INSERT INTO consents (account, agreement, version, partner, given_at) VALUES (?, ?, ?, ?, ?)",
        consent.account, consent.to, consent.version, consent.partner, consent.given_at);
}

std::vector<Consent> SqliteConsents::of(AccountId account) const
{
    std::vector<Consent> consents;
    auto rows = connection_.query(
        "SELECT account, agreement, version, partner, given_at FROM consents WHERE account = ? ORDER BY id", account);
    while (rows.next())
        consents.push_back(consent(rows, 0));
    return consents;
}

bool SqliteIdentities::add(LinkedIdentity const& identity)
{
    return connection_.run(
               "INSERT INTO identities (issuer, subject, account, linked_at) VALUES (?, ?, ?, ?)"
               " ON CONFLICT DO NOTHING",
               identity.issuer, identity.subject, identity.account, identity.linked_at) == 1;
}

std::optional<AccountId> SqliteIdentities::find(std::string_view issuer, std::string_view subject) const
{
    auto row = connection_.query("SELECT account FROM identities WHERE issuer = ? AND subject = ?", issuer, subject);
    return row.next() ? std::optional(row.id<AccountId>(0)) : std::nullopt;
}

std::vector<LinkedIdentity> SqliteIdentities::of(AccountId account) const
{
    std::vector<LinkedIdentity> identities;
    auto rows = connection_.query(
        "SELECT issuer, subject, account, linked_at FROM identities WHERE account = ? ORDER BY issuer, subject",
        account);
    while (rows.next())
        identities.push_back(identity(rows, 0));
    return identities;
}

void SqliteIdentities::erase(AccountId account)
{
    connection_.run("DELETE FROM identities WHERE account = ?", account);
}

}
