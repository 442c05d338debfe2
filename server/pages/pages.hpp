#pragma once

#include <string>
#include <string_view>

#include <onboard/person.hpp>

// What people see in their browser: each function makes one complete HTML document. Values are plain text and may
// hold anything; they are escaped here. The documents need no scripts, no inline style and nothing but stylesheet()
// from elsewhere, so `default-src 'none'; style-src 'self'; form-action 'self'` is policy enough for them.
namespace onboard::server::pages {

// Greets the person who is signed in. Its form posts `form_token` to /sign-out.
std::string home(Language, std::string_view first_name, std::string_view form_token);

std::string signed_out(Language);

// For 401.
std::string not_signed_in(Language);

// For a login link that was used, has expired or was never issued, 410 and 404: the same words, so that nobody learns
// which.
std::string link_unusable(Language);

enum class CodeNotice {
    none,
    wrong,          // not the code that was mailed, or not any more
    no_more_tries,  // the page then has no form
};

// Says that `partner` asks to be linked to the account of `email`, and takes the mailed code. Its form posts `code`
// and `form_token` to /otp.
std::string
enter_code(Language, std::string_view partner, std::string_view email, std::string_view form_token, CodeNotice);

// For 403, when a form was too old or came from elsewhere.
std::string forged(Language);

// Any other status that is not a success, in words; general ones for a status without words of its own.
std::string trouble(Language, int status);

// What all pages load from /assets/onboard.css.
std::string_view stylesheet();

}
