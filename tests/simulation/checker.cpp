#include "simulation/checker.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <onboard/courier.hpp>

namespace onboard::simulation {

namespace {

using namespace std::chrono_literals;

bool is_any(Call call, std::initializer_list<Call> calls)
{
    return std::ranges::find(calls, call) != calls.end();
}

bool uses_link(Operation const& operation)
{
    return is_any(operation.call, {Call::redeem, Call::open_session, Call::confirm, Call::confirm_and_relink});
}

bool enters_link_code(Operation const& operation)
{
    return is_any(operation.call, {Call::confirm, Call::confirm_and_relink});
}

// Whether an operation puts an end to links and sessions of a person, if it is done.
bool withdraws(Operation const& operation)
{
    return is_any(
        operation.call, {Call::block, Call::unblock, Call::remove, Call::set_password, Call::confirm_email});
}

bool is_contact_code(Operation const& operation)
{
    return is_any(operation.call, {Call::check_code, Call::confirm_phone, Call::prove_contact, Call::finish_visit}) ||
           (operation.call == Call::sign_up && !operation.code.empty());
}

bool uses_code_up(Operation const& operation)
{
    return is_contact_code(operation) && operation.call != Call::check_code;
}

bool by_proof(Operation const& operation)
{
    return operation.call == Call::sign_up && operation.code.empty();
}

// Which operations have codes sent that this one may enter.
bool is_cause_for(Operation const& cause, Operation const& entry)
{
    switch (entry.call) {
    case Call::check_code:
    case Call::confirm_phone: return cause.call == Call::send_code;
    case Call::prove_contact:
    case Call::sign_up: return cause.call == Call::send_sign_up_code;
    case Call::finish_visit: return cause.call == Call::arrive && cause.key == entry.key;
    default: return false;
    }
}

LetterKind kind_of_code(Operation const& entry)
{
    if (enters_link_code(entry))
        return LetterKind::partner_confirmation;
    return entry.email.empty() ? LetterKind::phone_code : LetterKind::otp;
}

// Whether this operation may have opened an account for this address or number.
bool may_open(Operation const& operation, std::string const& contact)
{
    if (!operation.possible())
        return false;
    switch (operation.call) {
    case Call::log_in:
    case Call::sign_up_with_identity: return operation.email == contact;
    case Call::sign_up: return operation.contact() == contact;
    case Call::confirm_phone:
    case Call::finish_visit: return operation.phone == contact;
    case Call::register_people:
        return std::ranges::any_of(operation.people, [&](ListedPerson const& person) {
            return person.email == contact &&
                   (!person.outcome || (*person.outcome && **person.outcome == Registered::created));
        });
    default: return false;
    }
}

// Whether this operation was told that it opened one.
bool opened(Operation const& operation, std::string const& contact)
{
    if (!operation.done() || operation.repeated || !may_open(operation, contact))
        return false;
    return operation.call == Call::register_people || operation.created;
}

std::string text(Operation const& operation)
{
    return '[' + line_of(operation) + ']';
}

}

void Checker::breach(char const* invariant, std::string what, Operation const& operation) const
{
    throw Violation{.invariant = invariant, .what = what + ' ' + text(operation), .operation = operation.number};
}

void Checker::check(Operation const& operation)
{
    check_doubt(operation);
    if (uses_link(operation))
        operation.done() ? check_link(operation) : check_link_refusal(operation);
    check_log_in(operation);
    check_created_once(operation);
    check_repetition(operation);
    check_session(operation);
    check_guess(operation);
    check_spent_budget(operation);
    if (is_contact_code(operation))
        operation.done() ? check_code(operation) : check_code_refusal(operation);
    check_proof(operation);
    check_password(operation);
    check_auth_code(operation);
    check_email(operation);
    check_identity(operation);
    check_arrival(operation);
    check_partner_token(operation);
    check_blocked(operation);
    check_letters_of(operation);
}

// INV-20
void Checker::check_doubt(Operation const& operation)
{
    if (operation.doubtful && operation.outcome != Outcome::unknown && operation.call != Call::deliver)
        breach("INV-20", "an unknown outcome was told as a known one", operation);
}

bool Checker::certainly_withdrawn(Whose const& whose, int after, int before) const
{
    return find([&](Operation const& other) {
        if (!withdraws(other) || !other.done() || other.no_change || other.begun <= after || other.ended >= before)
            return false;
        return whose.account != 0 && other.account == whose.account;
    });
}

bool Checker::maybe_withdrawn(Whose const& whose, int since, int until) const
{
    return find([&](Operation const& other) {
        if (!withdraws(other) || !other.possible() || other.ended < since || other.begun > until)
            return false;
        if (!other.done())
            return true;
        if (other.account != 0 && whose.account != 0)
            return other.account == whose.account;
        if (whose.email && !other.account_email.empty() && other.call != Call::confirm_email)
            return other.account_email == *whose.email;
        if (whose.phone && !other.account_phone.empty())
            return other.account_phone == *whose.phone;
        return true;
    });
}

Operation const* Checker::issue_of_link(Operation const& use) const
{
    return find([&](Operation const& issue) {
        return is_any(issue.call, {Call::log_in, Call::confirm_and_relink}) && issue.done() &&
               issue.token == use.secret;
    });
}

std::string const* Checker::waiting_address(Operation const& entry) const
{
    auto const* issue = issue_of_link(entry);
    return issue ? &issue->email : nullptr;
}

void Checker::check_link(Operation const& use)
{
    auto const* issue = issue_of_link(use);
    if (!issue)
        breach("INV-08", "a link was good that nobody was given", use);
    auto const again = find([&](Operation const& other) {
        return &other != &use && uses_link(other) && other.done() && other.secret == use.secret;
    });
    if (again)
        breach("INV-05", "a link was good twice, first " + text(*again), use);
    if (use.begun_at >= issue->expires_at)
        breach("INV-06", "a link was good after its end, issued " + text(*issue), use);
    if (certainly_withdrawn({.account = issue->account}, issue->ended, use.begun))
        breach("INV-17", "a link was good that had been withdrawn, issued " + text(*issue), use);
    if (issue->waits != enters_link_code(use))
        breach("INV-16", "a link and a code did not belong together, issued " + text(*issue), use);
    if (use.account != issue->account)
        breach("INV-08", "a link was another's, issued " + text(*issue), use);
    branches_.hit(Branch::link_used);
    if (!issue->waits)
        return;

    branches_.hit(Branch::code_right);
    int letters = 0;
    for (auto const& letter : history_.letters_in_order) {
        auto const& cause = history_.operations[static_cast<std::size_t>(letter->operation)];
        letters += letter->letter.kind == LetterKind::partner_confirmation && letter->secret == use.code &&
                   key_of(letter->letter.to) == issue->email && cause.partner == issue->partner;
    }
    if (letters == 0)
        breach("INV-08", "a code was right that was not sent for this", use);
    auto const uses = count([&](Operation const& other) {
        auto const* address =
            enters_link_code(other) && other.done() && other.code == use.code ? waiting_address(other) : nullptr;
        return address && *address == issue->email;
    });
    if (uses > letters)
        breach("INV-05", "a code was good twice", use);
}

// Who is told no for a link has to have a reason for it.
void Checker::check_link_refusal(Operation const& use)
{
    auto const* issue = issue_of_link(use);
    if (!issue || !use.refusal)
        return;
    auto const expired = use.ended_at + history_.skew >= issue->expires_at;
    auto const raced = find([&](Operation const& other) {
        return &other != &use && uses_link(other) && other.possible() && other.secret == use.secret;
    });
    auto const withdrawn = maybe_withdrawn({.account = issue->account}, issue->begun, use.ended);
    if (use.refused(Errc::link_spent)) {
        if (!expired && !raced && !withdrawn)
            breach("INV-20", "a good link was refused, issued " + text(*issue), use);
        branches_.hit(expired ? Branch::link_expired : withdrawn ? Branch::link_withdrawn : Branch::link_raced);
    }
    if (use.refused(Errc::link_unknown)) {
        auto const forgotten = use.ended_at + history_.skew >= issue->expires_at + 24h;
        if (!forgotten && issue->waits)
            breach("INV-20", "a link was forgotten too early, issued " + text(*issue), use);
        if (!forgotten && !enters_link_code(use))
            breach("INV-20", "a link was forgotten too early, issued " + text(*issue), use);
    }
    if (use.refused(Errc::confirmation_required)) {
        if (!issue->waits)
            breach("INV-20", "a link was held back for no reason, issued " + text(*issue), use);
        branches_.hit(Branch::link_waiting);
    }
}

bool Checker::maybe_enrolled(
    int partner, std::string const& email, std::int64_t account, Operation const& until) const
{
    return find([&](Operation const& other) {
        if (&other == &until || !other.possible())
            return false;
        if (other.call == Call::confirm_email)  // whose address is whose may have changed
            return true;
        if (other.call == Call::log_in && other.partner == partner && !other.waits &&
            (!other.repeated || !other.done()))
            return other.email == email || (account != 0 && other.account == account);
        if (other.call == Call::register_people && other.partner == partner)
            return may_open(other, email);
        if (enters_link_code(other)) {
            auto const* issue = issue_of_link(other);
            return issue && issue->partner == partner && issue->email == email;
        }
        return false;
    });
}

// INV-16
void Checker::check_log_in(Operation const& login)
{
    if (login.call != Call::log_in)
        return;
    if (login.refused(Errc::account_deleted))
        branches_.hit(Branch::deleted_refused);
    if (login.refused(Errc::person_id_taken))
        branches_.hit(Branch::person_id_taken);
    if (login.refused(Errc::email_taken))
        branches_.hit(Branch::email_taken);
    if (!login.done() || login.partner < 0 || login.created)
        return;
    auto const existing = history_.link_existing[static_cast<std::size_t>(login.partner)];
    if (existing == LinkExisting::trust || login.waits)
        return;
    if (!maybe_enrolled(login.partner, login.email, login.account, login))
        breach("INV-16", "a partner got a link for somebody who is not theirs", login);
}

// INV-01 and INV-02, as far as clients can see: whoever is registered is registered once.
void Checker::check_created_once(Operation const& operation)
{
    std::vector<std::string> contacts;
    if (operation.call == Call::register_people)
        for (auto const& person : operation.people)
            contacts.push_back(person.email);
    else if (operation.created)
        contacts.push_back(operation.email.empty() ? operation.phone : operation.email);
    for (auto const& contact : contacts) {
        if (!opened(operation, contact))
            continue;
        int created = 0;
        bool raced = false;
        int freed = 0;
        for (auto const& other : history_.operations) {
            created += opened(other, contact) ? 1 : 0;
            raced = raced || (&other != &operation && may_open(other, contact) && !other.before(operation));
            auto const moved = other.call == Call::confirm_email && other.possible();
            auto const removed = other.call == Call::remove && other.possible() && history_.policy.release_deleted;
            freed += moved || removed ? 1 : 0;
        }
        if (created > 1 + freed)
            breach("INV-01", contact + " was registered twice", operation);
        if (created > 1)
            branches_.hit(Branch::address_released);
        if (raced)
            branches_.hit(Branch::created_by_one_of_several);
    }
}

// INV-20: whatever comes again under one key has one effect.
void Checker::check_repetition(Operation const& operation)
{
    if (operation.key.empty() || !is_any(operation.call, {Call::log_in, Call::register_people}))
        return;
    if (operation.refused(Errc::request_repeated_differently))
        branches_.hit(Branch::repeated_differently);
    if (!operation.done())
        return;
    if (operation.repeated)
        branches_.hit(Branch::repetition_answered);
    for (auto const& other : history_.operations) {
        if (&other == &operation || !other.done() || other.call != operation.call || other.key != operation.key ||
            other.partner != operation.partner)
            continue;
        auto const window = history_.policy.repeat_window - history_.skew;
        if (operation.ended_at - other.begun_at >= window || other.ended_at - operation.begun_at >= window)
            continue;
        if (!other.repeated && !operation.repeated)
            breach("INV-20", "a request was carried out twice, also " + text(other), operation);
        auto const anew = find([&](Operation const& third) {
            return &third != &other && third.call == other.call && third.key == other.key && third.possible() &&
                   (third.outcome != Outcome::done || !third.repeated);
        });
        if (operation.repeated && !other.repeated && !anew && other.created != operation.created)
            breach("INV-20", "a repetition was answered otherwise than " + text(other), operation);
    }
}

// Whether a session may have run out when somebody else did something.
bool Checker::maybe_run_out(Operation const& opening, Operation const& then) const
{
    auto noted = opening.begun_at;
    for (auto const& use : history_.operations)
        if (use.call == Call::session && use.secret == opening.session && use.done() && use.before(then) &&
            use.ended_at + history_.skew < noted + history_.policy.session_idle)  // later it is noted in vain
            noted = std::max(noted, use.begun_at - 1min);                         // and once a minute
    auto const late = then.ended_at + history_.skew;
    return late >= noted + history_.policy.session_idle || late >= opening.begun_at + history_.policy.session_life;
}

// INV-06 and INV-17 for sessions.
void Checker::check_session(Operation const& use)
{
    if (use.call != Call::session || !(use.done() || use.refusal))
        return;
    auto const* opening = find([&](Operation const& other) { return other.done() && other.session == use.secret; });
    if (!opening)
        return;
    auto const& policy = history_.policy;
    auto last_seen = opening->ended_at;
    bool ended = false;
    bool maybe_ended = false;
    for (auto const& other : history_.operations) {
        if (&other == &use)
            continue;
        if (other.call == Call::session && other.secret == use.secret && other.possible())
            last_seen = std::max(last_seen, other.outcome == Outcome::running ? use.ended_at : other.ended_at);
        auto const ends = other.call == Call::end_session && other.secret == use.secret;
        auto const replaces = other.previous == use.secret;
        if ((!ends && !replaces) || !other.possible())
            continue;
        maybe_ended = true;
        // A session that a browser came with is left alone if it has run out just now.
        auto const in_force = ends || !maybe_run_out(*opening, other);
        ended = ended || (other.done() && other.before(use) && (ends || !other.session.empty()) && in_force);
    }
    auto const withdrawn = certainly_withdrawn({.account = opening->account}, opening->ended, use.begun);
    if (use.done()) {
        if (ended)
            breach("INV-17", "a session went on after its end, opened " + text(*opening), use);
        if (withdrawn)
            breach("INV-17", "a session went on that had been withdrawn, opened " + text(*opening), use);
        if (use.begun_at >= opening->ended_at + policy.session_life ||
            use.begun_at >= last_seen + policy.session_idle)
            breach("INV-06", "a session went on for too long, opened " + text(*opening), use);
        if (use.account != opening->account)
            breach("INV-08", "a session was another's, opened " + text(*opening), use);
        return;
    }
    auto const timed_out = maybe_run_out(*opening, use);
    if (!maybe_ended && !timed_out && !maybe_withdrawn({.account = opening->account}, opening->begun, use.ended))
        breach("INV-20", "a good session was refused, opened " + text(*opening), use);
    if (ended)
        branches_.hit(Branch::session_ended);
    if (timed_out)
        branches_.hit(Branch::session_timed_out);
}

// In which budget a guess is counted.
std::optional<std::string> Checker::budget_of(Operation const& operation) const
{
    if (is_contact_code(operation))
        return "code " + operation.contact();
    if (operation.call == Call::sign_in)
        return "password " + operation.email;
    if (enters_link_code(operation))
        if (auto const* address = waiting_address(operation))
            return "partner " + *address;
    return std::nullopt;
}

// INV-07: of guesses that were compared there are no more in a window than its budget, over all calls and codes.
// Where a window begins is not always certain; where it is not, guesses are taken to be in the next one.
void Checker::check_guess(Operation const& guess)
{
    if (!guess.refused(Errc::code_wrong) && !guess.refused(Errc::sign_in_wrong))
        return;
    auto const budget = budget_of(guess);
    if (!budget || (guess.call == Call::sign_in && !guess.previous.empty()))
        return;
    auto const is_password = guess.call == Call::sign_in;
    auto const most = is_password ? history_.policy.password_tries_per_hour : history_.policy.code_tries;
    auto const window = is_password ? std::chrono::seconds(1h) : history_.policy.code_window;
    auto const skew = history_.skew;

    std::optional<Instant> last_end;  // of all guesses before: no window begins later
    bool certain = false;
    Instant earliest_start;
    std::optional<Instant> latest_start;
    int compared = 0;
    for (auto const& other : history_.operations) {
        if (budget_of(other) != budget)
            continue;
        auto const ended_at = other.outcome == Outcome::running ? guess.ended_at : other.ended_at;
        // Whoever has a session may be counted by that.
        auto const by_session = is_password && !other.previous.empty();
        auto const wrong = !by_session && (other.refused(Errc::code_wrong) || other.refused(Errc::sign_in_wrong));
        auto const counted = wrong || (!by_session && other.refused(Errc::attempts_spent));
        auto const over = certain && latest_start ? latest_start : last_end;
        if (!over || other.begun_at >= *over + window + skew) {
            certain = ended_at - other.begun_at + skew < window;
            earliest_start = other.begun_at;
            latest_start = counted ? std::optional(ended_at) : std::nullopt;
            compared = 0;
        } else if (certain && ended_at + skew < earliest_start + window) {
            if (counted)
                latest_start = std::min(latest_start.value_or(ended_at), ended_at);
        } else {
            certain = false;
        }
        compared = certain ? compared + (wrong ? 1 : 0) : 0;
        last_end = std::max(last_end.value_or(ended_at), ended_at);
    }
    if (compared > most)
        breach("INV-07", std::to_string(compared) + " guesses were compared, of " + *budget, guess);
}

// Who is told to wait has to have a reason for it: a guess that was right, and told so, is not one.
void Checker::check_spent_budget(Operation const& guess)
{
    if (!guess.refused(Errc::attempts_spent))
        return;
    if (is_any(guess.call, {Call::send_code, Call::arrive, Call::send_sign_up_code})) {
        if (guess.field == "phone" || guess.field == "email")
            branches_.hit(Branch::text_limit_of_number);
        if (guess.field == "client")
            branches_.hit(Branch::text_limit_of_client);
        if (guess.field == "range")
            branches_.hit(Branch::text_limit_of_range);
        if (guess.field == "texts")
            branches_.hit(Branch::text_limit_of_day);
        return;
    }
    if (guess.call == Call::sign_in) {
        branches_.hit(Branch::password_budget_spent);
        return;
    }
    auto const budget = budget_of(guess);
    if (!budget || guess.field != "code")
        return;
    auto const& policy = history_.policy;
    // Known: a guess that met another writer is counted again when it is asked for again, where giving it back met
    // others time and again.
    int conflicts = 0;
    for (auto const& other : history_.operations)
        conflicts += !strict_ && other.begun < guess.ended && budget_of(other) == budget ? other.conflicts : 0;
    auto const others =
        conflicts + count([&](Operation const& other) {
            if (&other == &guess || budget_of(other) != budget || other.begun > guess.ended)
                return false;
            if (other.ended_at + policy.code_window + history_.skew < guess.begun_at && other.ended != not_yet)
                return false;
            return !other.done() || !other.before(guess);
        });
    if (others < policy.code_tries)
        breach("INV-20", "somebody had to wait who had guessed " + std::to_string(others) + " times", guess);
    branches_.hit(Branch::budget_spent);
}

std::vector<PostedLetter const*> Checker::letters_with(Operation const& entry) const
{
    std::vector<PostedLetter const*> letters;
    for (auto const* letter : history_.letters_in_order) {
        auto const& cause = history_.operations[static_cast<std::size_t>(letter->operation)];
        if (letter->letter.kind == kind_of_code(entry) && key_of(letter->letter.to) == entry.contact() &&
            letter->secret == entry.code && is_cause_for(cause, entry))
            letters.push_back(letter);
    }
    return letters;
}

// Whether the partner may have had this code proven before: it may then be sent along once more, to sign up.
bool Checker::was_proven(Operation const& entry) const
{
    return entry.call == Call::sign_up && find([&](Operation const& other) {
               return other.call == Call::prove_contact && other.possible() && other.contact() == entry.contact() &&
                      other.partner == entry.partner && other.code == entry.code;
           });
}

// A code was right: it was sent for this and to here, it is among the last two, and nobody has used it up.
void Checker::check_code(Operation const& entry)
{
    if (was_proven(entry)) {
        branches_.hit(Branch::code_right);
        return;
    }
    auto const letters = letters_with(entry);
    if (letters.empty())
        breach("INV-08", "a code was right that was not sent for this", entry);
    auto const alive = std::ranges::any_of(
        letters, [&](PostedLetter const* letter) { return entry.begun_at < letter->letter.expires_at; });
    if (!alive)
        breach("INV-06", "a code was good after its end", entry);
    auto const newer = std::ranges::count_if(history_.letters_in_order, [&](PostedLetter const* other) {
        return other->letter.kind == kind_of_code(entry) && key_of(other->letter.to) == entry.contact() &&
               other->posted > letters.back()->posted && other->posted < entry.begun;
    });
    if (newer >= 2)
        breach("INV-06", "a code was good that had been replaced", entry);
    auto const uses = count([&](Operation const& other) {
        return uses_code_up(other) && other.done() && !was_proven(other) &&
               (&other == &entry || uses_code_up(entry) || other.before(entry)) &&
               other.contact() == entry.contact() && other.code == entry.code && letters_with(other) == letters;
    });
    auto const most = static_cast<int>(letters.size()) - (uses_code_up(entry) ? 0 : 1);
    if (uses > most)
        breach("INV-05", "a code was good twice", entry);
    branches_.hit(Branch::code_right);
    if (entry.call == Call::finish_visit)
        branches_.hit(Branch::visit_finished);
}

void Checker::check_code_refusal(Operation const& entry)
{
    if (!entry.refused(Errc::code_wrong) && !entry.refused(Errc::code_expired))
        return;
    auto const letters = letters_with(entry);
    if (letters.empty()) {
        if (std::ranges::any_of(history_.letters_in_order, [&](auto const* letter) {
                return letter->secret == entry.code && letter->letter.kind == kind_of_code(entry);
            }))
            branches_.hit(Branch::code_of_another);
        return;
    }
    auto const& letter = *letters.back();
    auto const expired = entry.ended_at + history_.skew >= letter.letter.expires_at;
    auto const newer = std::ranges::count_if(history_.letters_in_order, [&](PostedLetter const* other) {
        return other->letter.kind == letter.letter.kind && other->letter.to == letter.letter.to &&
               other->posted > letter.posted;
    });
    auto const used = find([&](Operation const& other) {
        return &other != &entry && uses_code_up(other) && other.possible() && other.contact() == entry.contact() &&
               other.code == entry.code;
    });
    if (!expired && newer < 2 && !used)
        breach("INV-20", "a good code was refused", entry);
    if (newer >= 2)
        branches_.hit(Branch::code_replaced);
    if (used)
        branches_.hit(Branch::code_used_twice);
}

// INV-05, INV-06 and INV-16 for proofs.
void Checker::check_proof(Operation const& entry)
{
    if (!by_proof(entry))
        return;
    auto const life = history_.policy.proof_life;
    int proofs = 0;
    int uses = 0;
    bool alive = false;
    for (auto const& other : history_.operations) {
        if (!other.possible() || other.contact() != entry.contact() || other.partner != entry.partner)
            continue;
        if (other.call == Call::prove_contact) {
            ++proofs;
            alive = alive || other.ended == not_yet || entry.begun_at < other.ended_at + life;
        }
        uses += by_proof(other) && other.done() ? 1 : 0;
    }
    if (entry.refused(Errc::contact_unproven) && proofs > 0 && !alive)
        branches_.hit(Branch::proof_expired);
    if (!entry.done())
        return;
    if (!alive)
        breach("INV-06", "somebody signed up without a proof that was good", entry);
    if (uses > proofs)
        breach("INV-05", "a proof was good twice", entry);
    branches_.hit(Branch::proof_used);
}

// Links to set a password, and passwords.
void Checker::check_password(Operation const& operation)
{
    if (operation.call == Call::set_password) {
        PostedLetter const* letter = nullptr;
        for (auto const* posted : history_.letters_in_order)
            if (!posted->secret.empty() && posted->secret == operation.secret)
                letter = posted;
        if (!letter)
            return;
        auto const raced = find([&](Operation const& other) {
            return &other != &operation && other.call == Call::set_password && other.possible() &&
                   other.secret == operation.secret;
        });
        if (operation.done()) {
            if (raced && raced->done())
                breach("INV-05", "a link to set a password was good twice", operation);
            if (operation.begun_at >= letter->letter.expires_at)
                breach("INV-06", "a link to set a password was good after its end", operation);
            if (operation.account_email != key_of(letter->letter.to))
                breach("INV-08", "a link to set a password was another's", operation);
            if (certainly_withdrawn({.account = operation.account}, letter->posted, operation.begun))
                breach("INV-17", "a link to set a password was good that had been withdrawn", operation);
            branches_.hit(Branch::password_set);
        }
        auto const& recipient = key_of(letter->letter.to);
        if (operation.refused(Errc::link_spent) && !raced &&
            !maybe_withdrawn({.email = &recipient}, letter->posted, operation.ended) &&
            letter->letter.kind == LetterKind::welcome_set_password)
            breach("INV-20", "a good link to set a password was refused", operation);
        if (operation.refused(Errc::link_spent))
            branches_.hit(Branch::password_link_spent);
    }
    if (operation.call == Call::sign_in && operation.done()) {
        auto const* setting = find([&](Operation const& other) {
            return other.call == Call::set_password && other.possible() && other.code == operation.code;
        });
        if (!setting)
            breach("INV-08", "a password was right that nobody has set", operation);
        auto const* newer = find([&](Operation const& other) {
            return other.call == Call::set_password && other.done() && other.account == operation.account &&
                   setting->before(other) && other.before(operation) && other.code != operation.code;
        });
        if (newer)
            breach("INV-06", "an old password was right after " + text(*newer), operation);
        branches_.hit(Branch::signed_in);
    }
}

void Checker::check_auth_code(Operation const& use)
{
    if (use.call != Call::profile)
        return;
    auto const* issue = find([&](Operation const& other) {
        return other.call == Call::confirm_phone && other.done() && other.token == use.secret;
    });
    if (!issue)
        return;
    auto const newer_done = find([&](Operation const& other) {
        return other.call == Call::confirm_phone && other.done() && other.account == issue->account &&
               issue->before(other) && other.before(use);
    });
    auto const withdrawn = find([&](Operation const& other) {
        return is_any(other.call, {Call::block, Call::remove}) && other.done() && other.account == issue->account &&
               issue->before(other) && other.before(use);
    });
    if (use.done()) {
        if (use.begun_at >= issue->expires_at)
            breach("INV-06", "an authentication code was good after its end", use);
        if (use.partner != issue->partner)
            breach("INV-16", "an authentication code was good for another partner", use);
        if (use.phone != issue->phone)
            breach("INV-08", "an authentication code was good for another number", use);
        if (newer_done)
            breach("INV-06", "an authentication code was good that had been replaced", use);
        if (withdrawn)
            breach("INV-17", "an authentication code was good that had been withdrawn", use);
        return;
    }
    if (newer_done)
        branches_.hit(Branch::auth_code_replaced);
    auto const maybe_replaced = find([&](Operation const& other) {
        return &other != issue && other.call == Call::confirm_phone && other.possible() &&
               other.phone == issue->phone && !other.before(*issue);
    });
    auto const matches = use.partner == issue->partner && use.phone == issue->phone;
    auto const expired = use.ended_at + history_.skew >= issue->expires_at;
    if (use.refusal && matches && !expired && !maybe_replaced &&
        !maybe_withdrawn({.account = issue->account}, issue->begun, use.ended))
        breach("INV-20", "a good authentication code was refused", use);
}

// INV-09, and INV-05 and INV-06 for opt-ins.
void Checker::check_email(Operation const& operation)
{
    if (operation.call != Call::confirm_email)
        return;
    if (operation.refused(Errc::email_taken))
        branches_.hit(Branch::email_taken_meanwhile);
    PostedLetter const* letter = nullptr;
    for (auto const* posted : history_.letters_in_order)
        if (!posted->secret.empty() && posted->secret == operation.secret)
            letter = posted;
    if (!letter)
        return;
    auto const& cause = history_.operations[static_cast<std::size_t>(letter->operation)];
    auto const other_use = find([&](Operation const& other) {
        return &other != &operation && other.call == Call::confirm_email && other.possible() &&
               other.secret == operation.secret;
    });
    if (operation.done()) {
        if (operation.account_email != key_of(letter->letter.to))
            breach("INV-09", "a link that was mailed to one address confirmed another", operation);
        if (other_use && other_use->done())
            breach("INV-05", "a link to confirm an address was good twice", operation);
        if (operation.begun_at >= letter->letter.expires_at)
            breach("INV-06", "a link to confirm an address was good after its end", operation);
        auto const* newer = find([&](Operation const& other) {
            return other.call == Call::change_email && other.done() && other.phone == cause.phone &&
                   other.email != cause.email && cause.before(other) && other.before(operation);
        });
        if (newer)
            breach("INV-06", "a link confirmed an address after a newer change " + text(*newer), operation);
        branches_.hit(Branch::email_changed);
        return;
    }
    auto const changed = find([&](Operation const& other) {
        return &other != &cause && other.call == Call::change_email && other.possible() &&
               other.phone == cause.phone && !other.before(cause);
    });
    auto const expired = operation.ended_at + history_.skew >= letter->letter.expires_at;
    auto const withdrawn = maybe_withdrawn({.phone = &cause.phone}, letter->posted, operation.ended);
    if (operation.refused(Errc::link_unknown) && !other_use && !changed && !expired && !withdrawn)
        breach("INV-20", "a good link to confirm an address was refused", operation);
}

// INV-24
void Checker::check_identity(Operation const& operation)
{
    if (operation.call != Call::sign_up_with_identity)
        return;
    if (operation.refused(Errc::email_taken))
        branches_.hit(Branch::identity_refused);
    if (!operation.done())
        return;
    bool known = false;
    for (auto const& other : history_.operations) {
        if (&other == &operation || other.call != operation.call || other.key != operation.key || !other.possible())
            continue;
        known = true;
        auto const removed = find([&](Operation const& removal) {
            return removal.call == Call::remove && removal.possible() && history_.policy.release_deleted;
        });
        if (other.done() && other.account != operation.account && !removed)
            breach("INV-24", "an identity was two people, also " + text(other), operation);
    }
    if (operation.created || known)
        return;
    if (!operation.authoritative)
        breach("INV-24", "an address alone has linked an identity", operation);
    auto const verified = find([&](Operation const& other) {
        auto const same = other.email == operation.email || other.account_email == operation.email;
        return other.possible() && &other != &operation &&
               (is_any(other.call, {Call::set_password, Call::confirm_email}) || enters_link_code(other) ||
                (same && is_any(other.call, {Call::sign_up, Call::sign_up_with_identity})));
    });
    if (!verified)
        breach("INV-24", "an identity was linked by an address that nobody verified", operation);
    branches_.hit(Branch::identity_linked);
}

// INV-05 for tokens of a portal.
void Checker::check_arrival(Operation const& arrival)
{
    if (arrival.call != Call::arrive)
        return;
    if (arrival.refused(Errc::token_spent))
        branches_.hit(Branch::portal_token_again);
    if (!arrival.done())
        return;
    auto const* again = find([&](Operation const& other) {
        return &other != &arrival && other.call == Call::arrive && other.done() && other.token_id == arrival.token_id;
    });
    if (again)
        breach("INV-05", "a token of a portal was good twice, first " + text(*again), arrival);
}

// INV-17 for partners.
void Checker::check_partner_token(Operation const& use)
{
    if (use.call != Call::identify || !(use.done() || use.refusal))
        return;
    auto const* issue = find([&](Operation const& other) {
        return other.call == Call::rotate && other.done() && other.token == use.secret;
    });
    if (!issue)
        return;
    auto const* revoked = find([&](Operation const& other) {
        return other.call == Call::revoke_all && other.partner == issue->partner && other.possible() &&
               !other.before(*issue) && other.begun < use.ended;
    });
    auto const certainly = revoked && find([&](Operation const& other) {
                               return other.call == Call::revoke_all && other.partner == issue->partner &&
                                      other.done() && issue->before(other) && other.before(use);
                           });
    if (use.done() && certainly)
        breach("INV-17", "a partner's token was good after it was revoked", use);
    if (use.done() && use.partner != issue->partner)
        breach("INV-16", "a partner's token was another's", use);
    if (use.refusal && !revoked)
        breach("INV-20", "a partner's good token was refused", use);
    if (use.refusal)
        branches_.hit(Branch::partner_token_revoked);
}

// INV-17: whoever is blocked gets nothing, from the moment that is told as done, until somebody may have unblocked
// them.
void Checker::check_blocked(Operation const& operation)
{
    if (operation.refused(Errc::account_blocked))
        branches_.hit(Branch::blocked_refused);
    auto const lets_in = is_any(
        operation.call, {Call::log_in, Call::redeem, Call::open_session, Call::confirm, Call::confirm_and_relink,
                         Call::session, Call::set_password, Call::sign_in, Call::confirm_phone, Call::profile,
                         Call::confirm_email, Call::sign_up_with_identity, Call::finish_visit});
    if (!lets_in || !operation.done() || operation.account == 0)
        return;
    for (auto const& block : history_.operations) {
        if (!is_any(block.call, {Call::block, Call::remove}) || !block.done() || block.account != operation.account ||
            !block.before(operation))
            continue;
        auto const* unblocked = find([&](Operation const& other) {
            return other.call == Call::unblock && other.possible() && !other.before(block) &&
                   other.begun < operation.ended;
        });
        if (block.call == Call::remove || !unblocked)
            breach("INV-17", "somebody was let in who had been shut out by " + text(block), operation);
    }
}

// INV-04, INV-11 and INV-14: who is refused causes no letter, and who is not, one of a kind for each person.
void Checker::check_letters_of(Operation const& operation)
{
    std::map<std::pair<LetterKind, std::string>, int> letters;
    for (auto const* letter : history_.letters_in_order)
        if (letter->operation == operation.number)
            ++letters[{letter->letter.kind, key_of(letter->letter.to)}];
    if (!letters.empty() && operation.outcome == Outcome::refused)
        breach("INV-04", "somebody was refused and got a letter", operation);
    for (auto const& [what, number] : letters)
        if (number > 1)
            breach("INV-11", "one cause had several letters of a kind", operation);
    auto const must_send = is_any(operation.call, {Call::send_code, Call::send_sign_up_code});
    if (must_send && operation.done() && letters.empty())
        breach("INV-11", "a code was sent, and is in no letter", operation);
    if (operation.call != Call::register_people || !operation.done() || operation.repeated)
        return;
    for (auto const& person : operation.people) {
        if (!person.outcome || !*person.outcome || **person.outcome != Registered::created)
            continue;
        auto const earlier = std::ranges::any_of(history_.letters_in_order, [&](PostedLetter const* letter) {
            return letter->letter.kind == LetterKind::welcome_set_password &&
                   key_of(letter->letter.to) == person.email &&
                   letter->posted_at + history_.policy.notice_pause + history_.skew >= operation.begun_at;
        });
        if (!earlier)
            breach("INV-11", person.email + " was registered and got no letter", operation);
    }
}

// INV-15: letters with secrets to one person, by their purpose, and notices by their kind.
void Checker::check_posted(PostedLetter const& posted)
{
    auto const& cause = history_.operations[static_cast<std::size_t>(posted.operation)];
    auto const kind = posted.letter.kind;
    auto const is_notice = is_any(cause.call, {Call::register_people}) ||
                           (cause.call == Call::change_email && kind == LetterKind::already_have_account);
    auto const is_limited = is_notice || kind == LetterKind::phone_code || kind == LetterKind::otp ||
                            kind == LetterKind::partner_confirmation || kind == LetterKind::reset_password ||
                            kind == LetterKind::email_opt_in;
    if (!is_limited)
        return;
    auto const& policy = history_.policy;
    auto const skew = history_.skew;
    int within_pause = 0;
    int within_hour = 0;
    int within_day = 0;
    for (auto const* other : history_.letters_in_order) {
        if (other->letter.kind != kind || key_of(other->letter.to) != key_of(posted.letter.to))
            continue;
        auto const age = std::chrono::abs(posted.posted_at - other->posted_at) + skew;
        within_pause += age < policy.code_pause ? 1 : 0;
        within_hour += age < 1h ? 1 : 0;
        within_day += age < 24h ? 1 : 0;
    }
    if (is_notice ? within_day > 1
                  : within_pause > 1 || within_hour > policy.codes_per_hour || within_day > policy.codes_per_day)
        breach("INV-15", "too many letters to one person", cause);
    if (kind != LetterKind::phone_code)
        return;
    int of_client = 0;
    int of_all = 0;
    for (auto const* other : history_.letters_in_order) {
        if (other->letter.kind != kind)
            continue;
        auto const& others = history_.operations[static_cast<std::size_t>(other->operation)];
        auto const age = std::chrono::abs(posted.posted_at - other->posted_at) + skew;
        of_client += !cause.client.empty() && others.client == cause.client && age < 1h ? 1 : 0;
        of_all += age < 24h ? 1 : 0;
    }
    // Two windows may meet within an hour, and within a day.
    if (of_client > 2 * policy.texts_per_client_per_hour || of_all > 2 * policy.texts_per_day)
        breach("INV-15", "too many texts", cause);
}

// INV-13 and INV-17, and that a letter leaves twice only for a reason.
void Checker::check_handed(PostedLetter const& posted, Letter const& as_handed, std::string const& secret)
{
    auto const& handing = posted.handings.back();
    auto const& round = history_.operations[static_cast<std::size_t>(handing.operation)];
    auto const same = posted.letter.kind == as_handed.kind && posted.letter.to == as_handed.to &&
                      posted.letter.expires_at == as_handed.expires_at &&
                      (posted.secret.empty() || posted.secret == secret);
    if (!same)
        breach("INV-13", "two copies of one letter differ", round);
    auto const* withdrawn = find([&](Operation const& other) {
        return is_any(other.call, {Call::block, Call::remove}) && other.done() && !other.no_change &&
               other.begun > posted.posted && other.before(round) &&
               (other.account_email == key_of(posted.letter.to) || other.account_phone == key_of(posted.letter.to));
    });
    if (withdrawn)
        breach("INV-17", "a letter left for somebody after " + text(*withdrawn), round);
    if (posted.handings.size() < 2)
        return;
    auto const& before = posted.handings[posted.handings.size() - 2];
    if (before.verdict != Verdict::arrived || before.operation == handing.operation)
        return;
    branches_.hit(Branch::letter_twice);
    auto const& first = history_.operations[static_cast<std::size_t>(before.operation)];
    auto const claimed_at = std::min(first.begun_at, round.begun_at);
    auto const slow = handing.time + history_.skew >= claimed_at + Courier::lease;  // one of the two stood still
    if (first.done() && !slow)
        breach("INV-12", "a letter left twice, first by " + text(first), round);
    if (first.outcome == Outcome::running && !slow)
        breach("INV-12", "a letter was handed out twice, first to " + text(first), round);
}

void Checker::check_remains(Remains const& remains)
{
    check_unique(remains);
    check_registrations(remains);
    check_explained(remains);
    check_statuses(remains);
    check_consents(remains);
    check_letters(remains);
    check_audit(remains);
}

// INV-01 and INV-02
void Checker::check_unique(Remains const& remains)
{
    std::map<std::string, AccountId> owners;
    auto const take = [&](std::string const& what, Account const& account) {
        auto const [owner, is_first] = owners.emplace(what, account.id);
        if (!is_first)
            throw Violation{
                .invariant = what.starts_with("email") ? "INV-01" : "INV-02", .what = "two people have " + what};
    };
    for (auto const& [account, enrolments, identities, consents] : remains.people) {
        auto const keeps = account.status != AccountStatus::deleted || !history_.policy.release_deleted;
        if (account.email && keeps)
            take("email " + account.email->key(), account);
        if (account.phone && keeps)
            take("phone " + account.phone->e164(), account);
        if (account.user_name)
            take("user name " + account.user_name->str(), account);
        if (account.number)
            take("number " + std::to_string(*account.number), account);
        for (auto const& identity : identities)
            take("identity " + identity.issuer + ' ' + identity.subject, account);
        for (auto const& [partner, enrolment] : enrolments)
            if (enrolment.person_id)
                take(
                    "person id " + std::to_string(static_cast<int>(partner)) + ' ' + enrolment.person_id->str(),
                    account);
    }
}

// INV-03: whatever was told as done is there.
void Checker::check_registrations(Remains const& remains)
{
    std::map<std::int64_t, Person const*> people;
    std::set<std::string> emails;
    for (auto const& person : remains.people) {
        people.emplace(static_cast<std::int64_t>(person.account.id), &person);
        if (person.account.email)
            emails.insert(person.account.email->key());
    }
    auto const moved =
        find([](Operation const& other) { return other.call == Call::confirm_email && other.possible(); });
    for (auto const& operation : history_.operations) {
        if (!operation.done())
            continue;
        auto const found = people.find(operation.account);
        if (operation.account != 0 && found == people.end())
            breach("INV-03", "somebody is gone", operation);
        if (operation.call == Call::log_in && operation.partner >= 0 && !operation.waits && !operation.repeated) {
            auto const partner = history_.partners[static_cast<std::size_t>(operation.partner)];
            if (std::ranges::none_of(
                    found->second->enrolments, [&](auto const& enrolment) { return enrolment.first == partner; }))
                breach("INV-03", "what a partner said of somebody is gone", operation);
        }
        if (operation.call == Call::register_people && !operation.repeated && !moved)
            for (auto const& person : operation.people)
                if (opened(operation, person.email) && !emails.contains(person.email))
                    breach("INV-03", person.email + " is gone", operation);
    }
}

// INV-04: whoever is here was registered by somebody who was not refused.
void Checker::check_explained(Remains const& remains)
{
    auto const moved =
        find([](Operation const& other) { return other.call == Call::confirm_email && other.possible(); });
    for (auto const& person : remains.people) {
        auto const& account = person.account;
        auto const* cause = find([&](Operation const& operation) {
            if (operation.done() && operation.account == static_cast<std::int64_t>(account.id))
                return true;
            return (account.email && may_open(operation, account.email->key())) ||
                   (account.phone && may_open(operation, account.phone->e164()));
        });
        if (!cause && !moved)
            throw Violation{
                .invariant = "INV-04",
                .what = "somebody is here whom nobody has registered: " +
                        (account.email ? account.email->key() : account.phone->e164())};
    }
}

// INV-03 for blocks: the last of them that certainly happened stands, unless another one may have come after it.
void Checker::check_statuses(Remains const& remains)
{
    auto const sets_status = [](Operation const& operation) {
        return is_any(operation.call, {Call::block, Call::unblock, Call::remove}) && operation.possible();
    };
    for (auto const& person : remains.people) {
        auto const id = static_cast<std::int64_t>(person.account.id);
        for (auto const& operation : history_.operations) {
            if (!sets_status(operation) || !operation.done() || operation.account != id)
                continue;
            auto const* later = find([&](Operation const& other) {
                return &other != &operation && sets_status(other) && !other.before(operation) &&
                       (!other.done() || other.account == id || other.account == 0);
            });
            if (later)
                continue;
            auto const expected = operation.call == Call::block     ? AccountStatus::blocked
                                  : operation.call == Call::unblock ? AccountStatus::active
                                                                    : AccountStatus::deleted;
            if (person.account.status != expected)
                breach("INV-03", "somebody is not what they were made", operation);
        }
    }
}

// INV-03 and INV-04 for consents.
void Checker::check_consents(Remains const& remains)
{
    for (auto const& person : remains.people) {
        auto const id = static_cast<std::int64_t>(person.account.id);
        int told = 0;
        int possible = 0;
        for (auto const& operation : history_.operations) {
            if (operation.call != Call::confirm_phone || !operation.possible())
                continue;
            told += operation.done() && operation.account == id ? 2 : 0;
            possible += !operation.done() || operation.account == id ? 2 : 0;
        }
        auto const kept = static_cast<int>(person.consents.size());
        if (kept < told || kept > possible)
            throw Violation{
                .invariant = kept < told ? "INV-03" : "INV-04",
                .what = std::to_string(kept) + " consents of account " + std::to_string(id) + ", told " +
                        std::to_string(told)};
    }
}

// INV-12, INV-14 and INV-27: every letter has arrived, or was given up with a reason, or became pointless; nothing
// waits.
void Checker::check_letters(Remains const& remains)
{
    std::set<std::string> kept;
    for (auto const& entry : remains.letters) {
        auto const& cause = entry.letter.id;
        if (!history_.letters.contains(cause))
            throw Violation{.invariant = "INV-14", .what = "a letter is kept that was never committed: " + cause};
        if (entry.state == LetterState::waiting)
            throw Violation{.invariant = "INV-27", .what = "a letter still waits: " + cause};
        if (entry.reason.empty())
            throw Violation{.invariant = "INV-12", .what = "a letter was given up for no reason: " + cause};
        kept.insert(cause);
        if (entry.reason.find("in time") != std::string::npos || entry.reason.find("too late") != std::string::npos)
            branches_.hit(Branch::letter_too_late);
    }
    for (auto const* posted : history_.letters_in_order) {
        auto const vanished = !kept.contains(posted->letter.id) && !posted->arrived();
        if (!vanished)
            continue;
        auto const& to = key_of(posted->letter.to);
        auto const is_phone = std::holds_alternative<PhoneNumber>(posted->letter.to);
        Whose const whose{.email = is_phone ? nullptr : &to, .phone = is_phone ? &to : nullptr};
        auto const withdrawn = maybe_withdrawn(whose, posted->posted, not_yet);
        auto const newer = std::ranges::count_if(history_.letters_in_order, [&](PostedLetter const* other) {
            return other->letter.kind == posted->letter.kind && other->letter.to == posted->letter.to &&
                   other->posted > posted->posted;
        });
        // Between a courier's look at the time and its look at the code.
        auto const ran_out = find([&](Operation const& round) {
            return round.call == Call::deliver && round.begun_at < posted->letter.expires_at &&
                   round.ended_at + history_.skew >= posted->letter.expires_at;
        });
        bool pointless = false;
        switch (posted->letter.kind) {
        case LetterKind::phone_code:
        case LetterKind::otp:
        case LetterKind::partner_confirmation: pointless = newer >= 2 || ran_out; break;
        case LetterKind::welcome_set_password: pointless = ran_out; break;
        case LetterKind::reset_password: pointless = true; break;  // there may be no such person
        case LetterKind::email_opt_in:
            pointless = find([&](Operation const& other) {
                return is_any(other.call, {Call::change_email, Call::block, Call::remove}) && other.possible() &&
                       other.ended > posted->posted;
            });
            pointless = pointless || ran_out;
            break;
        case LetterKind::already_have_account:
        case LetterKind::registration_failed:
        case LetterKind::password_changed:
        case LetterKind::email_changed: break;
        }
        if (!withdrawn && !pointless)
            throw Violation{
                .invariant = "INV-12",
                .what = "a letter has vanished: " + std::string(name_of(posted->letter.kind)) + " to " + to,
                .operation = posted->operation};
        branches_.hit(withdrawn ? Branch::letter_cancelled : Branch::letter_pointless);
    }
}

// INV-25: the audit trail is as it was written, and tells of each thing that was done, once.
void Checker::check_audit(Remains const& remains)
{
    for (auto const& flaw : remains.audit.flaws)
        throw Violation{.invariant = "INV-25", .what = "of the audit trail, " + std::string(explain(flaw.kind))};

    auto const check = [&](AuditEvent event, auto const& is_told_of, int before = 0) {
        auto const told = remains.audited.contains(event) ? remains.audited.at(event) : 0;
        auto const certain =
            before + count([&](Operation const& operation) { return operation.done() && is_told_of(operation); });
        auto const possible =
            before + count([&](Operation const& operation) { return operation.possible() && is_told_of(operation); });
        if (told < certain || told > possible)
            throw Violation{
                .invariant = "INV-25",
                .what = "the audit trail tells " + std::to_string(told) + " times of " + std::string(name_of(event)) +
                        ", which happened " + std::to_string(certain) + " to " + std::to_string(possible) + " times"};
    };
    auto const is = [](std::initializer_list<Call> calls) {
        return [calls](Operation const& operation) { return is_any(operation.call, calls); };
    };
    auto const nothing = [](Operation const&) { return false; };
    check(AuditEvent::login_link_issued, is({Call::log_in, Call::confirm_and_relink}));
    check(AuditEvent::login_link_used, is({Call::redeem}));
    check(AuditEvent::session_opened, [](Operation const& operation) {
        return is_any(
                   operation.call,
                   {Call::open_session, Call::confirm, Call::set_password, Call::sign_in, Call::finish_visit}) ||
               (operation.call == Call::arrive && (!operation.done() || !operation.session.empty()));
    });
    check(AuditEvent::auth_code_issued, is({Call::confirm_phone}));
    check(AuditEvent::password_set, is({Call::set_password}));
    check(AuditEvent::email_confirmed, is({Call::confirm_email}));
    check(AuditEvent::partner_token_issued, is({Call::rotate}), static_cast<int>(history_.partners.size()));
    check(AuditEvent::account_opened, nothing, static_cast<int>(remains.people.size()));
    check(AuditEvent::letter_written, nothing, static_cast<int>(history_.letters.size()));
}

}
