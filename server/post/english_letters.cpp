#include "server/post/letter_words.hpp"

namespace onboard::server::post {

LetterWords const english_letters{
    .greeting = "Hello {name},",
    .greeting_without_name = "Hello,",
    .automatic = "This mail was sent automatically.",
    .moment{
        .format = "{day} {month} {year}, {hour}:{minute} UTC",
        .first_day = "1",
        .months{
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December"},
    },
    .link{
        .life = "The link is good until {moment}, and works only once.",
        .keep_secret = "Please do not pass it on to anyone.",
        .copy = "If the button does not work, copy this address into your browser:",
    },
    .partner_confirmation{
        .subject = "Your code for {partner}",
        .request =
            "{partner} asks to be linked to your account. If you have just come from {partner} yourself and you "
            "agree, enter this code on the page that is open:",
        .life = "The code is good for a few minutes, and works only once.",
        .keep_secret = "Please do not pass it on to anyone. Nobody who means well will ever ask you for it.",
        .unexpected =
            "You did not expect this mail? Then you need not do anything. Without the code nothing happens, and "
            "your account stays as it is.",
    },
    .welcome{
        .subject = "Welcome to onboard: please choose a password",
        .news = "{partner} has registered you with onboard. Welcome!",
        .request = "Only one step is left: choose a password, and you are signed in.",
        .button = "Choose a password",
        .unexpected = "You did not expect this mail? Then you need not do anything. Without the link nobody can "
                      "choose a password.",
    },
    .already_here{
        .subject = "You already have an account with onboard",
        .news = "{partner} wanted to register you with onboard. You already have an account, and it stays as it is.",
        .news_without_partner = "Somebody has given your email address for an account with onboard. You already have "
                                "an account, and it stays as it is.",
        .sign_in = "You can sign in here:",
        .button = "Sign in",
        .no_password = "Forgotten your password, or none yet? We will gladly mail you a link to choose one:",
        .mail_a_link = "Ask for a link",
        .unexpected = "You did not expect this mail? Then you need not do anything.",
    },
    .failed{
        .subject = "Your registration through {partner} did not work",
        .news = "{partner} wanted to register you with onboard. Unfortunately that did not work. Nothing has been "
                "set up or changed.",
        .advice = "{partner} knows the reason and can help you.",
        .unexpected = "You did not expect this mail? Then you need not do anything.",
    },
    .reset{
        .subject = "Your link to choose a new password",
        .request = "We were asked for a link to choose a new password for your account. Here it is:",
        .button = "Choose a new password",
        .unexpected =
            "You did not ask for this? Then you need not do anything. Without the link your account stays as it is.",
    },
    .changed{
        .subject = "Your password has been changed",
        .news = "The password of your account has been changed. To be on the safe side, we have ended all earlier "
                "sessions.",
        .was_not_you =
            "That was not you? Then please choose a new password at once. We will mail you a link to do so:",
        .button = "Ask for a link",
        .was_you = "It was you? Then all is well, and you need not do anything.",
    },
    .opt_in{
        .subject = "Please confirm your email address",
        .news = "Somebody has given this email address for an account with onboard. We hope it was you.",
        .request =
            "If it was you, please confirm that the address is yours. The link opens a page that asks you once more:",
        .button = "Confirm my address",
        .unexpected = "That was not you? Then you need not do anything. Without your confirmation nothing happens.",
    },
    .email_changed{
        .subject = "Your email address has been changed",
        .news = "Your account with onboard now has another email address, in place of this one.",
        .was_not_you = "That was not you? Then please get in touch at once with whoever runs the app or site where "
                       "you use your account.",
        .was_you = "It was you? Then all is well, and you need not do anything.",
    },
    .otp{
        .subject = "Your code to sign up",
        .request = "Somebody wants to sign up with onboard with this email address. We hope it is you. If so, enter "
                   "this code where you were asked for it:",
        .life = "The code is good until {moment}, and works only once.",
        .keep_secret = "Please do not pass it on to anyone. Nobody from us will ever ask you for it.",
        .unexpected = "That was not you? Then you need not do anything. Without the code nothing happens.",
    },
};

}
