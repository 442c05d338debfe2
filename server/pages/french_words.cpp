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
        .title = "Consultez vos e-mails",
        .sent = "Nous avons envoyé un code à {email}.",
        .asks = "{partner} souhaite établir un lien avec votre compte.",
        .meaning = "En saisissant le code, vous acceptez que ce partenaire puisse vous connecter et mettre à jour "
                   "votre profil.",
        .label = "Code reçu par e-mail",
        .format = "Les chiffres reçus par e-mail, sans espaces",
        .submit = "Accepter et se connecter",
        .no_mail = "Le code est valable quelques minutes. Si vous ne trouvez pas l’e-mail, regardez aussi dans vos "
                   "courriers indésirables.",
        .unwanted = "Vous n’avez rien demandé\u202f? Fermez simplement cette page. Votre compte reste inchangé.",
        .wrong = "Ce code est incorrect ou n’est plus valable. Veuillez saisir celui du dernier e-mail.",
        .no_more_tries = "Trop de codes incorrects",
        .start_again = "Pour protéger votre compte, nous n’acceptons plus de code pour le moment. Dans une heure "
                       "environ, vous pourrez retourner chez {partner} et recommencer.",
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
        .advice = "Veuillez retourner sur le site d’où vous venez et vous y reconnecter.",
    },
    .link_unusable{
        .title = "Ce lien ne fonctionne plus",
        .text = "Un lien de connexion est valable quelques minutes et ne sert qu’une fois. Celui-ci a déjà servi, a "
                "expiré ou est incomplet.",
        .advice = "Veuillez retourner sur le site d’où vous venez et en demander un nouveau.",
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
