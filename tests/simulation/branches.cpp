#include "simulation/branches.hpp"

namespace onboard::simulation {

std::string_view name_of(Branch branch) noexcept
{
    switch (branch) {
    case Branch::conflict_at_begin: return "conflict at begin";
    case Branch::conflict_in_the_middle: return "conflict in the middle";
    case Branch::conflict_at_commit: return "conflict at commit";
    case Branch::conflict_retried: return "conflict retried";
    case Branch::failure_at_begin: return "failure at begin";
    case Branch::failure_in_the_middle: return "failure in the middle";
    case Branch::failure_at_commit: return "failure at commit";
    case Branch::unknown_and_done: return "unknown and done";
    case Branch::unknown_and_not_done: return "unknown and not done";
    case Branch::crash_before_commit: return "crash before commit";
    case Branch::crash_between_commit_and_answer: return "crash between commit and answer";
    case Branch::crash_of_a_bystander: return "crash of a bystander";
    case Branch::no_randomness: return "no randomness";
    case Branch::group_done: return "group done";
    case Branch::group_lost: return "group lost";
    case Branch::group_unknown: return "group unknown";
    case Branch::clock_behind: return "clock behind";
    case Branch::clock_went_back: return "clock went back";
    case Branch::letter_failed: return "letter failed";
    case Branch::letter_refused: return "letter refused";
    case Branch::letter_lost_from_sight: return "letter lost from sight";
    case Branch::letter_arrived_unseen: return "letter arrived unseen";
    case Branch::letter_twice: return "letter twice";
    case Branch::letter_too_late: return "letter too late";
    case Branch::letter_pointless: return "letter pointless";
    case Branch::letter_cancelled: return "letter cancelled";
    case Branch::letter_given_back: return "letter given back";
    case Branch::letter_revived: return "letter revived";
    case Branch::lease_lost: return "lease lost";
    case Branch::lease_renewed: return "lease renewed";
    case Branch::budget_spent: return "budget spent";
    case Branch::password_budget_spent: return "password budget spent";
    case Branch::text_limit_of_number: return "text limit of number";
    case Branch::text_limit_of_client: return "text limit of client";
    case Branch::text_limit_of_range: return "text limit of range";
    case Branch::text_limit_of_day: return "text limit of day";
    case Branch::code_right: return "code right";
    case Branch::code_replaced: return "code replaced";
    case Branch::code_used_twice: return "code used twice";
    case Branch::code_of_another: return "code of another";
    case Branch::proof_used: return "proof used";
    case Branch::proof_expired: return "proof expired";
    case Branch::link_used: return "link used";
    case Branch::link_raced: return "link raced";
    case Branch::link_expired: return "link expired";
    case Branch::link_withdrawn: return "link withdrawn";
    case Branch::link_waiting: return "link waiting";
    case Branch::created_by_one_of_several: return "created by one of several";
    case Branch::person_id_taken: return "person id taken";
    case Branch::email_taken: return "email taken";
    case Branch::email_changed: return "email changed";
    case Branch::email_taken_meanwhile: return "email taken meanwhile";
    case Branch::repetition_answered: return "repetition answered";
    case Branch::repeated_differently: return "repeated differently";
    case Branch::address_released: return "address released";
    case Branch::session_ended: return "session ended";
    case Branch::session_timed_out: return "session timed out";
    case Branch::auth_code_replaced: return "auth code replaced";
    case Branch::password_set: return "password set";
    case Branch::password_link_spent: return "password link spent";
    case Branch::signed_in: return "signed in";
    case Branch::identity_linked: return "identity linked";
    case Branch::identity_refused: return "identity refused";
    case Branch::visit_finished: return "visit finished";
    case Branch::portal_token_again: return "portal token again";
    case Branch::partner_token_revoked: return "partner token revoked";
    case Branch::blocked_refused: return "blocked refused";
    case Branch::deleted_refused: return "deleted refused";
    case Branch::tidied: return "tidied";
    case Branch::drained: return "drained";
    case Branch::count_: break;
    }
    return "";
}

}
