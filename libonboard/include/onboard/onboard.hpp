#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <onboard/account.hpp>
#include <onboard/identity.hpp>
#include <onboard/ports.hpp>
#include <onboard/secrets.hpp>
#include <onboard/storage.hpp>

#pragma GCC visibility push(default)

// Start here. Onboarding is the list of things a person, or a partner for a person, can do; each is a function that
// takes a command and returns an outcome or a refusal.
namespace onboard {

// A request that its sender may repeat: the key it chose, and the request itself, to tell a repetition from a mistake.
struct Repeatable {
    std::string key;
    std::string_view request;
};

// A person is to be logged in. An update takes over every member that is set and leaves the others as they were.
struct LogIn {
    // On whose word. Without a partner it is the host's own, which is trusted with every account.
    std::optional<PartnerId> partner = {};
    std::optional<PlanCode> plan = {};  // must be an open plan of the partner's; only looked at with a partner
    EmailAddress email;
    PersonName name;
    std::optional<Language> language = {};  // of a new account English, unless it is set
    std::optional<ContractType> contract_type = {};
    std::optional<PersonId> person_id = {};
    std::optional<PersonnelNumber> personnel_number = {};
    std::optional<std::string> additional_data = {};
    std::optional<Repeatable> repeatable = {};  // only looked at with a partner
};

// What became of a person who was to be registered.
enum class Registered : std::uint8_t { created = 1, updated, unchanged };

// A link that signs the person in, for whoever has it, until it is used or `expires_at` has come.
struct LoggedIn {
    AccountId account{};
    Registered registered = Registered::created;
    LoginToken token;
    Instant expires_at{};

    // The person has to enter a mailed code first: the account is somebody else's customer.
    bool confirmation_required = false;

    // The answer to a repetition: nothing was done but the issue of a fresh link.
    bool repeated = false;
};

// A person whom a partner brings on board while they are away: they set a password later, through a mailed link.
struct NewPerson {
    PlanCode plan;  // must be an open plan of the partner's
    EmailAddress email;
    PersonName name;
    Language language = Language::english;
    std::optional<ContractType> contract_type = {};
    std::optional<PersonId> person_id = {};
    std::optional<PersonnelNumber> personnel_number = {};
    std::string additional_data = {};
};

// People whom a partner brings on board together, in one unit of work.
struct Registration {
    PartnerId partner{};
    std::vector<NewPerson> people;  // each stands or falls alone
    std::optional<Repeatable> repeatable = {};
};

// What became of each person, in the order they were given: created, unchanged, or refused.
struct PeopleRegistered {
    std::vector<Result<Registered>> outcomes;
    bool repeated = false;  // the answer to a repetition: nothing was done
};

// A person as a partner's application sees them: the account, and what that partner said of it.
struct Person {
    Account account;
    std::optional<PartnerName> partner = {};
    std::optional<Enrolment> enrolment = {};
};

// A session that was just opened. Its token is shown this once.
struct OpenedSession {
    SessionToken token;
    Person person;
    Instant expires_at{};  // the absolute end
};

// A session that is open, and whose it is.
struct Session {
    SessionId id{};
    Person person;

