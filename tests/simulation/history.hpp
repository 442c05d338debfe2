#pragma once

#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <onboard/onboard.hpp>

// What is seen from outside: what clients asked and what they were told, which letters were committed and which left.
namespace onboard::simulation {

enum class Call : std::uint8_t {
    log_in,
    redeem,
    open_session,
    look_at_link,
    confirm,
    confirm_and_relink,
    session,
    end_session,
    register_people,
    look_at_password_link,
    set_password,
    sign_in,
    forgot_password,
    send_code,
    check_code,
    confirm_phone,
    profile,
    change_email,
    look_at_opt_in,
    confirm_email,
    send_sign_up_code,
    prove_contact,
    sign_up,
    sign_up_with_identity,
    arrive,
    finish_visit,
    identify,
    rotate,
    revoke_all,
    block,
    unblock,
    remove,
    retry_letters,
    tidy,
    deliver,
    count_,
};

constexpr auto call_count = static_cast<int>(Call::count_);

std::string_view name_of(Call) noexcept;

enum class Outcome : std::uint8_t { running, done, refused, unknown };

// What a list says of one person, and what became of them.
struct ListedPerson {
    std::string email;
    std::optional<Result<Registered>> outcome = {};
};

constexpr int not_yet = std::numeric_limits<int>::max();

// What a client did. Members that a call has no use for stay empty.
struct Operation {
    int number = 0;
    Call call{};
    int process = 0;

    // Asked. Addresses and numbers as keys.
    int partner = -1;
    std::string email = {};
    std::string phone = {};
    std::string secret = {};    // the link or token that was shown
    std::string code = {};      // or the password
    std::string key = {};       // of idempotency; or who somebody is at a provider or portal
    std::string token_id = {};  // of a portal's token
    std::string previous = {};  // the session that the browser came with
    std::string client = {};
    bool authoritative = false;
    std::vector<ListedPerson> people = {};

    // Told.
    Outcome outcome = Outcome::running;
    std::optional<Errc> refusal = {};
    std::string field = {};
    std::int64_t account = 0;
    std::string account_email = {};
    std::string account_phone = {};
    std::string token = {};    // that was issued
    std::string session = {};  // that was opened
    Instant expires_at{};
    bool created = false;
    bool repeated = false;
    bool waits = false;      // the link for a code, the address for an opt-in
    bool no_change = false;  // somebody was what they were to be made already

    // By the clock of the process that served it, and in the order in which things happened.
    Instant begun_at{};
    Instant ended_at{};
    int begun = 0;
    int ended = not_yet;

    int conflicts = 0;      // after which the host asked again
    bool doubtful = false;  // the storage said of a commit that nobody knows what became of it

    bool done() const { return outcome == Outcome::done; }
    bool refused(Errc errc) const { return refusal == errc; }
    bool possible() const { return outcome != Outcome::refused; }  // whether it may have changed anything
    bool before(Operation const& other) const { return ended < other.begun; }

    // Where a code for either is about.
    std::string const& contact() const { return email.empty() ? phone : email; }
};

enum class Verdict : std::uint8_t { arrived, failed, refused, lost, arrived_unseen };

struct Handing {
    int operation = 0;
    int at = 0;
    Instant time{};
    Verdict verdict{};
};

// A letter that was committed.
struct PostedLetter {
    Letter letter;
    int operation = 0;  // which caused it
    int posted = 0;
    Instant posted_at{};
    std::string secret = {};  // once it was handed over
    std::vector<Handing> handings = {};

    bool arrived() const;  // so that somebody can read it
};

struct Person {
    Account account;
    std::vector<std::pair<PartnerId, Enrolment>> enrolments;
    std::vector<LinkedIdentity> identities;
    std::vector<Consent> consents;
};

// What the storage holds when all is over.
struct Remains {
    std::vector<onboard::simulation::Person> people;
    std::vector<OutboxEntry> letters;
    AuditReport audit;
    std::map<AuditEvent, int> audited = {};  // how often the trail tells of each
};

struct History {
    Policy policy;
    std::vector<PartnerId> partners;
    std::vector<LinkExisting> link_existing;  // of each partner
    std::chrono::milliseconds skew{};         // by which clocks of two processes may differ, at most
    std::deque<Operation> operations;
    std::map<std::string, PostedLetter> letters;
    std::vector<PostedLetter*> letters_in_order;
    int step = 0;

    int next_step() { return ++step; }
};

// One line for a trace.
std::string line_of(Operation const&);

}
