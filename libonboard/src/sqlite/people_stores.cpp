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
    auto const inserted = connection_.run(
        "INSERT INTO accounts (handle, email, email_key, first_name, last_name, language, status, generation,"
        " created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        account.handle, account.email.str(), account.email.key(), account.name.first(), account.name.last(),
        account.language, account.status, account.generation, account.created_at, account.updated_at);
    if (inserted == 0)
        return refuse(Errc::email_taken, "email");
    return AccountId(connection_.last_insert_id());
}

Result<void> SqliteAccounts::update(Account const& account)
{
    auto const updated = connection_.run(
        "UPDATE OR IGNORE accounts SET handle = ?, email = ?, email_key = ?, first_name = ?, last_name = ?,"
        " language = ?, status = ?, generation = ?, created_at = ?, updated_at = ? WHERE id = ?",
        account.handle, account.email.str(), account.email.key(), account.name.first(), account.name.last(),
        account.language, account.status, account.generation, account.created_at, account.updated_at, account.id);
    if (updated == 0 && find(account.id))
        return refuse(Errc::email_taken, "email");
    return {};
}

std::optional<Account> SqliteAccounts::find(AccountId id) const
{
    auto row = connection_.query(
        "SELECT id, handle, email, first_name, last_name, language, status, generation, created_at, updated_at"
        " FROM accounts WHERE id = ?",
        id);
    return row.next() ? std::optional(sqlite::account(row, 0)) : std::nullopt;
}

std::optional<Account> SqliteAccounts::find(EmailAddress const& email) const
{
    auto row = connection_.query(
        "SELECT id, handle, email, first_name, last_name, language, status, generation, created_at, updated_at"
        " FROM accounts WHERE email_key = ?",
        email.key());
    return row.next() ? std::optional(sqlite::account(row, 0)) : std::nullopt;
}

void SqliteAccounts::release_email(AccountId id)
{
    connection_.run("UPDATE accounts SET email_key = NULL WHERE id = ?", id);
}

Result<void> SqliteAccounts::enrol(PartnerId partner, AccountId account, Enrolment const& enrolment, Instant now)
{
    // An id that is somebody else's makes both statements do nothing; which index objected, SQLite does not say.
    auto const inserted = connection_.run(
        "INSERT OR IGNORE INTO enrolments (plan, contract_type, person_id, personnel_number, additional_data,"
        " updated_at, account, partner) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        enrolment.plan, enrolment.contract_type, enrolment.person_id, enrolment.personnel_number,
        enrolment.additional_data, now, account, partner);
    if (inserted == 1)
        return {};
    auto const updated = connection_.run(
        "UPDATE OR IGNORE enrolments SET plan = ?, contract_type = ?, person_id = ?, personnel_number = ?,"
        " additional_data = ?, updated_at = ? WHERE account = ? AND partner = ?",
        enrolment.plan, enrolment.contract_type, enrolment.person_id, enrolment.personnel_number,
        enrolment.additional_data, now, account, partner);
    if (updated == 0)
        return refuse(Errc::person_id_taken, "person_id");
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

}
