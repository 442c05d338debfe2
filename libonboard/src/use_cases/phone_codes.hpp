#pragma once

#include <string_view>

#include <onboard/onboard.hpp>

#include "contact_codes.hpp"

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

// Uses up the code for this number and binding that the person typed, with a guess that is counted already, or was not to
// be had. Refuses with code_wrong and attempts_spent, after the same work.
Result<ContactCode> spend_texted_code(
    UnitOfWork&, Ports const&, PhoneNumber const&, std::string_view binding, std::string_view typed,
    Result<int> const& left);

// Notes that a text was answered with its code, so that it looks like one that a person wanted, and gives the guess back.
void note_answered_text(UnitOfWork&, PhoneNumber const&, ContactCode const&);

}
