#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <onboard/account.hpp>
#include <onboard/audit.hpp>
#include <onboard/letters.hpp>
#include <onboard/secrets.hpp>

#pragma GCC visibility push(default)

// What the library remembers, as interfaces. Every question that two callers could race for is one operation here:
// insert or tell, spend if alive, count and return. Times come in as arguments, so no storage has a clock. The promises
// are checked by one suite for all storages, tests/conformance; docs/writing-a-storage.md is the guide.
namespace onboard {

// A bearer token of a partner, by its keyed hash. One that was revoked stays known.
struct StoredPartnerToken {
    PartnerTokenId id{};
    PartnerId partner{};
    Digest digest;
    Instant created_at{};
    std::optional<Instant> revoked_at = {};
};

// Partners, the bearer tokens they call with, and the plans that are theirs.
class Partners {
public:
    virtual ~Partners() = default;

    // Refuses with partner_exists.
    virtual Result<PartnerId> insert(Partner const&) = 0;
    virtual std::optional<Partner> find(PartnerId) const = 0;
    virtual std::optional<Partner> find(PartnerName const&) const = 0;
    virtual std::vector<Partner> all() const = 0;  // by name

    virtual PartnerTokenId add_token(PartnerId, Digest const&, Instant now) = 0;
    virtual std::optional<StoredPartnerToken> find_token(PartnerTokenId) const = 0;
    virtual std::vector<StoredPartnerToken> live_tokens(PartnerId) const = 0;  // oldest first
    virtual void revoke_token(PartnerTokenId, Instant now) = 0;

    // Refuses with plan_exists.
    virtual Result<void> add_plan(Plan const&, Instant now) = 0;
    virtual std::optional<Plan> find_plan(PlanCode const&) const = 0;
    virtual std::vector<Plan> all_plans() const = 0;  // by code

    // True if there is such a plan. It stays known, and is open no longer.
    virtual bool close_plan(PlanCode const&, Instant now) = 0;
};

// People, and what each partner told about them.
class Accounts {
public:
    virtual ~Accounts() = default;

    // Stores a new account and returns the id it got. Refuses with email_taken, phone_taken and user_name_taken, the
    // first that applies; the unit of work stays usable. Throws StorageConflict if the number of the account is
    // another's.
    virtual Result<AccountId> insert(Account const&) = 0;

    // Replaces what is stored under account.id. Refuses and throws like insert().
    virtual Result<void> update(Account const&) = 0;

    virtual std::optional<Account> find(AccountId) const = 0;
    virtual std::optional<Account> find(EmailAddress const&) const = 0;
    virtual std::optional<Account> find(PhoneNumber const&) const = 0;
    virtual std::optional<Account> find(UserName const&) const = 0;

    // Whether there is any account at all.
    virtual bool any() const = 0;

    // Of each number, whether an active account has it. One question to a database, for 1000 numbers at most.
    virtual std::vector<bool> are_registered(std::span<PhoneNumber const>) const = 0;

    // Lets go of the address and the telephone number of an account, so that others may have them: it is found by its id
    // only from now on, until an update() takes them up again.
    virtual void release_identifiers(AccountId) = 0;

    // Stores or replaces what a partner says of a person. Refuses with person_id_taken if the partner uses that id for
    // another account.
    virtual Result<void> enrol(PartnerId, AccountId, Enrolment const&, Instant now) = 0;
    virtual std::optional<Enrolment> find_enrolment(PartnerId, AccountId) const = 0;
    virtual std::optional<AccountId> find(PartnerId, PersonId const&) const = 0;
    virtual std::vector<std::pair<PartnerId, Enrolment>> enrolments(AccountId) const = 0;
};

// What a partner would have written about a person who has yet to agree.
struct Proposal {
    PersonName name;
    Language language = Language::english;
    Enrolment enrolment;
};

// A login link, by its keyed hash.
struct LoginLink {
    AccountId account{};
    std::optional<PartnerId> partner = {};
    int generation = 1;  // the account's, when the link was issued
    Digest digest;
    Instant expires_at{};
    bool used = false;
    std::optional<Proposal> proposal = {};
};

// Login links, good once.
class LoginLinks {
public:
    virtual ~LoginLinks() = default;
    virtual LoginLinkId insert(LoginLink const&) = 0;
    virtual std::optional<LoginLink> find(LoginLinkId) const = 0;

