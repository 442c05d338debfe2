#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace onboard::simulation {

// What has to happen now and then, or a run has shown nothing.
enum class Branch : std::uint8_t {
    conflict_at_begin,
    conflict_in_the_middle,
    conflict_at_commit,
    conflict_retried,
    failure_at_begin,
    failure_in_the_middle,
    failure_at_commit,
    unknown_and_done,
    unknown_and_not_done,
    crash_before_commit,
    crash_between_commit_and_answer,
    crash_of_a_bystander,
    no_randomness,
    group_done,
    group_lost,
    group_unknown,
    clock_behind,
    clock_went_back,
    letter_failed,
    letter_refused,
    letter_lost_from_sight,
    letter_arrived_unseen,
    letter_twice,
    letter_too_late,
    letter_pointless,
    letter_cancelled,
    letter_given_back,
    letter_revived,
    lease_lost,
    lease_renewed,
    budget_spent,
    password_budget_spent,
    text_limit_of_number,
    text_limit_of_client,
    text_limit_of_range,
    text_limit_of_day,
    code_right,
    code_replaced,
    code_used_twice,
    code_of_another,
    proof_used,
    proof_expired,
    link_used,
    link_raced,
    link_expired,
    link_withdrawn,
    link_waiting,
    created_by_one_of_several,
    person_id_taken,
    email_taken,
    email_changed,
    email_taken_meanwhile,
    repetition_answered,
    repeated_differently,
    address_released,
    session_ended,
    session_timed_out,
    auth_code_replaced,
    password_set,
    password_link_spent,
    signed_in,
    identity_linked,
    identity_refused,
    visit_finished,
    portal_token_again,
    partner_token_revoked,
    blocked_refused,
    deleted_refused,
    tidied,
    drained,
    count_,
};

constexpr auto branch_count = static_cast<std::size_t>(Branch::count_);

std::string_view name_of(Branch) noexcept;

class Branches {
public:
    void hit(Branch branch) { ++hits_[static_cast<std::size_t>(branch)]; }
    long hits(Branch branch) const { return hits_[static_cast<std::size_t>(branch)]; }

    Branches& operator+=(Branches const& others)
    {
        for (std::size_t index = 0; index < hits_.size(); ++index)
            hits_[index] += others.hits_[index];
        return *this;
    }

private:
    std::array<long, branch_count> hits_{};
};

}
