#include "server/pages/words.hpp"

// French sets a narrow no-break space (U+202F) before ; ! and ?, and a no-break space (U+00A0) before a colon.
namespace onboard::server::pages {

Words const french_words{
    .home{
        .title = "Bienvenue",
        .greeting = "Bienvenue, {name}",
        .state = "Votre session est ouverte.",
        .advice = "D’autres personnes utilisent cet appareil\u202f? Pensez à vous déconnecter lorsque vous avez "
                  "terminé.",
        .sign_out = "Se déconnecter",
    },
    .enter_code{
        .sent = "Nous avons envoyé un code à {email}.",
        .asks = "{partner} souhaite établir un lien avec votre compte.",
        .meaning = "En saisissant le code, vous acceptez que ce partenaire puisse vous connecter et mettre à jour "
                   "votre profil.",
        .start_again = "Pour protéger votre compte, nous n’acceptons plus de code pour le moment. Dans une heure "
                       "environ, vous pourrez retourner chez {partner} et recommencer.",
        .form{
            .title = "Consultez vos e-mails",
            .label = "Code reçu par e-mail",
            .format = "Les chiffres reçus par e-mail, sans espaces",
            .submit = "Accepter et se connecter",
            .hint = "Le code est valable quelques minutes. Si vous ne trouvez pas l’e-mail, regardez aussi dans vos "
                    "courriers indésirables.",
            .unwanted = "Vous n’avez rien demandé\u202f? Fermez simplement cette page. Votre compte reste inchangé.",
            .wrong = "Ce code est incorrect ou n’est plus valable. Veuillez saisir celui du dernier e-mail.",
            .no_more_tries = "Trop de codes incorrects",
        },
    },
    .enter_texted_code{
        .sent = "Nous avons envoyé un code par SMS au {phone}.",
        .sender = "{portal} vous envoie ici.",
        .sender_as = "{portal} vous envoie ici en tant que {name}.",
        .meaning = "Le code connecte cette personne. Si ce n’est pas vous, ne le saisissez pas.",
        .start_again = "Par prudence, nous n’acceptons plus de code pour le moment. Dans une heure environ, vous "
                       "pourrez retourner sur votre portail et recommencer.",
        .form{
            .title = "Consultez votre téléphone",
            .label = "Code reçu par SMS",
            .format = "Les chiffres reçus par SMS, sans espaces",
            .submit = "Se connecter",
            .hint = "Le code est valable quelques minutes. Si aucun SMS n’arrive, retournez sur votre portail et "
                    "recommencez.",
            .unwanted = "Vous n’avez rien demandé\u202f? Fermez simplement cette page. Rien ne sera modifié.",
            .wrong = "Ce code est incorrect ou n’est plus valable. Veuillez saisir celui du dernier SMS.",
            .no_more_tries = "Trop de codes incorrects",
        },
    },
    .fields{
        .email = "Adresse e-mail",
        .password = "Mot de passe",
        .new_password = "Nouveau mot de passe",
    },
    .steps{
        .sign_in = "Se connecter",
        .sign_in_with_password = "Se connecter avec son mot de passe",
        .ask_for_link = "Demander un nouveau lien",
    },
    .set_password{
        .title = "Choisissez votre mot de passe",
        .text = "Désormais, vous vous connectez avec votre adresse e-mail et ce mot de passe.",
        .rule = "Au moins {least} caractères.",
        .advice = "Une phrase de plusieurs mots est facile à retenir et difficile à deviner.",
        .submit = "Enregistrer et se connecter",
        .malformed = "Ce mot de passe contient un caractère que nous ne pouvons pas accepter. Veuillez en choisir un "
                     "autre.",
        .too_short = "Ce mot de passe est trop court. Veuillez utiliser au moins {least} caractères, par exemple "
                     "quelques mots de plus.",
        .too_long = "Ce mot de passe est trop long. Veuillez en choisir un plus court.",
        .too_common = "Ce mot de passe est parmi les premiers que l’on essaierait. Veuillez en choisir un autre, par "
                      "exemple une phrase bien à vous.",
    },
    .password_link_used{
        .title = "Ce lien a déjà servi",
        .text = "Un lien pour choisir un mot de passe ne sert qu’une fois, et un lien plus récent le remplace.",
        .advice =
            "Vous avez déjà un mot de passe\u202f? Il vous permet de vous connecter. Sinon, demandez un nouveau "
            "lien.",
    },
    .password_link_expired{
        .message{
            .title = "Ce lien a expiré",
            .text = "Pour protéger votre compte, un lien pour choisir un mot de passe n’est valable qu’un temps.",
            .advice = "Nous vous en envoyons volontiers un nouveau, à la même adresse.",
        },
        .submit = "M’envoyer un nouveau lien",
    },
    .password_link_unknown{
        .title = "Ce lien ne fonctionne pas",
        .text = "Il est peut-être incomplet\u00a0: certains logiciels de messagerie coupent les liens longs.",
        .advice = "Veuillez l’ouvrir à nouveau depuis l’e-mail ou demander un nouveau lien.",
    },
    .password_link_sent{
        .title = "Consultez vos e-mails",
        .text = "Un nouveau lien est en route. Cela peut prendre quelques minutes.",
        .advice = "Si vous ne trouvez pas l’e-mail, regardez aussi dans vos courriers indésirables. Vous pouvez "
                  "fermer cette page.",
    },
    .sign_in{
        .title = "Se connecter",
        .submit = "Se connecter",
        .no_password = "Mot de passe oublié, ou pas encore choisi\u202f?",
        .wrong = "L’adresse e-mail ou le mot de passe n’est pas correct. Veuillez vérifier les deux.",
        .too_many_tries = "Il y a eu trop de tentatives. Veuillez patienter un moment ou {link}\u00a0: vous pourrez "
                          "alors continuer tout de suite.",
        .mail_a_link = "recevoir un lien par e-mail",
    },
    .forgot_password{
        .title = "Un nouveau mot de passe",
        .text = "Indiquez-nous votre adresse e-mail et nous vous enverrons un lien pour choisir un nouveau mot de "
                "passe.",
        .submit = "M’envoyer un lien",
        .malformed = "Cela ne ressemble pas à une adresse e-mail. Veuillez la vérifier.",
        .too_many_tries = "Nous avons reçu trop de demandes en peu de temps. Veuillez patienter un instant, puis "
                          "réessayer.",
    },
    .forgot_password_sent{
        .title = "Consultez vos e-mails",
        .text = "S’il existe un compte pour {email}, un e-mail avec un lien est en route. Cela peut prendre quelques "
                "minutes.",
        .advice = "Si vous ne trouvez pas l’e-mail, regardez aussi dans vos courriers indésirables.",
        .again = "Essayer une autre adresse",
    },
    .confirm_email{
        .title = "Est-ce bien votre adresse\u202f?",
        .text = "Cette adresse e-mail a été indiquée pour un compte chez onboard\u00a0:",
        .submit = "Oui, c’est mon adresse",
        .unwanted = "Ce n’est pas votre adresse, ou vous n’avez rien demandé\u202f? Fermez simplement cette page. "
                    "Rien ne sera modifié.",
    },
    .email_confirmed{
        .title = "Votre adresse est confirmée",
        .text = "{email} est maintenant l’adresse de votre compte.",
        .advice = "Vous pouvez fermer cette page et poursuivre dans l’application ou sur le site où vous avez "
                  "indiqué l’adresse.",
    },
    .email_link_unknown{
        .title = "Ce lien ne fonctionne pas",
        .text = "Un lien pour confirmer une adresse e-mail n’est valable qu’un temps et ne sert qu’une fois. "
                "Celui-ci a déjà servi, a expiré, a été remplacé par un lien plus récent ou est incomplet.",
        .advice = "Vous avez déjà confirmé l’adresse\u202f? Alors tout va bien. Sinon, veuillez recommencer là où "
                  "vous l’avez indiquée.",
    },
    .email_taken{
        .title = "Cette adresse est déjà utilisée",
        .text = "Entre-temps, cette adresse e-mail a été confirmée pour un autre compte. Le vôtre reste inchangé.",
        .advice =
            "Vous souhaitez utiliser une autre adresse\u202f? Veuillez recommencer là où vous avez indiqué celle-ci.",
    },
    .signed_out{
        .title = "Votre session est fermée",
        .text = "À bientôt\u202f!",
        .advice = "Vous pouvez maintenant fermer cette page.",
    },
    .not_signed_in{
        .title = "Aucune session ouverte",
        .text = "Vous avez peut-être fait une pause\u00a0: nous fermons alors la session pour protéger votre "
                "compte.",
        .advice =
            "Veuillez retourner sur le site d’où vous venez et vous y reconnecter, ou utiliser ici votre mot de "
            "passe.",
    },
    .link_unusable{
        .title = "Ce lien ne fonctionne plus",
        .text = "Un lien de connexion est valable quelques minutes et ne sert qu’une fois. Celui-ci a déjà servi, a "
                "expiré ou est incomplet.",
        .advice = "Veuillez retourner sur le site d’où vous venez et en demander un nouveau.",
    },
    .portal{
        .credentials{
            .title = "Ce lien n’est pas valable",
            .text = "Un lien de votre portail n’est valable que peu de temps et ne sert qu’une fois. Celui-ci a déjà "
                    "servi, a expiré ou n’est pas conforme.",
            .advice = "Veuillez retourner sur votre portail et suivre à nouveau le lien.",
        },
        .organisation{
            .title = "Nous ne connaissons pas votre organisation",
            .text = "Votre portail a indiqué une école ou une organisation qui n’est pas connue ici.",
            .advice = "Veuillez le signaler à l’assistance de votre portail, qui pourra y remédier.",
        },
        .blocked{
            .title = "Votre compte est bloqué",
            .text = "C’est pourquoi nous ne pouvons pas vous connecter.",
            .advice = "Si vous pensez qu’il s’agit d’une erreur, adressez-vous à l’assistance de votre portail.",
        },
        .contact{
            .title = "Nous ne pouvons pas vous joindre",
            .text = "Votre portail ne nous a indiqué pour vous aucun numéro de téléphone auquel nous puissions "
                    "envoyer un code.",
            .advice = "Veuillez ajouter votre numéro sur le portail ou vous adresser à son assistance, puis suivre à "
                      "nouveau le lien.",
        },
        .other{
            .title = "Cela n’a pas fonctionné",
            .text = "Votre portail vous a envoyé ici, mais un problème est survenu en chemin.",
            .advice = "Veuillez réessayer plus tard.",
        },
    },
    .forged{
        .title = "Veuillez réessayer",
        .text = "Le formulaire est resté ouvert trop longtemps ou ne provient pas de ce site. Par prudence, nous "
                "n’avons rien modifié.",
        .advice = "Veuillez revenir en arrière, recharger la page et réessayer.",
    },
    .trouble{
        .bad_request{
            .title = "Nous n’avons pas compris",
            .text = "Un élément de votre demande n’était pas celui attendu.",
            .advice = "Veuillez revenir en arrière et réessayer.",
        },
        .sign_in_needed{
            .title = "Veuillez d’abord vous connecter",
            .text = "Nous ne pouvons montrer cette page qu’aux personnes connectées.",
            .advice = "Veuillez vous connecter, puis réessayer.",
        },
        .not_allowed{
            .title = "Cet accès ne vous est pas ouvert",
            .text = "Vous n’en avez pas, ou plus, le droit.",
            .advice = "Si vous pensez le contraire, renseignez-vous auprès du site d’où vous venez.",
        },
        .not_found{
            .title = "Il n’y a rien ici",
            .text = "Cette page n’existe pas ou n’existe plus.",
            .advice = "Vérifiez l’adresse ou retournez sur le site d’où vous venez.",
        },
        .method_not_allowed{
            .title = "Cela ne fonctionne pas ici",
            .text = "Cette page ne peut pas être ouverte de cette manière.",
            .advice = "Veuillez revenir en arrière et utiliser les boutons de la page.",
        },
        .gone{
            .title = "Cette page n’est plus là",
            .text = "Ce qui s’y trouvait a déjà servi, a expiré ou a été retiré.",
            .advice = "Veuillez retourner sur le site d’où vous venez.",
        },
        .too_large{
            .title = "C’était trop à la fois",
            .text = "Votre envoi dépasse la taille que nous acceptons.",
            .advice = "Veuillez revenir en arrière et réessayer avec moins.",
        },
        .unsupported_format{
            .title = "Nous ne pouvons pas lire ce format",
            .text = "Votre envoi a une forme que nous ne connaissons pas.",
            .advice = "Veuillez revenir en arrière et utiliser le formulaire de la page.",
        },
        .not_accepted{
            .title = "Nous n’avons pas pu accepter cela",
            .text = "Dans votre saisie, un élément manque ou ne convient pas.",
            .advice = "Veuillez revenir en arrière, vérifier votre saisie et réessayer.",
        },
        .too_many_requests{
            .title = "C’était un peu rapide",
            .text = "Nous avons reçu trop de demandes en peu de temps.",
            .advice = "Veuillez patienter un instant, puis réessayer.",
        },
        .internal_error{
            .title = "Un problème est survenu",
            .text = "Cela vient de nous, pas de vous.",
            .advice = "Veuillez réessayer dans quelques minutes.",
        },
        .unavailable{
            .title = "Nous revenons tout de suite",
            .text = "Nous ne pouvons pas vous répondre à l’instant, mais cela ne devrait pas durer.",
            .advice = "Veuillez réessayer dans quelques minutes.",
        },
        .other{
            .title = "Cela n’a pas fonctionné",
            .text = "Un imprévu est survenu.",
            .advice = "Veuillez revenir en arrière et réessayer.",
        },
    },
};

}