    // True for the one caller that uses this link up before its expiry. Of any number of callers, one gets true.
    virtual bool spend(LoginLinkId, Instant now) = 0;

    // Forgets what partners would have written about a person: they have gone.
    virtual void forget_proposals(AccountId) = 0;

    // Forgets at most `limit` links that expired before `before`; returns how many.
    virtual int forget(Instant before, int limit) = 0;
};

// A session, by the keyed hash of its token. Whether it has expired is for the library to say.
struct StoredSession {
    AccountId account{};
    std::optional<PartnerId> partner = {};
    int generation = 1;
    Digest digest;
    Instant opened_at{};
    Instant seen_at{};
    bool ended = false;
};

// Sessions of people in their browsers.
class Sessions {
public:
    virtual ~Sessions() = default;
    virtual SessionId insert(StoredSession const&) = 0;
    virtual std::optional<StoredSession> find(SessionId) const = 0;

    // Notes that a session was used. Never moves `seen_at` back.
    virtual void touch(SessionId, Instant seen_at) = 0;
    virtual void end(SessionId) = 0;

    // Forgets at most `limit` sessions opened before `before`; returns how many.
    virtual int forget(Instant before, int limit) = 0;
};

// A mailed link, by its keyed hash.
struct PasswordLink {
    AccountId account{};
    std::optional<PartnerId> partner = {};  // which brought the person on board, if one did
    int generation = 1;                     // the account's, when the link was issued
    Digest digest;
    Instant expires_at{};
    bool used = false;
};

// Mailed links to set a password, good once.
class PasswordLinks {
public:
    virtual ~PasswordLinks() = default;

    // The account may be one that does not exist: no link of it will ever be good.
    virtual PasswordLinkId insert(PasswordLink const&) = 0;
    virtual std::optional<PasswordLink> find(PasswordLinkId) const = 0;

    // True for the one caller that uses this link up before its expiry.
    virtual bool spend(PasswordLinkId, Instant now) = 0;

    // Forgets at most `limit` links that expired before `before`; returns how many.
    virtual int forget(Instant before, int limit) = 0;
};

// The hashes of passwords, sealed.
class Passwords {
public:
    virtual ~Passwords() = default;

    // Stores or replaces the password of an account.
    virtual void put(AccountId, std::string_view sealed, Instant now) = 0;
    virtual std::optional<std::string> find(AccountId) const = 0;
    virtual void erase(AccountId) = 0;
};

// An authentication code, by its keyed hash.
struct StoredAuthCode {
    AccountId account{};
    PartnerId partner{};  // the only one it is good for
    Digest digest;
    Instant expires_at{};
};

// What a partner shows to be told about a person who signed in there; one for each person.
class AuthCodes {
public:
    virtual ~AuthCodes() = default;

    // Keeps a code in place of the one the person had.
    virtual void put(StoredAuthCode const&) = 0;
    virtual std::optional<StoredAuthCode> find(AccountId) const = 0;
    virtual void erase(AccountId) = 0;

    // Forgets at most `limit` codes that expired before `before`; returns how many.
    virtual int forget(Instant before, int limit) = 0;
};

// An address that a person says is theirs, and that waits for its opt-in. It is not taken meanwhile.
struct EmailChange {
    AccountId account{};
    EmailAddress email;
    Digest digest;
    Instant expires_at{};
};

// Addresses that wait for an opt-in, one for each person.
class EmailChanges {
public:
    virtual ~EmailChanges() = default;

