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
        .sent = "Wir haben einen Code an {email} geschickt.",
        .asks = "{partner} bittet um eine Verknüpfung mit Ihrem Konto.",
        .meaning = "Mit dem Code stimmen Sie zu, dass dieser Partner Sie anmelden und Ihr Profil aktualisieren darf.",
        .start_again = "Zum Schutz Ihres Kontos nehmen wir vorerst keinen Code mehr an. In etwa einer Stunde können "
                       "Sie zu {partner} zurückkehren und neu beginnen.",
        .form{
            .title = "Sehen Sie in Ihr Postfach",
            .label = "Code aus der E-Mail",
            .format = "Die Ziffern aus der E-Mail, ohne Leerzeichen",
            .submit = "Zustimmen und anmelden",
            .hint = "Der Code gilt einige Minuten. Falls Sie die E-Mail nicht finden, sehen Sie bitte auch im "
                    "Spam-Ordner nach.",
            .unwanted =
                "Sie haben nicht darum gebeten? Dann schließen Sie einfach diese Seite. An Ihrem Konto ändert "
                "sich nichts.",
            .wrong = "Dieser Code stimmt nicht oder gilt nicht mehr. Bitte nehmen Sie den aus der letzten E-Mail.",
            .no_more_tries = "Zu viele falsche Codes",
        },
    },
    .enter_texted_code{
        .sent = "Wir haben einen Code per SMS an {phone} geschickt.",
        .sender = "{portal} schickt Sie hierher.",
        .sender_as = "{portal} schickt Sie hierher als {name}.",
        .meaning = "Der Code meldet diese Person an. Wenn Sie das nicht sind, geben Sie ihn bitte nicht ein.",
        .start_again = "Zur Sicherheit nehmen wir vorerst keinen Code mehr an. In etwa einer Stunde können Sie zu "
                       "Ihrem Portal zurückkehren und neu beginnen.",
        .form{
            .title = "Sehen Sie auf Ihr Telefon",
            .label = "Code aus der SMS",
            .format = "Die Ziffern aus der SMS, ohne Leerzeichen",
            .submit = "Anmelden",
            .hint = "Der Code gilt einige Minuten. Falls keine SMS ankommt, kehren Sie bitte zu Ihrem Portal zurück "
                    "und beginnen Sie neu.",
            .unwanted =
                "Sie haben nicht darum gebeten? Dann schließen Sie einfach diese Seite. Es ändert sich nichts.",
            .wrong = "Dieser Code stimmt nicht oder gilt nicht mehr. Bitte nehmen Sie den aus der letzten SMS.",
            .no_more_tries = "Zu viele falsche Codes",
        },
    },
    .fields{
        .email = "E-Mail-Adresse",
        .password = "Passwort",
        .new_password = "Neues Passwort",
    },
    .steps{
        .sign_in = "Anmelden",
        .sign_in_with_password = "Mit Ihrem Passwort anmelden",
        .ask_for_link = "Neuen Link anfordern",
    },
    .set_password{
        .title = "Wählen Sie Ihr Passwort",
        .text = "Von nun an melden Sie sich mit Ihrer E-Mail-Adresse und diesem Passwort an.",
        .rule = "Mindestens {least} Zeichen.",
        .advice = "Ein Satz aus mehreren Wörtern ist leicht zu merken und schwer zu erraten.",
        .submit = "Speichern und anmelden",
        .malformed = "Dieses Passwort enthält ein Zeichen, das wir nicht annehmen können. Bitte wählen Sie ein "
                     "anderes.",
        .too_short = "Dieses Passwort ist zu kurz. Bitte nehmen Sie mindestens {least} Zeichen, zum Beispiel ein "
                     "paar Wörter mehr.",
        .too_long = "Dieses Passwort ist zu lang. Bitte wählen Sie ein kürzeres.",
        .too_common = "Dieses Passwort gehört zu den ersten, die jemand erraten würde. Bitte wählen Sie ein anderes, "
                      "zum Beispiel einen eigenen Satz.",
    },
    .password_link_used{
        .title = "Dieser Link hat seinen Dienst getan",
        .text = "Ein Link zur Wahl eines Passworts gilt nur ein einziges Mal, und ein neuerer tritt an seine Stelle.",
        .advice = "Haben Sie schon ein Passwort, können Sie sich damit anmelden. Wenn nicht, fordern Sie bitte einen "
                  "neuen Link an.",
    },
    .password_link_expired{
        .message{
            .title = "Dieser Link ist abgelaufen",
            .text = "Damit Ihr Konto sicher bleibt, gilt ein Link zur Wahl eines Passworts nur begrenzte Zeit.",
            .advice = "Gern schicken wir Ihnen einen neuen, an dieselbe Adresse.",
        },
        .submit = "Neuen Link schicken",
    },
    .password_link_unknown{
        .title = "Dieser Link funktioniert nicht",
        .text = "Vielleicht ist er unvollständig: Manche E-Mail-Programme trennen lange Links.",
        .advice = "Bitte öffnen Sie ihn noch einmal aus der E-Mail heraus oder fordern Sie einen neuen Link an.",
    },
    .password_link_sent{
        .title = "Sehen Sie in Ihr Postfach",
        .text = "Ein neuer Link ist zu Ihnen unterwegs. Das kann einige Minuten dauern.",
        .advice = "Falls Sie die E-Mail nicht finden, sehen Sie bitte auch im Spam-Ordner nach. Diese Seite können "
                  "Sie schließen.",
    },
    .sign_in{
        .title = "Anmelden",
        .submit = "Anmelden",
        .no_password = "Passwort vergessen oder noch keines?",
        .wrong = "Die E-Mail-Adresse oder das Passwort stimmt nicht. Bitte prüfen Sie beide.",
        .too_many_tries = "Es gab zu viele Versuche. Bitte warten Sie eine Weile, oder {link}: Damit geht es sofort "
                          "weiter.",
        .mail_a_link = "lassen Sie sich einen Link schicken",
    },
    .forgot_password{
        .title = "Ein neues Passwort",
        .text = "Nennen Sie uns Ihre E-Mail-Adresse, und wir schicken Ihnen einen Link, mit dem Sie ein neues "
                "Passwort wählen.",
        .submit = "Link schicken",
        .malformed = "Das sieht nicht nach einer E-Mail-Adresse aus. Bitte prüfen Sie sie.",
        .too_many_tries = "Wir haben in kurzer Zeit zu viele Anfragen erhalten. Bitte warten Sie einen Augenblick "
                          "und versuchen Sie es dann noch einmal.",
    },
    .forgot_password_sent{
        .title = "Sehen Sie in Ihr Postfach",
        .text = "Wenn es ein Konto für {email} gibt, ist eine E-Mail mit einem Link unterwegs. Das kann einige "
                "Minuten dauern.",
        .advice = "Falls Sie die E-Mail nicht finden, sehen Sie bitte auch im Spam-Ordner nach.",
        .again = "Eine andere Adresse versuchen",
    },
    .confirm_email{
        .title = "Ist das Ihre Adresse?",
        .text = "Diese E-Mail-Adresse wurde für ein Konto bei onboard angegeben:",
        .submit = "Ja, das ist meine Adresse",
        .unwanted = "Das ist nicht Ihre Adresse, oder Sie haben nicht darum gebeten? Dann schließen Sie einfach "
                    "diese Seite. Es ändert sich nichts.",
    },
    .email_confirmed{
        .title = "Ihre Adresse ist bestätigt",
        .text = "{email} ist jetzt die Adresse Ihres Kontos.",
        .advice = "Sie können diese Seite schließen und dort weitermachen, wo Sie die Adresse angegeben haben: in "
                  "der App oder auf der Website.",
    },
    .email_link_unknown{
        .title = "Dieser Link funktioniert nicht",
        .text =
            "Ein Link zur Bestätigung einer E-Mail-Adresse gilt nur begrenzte Zeit und nur ein einziges Mal. Dieser "
            "wurde schon benutzt, ist abgelaufen, wurde durch einen neueren ersetzt oder ist unvollständig.",
        .advice = "Haben Sie die Adresse schon bestätigt, ist alles in Ordnung. Wenn nicht, beginnen Sie bitte dort "
                  "neu, wo Sie die Adresse angegeben haben.",
    },
    .email_taken{
        .title = "Diese Adresse wird schon verwendet",
        .text =
            "Diese E-Mail-Adresse wurde inzwischen für ein anderes Konto bestätigt. Ihr Konto bleibt, wie es ist.",
        .advice = "Möchten Sie eine andere Adresse verwenden? Dann beginnen Sie bitte dort neu, wo Sie diese "
                  "angegeben haben.",
    },
    .signed_out{
        .title = "Sie sind abgemeldet",
        .text = "Bis bald!",
        .advice = "Sie können diese Seite jetzt schließen.",
    },
    .not_signed_in{
        .title = "Sie sind nicht angemeldet",
        .text = "Vielleicht waren Sie eine Weile fort: Dann beenden wir die Sitzung, damit Ihr Konto sicher bleibt.",
        .advice = "Bitte kehren Sie zu der Seite zurück, von der Sie kamen, und melden Sie sich dort neu an, oder "
                  "nutzen Sie hier Ihr Passwort.",
    },
    .link_unusable{
        .title = "Dieser Link gilt nicht mehr",
        .text = "Ein Anmeldelink gilt einige Minuten und nur ein einziges Mal. Dieser wurde schon benutzt, ist "
                "abgelaufen oder unvollständig.",
        .advice = "Bitte kehren Sie zu der Seite zurück, von der Sie kamen, und fordern Sie dort einen neuen an.",
    },
    .portal{
        .credentials{
            .title = "Dieser Link ist nicht gültig",
            .text = "Ein Link aus Ihrem Portal gilt nur kurze Zeit und nur ein einziges Mal. Dieser wurde schon "
                    "benutzt, ist abgelaufen oder nicht in Ordnung.",
            .advice = "Bitte kehren Sie zu Ihrem Portal zurück und folgen Sie dem Link noch einmal.",
        },
        .organisation{
            .title = "Wir kennen Ihre Organisation nicht",
            .text = "Ihr Portal hat eine Schule oder Organisation genannt, die hier nicht bekannt ist.",
            .advice = "Bitte sagen Sie dem Helpdesk Ihres Portals Bescheid. Dort lässt es sich beheben.",
        },
        .blocked{
            .title = "Ihr Konto ist gesperrt",
            .text = "Deshalb können wir Sie nicht anmelden.",
            .advice = "Wenn Sie das für einen Irrtum halten, fragen Sie bitte beim Helpdesk Ihres Portals nach.",
        },
        .contact{
            .title = "Wir können Sie nicht erreichen",
            .text = "Ihr Portal hat uns keine Telefonnummer von Ihnen genannt, an die wir einen Code schicken "
                    "können.",
            .advice = "Bitte tragen Sie Ihre Nummer im Portal ein oder fragen Sie dessen Helpdesk. Folgen Sie dann "
                      "dem Link noch einmal.",
        },
        .other{
            .title = "Das hat nicht geklappt",
            .text = "Ihr Portal hat Sie hierher geschickt, aber unterwegs ist etwas schiefgegangen.",
            .advice = "Bitte versuchen Sie es später noch einmal.",
        },
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
        .sign_in_needed{
            .title = "Bitte melden Sie sich zuerst an",
            .text = "Diese Seite können wir nur Angemeldeten zeigen.",
            .advice = "Bitte melden Sie sich an und versuchen Sie es dann noch einmal.",
        },
        .not_allowed{
            .title = "Das steht Ihnen nicht offen",
            .text = "Das dürfen Sie nicht oder nicht mehr.",
            .advice = "Wenn Sie meinen, es müsste gehen, fragen Sie bitte bei der Seite nach, von der Sie kamen.",
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
        .gone{
            .title = "Das ist nicht mehr hier",
            .text = "Was hier war, wurde schon benutzt, ist abgelaufen oder wurde entfernt.",
            .advice = "Bitte kehren Sie zu der Seite zurück, von der Sie kamen.",
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
        .not_accepted{
            .title = "Das konnten wir nicht annehmen",
            .text = "In Ihren Angaben fehlt etwas oder passt etwas nicht.",
            .advice = "Bitte gehen Sie zurück, prüfen Sie Ihre Angaben und versuchen Sie es noch einmal.",
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
