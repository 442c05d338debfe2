#include "server/pages/words.hpp"

namespace onboard::server::pages {

Words const german_words{
    .home{
        .title = "Willkommen",
        .greeting = "Willkommen, {name}",
        .state = "Sie sind angemeldet.",
        .advice = "Nutzen auch andere dieses Gerät? Dann melden Sie sich bitte ab, wenn Sie fertig sind.",
        .sign_out = "Abmelden",
    },
    .enter_code{
        .title = "Sehen Sie in Ihr Postfach",
        .sent = "Wir haben einen Code an {email} geschickt.",
        .asks = "{partner} bittet um eine Verknüpfung mit Ihrem Konto.",
        .meaning = "Mit dem Code stimmen Sie zu, dass dieser Partner Sie anmelden und Ihr Profil aktualisieren darf.",
        .label = "Code aus der E-Mail",
        .format = "Die Ziffern aus der E-Mail, ohne Leerzeichen",
        .submit = "Zustimmen und anmelden",
        .no_mail = "Der Code gilt einige Minuten. Falls Sie die E-Mail nicht finden, sehen Sie bitte auch im "
                   "Spam-Ordner nach.",
        .unwanted = "Sie haben nicht darum gebeten? Dann schließen Sie einfach diese Seite. An Ihrem Konto ändert "
                    "sich nichts.",
        .wrong = "Dieser Code stimmt nicht oder gilt nicht mehr. Bitte nehmen Sie den aus der letzten E-Mail.",
        .no_more_tries = "Zu viele falsche Codes",
        .start_again = "Zum Schutz Ihres Kontos nehmen wir vorerst keinen Code mehr an. In etwa einer Stunde können "
                       "Sie zu {partner} zurückkehren und neu beginnen.",
    },
    .signed_out{
        .title = "Sie sind abgemeldet",
        .text = "Bis bald!",
        .advice = "Sie können diese Seite jetzt schließen.",
    },
    .not_signed_in{
        .title = "Sie sind nicht angemeldet",
        .text = "Vielleicht waren Sie eine Weile fort: Dann beenden wir die Sitzung, damit Ihr Konto sicher bleibt.",
        .advice = "Bitte kehren Sie zu der Seite zurück, von der Sie kamen, und melden Sie sich dort neu an.",
    },
    .link_unusable{
        .title = "Dieser Link gilt nicht mehr",
        .text = "Ein Anmeldelink gilt einige Minuten und nur ein einziges Mal. Dieser wurde schon benutzt, ist "
                "abgelaufen oder unvollständig.",
        .advice = "Bitte kehren Sie zu der Seite zurück, von der Sie kamen, und fordern Sie dort einen neuen an.",
    },
    .forged{
        .title = "Bitte versuchen Sie es noch einmal",
        .text = "Das Formular war zu lange offen oder kam nicht von dieser Seite. Zur Sicherheit haben wir nichts "
                "geändert.",
        .advice = "Bitte gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.",
    },
    .trouble{
        .bad_request{
            .title = "Das haben wir nicht verstanden",
            .text = "Etwas an Ihrer Anfrage war anders als erwartet.",
            .advice = "Bitte gehen Sie zurück und versuchen Sie es noch einmal.",
        },
        .not_found{
            .title = "Hier ist nichts zu finden",
            .text = "Diese Seite gibt es nicht oder nicht mehr.",
            .advice = "Bitte prüfen Sie die Adresse oder kehren Sie zu der Seite zurück, von der Sie kamen.",
        },
        .method_not_allowed{
            .title = "Das geht hier nicht",
            .text = "Diese Seite lässt sich so nicht aufrufen.",
            .advice = "Bitte gehen Sie zurück und benutzen Sie die Schaltflächen auf der Seite.",
        },
        .too_large{
            .title = "Das war zu viel auf einmal",
            .text = "Ihre Sendung ist größer, als wir annehmen können.",
            .advice = "Bitte gehen Sie zurück und versuchen Sie es mit weniger.",
        },
        .unsupported_format{
            .title = "Dieses Format können wir nicht lesen",
            .text = "Ihre Sendung hat eine Form, die wir nicht kennen.",
            .advice = "Bitte gehen Sie zurück und benutzen Sie das Formular auf der Seite.",
        },
        .too_many_requests{
            .title = "Das ging etwas zu schnell",
            .text = "Wir haben in kurzer Zeit zu viele Anfragen erhalten.",
            .advice = "Bitte warten Sie einen Augenblick und versuchen Sie es dann noch einmal.",
        },
        .internal_error{
            .title = "Etwas ist schiefgegangen",
            .text = "Das liegt an uns, nicht an Ihnen.",
            .advice = "Bitte versuchen Sie es in einigen Minuten noch einmal.",
        },
        .unavailable{
            .title = "Wir sind gleich wieder da",
            .text = "Gerade können wir Ihnen nicht helfen, aber es sollte nicht lange dauern.",
            .advice = "Bitte versuchen Sie es in einigen Minuten noch einmal.",
        },
        .other{
            .title = "Das hat nicht geklappt",
            .text = "Etwas stand im Weg.",
            .advice = "Bitte gehen Sie zurück und versuchen Sie es noch einmal.",
        },
    },
};

}
