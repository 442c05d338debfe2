#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include <onboard/onboard.hpp>

// Steps for what somebody might guess. Each works inside the caller's unit of work.
namespace onboard::steps {

// What may be guessed within a stretch of time that begins with the first guess.
struct GuessLimit {
    Purpose purpose{};
    std::string_view subject;
    std::string_view field;
    int most = 0;
    std::chrono::seconds window{};
    int guesses = 1;  // that are counted at once
};

// Counts a guess, or whatever else is limited, to be committed before it is looked at. Refuses with attempts_spent, and
// the guess is counted all the same; otherwise says how many are left.
Result<int> count_guess(UnitOfWork&, Ports const&, GuessLimit const&);

// The same for a sign-in, or a question for mail, by its client.
Result<void> count_client(UnitOfWork&, Ports const&, Policy const&, std::string_view client);

// The same for a code that was mailed or texted.
Result<int> count_try(UnitOfWork&, Ports const&, Policy const&, Purpose, std::string_view subject);

// Gives a guess back in a unit of work of its own. Whoever else is at the same budget is waited for a few times.
void give_back_guess(Ports const&, Purpose, std::string_view subject);

// Looks at a guess that is counted already. Where the storage is busy it is as if nobody had guessed: whoever runs the
// use case again counts it again.
template <class Look>
auto unless_conflicting(Ports const& ports, Purpose purpose, std::string_view subject, Look const& look)
{
    try {
        return look();
    } catch (StorageConflict const&) {
        give_back_guess(ports, purpose, subject);
        throw;
    }
}

// The live code of this purpose and subject, and of one of these bindings, that the person typed, if there is one. Of a
// wrong one, of none and of one that has expired or was used, it makes as much work.
std::optional<Code> find_code(
    UnitOfWork const&, Ports const&, Purpose, std::string_view subject,
    std::initializer_list<std::string_view> bindings, std::string_view typed);

// Uses up the live code of this purpose, subject and binding that the person typed, and gives the guess back.
// False if there is none.
bool spend_code(
    UnitOfWork&, Ports const&, Purpose, std::string_view subject, std::string_view binding, std::string_view typed);

// Whether this code could still be right, whatever it is bound to.
bool is_alive(UnitOfWork const&, Ports const&, Purpose, std::string_view subject, std::string_view code);

// Keeps a code for this purpose, subject and binding.
void keep_code(
    UnitOfWork&, Ports const&, Purpose, std::string_view subject, std::string_view binding, std::string_view code,
    Instant expires_at);

}