    // Keeps a change in place of the one that was waiting.
    virtual void put(EmailChange const&) = 0;
    virtual std::optional<EmailChange> find(AccountId) const = 0;

    // True for the one caller that uses up the change with this digest before its expiry.
    virtual bool spend(AccountId, Digest const&, Instant now) = 0;
    virtual void erase(AccountId) = 0;

    // Forgets at most `limit` changes that expired before `before`; returns how many.
    virtual int forget(Instant before, int limit) = 0;
};

// What people agreed to. Nothing of it is ever changed or forgotten.
class Consents {
public:
    virtual ~Consents() = default;
    virtual void add(Consent const&) = 0;
    virtual std::vector<Consent> of(AccountId) const = 0;  // in the order they were added
};

// A code sent to an address or a telephone. It is good only for what it is bound to: a code that one partner caused
// links no other.
struct Code {
    CodeId id{};
    Purpose purpose{};
    std::string subject;  // the address it was sent to, as a key, or the number in E.164
    std::string binding;
    Digest digest;
    Instant expires_at{};
    bool used = false;
};

// How many guesses there were, and when the count begins anew.
struct Tries {
    int used = 0;  // in this window, the one just counted included
    Instant window_ends{};
};

// How often something is sent to one address or number: not again within the pause, and no more in an hour and a
// day that end now.
struct SendLimits {
    std::chrono::seconds pause{};
    int per_hour = 0;
    int per_day = 0;
};

// Codes waiting for a person, and the budgets of sends and guesses. Budgets belong to a purpose and a subject, whatever
// codes come and go.
class Codes {
public:
    virtual ~Codes() = default;

    // Records that a code is sent now; or, if the limits forbid it, records nothing and says when to ask again.
    // The hour and the day are those before `now`.
    virtual std::optional<Instant> count_send(Purpose, std::string_view subject, Instant now, SendLimits const&) = 0;

    // Until this unit of work is over, no other counts a send, adds or holds for this purpose and subject. To be called
    // before anything else is read or written for them, so that two units of work never wait for each other in a circle;
    // count_send() does it by itself.
    virtual void hold(Purpose, std::string_view subject) = 0;

    // Keeps a code; of a purpose and a subject only the last two stay, used ones counted.
    virtual void add(Code const&) = 0;

    // The codes that could still be right, the newest first.
    virtual std::vector<Code> alive(Purpose, std::string_view subject, Instant now) const = 0;

    // Counts so many guesses and says how many there were, these included. A window begins with the first guess after
    // the last one ended.
    virtual Tries
    count_tries(Purpose, std::string_view subject, Instant now, std::chrono::seconds window, int guesses) = 0;

    // Takes a guess back: it was right.
    virtual void give_back_try(Purpose, std::string_view subject) = 0;

    // True for the one caller that uses this code up before its expiry.
    virtual bool spend(CodeId, Instant now) = 0;

    // Forgets at most `limit` codes and budgets that have meant nothing since before `before`; returns how many.
    virtual int forget(Instant before, int limit) = 0;
};

// Root organisations and those below them.
class Organisations {
public:
    virtual ~Organisations() = default;

    // Refuses with channel_exists.
    virtual Result<void> add(ChannelName const&, Instant now) = 0;

    // Refuses with channel_unknown; and with organisation_exists, whatever the channel it is in.
    virtual Result<void> add(ChannelName const&, OrganisationId const&, Instant now) = 0;

    virtual bool has(ChannelName const&) const = 0;
    virtual std::optional<ChannelName> find(OrganisationId const&) const = 0;
    virtual std::vector<RootOrganisation> all() const = 0;  // by channel
};

// Whose signed tokens bring people here.
class TokenIssuers {
public:
    virtual ~TokenIssuers() = default;

    // Refuses with issuer_exists. Its channel is known.
    virtual Result<void> add(TokenIssuer const&) = 0;
    virtual std::optional<TokenIssuer> find(std::string_view name) const = 0;
    virtual std::vector<TokenIssuer> all() const = 0;  // by name

