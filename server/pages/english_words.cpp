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
        .title = "Check your mail",
        .sent = "We have sent a code to {email}.",
        .asks = "{partner} asks to be linked to your account.",
        .meaning =
            "By entering the code you agree that this partner may sign you in and keep your profile up to date.",
        .label = "Code from the mail",
        .format = "The digits from the mail, without spaces",
        .submit = "Agree and sign in",
        .no_mail =
            "The code is good for a few minutes. If you cannot find the mail, please look in your spam folder.",
        .unwanted = "You did not ask for this? Then simply close this page. Your account stays as it is.",
        .wrong = "This code is not right, or no longer good. Please take the one from the latest mail.",
        .no_more_tries = "Too many wrong codes",
        .start_again = "To protect your account, we accept no more codes for now. In about an hour you can go back "
                       "to {partner} and start again.",
    },
    .signed_out{
        .title = "You are signed out",
        .text = "See you soon!",
        .advice = "You can close this page now.",
    },
    .not_signed_in{
        .title = "You are not signed in",
        .text = "Perhaps you have been away for a while: we then end the session, to keep your account safe.",
        .advice = "Please go back to the site you came from and sign in again from there.",
    },
    .link_unusable{
        .title = "This link does not work any more",
        .text =
            "A sign-in link is good for a few minutes and works only once. This one has been used, has expired or "
            "is incomplete.",
        .advice = "Please go back to the site you came from and ask for a new one.",
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
