#include "server/post/letter_words.hpp"

// Spaces before signs are as in the pages: see server/pages/french_words.cpp.
namespace onboard::server::post {

LetterWords const french_letters{
    .greeting = "Bonjour {name},",
    .greeting_without_name = "Bonjour,",
    .automatic = "Cet e-mail a été envoyé automatiquement.",
    .moment{
        .format = "{day} {month} {year} à {hour}\u00a0h\u00a0{minute} UTC",
        .first_day = "1er",
        .months{
            "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
            "novembre", "décembre"},
    },
    .link{
        .life = "Le lien est valable jusqu’au {moment} et ne sert qu’une fois.",
        .keep_secret = "Ne le transmettez à personne.",
        .copy = "Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur\u00a0:",
    },
    .partner_confirmation{
        .subject = "Votre code pour {partner}",
        .request =
            "{partner} souhaite établir un lien avec votre compte. Si vous venez vous-même de chez {partner} et que "
            "vous êtes d’accord, saisissez ce code sur la page restée ouverte\u00a0:",
        .life = "Le code est valable quelques minutes et ne sert qu’une fois.",
        .keep_secret = "Ne le transmettez à personne. Une personne bien intentionnée ne vous le demandera jamais.",
        .unexpected =
            "Vous n’attendiez pas cet e-mail\u202f? Vous n’avez rien à faire. Sans le code, rien ne se passe et "
            "votre compte reste inchangé.",
    },
    .welcome{
        .subject = "Bienvenue chez onboard\u00a0: choisissez un mot de passe",
        .news = "{partner} a ouvert un compte pour vous chez onboard. Bienvenue\u202f!",
        .request = "Il ne reste qu’une étape\u00a0: choisissez un mot de passe, et votre session s’ouvre.",
        .button = "Choisir un mot de passe",
        .unexpected = "Vous n’attendiez pas cet e-mail\u202f? Vous n’avez rien à faire. Sans le lien, personne "
                      "ne peut choisir de mot de passe.",
    },
    .already_here{
        .subject = "Vous avez déjà un compte chez onboard",
        .news = "{partner} souhaitait vous inscrire chez onboard. Vous avez déjà un compte, et il reste inchangé.",
        .news_without_partner = "Quelqu’un a indiqué votre adresse e-mail pour un compte chez onboard. Vous avez "
                                "déjà un compte, et il reste inchangé.",
        .sign_in = "Vous pouvez vous connecter ici\u00a0:",
        .button = "Se connecter",
        .no_password = "Mot de passe oublié, ou pas encore choisi\u202f? Nous vous envoyons volontiers un lien pour "
                       "en choisir un\u00a0:",
        .mail_a_link = "Demander un lien",
        .unexpected = "Vous n’attendiez pas cet e-mail\u202f? Vous n’avez rien à faire.",
    },
    .failed{
        .subject = "Votre inscription par {partner} n’a pas abouti",
        .news = "{partner} souhaitait vous inscrire chez onboard. Malheureusement, cela n’a pas fonctionné. Rien n’a "
                "été créé ni modifié.",
        .advice = "{partner} en connaît la raison et peut vous aider.",
        .unexpected = "Vous n’attendiez pas cet e-mail\u202f? Vous n’avez rien à faire.",
    },
    .reset{
        .subject = "Votre lien pour choisir un nouveau mot de passe",
        .request =
            "On nous a demandé un lien pour choisir un nouveau mot de passe pour votre compte. Le voici\u00a0:",
        .button = "Choisir un nouveau mot de passe",
        .unexpected =
            "Vous n’avez rien demandé\u202f? Vous n’avez rien à faire. Sans le lien, votre compte reste inchangé.",
    },
    .changed{
        .subject = "Votre mot de passe a été modifié",
        .news = "Le mot de passe de votre compte a été modifié. Par prudence, nous avons fermé toutes les sessions "
                "précédentes.",
        .was_not_you = "Ce n’était pas vous\u202f? Veuillez alors choisir tout de suite un nouveau mot de passe. "
                       "Nous vous enverrons un lien pour le faire\u00a0:",
        .button = "Demander un lien",
        .was_you = "C’était vous\u202f? Alors tout va bien et vous n’avez rien à faire.",
    },
    .opt_in{
        .subject = "Confirmez votre adresse e-mail",
        .news = "Quelqu’un a indiqué cette adresse e-mail pour un compte chez onboard. Nous espérons que c’est vous.",
        .request = "Si c’est le cas, confirmez que l’adresse est bien la vôtre. Le lien ouvre une page qui vous le "
                   "demandera encore une fois\u00a0:",
        .button = "Confirmer mon adresse",
        .unexpected = "Ce n’était pas vous\u202f? Vous n’avez rien à faire. Sans confirmation, rien ne se passe.",
    },
    .email_changed{
        .subject = "Votre adresse e-mail a été modifiée",
        .news = "Votre compte chez onboard a désormais une autre adresse e-mail, qui remplace celle-ci.",
        .was_not_you = "Ce n’était pas vous\u202f? Veuillez alors contacter tout de suite le fournisseur de "
                       "l’application ou du site où vous utilisez votre compte.",
        .was_you = "C’était vous\u202f? Alors tout va bien et vous n’avez rien à faire.",
    },
    .otp{
        .subject = "Votre code d’inscription",
        .request = "Quelqu’un souhaite s’inscrire chez onboard avec cette adresse e-mail. Nous espérons que c’est "
                   "vous. Si c’est le cas, saisissez ce code là où il vous est demandé\u00a0:",
        .life = "Le code est valable jusqu’au {moment} et ne sert qu’une fois.",
        .keep_secret = "Ne le transmettez à personne. Aucun de nous ne vous le demandera jamais.",
        .unexpected = "Ce n’était pas vous\u202f? Vous n’avez rien à faire. Sans le code, rien ne se passe.",
    },
};

}
