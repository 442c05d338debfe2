#include "server/pages/words.hpp"

namespace onboard::server::pages {

Words const english_words{
    .home{
        .title = "Welcome",
        .greeting = "Welcome, {name}",
        .state = "You are signed in.",
        .advice = "Do others use this device, too? Then please sign out when you are done.",
        .sign_out = "Sign out",
    },
    .enter_code{
        .sent = "We have sent a code to {email}.",
        .asks = "{partner} asks to be linked to your account.",
        .meaning =
            "By entering the code you agree that this partner may sign you in and keep your profile up to date.",
        .start_again = "To protect your account, we accept no more codes for now. In about an hour you can go back "
                       "to {partner} and start again.",
        .form{
            .title = "Check your mail",
            .label = "Code from the mail",
            .format = "The digits from the mail, without spaces",
            .submit = "Agree and sign in",
            .hint =
                "The code is good for a few minutes. If you cannot find the mail, please look in your spam folder.",
            .unwanted = "You did not ask for this? Then simply close this page. Your account stays as it is.",
            .wrong = "This code is not right, or no longer good. Please take the one from the latest mail.",
            .no_more_tries = "Too many wrong codes",
        },
    },
    .enter_texted_code{
        .sent = "We have sent a code by text message to {phone}.",
        .sender = "{portal} sends you here.",
        .sender_as = "{portal} sends you here as {name}.",
        .meaning = "The code signs this person in. If that is not you, please do not enter it.",
        .start_again = "To be on the safe side, we accept no more codes for now. In about an hour you can go back to "
                       "your portal and start again.",
        .form{
            .title = "Check your phone",
            .label = "Code from the text message",
            .format = "The digits from the text message, without spaces",
            .submit = "Sign in",
            .hint = "The code is good for a few minutes. If no message arrives, please go back to your portal and "
                    "start again.",
            .unwanted = "You did not ask for this? Then simply close this page. Nothing will change.",
            .wrong = "This code is not right, or no longer good. Please take the one from the latest text message.",
            .no_more_tries = "Too many wrong codes",
        },
    },
    .fields{
        .email = "Mail address",
        .password = "Password",
        .new_password = "New password",
    },
    .steps{
        .sign_in = "Sign in",
        .sign_in_with_password = "Sign in with your password",
        .ask_for_link = "Ask for a new link",
    },
    .set_password{
        .title = "Choose your password",
        .text = "From now on you sign in with your mail address and this password.",
        .rule = "At least {least} characters.",
        .advice = "A sentence of several words is easy to remember and hard to guess.",
        .submit = "Save and sign in",
        .malformed = "There is a character in this password that we cannot accept. Please choose another one.",
        .too_short = "This password is too short. Please use at least {least} characters, a few more words for "
                     "example.",
        .too_long = "This password is too long. Please choose a shorter one.",
        .too_common = "This password is among the first that anybody would guess. Please choose another one, a "
                      "sentence of your own for example.",
    },
    .password_link_used{
        .title = "This link has done its work",
        .text = "A link to choose a password works only once, and a newer one takes its place.",
        .advice = "If you have a password already, you can sign in with it. If not, ask for a new link.",
    },
    .password_link_expired{
        .message{
            .title = "This link has expired",
            .text = "To keep your account safe, a link to choose a password is good for a limited time only.",
            .advice = "We will gladly send you a new one, to the same address.",
        },
        .submit = "Send me a new link",
    },
    .password_link_unknown{
        .title = "This link does not work",
        .text = "It may be incomplete: some mail programs break long links in two.",
        .advice = "Please open it again from the mail, or ask for a new link.",
    },
    .password_link_sent{
        .title = "Check your mail",
        .text = "A new link is on its way to you. It may take a few minutes.",
        .advice = "If you cannot find the mail, please look in your spam folder. You can close this page.",
    },
    .sign_in{
        .title = "Sign in",
        .submit = "Sign in",
        .no_password = "Forgotten your password, or none yet?",
        .wrong = "The mail address or the password is not right. Please check both.",
        .too_many_tries = "There were too many tries. Please wait a while, or {link}: with that you can go on at "
                          "once.",
        .mail_a_link = "have a link mailed to you",
    },
    .forgot_password{
        .title = "A new password",
        .text = "Tell us your mail address, and we will send you a link to choose a new password.",
        .submit = "Send me a link",
        .malformed = "This does not look like a mail address. Please check it.",
        .too_many_tries = "We received too many requests within a short time. Please wait a moment, then try again.",
    },
    .forgot_password_sent{
        .title = "Check your mail",
        .text = "If there is an account for {email}, a mail with a link is on its way. It may take a few minutes.",
        .advice = "If you cannot find the mail, please look in your spam folder.",
        .again = "Try another address",
    },
    .confirm_email{
        .title = "Is this your address?",
        .text = "This email address has been given for an account with onboard:",
        .submit = "Yes, this is my address",
        .unwanted = "This is not your address, or you did not ask for this? Then simply close this page. Nothing "
                    "will change.",
    },
    .email_confirmed{
        .title = "Your address is confirmed",
        .text = "{email} is now the address of your account.",
        .advice = "You can close this page and go on in the app or on the site where you gave the address.",
    },
    .email_link_unknown{
        .title = "This link does not work",
        .text = "A link to confirm an email address is good for a limited time only, and works only once. This one "
                "has been used, has expired, has been replaced by a newer one or is incomplete.",
        .advice = "If you have confirmed the address already, all is well. If not, please start again where you gave "
                  "the address.",
    },
    .email_taken{
        .title = "This address is already in use",
        .text = "Meanwhile this email address has been confirmed for another account. Yours stays as it is.",
        .advice = "If you would like to use another address, please start again where you gave this one.",
    },
    .signed_out{
        .title = "You are signed out",
        .text = "See you soon!",
        .advice = "You can close this page now.",
    },
    .not_signed_in{
        .title = "You are not signed in",
        .text = "Perhaps you have been away for a while: we then end the session, to keep your account safe.",
        .advice = "Please go back to the site you came from and sign in again from there, or use your password here.",
    },
    .link_unusable{
        .title = "This link does not work any more",
        .text =
            "A sign-in link is good for a few minutes and works only once. This one has been used, has expired or "
            "is incomplete.",
        .advice = "Please go back to the site you came from and ask for a new one.",
    },
    .portal{
        .credentials{
            .title = "This link is not valid",
            .text = "A link from your portal is good for a short time only, and works only once. This one has been "
                    "used, has expired or is not as it should be.",
            .advice = "Please go back to your portal and follow the link again.",
        },
        .organisation{
            .title = "We do not know your organisation",
            .text = "Your portal named a school or an organisation that is not known here.",
            .advice = "Please tell your portal’s help desk. They can put it right.",
        },
        .blocked{
            .title = "Your account is blocked",
            .text = "That is why we cannot sign you in.",
            .advice = "If you think that this is a mistake, please ask your portal’s help desk.",
        },
        .contact{
            .title = "We cannot reach you",
            .text = "Your portal told us no telephone number for you that we can send a code to.",
            .advice = "Please add your number in the portal, or ask its help desk. Then follow the link again.",
        },
        .other{
            .title = "That did not work",
            .text = "Your portal sent you here, but something went wrong on the way.",
            .advice = "Please try again later.",
        },
    },
    .forged{
        .title = "Please try again",
        .text = "The form was open for too long, or did not come from this site. To be on the safe side we have "
                "changed nothing.",
        .advice = "Please go back, reload the page and try again.",
    },
    .trouble{
        .bad_request{
            .title = "We did not understand that",
            .text = "Something in your request was not what we expected.",
            .advice = "Please go back and try again.",
        },
        .sign_in_needed{
            .title = "Please sign in first",
            .text = "We can show this page only to those who are signed in.",
            .advice = "Please sign in, then try again.",
        },
        .not_allowed{
            .title = "This is not open to you",
            .text = "You are not allowed to do that, or not any more.",
            .advice = "If you think you should be, please ask at the site you came from.",
        },
        .not_found{
            .title = "There is nothing here",
            .text = "This page does not exist, or not any more.",
            .advice = "Please check the address, or go back to the site you came from.",
        },
        .method_not_allowed{
            .title = "That does not work here",
            .text = "This page cannot be opened in that way.",
            .advice = "Please go back and use the buttons on the page.",
        },
        .gone{
            .title = "This is no longer here",
            .text = "What was here has been used, has expired or has been taken away.",
            .advice = "Please go back to the site you came from.",
        },
        .too_large{
            .title = "That was too much at once",
            .text = "What you sent is larger than we can accept.",
            .advice = "Please go back and try again with less.",
        },
        .unsupported_format{
            .title = "We cannot read this format",
            .text = "What you sent came in a form that we do not know.",
            .advice = "Please go back and use the form on the page.",
        },
        .not_accepted{
            .title = "We could not accept that",
            .text = "Something is missing from what you entered, or does not fit.",
            .advice = "Please go back, check what you entered and try again.",
        },
        .too_many_requests{
            .title = "That was a little fast",
            .text = "We received too many requests within a short time.",
            .advice = "Please wait a moment, then try again.",
        },
        .internal_error{
            .title = "Something went wrong",
            .text = "This is our fault, not yours.",
            .advice = "Please try again in a few minutes.",
        },
        .unavailable{
            .title = "We will be right back",
            .text = "We cannot help you just now, but it should not take long.",
            .advice = "Please try again in a few minutes.",
        },
        .other{
            .title = "That did not work",
            .text = "Something was in the way.",
            .advice = "Please go back and try again.",
        },
    },
};

}