    // Whether the session's use has not been noted for a while: call Onboarding::touch(id) when it suits.
    bool touch_due = false;
};

// A link that waits for the mailed code.
struct PendingConfirmation {
    PartnerName partner;
    EmailAddress email;
    Language language = Language::english;
};

// Whether a mailed link may still set a password.
enum class PasswordLinkState : std::uint8_t {
    good = 1,
    spent,    // used or withdrawn
    expired,  // not used in time, and a new one can be had
};

// Whom a mailed link to set a password was sent to.
struct PasswordInvitation {
    PasswordLinkState state = PasswordLinkState::good;
    EmailAddress email;
    Language language = Language::english;
};

// `client` is who asks, as far as the host can tell: an address. Attempts are counted by it, too. `previous` is the
// session token that the browser came with, if any.
struct SetPassword {
    std::string_view link;      // as it was mailed
    std::string_view password;  // as it was typed
    std::string_view client = {};
    std::string_view previous = {};
};

// Somebody signs in with a password, as it was typed. `client` and `previous` are as SetPassword has them.
struct SignIn {
    EmailAddress email;
    std::string_view password;
    std::string_view client = {};
    std::string_view previous = {};
};

// Somebody wants a link to set another password mailed to this address. `client` is as SetPassword has it.
struct ForgotPassword {
    EmailAddress email;
    std::string_view client = {};
};

// A code is to be texted to a telephone. `client` is who asks, to be counted by; empty for somebody who is trusted not to
// have texts sent for nothing.
struct SendCode {
    PhoneNumber phone;
    Language language = Language::english;
    std::string_view client = {};
};

// A code is on its way.
struct CodeSent {
    // More texts to this range of numbers than right codes come back explain: see Policy::text_guard_records_only.
    bool suspicious = false;
};

// A code is to be looked at, as it was typed, and stays good.
struct CheckCode {
    PhoneNumber phone;
    std::string_view code;
};

// A person signs in with a texted code, through a partner. A new one has to agree to both; what a known one agrees to
// again is noted again, and what they do not is not taken back.
struct ConfirmPhone {
    PartnerId partner{};
    PhoneNumber phone;
    std::string_view code;
    bool agrees_to_terms = false;
    bool agrees_to_privacy = false;
    std::optional<std::string> push_token = {};  // replaces what was told before; empty clears it
    Language language = Language::english;       // of a new account
};

// Who signed in, and by what the partner may ask about them until `expires_at`.
struct PhoneConfirmed {
    AccountId account{};
    bool is_new = false;
    AuthCode auth_code;
    Instant expires_at{};
};

// A partner asks who it is that signed in there, with the authentication code it got.
struct ShowProfile {
    PartnerId partner{};
    PhoneNumber phone;
    std::string_view auth_code;
};

// The owner of this number wants another address.
struct ChangeEmail {
    PhoneNumber phone;
    EmailAddress email;
};

// An address that waits for its owner's word.
struct OptInInvitation {
    EmailAddress email;
    Language language = Language::english;
};

// Whether an address waits for its owner's word.
enum class EmailState : std::uint8_t { pending = 1, confirmed };

// "pending" or "confirmed"
std::string_view name_of(EmailState) noexcept;

// Whether this address of the owner of this number is confirmed. `client` is who asks, to be counted by.
struct AskEmailState {
    EmailAddress email;
    PhoneNumber phone;
    std::string_view client = {};
};

// Numbers a partner asks about; none stands for text that is no number, which nobody has.
struct LookUp {
    PartnerId partner{};
    std::vector<std::optional<PhoneNumber>> phones;
};

// A code is to be sent to an address or a telephone that somebody wants to sign up with.
struct SendSignUpCode {
    PartnerId partner{};  // that asks for it
    Recipient to;
    Language language = Language::english;
};

// A code that was sent to an address or a number, to be used up, as it was typed.
struct ProveContact {
    PartnerId partner{};
    Recipient contact;
    std::string_view code;
};

// A person signs up through a partner, with an address or a number that they have shown to be theirs.
struct SignUp {
    PartnerId partner{};
    PersonName name;
    Recipient contact;
    std::optional<std::string_view> code = {};  // need not be there if prove_contact() took it before
    std::optional<UserName> user_name = {};     // generated, unless it is set
    std::optional<ChannelName> channel = {};    // that of the organisation, or the policy's, unless it is set
    std::optional<OrganisationId> organisation = {};
    Language language = Language::english;
};

// A person signs up, or comes again, with an identity that its provider has vouched for: see onboard/jwt.hpp.
struct SignUpWithIdentity {
    Identity identity;
    std::optional<PersonName> name = {};  // of a new account; as the provider has it, unless it is set
    Language language = Language::english;
};

// Who signed up, or came again.
struct SignedUp {
    Account account;
    bool is_new = true;
};

// Somebody whom a portal sends here with its signed token, which was checked: see onboard/jwt.hpp.
struct Visit {
    std::string_view issuer;       // of the token: one of Administration::issuers()
    std::string_view subject;      // who they are there: 1 to 255 octets, printable
    std::string_view token_id;     // the token is good once
    Instant token_refused_from{};  // and from then on not at all
    std::optional<PersonName> name = {};
    std::optional<PhoneNumber> phone = {};
    bool phone_verified = false;         // whether the portal vouches for the number
    std::string_view organisation = {};  // below the issuer's channel; empty if they belong to none
    Language language = Language::english;
    std::string_view target = {};    // where they want to go; for the host, one line
    std::string_view client = {};    // as SendCode has it
    std::string_view previous = {};  // the session token that the browser came with
};

// A known person is in; of a new one a code is asked first, which was texted.
struct Arrival {
    std::optional<OpenedSession> session = {};
    std::optional<VisitToken> visit = {};  // to come back with
};

// A visit that waits for its code.
struct PendingVisit {
    std::string issuer;
    std::optional<PersonName> name = {};
    PhoneNumber phone;
    Language language = Language::english;
};

// Who came from a portal is in, and wants to go on to `target`.
struct FinishedVisit {
    OpenedSession session;
    std::string target;
};

// Whether somebody has this address, number or user name.
struct AskExistence {
    PartnerId partner{};
    std::variant<EmailAddress, PhoneNumber, UserName> who;
};

// What a partner may use in place of its own token for a while; it dies with the partner's own.
struct IssuedAccessToken {
    AccessToken token;
    std::chrono::seconds life{};
};

// Whom a link would be mailed to: nobody, if there is no such person, and then as much is done as for anybody.
struct LinkRecipient {
    Account account;
    std::optional<PartnerId> partner = {};
};

// A sign-in, or the setting of a password, in steps: for a host with one kind of thread for what writes and another for
// what computes. Each step is called once, in this order, as long as none refuses; on any thread, never on two at once.
class PasswordTask {
public:
    virtual ~PasswordTask() = default;

