#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <onboard/onboard.hpp>

#include "guesses.hpp"

// Steps for codes that are sent to an address or a telephone, for whatever they are good. Each works inside the caller's
// unit of work, unless it says otherwise.
namespace onboard::steps {

// The budget of codes for this address or number, and of guesses of them: one, whatever the codes are for.
Purpose purpose_of(Recipient const&) noexcept;

// What a code is bound to instead, whose text was counted for its range of numbers. No other binding begins like it.
std::string counted(std::string_view binding);

// Counts a guess, in a unit of work of its own: whatever follows, it stays counted. Says how many are left, or refuses
// with attempts_spent.
Result<int> count_code_try(Ports const&, Policy const&, Recipient const&);

// Has the audit trail tell of a guess.
void note_code_try(UnitOfWork&, Ports const&, Recipient const&);

// A live code.
struct ContactCode {
    CodeId id{};
    bool counted = false;  // for its range of numbers, which has not answered it yet
};

// The live code for this recipient and binding that the person typed, if there is one. Nobody else sends, finds or spends
// one of this recipient meanwhile.
std::optional<ContactCode>
find_contact_code(UnitOfWork&, Ports const&, Recipient const&, std::string_view binding, std::string_view typed);

// Whether there is any live code for this recipient and binding.
bool any_contact_code(UnitOfWork const&, Ports const&, Recipient const&, std::string_view binding);

// Gives the guess back: it was right.
void give_back_code_try(UnitOfWork&, Recipient const&);

// The same in a unit of work of its own.
void give_back_code_try(Ports const&, Recipient const&);

// The same as in guesses.hpp, for a guess of a code for this recipient.
template <class Look>
auto unless_conflicting(Ports const& ports, Recipient const& recipient, Look const& look)
{
    return unless_conflicting(ports, purpose_of(recipient), key_of(recipient), look);
}

}
