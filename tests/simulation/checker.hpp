#pragma once

#include <optional>
#include <string>

#include "simulation/branches.hpp"
#include "simulation/history.hpp"

namespace onboard::simulation {

// What must not have happened.
struct Violation {
    std::string invariant;  // as the catalogue of attacks numbers them: "INV-05"
    std::string what;
    int operation = 0;
};

// Judges a history by itself, without a look at the storage: whatever was told has to be possible, with every unknown
// operation either done or not. It is never wrong about a breach; it may miss one. What the library is known to do
// wrong is let pass, unless it is to be strict; seeds.txt has a seed for each.
class Checker {
public:
    Checker(History const& history, Branches& branches, bool strict)
        : history_(history), branches_(branches), strict_(strict)
    {
    }

    // After an operation ended, and after a letter was handed over. Throws Violation.
    void check(Operation const&);
    void check_posted(PostedLetter const&);
    void check_handed(PostedLetter const&, Letter const& as_handed, std::string const& secret);

    // When all is over: faults have ended, and the couriers have gone round until nothing waited, or gave up.
    void check_remains(Remains const&);

private:
    // Of single operations.
    void check_doubt(Operation const&);
    void check_link(Operation const&);
    void check_link_refusal(Operation const&);
    void check_log_in(Operation const&);
    void check_created_once(Operation const&);
    void check_repetition(Operation const&);
    void check_session(Operation const&);
    void check_guess(Operation const&);
    void check_spent_budget(Operation const&);
    void check_code(Operation const&);
    void check_code_refusal(Operation const&);
    void check_proof(Operation const&);
    bool was_proven(Operation const&) const;
    void check_password(Operation const&);
    void check_auth_code(Operation const&);
    void check_email(Operation const&);
    void check_identity(Operation const&);
    void check_arrival(Operation const&);
    void check_partner_token(Operation const&);
    void check_blocked(Operation const&);
    void check_letters_of(Operation const&);

    // Of what remains.
    void check_unique(Remains const&);
    void check_registrations(Remains const&);
    void check_explained(Remains const&);
    void check_statuses(Remains const&);
    void check_consents(Remains const&);
    void check_letters(Remains const&);
    void check_audit(Remains const&);

    struct Whose {
        std::int64_t account = 0;
        std::string const* email = nullptr;
        std::string const* phone = nullptr;
    };

    // Whether something that ends all links and sessions of this person certainly happened, or may have.
    bool certainly_withdrawn(Whose const&, int after, int before) const;
    bool maybe_withdrawn(Whose const&, int since, int until) const;

    bool maybe_run_out(Operation const& opening, Operation const& then) const;
    Operation const* issue_of_link(Operation const&) const;
    std::string const* waiting_address(Operation const&) const;
    std::optional<std::string> budget_of(Operation const&) const;
    std::vector<PostedLetter const*> letters_with(Operation const&) const;
    bool maybe_enrolled(int partner, std::string const& email, std::int64_t account, Operation const& until) const;

    [[noreturn]] void breach(char const* invariant, std::string what, Operation const&) const;

    template <class Fits>
    Operation const* find(Fits fits) const
    {
        for (auto const& operation : history_.operations)
            if (fits(operation))
                return &operation;
        return nullptr;
    }

    template <class Fits>
    int count(Fits fits) const
    {
        int found = 0;
        for (auto const& operation : history_.operations)
            found += fits(operation) ? 1 : 0;
        return found;
    }

    History const& history_;
    Branches& branches_;
    bool strict_;
};

}