    // Counts the attempt, before the password is looked at. Writes. Refuses with attempts_spent.
    virtual Result<void> count() = 0;

    // Compares the password, or judges and hashes it. Keeps a core busy, 0.1 s by default, and takes
    // Policy::password_memory; asks no storage and holds no lock. Throws std::bad_alloc if there is no such memory.
    virtual Result<void> compute() = 0;

    // Does what was asked for. Writes. To be called again, alone, if it threw StorageConflict.
    virtual Result<OpenedSession> finish() = 0;
};

// All functions may be called from many threads at once. Each returns a refusal for what the caller can mend and throws
// StorageFailure for what nobody here can; after a refusal nothing has changed, except that a guess stays counted.
class Onboarding {
public:
    // The ports' storage, clock and random source must outlive this.
    explicit Onboarding(Ports const&, Policy const& = {});

    // Registers the person or updates them, and issues a login link. Of any number of simultaneous calls for one new
    // address, one answers `created`. If the person belongs to another partner only, the partner's LinkExisting decides.
    // Refuses with plan_unknown, person_id_taken, email_taken, account_blocked, account_deleted and
    // request_repeated_differently.
    Result<LoggedIn> log_in(LogIn const&);

    // Registers each person who is not here yet, and mails them a link to set a password; tells those who are here
    // already so by mail, and changes nothing; tells by mail those whom the library refuses: with plan_unknown,
    // person_id_taken, account_blocked or account_deleted. The same person of the same partner, asked for again
    // unchanged, gets no further letter of any kind within Policy::cause_memory, and nobody more than one letter of a
    // kind within Policy::notice_pause; but whoever is registered is mailed the link, also where the same was refused
    // before. All become durable together. Refuses with request_repeated_differently.
    Result<PeopleRegistered> register_people(Registration const&);

    // What a mailed link is about. Only reads. Refuses with link_unknown.
    Result<PasswordInvitation> password_invitation(std::string_view password_link);

    // Uses the link up, sets the password, ends all sessions and links of the person and opens a session. Tells them by
    // mail if there was a password before. Refuses with link_unknown, link_spent and link_expired; with
    // password_malformed, password_too_short, password_too_long and password_too_common, after which the link is still
    // good; and with attempts_spent: too many attempts from this client. Of any number of simultaneous calls, one
    // succeeds.
    //
    // This and sign_in() take as long as PasswordTask::compute() says: not for the thread that serves others, and not
    // for more threads at once than there are cores.
    Result<OpenedSession> set_password(SetPassword const&);

    // The same in steps. Reads, and refuses where the link is not good.
    Result<std::unique_ptr<PasswordTask>> begin_set_password(SetPassword const&);

    // Opens a session for whoever knows the password. Takes as long, and leaves as much behind, whether the address is
    // unknown or the password is wrong. Refuses with sign_in_wrong, password_too_long, and attempts_spent: too many
    // attempts from this client, or too many guesses for this address, unless `previous` is a session of its owner,
    // whose guesses are counted by themselves. Attempts are counted before they are looked at and outlast a restart; a
    // right guess gives itself back to the address, and none to the client.
    Result<OpenedSession> sign_in(SignIn const&);