    // True if there was one.
    virtual bool remove(std::string_view name) = 0;
};

// Whom identity providers know our people as.
class Identities {
public:
    virtual ~Identities() = default;

    // True for the one caller that links this identity. An account may have several.
    virtual bool add(LinkedIdentity const&) = 0;
    virtual std::optional<AccountId> find(std::string_view issuer, std::string_view subject) const = 0;
    virtual std::vector<LinkedIdentity> of(AccountId) const = 0;  // by issuer and subject
    virtual void erase(AccountId) = 0;
};

// Signed tokens that are good once.
class UsedTokens {
public:
    virtual ~UsedTokens() = default;

    // True for the one caller that brings this token first. It is remembered until `until`, or longer.
    virtual bool note(Digest const&, Instant until) = 0;

    // Forgets at most `limit` tokens that were to be remembered until before `before`; returns how many.
    virtual int forget(Instant before, int limit) = 0;
};

// What was answered to a request that carried an idempotency key.
struct RepeatedRequest {
    Digest request;
    std::string answer;
};

// What partners asked for under a key of theirs, and what they were answered.
class RepeatedRequests {
public:
    virtual ~RepeatedRequests() = default;

    // Nothing if this key is new, or was last answered before `since`: it is then claimed for this request, and
    // answer() must follow in the same unit of work. Otherwise what was answered.
    virtual std::optional<RepeatedRequest>
    claim(PartnerId, std::string_view key, Digest const& request, Instant now, Instant since) = 0;
    virtual void answer(PartnerId, std::string_view key, std::string_view answer) = 0;

    // Forgets at most `limit` keys claimed before `before`; returns how many.
    virtual int forget(Instant before, int limit) = 0;
};

// What partners have asked for, so that what is asked for again and again mails nobody twice.
class Causes {
public:
    virtual ~Causes() = default;

    // True if this is new from this partner, or was last noted before `forgotten`; it is then noted. Otherwise false,
    // and nothing changes, except that what was last noted before `stale` is noted anew. Of any number of simultaneous
    // callers, one gets true.
    virtual bool note(PartnerId, Digest const&, Instant now, Instant stale, Instant forgotten) = 0;

    // Forgets at most `limit` causes noted before `before`; returns how many.
    virtual int forget(Instant before, int limit) = 0;
};

// A letter on its way: what it says, and its secret, encrypted.
struct PendingLetter {
    Letter letter;
    std::string sealed_secret;  // empty if there is none
};

// Whether a letter will be tried again by itself.
enum class LetterState : std::uint8_t {
    waiting = 1,
    dead,     // refused for good, or too old
    unknown,  // handed over, and nobody knows whether it was taken
};

// "waiting"
std::string_view name_of(LetterState) noexcept;

// One handing-out of a letter. Who holds a claim that is over can do nothing to the letter any more.
struct LetterClaim {
    std::string letter_id;
    int attempt = 0;  // counts from 1 on, without the attempts that were given back; anew once the letter was revived
    int fence = 0;    // tells this claim from every other of this letter
};

// A letter that was handed out, and the claim on it.
struct ClaimedLetter {
    PendingLetter pending;
    LetterClaim claim;
};

// A letter as an operator sees it.
struct OutboxEntry {
    Letter letter;
    LetterState state = LetterState::waiting;
    int attempts = 0;
    Instant added_at{};  // when it was first due
    Instant due_at{};    // when it will be tried, or how long it is claimed; if it does not wait, when it was buried
    std::string reason = {};  // what came of the last attempt
};

// How many letters of a channel wait, and since when the first of them does.
struct OutboxBacklog {
    int letters = 0;
    std::optional<Instant> oldest = {};  // when it was first due
};

// Letters that have yet to leave.
class Outbox {
public:
    virtual ~Outbox() = default;
    virtual void add(PendingLetter const&, Instant due) = 0;

