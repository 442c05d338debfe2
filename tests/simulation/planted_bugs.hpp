#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <onboard/storage.hpp>

namespace onboard::simulation {

// Mistakes that somebody could make in a storage or in how it is used, each of which has to be found.
enum class Bug : std::uint8_t {
    none,
    lost_update,                 // an account is written back as it was read, whatever others wrote since
    look_before_insert,          // whether an address is free is looked up, and then taken for granted
    counted_after_comparison,    // a guess is counted when it was compared already
    counts_in_the_process,       // guesses are counted where a crash forgets them, and others do not see them
    budget_reset_on_resend,      // a new code gives new guesses
    give_back_twice,             // a right code gives two guesses back
    letter_outside_transaction,  // a letter is posted, whatever becomes of the unit of work
    answered_before_sync,        // a commit returns before it is durable
    link_consumed_on_get,        // looking at a link uses it up
    link_spent_but_not_marked,   // a link says that it was used up, and was not
    code_spent_but_not_marked,   // so does a code
    used_codes_alive,            // used codes are told among those that are alive
    expiry_ignored,              // links are good for ever
    forgets_the_living,          // links are forgotten while they are good
    forgets_used_tokens,         // used tokens are forgotten while they are good
    used_token_always_new,       // nobody notes that a token was used
    claim_without_lease,         // a letter is handed out to two couriers
    postponed_is_lost,           // a letter that is to be tried again is forgotten
    cancel_forgotten,            // letters to those who are blocked still leave
    generation_ignored,          // sessions survive a block
    end_of_session_forgotten,    // a session goes on after its end
    old_auth_code_kept,          // the first authentication code stays in force
    repetition_forgotten,        // a request that comes again is carried out again
    limit_of_hour_ignored,       // as many codes as one likes
    limit_of_day_ignored,        // the same by day
    enrolment_of_any_partner,    // what one partner says of a person is told to another
    old_opt_in_for_new_address,  // a link that was mailed for one address confirms another
    consent_overwritten,         // what was agreed to once more is not kept
    doubt_ignored,               // a commit of which nobody knows is told as done, see ignoring_doubt()
    count_,
};

std::span<Bug const> all_bugs() noexcept;
std::string_view name_of(Bug) noexcept;
std::optional<Bug> bug_named(std::string_view) noexcept;

// What a planted bug needs of whoever runs the processes.
struct Stage {
    std::function<void()> pause;       // lets others go on
    std::function<int()> running;      // which task it is that runs
    std::function<int()> its_process;  // and of which process
};

// A storage with one mistake in it.
class BuggyStorage : public Storage {
public:
    BuggyStorage(Storage& beneath, Bug, Stage);
    ~BuggyStorage() override;

    std::unique_ptr<UnitOfWork> begin() override;
    std::unique_ptr<UnitOfWork const> begin_reading() override;
    std::unique_ptr<Group> begin_group() override;

    void crashed(int process);

    // Makes durable what is not.
    void settle();

private:
    friend class BuggyWork;
    friend class BuggyCodes;

    struct Count {
        int tries = 0;
        Instant window_ends{};
    };
    struct Owed {
        Purpose purpose{};
        std::string subject;
        Instant now{};
        std::chrono::seconds window{};
        int guesses = 0;
    };

    void lose_what_is_not_durable();
    void pay(int task);

    Storage& beneath_;
    Bug bug_;
    Stage stage_;
    std::unique_ptr<Group> unsynced_;
    int not_durable_ = 0;
    bool power_was_cut_ = false;
    std::map<std::pair<int, std::pair<Purpose, std::string>>, Count> counts_;  // by process
    std::map<int, std::vector<Owed>> owed_;                                    // by task
    std::vector<Code> last_alive_;
    std::vector<Code> used_codes_;
};

// The last of the bugs lies above whatever goes wrong in a storage.
std::unique_ptr<Storage> ignoring_doubt(Storage& beneath);

}