    // The same in steps. Reads, and refuses nothing.
    Result<std::unique_ptr<PasswordTask>> begin_sign_in(SignIn const&);

    // Mails a link to set another password, if there is an active account with this address, and says nothing about
    // that. No more letters leave for one address than codes do, see Policy. Refuses with attempts_spent: too many
    // attempts from this client.
    Result<void> forgot_password(ForgotPassword const&);

    // The same in two steps: the first only reads, the second writes as much for anybody.
    LinkRecipient find_recipient(EmailAddress const&);
    Result<void> mail_password_link(LinkRecipient const&, std::string_view client);

    // Mails a new link to whom an expired one was mailed, unless too many letters have left for them already. Refuses
    // with link_unknown, with link_spent also for a link that is still good, and with attempts_spent.
    Result<void> renew_password_link(std::string_view password_link, std::string_view client);

    // Texts a code to a telephone, whether or not anybody here has the number. Refuses with phone_not_served, and with
    // attempts_spent where a limit is reached: of this number, client or range of numbers, or of all texts in a day.
    Result<CodeSent> send_code(SendCode const&);

    // Whether this code is one of the last two that were texted, and good. It stays good. A guess is counted before it is
    // looked at, in one budget with confirm_phone(), and stays counted unless it is right; a code sent anew gives none
    // back. Refuses with code_wrong and attempts_spent, and works as much for a number that was never sent any.
    Result<void> check_code(CheckCode const&);

    // Uses the code up and signs the person in, who is registered if the number is new. The authentication code ends the
    // one the person had. Refuses like check_code(); with consent_missing, after which the code is still good; and with
    // account_blocked and account_deleted. Of any number of simultaneous calls with one code, one succeeds.
    Result<PhoneConfirmed> confirm_phone(ConfirmPhone const&);

    // Whose number this is, for the partner they signed in with, as long as the authentication code is good. Only reads.
    // Refuses with auth_code_wrong.
    Result<Account> profile(ShowProfile const&);

    // Mails a link by which the person confirms a new address; until then the old one is in force. The newest change is
    // the one that waits. An address that is somebody else's is answered alike, and its owner told by mail. No more
    // letters leave for one address than codes do. Refuses with person_unknown and account_blocked.
    Result<EmailState> change_email(ChangeEmail const&);

    // What a mailed link is about. Only reads. Refuses with link_unknown, also where it was used or has expired.
    Result<OptInInvitation> opt_in_invitation(std::string_view opt_in_token);

    // Puts the new address in force, ends all links and sessions of the person, and tells the old address. Refuses with
    // link_unknown like opt_in_invitation(), and with email_taken if somebody else confirmed it meanwhile.
    Result<Account> confirm_email(std::string_view opt_in_token);

    // Whether this address of the owner of this number waits or is confirmed. Refuses with person_unknown for any pair
    // that does not match, and with attempts_spent: too many questions from this client.
    Result<EmailState> email_state(AskEmailState const&);

    // Of each number, whether an active account has it. Refuses with attempts_spent: the partner has asked about more
    // than Policy::look_ups_per_day.
    Result<std::vector<bool>> are_registered(LookUp const&);

    // Sends a code to an address or a number that nobody has. Refuses with email_taken and phone_taken, also where a
    // deleted account keeps it, with account_blocked, with phone_not_served, and with attempts_spent where a limit is
    // reached. Whoever is refused because of somebody has asked about them, in one budget with exists().
    Result<void> send_sign_up_code(SendSignUpCode const&);

    // Uses the code up and remembers for Policy::proof_life that the partner has seen it, for one sign_up(). A guess is
    // counted before it is looked at, in one budget with sign_up(), and for a number with check_code(); it stays counted
    // unless it is right. Refuses with code_wrong, with code_expired if no code is alive, and with attempts_spent.
    Result<void> prove_contact(ProveContact const&);

    // Registers somebody who is not here yet, with the role of the public in a channel, under a user name of their own.
    // The code, or the proof, is used up with it. What else may be wrong is looked at first, and then no guess is counted.
    // Refuses with channel_unknown, organisation_unknown, organisation_elsewhere and user_name_taken; like
    // send_sign_up_code() where the address or the number is somebody's; like prove_contact() where there is a code, and
    // with contact_unproven where there is none. Of any number of simultaneous calls for one address or number, one
    // succeeds. Whoever is refused because of somebody, or without proof, has asked about them, in one budget with
    // exists().
    Result<SignedUp> sign_up(SignUp const&);