    // Hands out waiting letters of this channel that are due, those longest due first, and to nobody else before `until`.
    virtual std::vector<ClaimedLetter> claim(Channel, Instant now, Instant until, int limit) = 0;

    // The five below do nothing, and say false, if the claim is over: the letter is gone or was handed out again since,
    // or whoever holds the claim has done one of the last four with it.
    virtual bool extend(LetterClaim const&, Instant until) = 0;
    virtual bool postpone(LetterClaim const&, Instant due, std::string_view reason) = 0;

    // Gives the letter back as if it had not been handed out: this attempt is not counted.
    virtual bool give_back(LetterClaim const&, Instant due) = 0;

    // Keeps the letter for an operator to see; it is not handed out any more. `state` is not waiting.
    virtual bool bury(LetterClaim const&, LetterState, Instant now, std::string_view reason) = 0;

    // Forgets a letter, its secret included.
    virtual bool remove(LetterClaim const&) = 0;

    // Forgets the letters to this recipient that are not delivered.
    virtual void cancel(Recipient const&) = 0;

    // All letters that are not delivered, in the order they were added, `limit` at most.
    virtual std::vector<OutboxEntry> all(int limit) const = 0;

    // Makes a buried letter wait again, due now. False if there is no such letter or it is not buried.
    virtual bool revive(std::string_view letter_id, Instant now) = 0;

    // How many letters wait.
    virtual int size() const = 0;

    // What waits in a channel, as far as that can be told by looking at `most` letters. What is here looks at them all,
    // the buried ones too; a database can do better.
    virtual OutboxBacklog backlog(Channel, int most) const;

    // Forgets at most `limit` letters buried before `before`; returns how many.
    virtual int forget(Instant before, int limit) = 0;
};

// A place in the audit trail, which is in the order of strands and numbers.
struct AuditPlace {
    int strand = 0;
    std::int64_t number = 0;
};

// What happened, for good: nothing of it is ever changed or forgotten. A seal stands for all entries of its strand.
class AuditTrail {
public:
    virtual ~AuditTrail() = default;

    // A strand that nobody else adds to until this unit of work is over. None if there is none to be had.
    virtual std::optional<AuditStrand> take_strand() = 0;

    // Adds entries behind the last one of a strand that was taken or begun, which then ends like this.
    virtual void append(std::span<AuditEntry const>, AuditStrand const&) = 0;

    // How many strands there are; nobody else begins one until this unit of work is over.
    virtual std::int64_t hold_count() = 0;

    // Begins a strand, which is then taken, and keeps the new count of strands as strand 0.
    virtual void begin(AuditStrand const&, AuditStrand const& count) = 0;

    virtual std::vector<AuditStrand> strands() const = 0;  // by number, the count first

    // The entries behind this place, `limit` at most.
    virtual std::vector<AuditEntry> entries(AuditPlace behind, int limit) const = 0;
};

// A bearer token with the partner it stands for.
struct PartnerOfToken {
    StoredPartnerToken token;
    Partner partner;
};

// A session with the person it is of, and what the session's partner says of them.
struct PersonOfSession {
    StoredSession session;
    Account account;
    std::optional<PartnerName> partner = {};
    std::optional<Enrolment> enrolment = {};
};

// What one use case reads and writes, seen by others all at once or not at all. Destroyed without commit(), it leaves
// no trace. For one thread; a const one only reads.
class UnitOfWork {
public:
    virtual ~UnitOfWork() = default;
    virtual Partners& partners() = 0;
    virtual Accounts& accounts() = 0;
    virtual LoginLinks& login_links() = 0;
    virtual Sessions& sessions() = 0;
    virtual Codes& codes() = 0;
    virtual RepeatedRequests& repeated_requests() = 0;
    virtual PasswordLinks& password_links() = 0;
    virtual Passwords& passwords() = 0;
    virtual AuthCodes& auth_codes() = 0;
    virtual EmailChanges& email_changes() = 0;
    virtual Consents& consents() = 0;
    virtual Causes& causes() = 0;
    virtual Organisations& organisations() = 0;
    virtual TokenIssuers& token_issuers() = 0;
    virtual Identities& identities() = 0;
    virtual UsedTokens& used_tokens() = 0;
    virtual Outbox& outbox() = 0;
    virtual AuditTrail& audit() = 0;

