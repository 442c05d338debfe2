#pragma once

#include <optional>
#include <string_view>

#include <onboard/onboard.hpp>

// Steps for codes that are texted to telephones. Each works inside the caller's unit of work, unless it says otherwise.
namespace onboard::steps {

// What a texted code to sign in with is bound to.
inline constexpr std::string_view sign_in_binding = "sign-in";

// Has a code texted that is good for what it is bound to. Refuses like Onboarding::send_code().
struct TextCode {
    PhoneNumber phone;
    Language language = Language::english;
    std::string_view client = {};  // as SendCode has it
    std::string_view binding;
};
Result<CodeSent> text_code(UnitOfWork&, Ports const&, Policy const&, TextCode const&);

// A live code that was texted.
struct PhoneCode {
    CodeId id{};
    bool counted = false;  // for its range, which has not answered it yet
};

// Counts a guess of a code for this number, in a unit of work of its own: whatever follows, it stays counted. Says how
// many are left, or refuses with attempts_spent.
Result<int> count_phone_try(Ports const&, Policy const&, PhoneNumber const&);

// The live code for this number and binding that the person typed, if there is one. Nobody else sends, finds or spends one
// of this number meanwhile.
std::optional<PhoneCode>
find_phone_code(UnitOfWork&, Ports const&, PhoneNumber const&, std::string_view binding, std::string_view typed);

// Gives the guess back: it was right.
void give_back_phone_try(UnitOfWork&, PhoneNumber const&);

// Looks at a guess that is counted already. Where the storage is busy it is as if nobody had guessed: whoever runs the
// use case again counts it again.
template <class Look>
auto unless_conflicting(Ports const& ports, PhoneNumber const& phone, Look const& look)
{
    try {
        return look();
    } catch (StorageConflict const&) {
        auto const work = ports.storage.begin();
        give_back_phone_try(*work, phone);
        work->commit();
        throw;
    }
}

// Notes that a text was answered with its code, so that it looks like one that a person wanted.
void note_answered_text(UnitOfWork&, PhoneNumber const&, PhoneCode const&);

}
