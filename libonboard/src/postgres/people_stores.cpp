#include "stores.hpp"

#include <unordered_set>

#include "../rows.hpp"

namespace onboard::postgres {

Result<PartnerId> PostgresPartners::insert(Partner const& partner)
{
    auto inserted = connection_.query(
        "INSERT INTO partners (name, rights, link_existing, created_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING RETURNING id",
        partner.name, static_cast<int>(partner.rights.bits()), partner.link_existing, partner.created_at);
    if (!inserted.next())
        return refuse(Errc::partner_exists, "name");
    return inserted.id<PartnerId>(0);
}

std::optional<Partner> PostgresPartners::find(PartnerId id) const
{
    auto row =
        connection_.query("SELECT id, name, rights, link_existing, created_at FROM partners WHERE id = $1", id);
    return row.next() ? std::optional(columns::partner(row, 0)) : std::nullopt;
}

std::optional<Partner> PostgresPartners::find(PartnerName const& name) const
{
    auto row =
        connection_.query("SELECT id, name, rights, link_existing, created_at FROM partners WHERE name = $1", name);
    return row.next() ? std::optional(columns::partner(row, 0)) : std::nullopt;
}

std::vector<Partner> PostgresPartners::all() const
{
    std::vector<Partner> partners;
    auto row = connection_.query("SELECT id, name, rights, link_existing, created_at FROM partners ORDER BY name");
    while (row.next())
        partners.push_back(columns::partner(row, 0));
    return partners;
}

PartnerTokenId PostgresPartners::add_token(PartnerId partner, Digest const& digest, Instant now)
{
    auto inserted = connection_.query(
        "INSERT INTO partner_tokens (partner, digest, created_at) VALUES ($1, $2, $3) RETURNING id", partner, digest,
        now);
    if (!inserted.next())
        throw StorageFailure("database: a token was not stored");
    return inserted.id<PartnerTokenId>(0);
}

std::optional<StoredPartnerToken> PostgresPartners::find_token(PartnerTokenId id) const
{
    auto row =
        connection_.query("SELECT id, partner, digest, created_at, revoked_at FROM partner_tokens WHERE id = $1", id);
    return row.next() ? std::optional(columns::partner_token(row, 0)) : std::nullopt;
}

std::vector<StoredPartnerToken> PostgresPartners::live_tokens(PartnerId partner) const
{
    std::vector<StoredPartnerToken> tokens;
    auto row = connection_.query(
        "SELECT id, partner, digest, created_at, revoked_at FROM partner_tokens"
        " WHERE partner = $1 AND revoked_at IS NULL ORDER BY id",
        partner);
    while (row.next())
        tokens.push_back(columns::partner_token(row, 0));
    return tokens;
}

void PostgresPartners::revoke_token(PartnerTokenId id, Instant now)
{
    connection_.send("UPDATE partner_tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL", now, id);
}

Result<void> PostgresPartners::add_plan(Plan const& plan, Instant now)
{
    auto const inserted = connection_.run(
        "INSERT INTO plans (code, partner, created_at, closed_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        plan.code, plan.partner, now, plan.open ? std::nullopt : std::optional(now));
    if (inserted == 0)
        return refuse(Errc::plan_exists, "code");
    return {};
}

std::optional<Plan> PostgresPartners::find_plan(PlanCode const& code) const
{
    auto row = connection_.query("SELECT code, partner, closed_at FROM plans WHERE code = $1", code);
    return row.next() ? std::optional(columns::plan(row, 0)) : std::nullopt;
}

std::vector<Plan> PostgresPartners::all_plans() const
{
    std::vector<Plan> plans;
    auto row = connection_.query("SELECT code, partner, closed_at FROM plans ORDER BY code");
    while (row.next())
        plans.push_back(columns::plan(row, 0));
    return plans;
}

bool PostgresPartners::close_plan(PlanCode const& code, Instant now)
{
    return connection_.run("UPDATE plans SET closed_at = coalesce(closed_at, $1) WHERE code = $2", now, code) == 1;
}

Result<AccountId> PostgresAccounts::insert(Account const& account)
{
    auto inserted = columns::with_values<Bytes>(account, [&](auto const&... values) {
        return connection_.query(
            "INSERT INTO accounts (handle, email, email_key, email_verified, phone, phone_key, first_name, last_name,"
            " language, status, number, push_token, user_name, channel, organisation, generation, created_at,"
            " updated_at) VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
            " ON CONFLICT DO NOTHING RETURNING id",
            values...);
    });
    if (!inserted.next())
        return why_taken(account, AccountId{});
    return inserted.id<AccountId>(0);
}

Result<void> PostgresAccounts::update(Account const& account)
{
    // Another who takes the address, a number or the name between the look and the change makes this a conflict.
    auto const updated = columns::with_values<Bytes>(account, [&](auto const&... values) {
        return connection_.run(
            "UPDATE accounts SET handle = $1, email = $2, email_key = $3, email_verified = $4, phone = $5,"
            " phone_key = $5, first_name = $6, last_name = $7, language = $8, status = $9, number = $10,"
            " push_token = $11, user_name = $12, channel = $13, organisation = $14, generation = $15,"
            " created_at = $16, updated_at = $17 WHERE id = $18"
            " AND NOT EXISTS (SELECT FROM accounts AS other WHERE other.email_key = $3 AND other.id <> $18)"
            " AND NOT EXISTS (SELECT FROM accounts AS other WHERE other.phone_key = $5 AND other.id <> $18)"
            " AND NOT EXISTS (SELECT FROM accounts AS other WHERE other.number = $10 AND other.id <> $18)"
            " AND NOT EXISTS (SELECT FROM accounts AS other WHERE other.user_name = $12 AND other.id <> $18)",
            values..., account.id);
    });
    if (updated == 0 && find(account.id))
        return why_taken(account, account.id);
    return {};
}

// What stood in the way of the account with this id: of most, which have an address alone, nothing else can. What has gone
// again meanwhile is a conflict like any other.
Error PostgresAccounts::why_taken(Account const& account, AccountId id) const
{
    if (!account.phone && !account.number && !account.user_name)
        return refuse(Errc::email_taken, "email");
    auto row = connection_.query(
        "SELECT EXISTS (SELECT FROM accounts WHERE email_key = $1 AND id <> $4),"
        " EXISTS (SELECT FROM accounts WHERE phone_key = $2 AND id <> $4),"
        " EXISTS (SELECT FROM accounts WHERE user_name = $3 AND id <> $4)",
        columns::part(account.email, &EmailAddress::key), columns::part(account.phone, &PhoneNumber::e164),
        columns::part(account.user_name, &UserName::str), id);
    row.next();
    if (row.integer(0) != 0)
        return refuse(Errc::email_taken, "email");
    if (row.integer(1) != 0)
        return refuse(Errc::phone_taken, "phone");
    if (row.integer(2) != 0)
        return refuse(Errc::user_name_taken, "user_name");
    throw StorageConflict("database: the number of an account is another's");
}

std::optional<Account> PostgresAccounts::find(AccountId id) const
{
    static constexpr columns::Joined looking{"SELECT ", columns::account_columns, " FROM accounts WHERE id = $1"};
    static Finding const by_id(looking);
    auto row = connection_.query(by_id.statement(writing_), id);
    return row.next() ? std::optional(columns::account(row, 0)) : std::nullopt;
}

std::optional<Account> PostgresAccounts::find(EmailAddress const& email) const
{
    static constexpr columns::Joined looking{
        "SELECT ", columns::account_columns, " FROM accounts WHERE email_key = $1"};
    static Finding const by_email(looking);
    auto row = connection_.query(by_email.statement(writing_), email.key());
    return row.next() ? std::optional(columns::account(row, 0)) : std::nullopt;
}

std::optional<Account> PostgresAccounts::find(PhoneNumber const& phone) const
{
    static constexpr columns::Joined looking{
        "SELECT ", columns::account_columns, " FROM accounts WHERE phone_key = $1"};
    static Finding const by_phone(looking);
    auto row = connection_.query(by_phone.statement(writing_), phone.e164());
    return row.next() ? std::optional(columns::account(row, 0)) : std::nullopt;
}

std::optional<Account> PostgresAccounts::find(UserName const& name) const
{
    static constexpr columns::Joined looking{
        "SELECT ", columns::account_columns, " FROM accounts WHERE user_name = $1"};
    static Finding const by_user_name(looking);
    auto row = connection_.query(by_user_name.statement(writing_), name.str());
    return row.next() ? std::optional(columns::account(row, 0)) : std::nullopt;
}

bool PostgresAccounts::any() const
{
    return connection_.query("SELECT 1 FROM accounts LIMIT 1").next();
}

std::vector<bool> PostgresAccounts::are_registered(std::span<PhoneNumber const> phones) const
{
    std::string array = "{";  // as PostgreSQL writes one, in which a '+' and digits stand for themselves
    for (auto const& phone : phones)
        array += (array.size() == 1 ? "" : ",") + phone.e164();
    array += '}';

    std::unordered_set<std::string> taken;
    auto row = connection_.query(
        "SELECT phone_key FROM accounts WHERE phone_key = ANY ($1::text[]) AND status = $2", array,
        AccountStatus::active);
    while (row.next())
        taken.insert(row.text(0));

    std::vector<bool> registered;
    for (auto const& phone : phones)
        registered.push_back(taken.contains(phone.e164()));
    return registered;
}

void PostgresAccounts::release_identifiers(AccountId id)
{
    connection_.send("UPDATE accounts SET email_key = NULL, phone_key = NULL WHERE id = $1", id);
}

Result<void> PostgresAccounts::enrol(PartnerId partner, AccountId account, Enrolment const& enrolment, Instant now)
{
    if (!enrolment.person_id) {
        connection_.send(
            "INSERT INTO enrolments (plan, contract_type, personnel_number, additional_data, updated_at, account,"
            " partner) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account, partner) DO UPDATE SET"
            " plan = $1, contract_type = $2, person_id = NULL, personnel_number = $3, additional_data = $4,"
            " updated_at = $5",
            enrolment.plan, enrolment.contract_type, enrolment.personnel_number, Bytes{enrolment.additional_data},
            now, account, partner);
        return {};
    }

    // An id that is somebody else's makes this do nothing. Who takes the id between the look and the change makes the
    // change a conflict, and lets the insertion do nothing.
    auto const enrolled = connection_.run(
        "WITH updated AS (UPDATE enrolments SET plan = $1, contract_type = $2, person_id = $3, personnel_number = $4,"
        " additional_data = $5, updated_at = $6 WHERE account = $7 AND partner = $8 AND NOT EXISTS (SELECT FROM"
        " enrolments AS other WHERE other.partner = $8 AND other.person_id = $3 AND other.account <> $7) RETURNING "
        "1),"
        " inserted AS (INSERT INTO enrolments (plan, contract_type, person_id, personnel_number, additional_data,"
        " updated_at, account, partner) SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE NOT EXISTS (SELECT FROM "
        "enrolments"
        " WHERE account = $7 AND partner = $8) ON CONFLICT DO NOTHING RETURNING 1)"
        " SELECT 1 FROM updated UNION ALL SELECT 1 FROM inserted",
        enrolment.plan, enrolment.contract_type, enrolment.person_id, enrolment.personnel_number,
        Bytes{enrolment.additional_data}, now, account, partner);
    if (enrolled == 1)
        return {};
    auto const holder = find(partner, *enrolment.person_id);
    if (holder && *holder != account)
        return refuse(Errc::person_id_taken, "person_id");
    throw StorageConflict("database: somebody else enrolled the same person at the same moment");
}

std::optional<Enrolment> PostgresAccounts::find_enrolment(PartnerId partner, AccountId account) const
{
    auto row = connection_.query(
        "SELECT plan, contract_type, person_id, personnel_number, additional_data FROM enrolments"
        " WHERE account = $1 AND partner = $2",
        account, partner);
    return row.next() ? std::optional(columns::enrolment(row, 0)) : std::nullopt;
}

std::optional<AccountId> PostgresAccounts::find(PartnerId partner, PersonId const& person) const
{
    auto row =
        connection_.query("SELECT account FROM enrolments WHERE partner = $1 AND person_id = $2", partner, person);
    return row.next() ? std::optional(row.id<AccountId>(0)) : std::nullopt;
}

std::vector<std::pair<PartnerId, Enrolment>> PostgresAccounts::enrolments(AccountId account) const
{
    std::vector<std::pair<PartnerId, Enrolment>> result;
    auto row = connection_.query(
        "SELECT plan, contract_type, person_id, personnel_number, additional_data, partner FROM enrolments"
        " WHERE account = $1 ORDER BY partner",
        account);
    while (row.next())
        result.emplace_back(row.id<PartnerId>(5), columns::enrolment(row, 0));
    return result;
}

void PostgresConsents::add(Consent const& consent)
{
    connection_.send(
        "INSERT INTO consents (account, agreement, version, partner, given_at) VALUES ($1, $2, $3, $4, $5)",
        consent.account, consent.to, consent.version, consent.partner, consent.given_at);
}

std::vector<Consent> PostgresConsents::of(AccountId account) const
{
    std::vector<Consent> consents;
    auto row = connection_.query(
        "SELECT account, agreement, version, partner, given_at FROM consents WHERE account = $1 ORDER BY id",
        account);
    while (row.next())
        consents.push_back(columns::consent(row, 0));
    return consents;
}

bool PostgresIdentities::add(LinkedIdentity const& identity)
{
    return connection_.run(
               "INSERT INTO identities (issuer, subject, account, linked_at) VALUES ($1, $2, $3, $4)"
               " ON CONFLICT (issuer, subject) DO NOTHING",
               Bytes{identity.issuer}, Bytes{identity.subject}, identity.account, identity.linked_at) == 1;
}

std::optional<AccountId> PostgresIdentities::find(std::string_view issuer, std::string_view subject) const
{
    auto row = connection_.query(
        "SELECT account FROM identities WHERE issuer = $1 AND subject = $2", Bytes{issuer}, Bytes{subject});
    return row.next() ? std::optional(row.id<AccountId>(0)) : std::nullopt;
}

std::vector<LinkedIdentity> PostgresIdentities::of(AccountId account) const
{
    std::vector<LinkedIdentity> identities;
    auto row = connection_.query(
        "SELECT issuer, subject, account, linked_at FROM identities WHERE account = $1 ORDER BY issuer, subject",
        account);
    while (row.next())
        identities.push_back(columns::identity(row, 0));
    return identities;
}

void PostgresIdentities::erase(AccountId account)
{
    connection_.send("DELETE FROM identities WHERE account = $1", account);
}

}
