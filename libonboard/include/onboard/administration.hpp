#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <onboard/ports.hpp>
#include <onboard/storage.hpp>

#pragma GCC visibility push(default)

namespace onboard {

// A partner that is to be added. Its name may be nobody else's.
struct NewPartner {
    PartnerName name;
    Rights rights = {Right::partner, Right::sso, Right::sunbird};
    LinkExisting link_existing = LinkExisting::confirm;
};

// A partner, and how many of its bearer tokens work.
struct PartnerOverview {
    Partner partner;
    int live_tokens = 0;
};

// All that is known of one person.
struct Dossier {
    Account account;
    std::vector<std::pair<PartnerName, Enrolment>> enrolments;
    std::vector<std::pair<Consent, std::optional<PartnerName>>> consents;  // in the order they were given
    std::vector<LinkedIdentity> identities;
};

// All that is held of one person, for themselves. What is long forgotten is not in it, nor are secrets, which nobody knows.
struct PersonalData {
    Dossier dossier;
    bool has_password = false;
    std::optional<EmailAddress> waiting_email = {};                          // an address that waits for its opt-in
    std::vector<OutboxEntry> letters;                                        // that are not delivered
    std::vector<std::pair<AuditEntry, std::optional<PartnerName>>> history;  // in the order of their time
};

// What an operator does: partners, plans, and single people. Safe to use from many threads, and from a process beside
// the one that serves; what it changes is in force for the next request.
class Administration {
public:
    // The ports' storage, clock and random source must outlive this.
    explicit Administration(Ports const&);

    // Refuses with partner_exists.
    Result<PartnerToken> add_partner(NewPartner const&);

    // Issues one more token; the earlier ones go on working. Refuses with partner_unknown.
    Result<PartnerToken> rotate(PartnerName const&);

    // Revokes the oldest live token, or all of them; returns how many were. Refuses with partner_unknown.
    Result<int> revoke_oldest(PartnerName const&);
    Result<int> revoke_all(PartnerName const&);

    std::vector<PartnerOverview> partners();

    // Refuses with partner_unknown and plan_exists.
    Result<void> add_plan(PlanCode const&, PartnerName const&);

    // Refuses with plan_unknown.
    Result<void> close_plan(PlanCode const&);
    std::vector<std::pair<Plan, PartnerName>> plans();

    // Adds a root organisation with organisations below it; or, if it is here already, only these. All or nothing.
    // Refuses with organisation_exists; and with channel_exists if there is nothing to add.
    Result<void> add_channel(ChannelName const&, std::span<OrganisationId const> organisations);
    std::vector<RootOrganisation> channels();

    // Whoever this issuer's tokens speak of may come in from now on. The key is not looked at. Refuses with
    // channel_unknown and issuer_exists, and with text_malformed for a name that is not 1 to 255 octets, printable.
    Result<void> add_issuer(TokenIssuer const&);

    // Refuses with issuer_unknown. Those who came stay.
    Result<void> remove_issuer(std::string_view name);
    std::vector<TokenIssuer> issuers();

    // Refuses with person_unknown, as do the five below.
    Result<Dossier> find(Recipient const& who);

    // Ends every link, session and authentication code of the person at once. Unblocking brings none of them back.
    Result<void> block(Recipient const& who);    // refuses with account_deleted, too
    Result<void> unblock(Recipient const& who);  // refuses with account_deleted, too

    // Leaves a tombstone: the address, the telephone number, the user name, the partners' person ids and the identities at
    // providers, which stay taken, and what they agreed to. Their name, where they belonged and what partners told of them
    // is erased, the password and waiting letters too, and every link, session and authentication code ended.
    Result<void> remove(Recipient const& who);

    // Overwrites what remove() leaves of the person, too: address, number, user name, person ids and identities, which
    // others may have from now on. What stays is an account without a name that nothing finds, which versions of the terms
    // it agreed to and when, and the audit trail, which names nobody. It need not be removed before.
    Result<void> erase(Recipient const& who);

    // All that is held of the person. It is on record that it was handed out. Reads the whole audit trail and outbox.
    Result<PersonalData> disclose(Recipient const& who);

    // The letters that are not delivered, in the order they were added, `limit` at most.
    std::vector<OutboxEntry> letters(int limit);

    // Makes a letter that was given up wait again. Refuses with letter_unknown: no such letter, or it is waiting anyway.
    // One whose secret has died meanwhile will be given up again.
    Result<void> retry(std::string_view letter_id);

    // The same for all letters that were given up and are not too old; returns how many.
    int retry_all();

    // Reads the whole audit trail and says where it is not as it was written. It costs a few microseconds an entry, and
    // sees one state of the storage, whatever happens meanwhile.
    AuditReport verify_audit();

    // The newest entries, in the order of their time.
    std::vector<AuditEntry> latest_audit_entries(int limit);

private:
    Result<void> set_status(Recipient const& who, AccountStatus);

    Ports ports_;
};

}

#pragma GCC visibility pop