    Partners const& partners() const { return const_cast<UnitOfWork*>(this)->partners(); }
    Accounts const& accounts() const { return const_cast<UnitOfWork*>(this)->accounts(); }
    LoginLinks const& login_links() const { return const_cast<UnitOfWork*>(this)->login_links(); }
    Sessions const& sessions() const { return const_cast<UnitOfWork*>(this)->sessions(); }
    Codes const& codes() const { return const_cast<UnitOfWork*>(this)->codes(); }
    PasswordLinks const& password_links() const { return const_cast<UnitOfWork*>(this)->password_links(); }
    Passwords const& passwords() const { return const_cast<UnitOfWork*>(this)->passwords(); }
    AuthCodes const& auth_codes() const { return const_cast<UnitOfWork*>(this)->auth_codes(); }
    EmailChanges const& email_changes() const { return const_cast<UnitOfWork*>(this)->email_changes(); }
    Consents const& consents() const { return const_cast<UnitOfWork*>(this)->consents(); }
    Organisations const& organisations() const { return const_cast<UnitOfWork*>(this)->organisations(); }
    TokenIssuers const& token_issuers() const { return const_cast<UnitOfWork*>(this)->token_issuers(); }
    Identities const& identities() const { return const_cast<UnitOfWork*>(this)->identities(); }
    Outbox const& outbox() const { return const_cast<UnitOfWork*>(this)->outbox(); }
    AuditTrail const& audit() const { return const_cast<UnitOfWork*>(this)->audit(); }

    // Questions that nearly every request asks and that concern several stores. What is here asks one store after the
    // other; a database can do better with one statement.
    virtual std::optional<PartnerOfToken> partner_of(PartnerTokenId) const;
    virtual std::optional<PersonOfSession> person_of(SessionId) const;

    // Returns when the work will survive a power cut; inside a group, when it is part of the group. Throws
    // StorageFailure if that cannot be promised; whether the work is there is then unknown.
    virtual void commit() = 0;
};

// Units of work that become durable together, for a thread that has several at hand: each still stands or falls
// alone, but all wait for one sync. Destroyed without commit(), none of them happened.
class Group {
public:
    virtual ~Group() = default;

    // Makes durable what was committed inside the group. Throws StorageFailure; then none of it may be told as done.
    virtual void commit() = 0;
};

// What was written since the storage was opened: units of work that were committed, and commits that made them durable,
// each of which waited for the disk once.
struct StorageStatistics {
    std::uint64_t units = 0;
    std::uint64_t commits = 0;
};

// Everything the library remembers. Safe to use from many threads.
class Storage {
public:
    virtual ~Storage() = default;

    // Opens a unit of work that may write. A thread holds at most one. Throws StorageConflict if another writer does
    // not let go in time.
    virtual std::unique_ptr<UnitOfWork> begin() = 0;

    // Opens one that only reads and sees nothing of a unit of work or a group that is not committed yet. Storage in a
    // database does not wait for writers; storage in memory does, having one lock. Not on a thread that has a group.
    virtual std::unique_ptr<UnitOfWork const> begin_reading() = 0;

    // Opens a group on this thread. Until it ends, begin() on this thread joins it, and begin() elsewhere may wait.
    virtual std::unique_ptr<Group> begin_group() = 0;

    // How many threads may write at once with gain; where it is one, a group is what pays.
    virtual int concurrent_writers() const { return 1; }

    // For those who watch it; nothing where nothing is counted.
    virtual StorageStatistics statistics() const { return {}; }
};

}

#pragma GCC visibility pop
