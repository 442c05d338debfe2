#include <onboard/administration.hpp>

#include <algorithm>
#include <limits>

#include "audit.hpp"
#include "unicode.hpp"

namespace onboard {

namespace {

// Whether the entry is about the account, or about who is reached by one of these fingerprints.
bool is_about(AuditEntry const& entry, AccountId account, std::span<std::string const> fingerprints)
{
    return entry.account == account || std::ranges::any_of(fingerprints, [&](std::string const& fingerprint) {
               return entry.detail.ends_with(' ' + fingerprint);
           });
}

bool is_to(Letter const& letter, Account const& account)
{
    return (account.email && letter.to == Recipient(*account.email)) ||
           (account.phone && letter.to == Recipient(*account.phone));
}

// What is left of a person are the identifiers, which stay taken.
void erase_profile(UnitOfWork& work, Account& account, Instant now)
{
    account.name.reset();
    account.push_token.clear();
    account.membership.reset();
    work.login_links().forget_proposals(account.id);
    work.passwords().erase(account.id);
    for (auto const& [partner, enrolment] : work.accounts().enrolments(account.id)) {
        Enrolment const identifiers{.person_id = enrolment.person_id};
        work.accounts().enrol(partner, account.id, identifiers, now).value();
    }
}

std::optional<Account> find_account(UnitOfWork const& work, Recipient const& who)
{
    return std::visit([&](auto const& identifier) { return work.accounts().find(identifier); }, who);
}

// Whoever is blocked or gone gets no letter any more, and what they were sent is good for nothing.
void withdraw(UnitOfWork& work, Account const& account)
{
    if (account.email)
        work.outbox().cancel(*account.email);
    if (account.phone)
        work.outbox().cancel(*account.phone);
    // An address that waits may be somebody else's by now, and their letters stay.
    auto const change = work.email_changes().find(account.id);
    if (change && !work.accounts().find(change->email))
        work.outbox().cancel(change->email);
    work.auth_codes().erase(account.id);
    work.email_changes().erase(account.id);
}

// "token 7"
std::string name_of(PartnerTokenId token)
{
    return "token " + std::to_string(static_cast<std::int64_t>(token));
}

PartnerToken issue_token(UnitOfWork& work, Ports const& ports, PartnerId partner)
{
    auto const verifier = PartnerToken::Body::draw(ports.random);
    auto const digest = PartnerToken::Body::digest(verifier, ports.key);
    auto const id = work.partners().add_token(partner, digest, ports.clock.now());
    audit::record(
        work, ports, {{.event = AuditEvent::partner_token_issued, .partner = partner, .detail = name_of(id)}});
    return PartnerToken(PartnerToken::Body::make(static_cast<std::int64_t>(id), verifier, ports.key));
}

void revoke_token(UnitOfWork& work, Ports const& ports, StoredPartnerToken const& token)
{
    work.partners().revoke_token(token.id, ports.clock.now());
    audit::record(
        work, ports,
        {{.event = AuditEvent::partner_token_revoked, .partner = token.partner, .detail = name_of(token.id)}});
}

AuditEvent event_of(AccountStatus status)
{
    switch (status) {
    case AccountStatus::active: return AuditEvent::account_unblocked;
    case AccountStatus::blocked: return AuditEvent::account_blocked;
    case AccountStatus::deleted: break;
    }
    return AuditEvent::account_deleted;
}

}

Administration::Administration(Ports const& ports) : ports_(ports) {}

Result<PartnerToken> Administration::add_partner(NewPartner const& partner)
{
    auto work = ports_.storage.begin();
    auto const id = work->partners().insert(
        {.name = partner.name,
         .rights = partner.rights,
         .link_existing = partner.link_existing,
         .created_at = ports_.clock.now()});
    if (!id)
        return id.error();
    audit::record(
        *work, ports_, {{.event = AuditEvent::partner_added, .partner = *id, .detail = partner.name.str()}});
    auto token = issue_token(*work, ports_, *id);
    work->commit();
    return token;
}

Result<PartnerToken> Administration::rotate(PartnerName const& name)
{
    auto work = ports_.storage.begin();
    auto const partner = work->partners().find(name);
    if (!partner)
        return refuse(Errc::partner_unknown, "name");
    auto token = issue_token(*work, ports_, partner->id);
    work->commit();
    return token;
}

Result<int> Administration::revoke_oldest(PartnerName const& name)
{
    auto work = ports_.storage.begin();
    auto const partner = work->partners().find(name);
    if (!partner)
        return refuse(Errc::partner_unknown, "name");
    auto const live = work->partners().live_tokens(partner->id);
    if (live.empty())
        return 0;
    revoke_token(*work, ports_, live.front());
    work->commit();
    return 1;
}

Result<int> Administration::revoke_all(PartnerName const& name)
{
    auto work = ports_.storage.begin();
    auto const partner = work->partners().find(name);
    if (!partner)
        return refuse(Errc::partner_unknown, "name");
    auto const live = work->partners().live_tokens(partner->id);
    for (auto const& token : live)
        revoke_token(*work, ports_, token);
    work->commit();
    return static_cast<int>(live.size());
}

std::vector<PartnerOverview> Administration::partners()
{
    auto const work = ports_.storage.begin_reading();
    std::vector<PartnerOverview> overview;
    for (auto& partner : work->partners().all()) {
        auto const live = work->partners().live_tokens(partner.id).size();
        overview.push_back({.partner = std::move(partner), .live_tokens = static_cast<int>(live)});
    }
    return overview;
}

Result<void> Administration::add_plan(PlanCode const& code, PartnerName const& name)
{
    auto work = ports_.storage.begin();
    auto const partner = work->partners().find(name);
    if (!partner)
        return refuse(Errc::partner_unknown, "partner");
    auto added = work->partners().add_plan({.code = code, .partner = partner->id}, ports_.clock.now());
    if (!added)
        return added;
    audit::record(*work, ports_, {{.event = AuditEvent::plan_added, .partner = partner->id, .detail = code.str()}});
    work->commit();
    return {};
}

Result<void> Administration::close_plan(PlanCode const& code)
{
    auto work = ports_.storage.begin();
    if (!work->partners().close_plan(code, ports_.clock.now()))
        return refuse(Errc::plan_unknown, "code");
    audit::record(*work, ports_, {{.event = AuditEvent::plan_closed, .detail = code.str()}});
    work->commit();
    return {};
}

std::vector<std::pair<Plan, PartnerName>> Administration::plans()
{
    auto const work = ports_.storage.begin_reading();
    std::vector<std::pair<Plan, PartnerName>> plans;
    for (auto& plan : work->partners().all_plans())
        if (auto partner = work->partners().find(plan.partner))
            plans.emplace_back(std::move(plan), std::move(partner->name));
    return plans;
}

Result<void> Administration::add_channel(ChannelName const& name, std::span<OrganisationId const> organisations)
{
    auto const now = ports_.clock.now();
    auto const work = ports_.storage.begin();
    auto const added = work->organisations().add(name, now);
    if (!added && organisations.empty())
        return added;
    for (auto const& organisation : organisations)
        if (auto const placed = work->organisations().add(name, organisation, now); !placed)
            return placed;
    audit::record(*work, ports_, {{.event = AuditEvent::channel_added, .detail = name.str()}});
    work->commit();
    return {};
}

std::vector<RootOrganisation> Administration::channels()
{
    return ports_.storage.begin_reading()->organisations().all();
}

Result<void> Administration::add_issuer(TokenIssuer const& issuer)
{
    constexpr std::size_t longest = 255;
    if (issuer.name.size() > longest || unicode::printable_length(issuer.name).value_or(0) == 0)
        return refuse(Errc::text_malformed, "name");
    auto const work = ports_.storage.begin();
    if (!work->organisations().has(issuer.channel))
        return refuse(Errc::channel_unknown, "channel");
    auto stored = issuer;
    stored.added_at = ports_.clock.now();
    if (auto const added = work->token_issuers().add(stored); !added)
        return added;
    audit::record(*work, ports_, {{.event = AuditEvent::issuer_added, .detail = issuer.name}});
    work->commit();
    return {};
}

Result<void> Administration::remove_issuer(std::string_view name)
{
    auto const work = ports_.storage.begin();
    if (!work->token_issuers().remove(name))
        return refuse(Errc::issuer_unknown, "name");
    audit::record(*work, ports_, {{.event = AuditEvent::issuer_removed, .detail = std::string(name)}});
    work->commit();
    return {};
}

std::vector<TokenIssuer> Administration::issuers()
{
    return ports_.storage.begin_reading()->token_issuers().all();
}

Result<Dossier> Administration::find(Recipient const& who)
{
    auto const work = ports_.storage.begin_reading();
    auto account = find_account(*work, who);
    if (!account)
        return refuse(Errc::person_unknown, "who");
    Dossier dossier{.account = std::move(*account), .enrolments = {}, .consents = {}, .identities = {}};
    for (auto& [partner_id, enrolment] : work->accounts().enrolments(dossier.account.id))
        if (auto partner = work->partners().find(partner_id))
            dossier.enrolments.emplace_back(std::move(partner->name), std::move(enrolment));
    for (auto& consent : work->consents().of(dossier.account.id)) {
        auto const partner = consent.partner ? work->partners().find(*consent.partner) : std::nullopt;
        auto name = partner ? std::optional(partner->name) : std::nullopt;
        dossier.consents.emplace_back(std::move(consent), std::move(name));
    }
    dossier.identities = work->identities().of(dossier.account.id);
    return dossier;
}

Result<void> Administration::block(Recipient const& who)
{
    return set_status(who, AccountStatus::blocked);
}

Result<void> Administration::unblock(Recipient const& who)
{
    return set_status(who, AccountStatus::active);
}

Result<void> Administration::remove(Recipient const& who)
{
    return set_status(who, AccountStatus::deleted);
}

Result<void> Administration::erase(Recipient const& who)
{
    auto work = ports_.storage.begin();
    auto account = find_account(*work, who);
    if (!account)
        return refuse(Errc::person_unknown, "who");
    auto const now = ports_.clock.now();
    withdraw(*work, *account);
    erase_profile(*work, *account, now);
    for (auto const& [partner, enrolment] : work->accounts().enrolments(account->id))
        work->accounts().enrol(partner, account->id, {}, now).value();
    work->identities().erase(account->id);

    Account const nobody{
        .id = account->id,
        .handle = account->handle,
        .status = AccountStatus::deleted,
        .generation = account->generation + 1,
        .created_at = account->created_at,
        .updated_at = now};
    if (auto const updated = work->accounts().update(nobody); !updated)
        return updated.error();
    audit::record(*work, ports_, {{.event = AuditEvent::account_erased, .account = account->id}});
    work->commit();
    return {};
}

Result<PersonalData> Administration::disclose(Recipient const& who)
{
    auto dossier = find(who);
    if (!dossier)
        return dossier.error();
    auto const& account = dossier->account;
    {
        auto const work = ports_.storage.begin();
        audit::record(*work, ports_, {{.event = AuditEvent::account_disclosed, .account = account.id}});
        work->commit();
    }

    auto const work = ports_.storage.begin_reading();
    PersonalData data{.dossier = *dossier, .letters = {}, .history = {}};
    data.has_password = work->passwords().find(account.id).has_value();
    if (auto change = work->email_changes().find(account.id))
        data.waiting_email = std::move(change->email);
    for (auto& entry : work->outbox().all(std::numeric_limits<int>::max()))
        if (is_to(entry.letter, account))
            data.letters.push_back(std::move(entry));
    std::vector<std::string> fingerprints;
    if (account.email)
        fingerprints.push_back(audit::fingerprint(ports_, *account.email));
    if (account.phone)
        fingerprints.push_back(audit::fingerprint(ports_, *account.phone));
    audit::for_each(*work, [&](AuditEntry const& entry) {
        if (!is_about(entry, account.id, fingerprints))
            return;
        auto const partner = entry.partner ? work->partners().find(*entry.partner) : std::nullopt;
        data.history.emplace_back(entry, partner ? std::optional(partner->name) : std::nullopt);
    });
    std::ranges::stable_sort(data.history, {}, [](auto const& told) { return told.first.at; });
    return data;
}

std::vector<OutboxEntry> Administration::letters(int limit)
{
    return ports_.storage.begin_reading()->outbox().all(limit);
}

Result<void> Administration::retry(std::string_view letter_id)
{
    auto work = ports_.storage.begin();
    if (!work->outbox().revive(letter_id, ports_.clock.now()))
        return refuse(Errc::letter_unknown, "id");
    work->commit();
    return {};
}

int Administration::retry_all()
{
    constexpr int all = std::numeric_limits<int>::max();
    auto const now = ports_.clock.now();
    auto work = ports_.storage.begin();
    int revived = 0;
    for (auto const& entry : work->outbox().all(all))
        if (entry.state != LetterState::waiting && now < entry.letter.expires_at)
            revived += work->outbox().revive(entry.letter.id, now) ? 1 : 0;
    work->commit();
    return revived;
}

Result<void> Administration::set_status(Recipient const& who, AccountStatus status)
{
    auto work = ports_.storage.begin();
    auto account = find_account(*work, who);
    if (!account)
        return refuse(Errc::person_unknown, "who");
    if (account->status == AccountStatus::deleted && status != AccountStatus::deleted)
        return refuse(Errc::account_deleted, "who");
    if (account->status == status)
        return {};

    auto const now = ports_.clock.now();
    account->status = status;
    account->generation += 1;
    account->updated_at = now;
    if (status != AccountStatus::active)
        withdraw(*work, *account);
    if (status == AccountStatus::deleted)
        erase_profile(*work, *account, now);
    if (auto const updated = work->accounts().update(*account); !updated)
        return updated.error();
    audit::record(*work, ports_, {{.event = event_of(status), .account = account->id}});
    work->commit();
    return {};
}

AuditReport Administration::verify_audit()
{
    return audit::verify(*ports_.storage.begin_reading(), ports_);
}

std::vector<AuditEntry> Administration::latest_audit_entries(int limit)
{
    auto const work = ports_.storage.begin_reading();
    std::vector<AuditEntry> entries;
    for (auto const& strand : work->audit().strands())
        for (auto& entry : work->audit().entries(
                 {.strand = strand.strand, .number = std::max<std::int64_t>(strand.last - limit, 0)}, limit))
            if (entry.strand == strand.strand)
                entries.push_back(std::move(entry));
    std::ranges::stable_sort(entries, {}, &AuditEntry::at);
    if (entries.size() > static_cast<std::size_t>(limit))
        entries.erase(entries.begin(), entries.end() - limit);
    return entries;
}

}
