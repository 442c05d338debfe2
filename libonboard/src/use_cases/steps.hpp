#pragma once

#include <optional>
#include <string_view>

#include <onboard/onboard.hpp>

// Steps that several use cases share. Each works inside the caller's unit of work.
namespace onboard::steps {

// A login link that is still good, and whose it is.
struct GoodLink {
    LoginLinkId id{};
    LoginLink link;
    Account account;
};

// Refuses with link_unknown and link_spent. Uses nothing up.
Result<GoodLink> find_link(UnitOfWork const&, std::optional<LoginToken::Parts> const& presented, Instant now);

struct IssuedLink {
    LoginToken token;
    Instant expires_at{};
};

IssuedLink issue_link(
    UnitOfWork&, Ports const&, Policy const&, Account const&, std::optional<PartnerId>, std::optional<Proposal>);

// A session that is open, belongs to an active account and has not expired, if this is the token of one.
struct OpenSession {
    SessionId id{};
    PersonOfSession person;
};
std::optional<OpenSession> find_session(UnitOfWork const&, Ports const&, Policy const&, std::string_view token);

// Opens a session for a person, in place of the one their browser had. The cause is what the audit trail says of it.
OpenedSession open_session(
    UnitOfWork&, Ports const&, Policy const&, Account const&, std::optional<PartnerId>, std::string_view previous,
    std::string_view cause);

void end_session(UnitOfWork&, Ports const&, SessionId, StoredSession const&);

// What the audit trail calls them.
std::string name_of(LoginLinkId);
std::string name_of(SessionId);

Person person_of(UnitOfWork const&, Account const&, std::optional<PartnerId>);

// The partner that brought a person on board, if it is one and no more.
std::optional<PartnerId> sole_partner(UnitOfWork const&, AccountId);

// Refuses with plan_unknown unless the plan is an open one of this partner's.
Result<void> check_plan(UnitOfWork const&, PartnerId, PlanCode const&);

// A deleted person keeps no id from the living, if that is the policy.
void release_person_id(UnitOfWork&, Ports const&, Policy const&, PartnerId, PersonId const&);

// What a partner says of a person, on top of what it said before: what is not there stays as it was.
Enrolment updated(Enrolment before, Enrolment const& told);

// Changes what a person is called and spoken to in, if it differs.
Result<void> update_profile(UnitOfWork&, Account&, PersonName const&, Language, Instant now);

// Notes that mail to the address of a person has reached them.
void note_verified(UnitOfWork&, Account&, Instant now);

// Takes over what a partner says of a person: name and language for the account, the rest for its enrolment, which was
// `before` until now. Writes what differs. Refuses with person_id_taken.
Result<void>
take_over(UnitOfWork&, Account&, PartnerId, std::optional<Enrolment> const& before, Proposal const&, Instant now);

// A new account of somebody who has shown that this address or number is theirs; not stored yet.
Account new_account(Ports const&, Recipient const&, Language);

// How often letters with a secret leave for one address or number.
SendLimits limits_of(Policy const&);

// Whether the secret in a letter is still of use: a code that is one of the last two and not used, a link that is good.
bool is_of_use(UnitOfWork const&, Ports const&, Letter const&, std::string_view secret);

// Whether one more letter of this kind may go to this address because of what a partner did; it is then counted.
bool may_notify(UnitOfWork&, Ports const&, Policy const&, LetterKind, EmailAddress const&);

// A letter to the owner of an account that has an address, in their language.
Letter letter_to(Account const&, LetterKind, Instant expires_at);

// Puts a letter into the outbox, under an id of its own, with its secret sealed, if it has one.
void post(UnitOfWork&, Ports const&, Letter, std::string_view secret);

// Asks the owner of an account by mail whether a partner may be linked to it, unless too many such letters have
// left already.
void ask_owner(UnitOfWork&, Ports const&, Policy const&, Account const&, Partner const&);

// What the code for a partner is bound to.
std::string binding_of(PartnerId);

}
