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

// Opens a session for whoever followed the link, in place of the one their browser had.
OpenedSession open_session(UnitOfWork&, Ports const&, Policy const&, GoodLink const&, std::string_view previous);

Person person_of(UnitOfWork const&, Account const&, std::optional<PartnerId>);

// What a partner says of a person, on top of what it said before: what is not there stays as it was.
Enrolment updated(Enrolment before, Enrolment const& told);

// Changes what a person is called and spoken to in, if it differs.
Result<void> update_profile(UnitOfWork&, Account&, PersonName const&, Language, Instant now);

// Takes over what a partner says of a person: name and language for the account, the rest for its enrolment, which was
// `before` until now. Writes what differs. Refuses with person_id_taken.
Result<void>
take_over(UnitOfWork&, Account&, PartnerId, std::optional<Enrolment> const& before, Proposal const&, Instant now);

// Asks the owner of an account by mail whether a partner may be linked to it, unless too many such letters have
// left already.
void ask_owner(UnitOfWork&, Ports const&, Policy const&, Account const&, Partner const&);

// Counts a guess of a mailed code, to be committed before the guess is looked at. Refuses with attempts_spent, and the
// guess is counted all the same; otherwise says how many are left.
Result<int> count_try(UnitOfWork&, Ports const&, Policy const&, Purpose, std::string_view subject);

// Uses up the live code of this purpose, subject and binding that the person typed, and gives the guess back.
// False if there is none.
bool spend_code(
    UnitOfWork&, Ports const&, Purpose, std::string_view subject, std::string_view binding, std::string_view typed);

// What the code for a partner is bound to.
std::string binding_of(PartnerId);

}
