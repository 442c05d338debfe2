#pragma once

#include <string>
#include <string_view>

#include <onboard/person.hpp>

// What people see in their browser: each function makes one complete HTML document. Values are plain text and may
// hold anything; they are escaped here. The documents need no scripts, no inline style and nothing but stylesheet()
// from elsewhere, so `default-src 'none'; style-src 'self'; form-action 'self'` is policy enough for them.
namespace onboard::server::pages {

// Greets the person who is signed in, by name if there is one. Its form posts `form_token` to /sign-out.
std::string home(Language, std::string_view first_name, std::string_view form_token);

std::string signed_out(Language);

// For 401.
std::string not_signed_in(Language);

// For a login link that was used, has expired or was never issued, 410 and 404: the same words, so that nobody learns
// which.
std::string link_unusable(Language);

enum class CodeNotice {
    none,
    wrong,          // not the code that was sent, or not any more
    no_more_tries,  // the page then has no form
};

// Says that `partner` asks to be linked to the account of `email`, and takes the mailed code. Its form posts `code`
// and `form_token` to /otp.
std::string
enter_code(Language, std::string_view partner, std::string_view email, std::string_view form_token, CodeNotice);

// Somebody whom a portal sent.
struct SentPerson {
    std::string_view portal;
    std::string_view name = {};  // as the portal calls them; empty if it does not
    std::string_view masked_phone;
};

// For somebody whom a portal sent: takes the code that was texted to `masked_phone`, a number of which only the end can
// be read. Its form posts as that of enter_code() does.
std::string enter_texted_code(Language, SentPerson const&, std::string_view form_token, CodeNotice);

enum class PortalTrouble {
    credentials,   // its link is not valid, or not any more
    organisation,  // it named one that is not known here
    blocked,       // the account
    contact,       // it told no telephone number
    other,
};

// For somebody whom a portal sent and who cannot come in.
std::string portal_refused(Language, PortalTrouble);

enum class PasswordNotice { none, malformed, too_short, too_long, too_common };

// Asks the person whose address is `email` for a new password of at least `least` characters. Its form posts
// `password` and `form_token` to /set-password/{link}.
std::string set_password(
    Language, std::string_view email, std::string_view link, std::string_view form_token, int least, PasswordNotice);

// For a mailed link to set a password that was used or withdrawn: leads to signing in, and to asking for another one.
std::string password_link_used(Language);

// For one that has expired. Its form posts `form_token` and `again`, with the value `yes`, to /set-password/{link}.
std::string password_link_expired(Language, std::string_view link, std::string_view form_token);

// For one that was never issued, or is incomplete: leads to asking for another one.
std::string password_link_unknown(Language);

// After asking for a new link in place of an expired one.
std::string password_link_sent(Language);

enum class SignInNotice {
    none,
    wrong,           // the address or the password, nobody learns which
    too_many_tries,  // the page still has its form: a mailed link helps at once
};

// Its form posts `email`, `password` and `form_token` to /sign-in. Leads to asking for a link if the password is lost.
std::string sign_in(Language, std::string_view email, std::string_view form_token, SignInNotice);

enum class ForgotNotice { none, malformed, too_many_tries };

// Its form posts `email` and `form_token` to /forgot-password.
std::string forgot_password(Language, std::string_view email, std::string_view form_token, ForgotNotice);

// The same whether the address is known or not: if it is, a mail is on its way.
std::string forgot_password_sent(Language, std::string_view email);

// Shows a new address to whom the link to confirm it was mailed, and asks whether it is theirs. Its form posts
// `form_token` to /email-optin/{link}.
std::string confirm_email(Language, std::string_view email, std::string_view link, std::string_view form_token);

// After that: `email` is in force.
std::string email_confirmed(Language, std::string_view email);

// For a mailed link to confirm an address that was used, has expired, was replaced by a newer one or was never issued:
// the same words, so that nobody learns which.
std::string email_link_unknown(Language);

// For an address that somebody else has confirmed meanwhile: nothing was changed.
std::string email_taken(Language);

// For 403, when a form was too old or came from elsewhere.
std::string forged(Language);

// Any other status that is not a success, in words; general ones for a status without words of its own.
std::string trouble(Language, int status);

// What all pages load from /assets/onboard.css.
std::string_view stylesheet();

// What a browser shows in its tab, as SVG.
std::string_view icon();

}