    // Finds the person with this identity, or registers them; nothing is mailed. An account that is here already is linked
    // only if both sides know the address to be its owner's: the provider is the authority for it, and it is verified
    // here; and if the provider does not know its owner as somebody else. Refuses with identity_unverified; with account_blocked; with email_taken where an account is not linked or
    // was deleted; and with field_missing if nobody tells a new person's name. Of any number of simultaneous calls with
    // one identity all answer one person.
    Result<SignedUp> sign_up_with_identity(SignUpWithIdentity const&);

    // Whose signed tokens are accepted, by what they say of themselves. Only reads. Refuses with issuer_unknown.
    Result<TokenIssuer> token_issuer(std::string_view name);

    // Opens a session for somebody whose identity at the portal is known; texts a code to anybody else, and stores
    // nothing of them before it was entered, except that the token was used. Refuses with text_malformed for a subject or a
    // target that is not printable, with issuer_unknown, token_spent,
    // organisation_unknown, organisation_elsewhere, contact_missing, account_blocked, account_deleted, and like
    // send_code().
    Result<Arrival> arrive(Visit const&);

    // What a visit is about. Asks no storage. Refuses with link_unknown, also where it has expired.
    Result<PendingVisit> pending_visit(std::string_view visit_token);

    // Enters the texted code: registers the person, or finds the account with their number, and opens a session. An
    // account that is here already is linked to the identity only if the portal vouches for the number, and does not know
    // its owner as somebody else; otherwise the code opens this session and is asked for again. `previous` is the session
    // token that the browser came with. Refuses with link_unknown, account_blocked, account_deleted, organisation_unknown
    // and organisation_elsewhere; and with code_wrong and attempts_spent like confirm_phone().
    Result<FinishedVisit>
    finish_visit(std::string_view visit_token, std::string_view code, std::string_view previous = {});

    // Whether this address, number or user name is that of a person who was not deleted. Refuses with attempts_spent,
    // in one budget with are_registered().
    Result<bool> exists(AskExistence const&);

    // An access token for whoever calls with this bearer token. Only reads. Refuses with partner_token_unknown.
    Result<IssuedAccessToken> issue_access_token(std::string_view partner_token);

    // Uses a login link up and tells whose it is. Refuses with link_unknown, link_spent and confirmation_required.
    // Of any number of simultaneous calls, one succeeds.
    Result<Person> redeem(std::string_view login_token);

    // The same, and opens a session. `previous`, the session token the browser came with, if any, is ended.
    Result<OpenedSession> open_session(std::string_view login_token, std::string_view previous = {});

    // What a link that needs confirmation is about. Refuses with link_unknown and link_spent, and with link_unknown
    // also for a link that needs none.
    Result<PendingConfirmation> pending_confirmation(std::string_view login_token);

    // Enters the mailed code: links the account to the partner, takes over what the partner sent, uses the link up
    // and opens a session. Refuses like open_session, and with code_wrong and attempts_spent; a guess is counted
    // before it is looked at, and stays counted unless it is right.
    Result<OpenedSession>
    confirm(std::string_view login_token, std::string_view code, std::string_view previous = {});

    // Like confirm(), for an application that signs people in by itself: a fresh login link in place of a session.
    Result<LoggedIn> confirm_and_relink(std::string_view login_token, std::string_view code);

    // Whose session this is. Only reads. Refuses with session_unknown.
    Result<Session> session(std::string_view session_token);

    // Notes that a session was used, if it has not ended or run out meanwhile.
    void touch(SessionId);

    // Ends a session; ending one that is unknown or has ended does nothing.
    void end_session(std::string_view session_token);

    // Which partner calls with this bearer token, its own or an access token. Only reads. Refuses with
    // partner_token_unknown.
    Result<Partner> identify(std::string_view partner_token);

    // Loads what the first sign-up of somebody would have to wait for: tables of letters. Never has to be called.
    void warm_up();

    // Forgets what has long expired, a bounded amount at a time, and returns how much. To be called now and then.
    int tidy();

    Policy const& policy() const noexcept { return policy_; }

private:
    Ports ports_;
    Policy policy_;
};

}

#pragma GCC visibility pop
