#include "server/post/letter_words.hpp"

namespace onboard::server::post {

LetterWords const german_letters{
    .greeting = "Guten Tag {name},",
    .greeting_without_name = "Guten Tag,",
    .automatic = "Diese E-Mail wurde automatisch verschickt.",
    .moment{
        .format = "{day}. {month} {year}, {hour}:{minute} Uhr UTC",
        .first_day = "1",
        .months{
            "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
            "Dezember"},
    },
    .link{
        .life = "Der Link gilt bis zum {moment} und nur ein einziges Mal.",
        .keep_secret = "Bitte geben Sie ihn an niemanden weiter.",
        .copy = "Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:",
    },
    .partner_confirmation{
        .subject = "Ihr Code für {partner}",
        .request =
            "{partner} bittet um eine Verknüpfung mit Ihrem Konto. Wenn Sie selbst gerade von {partner} kommen und "
            "einverstanden sind, geben Sie diesen Code auf der geöffneten Seite ein:",
        .life = "Der Code gilt einige Minuten und nur ein einziges Mal.",
        .keep_secret =
            "Bitte geben Sie ihn an niemanden weiter. Wer es gut mit Ihnen meint, wird Sie nie danach fragen.",
        .unexpected =
            "Sie haben diese E-Mail nicht erwartet? Dann brauchen Sie nichts zu tun. Ohne den Code geschieht "
            "nichts, und Ihr Konto bleibt, wie es ist.",
    },
    .welcome{
        .subject = "Willkommen bei onboard: Bitte wählen Sie ein Passwort",
        .news = "{partner} hat Sie bei onboard registriert. Willkommen!",
        .request = "Nur ein Schritt fehlt noch: Wählen Sie ein Passwort, und schon sind Sie dabei.",
        .button = "Passwort wählen",
        .unexpected = "Sie haben diese E-Mail nicht erwartet? Dann brauchen Sie nichts zu tun. Ohne den Link kann "
                      "niemand ein Passwort wählen.",
    },
    .already_here{
        .subject = "Sie haben schon ein Konto bei onboard",
        .news =
            "{partner} wollte Sie bei onboard registrieren. Sie haben schon ein Konto, und es bleibt, wie es ist.",
        .news_without_partner = "Jemand hat Ihre E-Mail-Adresse für ein Konto bei onboard angegeben. Sie haben schon "
                                "ein Konto, und es bleibt, wie es ist.",
        .sign_in = "Hier können Sie sich anmelden:",
        .button = "Anmelden",
        .no_password =
            "Passwort vergessen oder noch keines? Gern schicken wir Ihnen einen Link, mit dem Sie eines wählen:",
        .mail_a_link = "Link anfordern",
        .unexpected = "Sie haben diese E-Mail nicht erwartet? Dann brauchen Sie nichts zu tun.",
    },
    .failed{
        .subject = "Ihre Registrierung über {partner} hat nicht geklappt",
        .news = "{partner} wollte Sie bei onboard registrieren. Das hat leider nicht geklappt. Es wurde nichts "
                "angelegt oder geändert.",
        .advice = "{partner} kennt den Grund und kann Ihnen weiterhelfen.",
        .unexpected = "Sie haben diese E-Mail nicht erwartet? Dann brauchen Sie nichts zu tun.",
    },
    .reset{
        .subject = "Ihr Link für ein neues Passwort",
        .request = "Wir wurden um einen Link gebeten, mit dem sich für Ihr Konto ein neues Passwort wählen lässt. "
                   "Hier ist er:",
        .button = "Neues Passwort wählen",
        .unexpected = "Sie haben nicht darum gebeten? Dann brauchen Sie nichts zu tun. Ohne den Link bleibt Ihr "
                      "Konto, wie es ist.",
    },
    .changed{
        .subject = "Ihr Passwort wurde geändert",
        .news = "Das Passwort Ihres Kontos wurde geändert. Zur Sicherheit haben wir alle früheren Sitzungen beendet.",
        .was_not_you = "Waren Sie das nicht? Dann wählen Sie bitte sofort ein neues Passwort. Dafür schicken wir "
                       "Ihnen einen Link:",
        .button = "Link anfordern",
        .was_you = "Waren Sie das selbst? Dann ist alles in Ordnung, und Sie brauchen nichts zu tun.",
    },
    .opt_in{
        .subject = "Bitte bestätigen Sie Ihre E-Mail-Adresse",
        .news = "Jemand, hoffentlich Sie selbst, hat diese E-Mail-Adresse für ein Konto bei onboard angegeben.",
        .request = "Wenn Sie das waren, bestätigen Sie bitte, dass die Adresse Ihnen gehört. Der Link öffnet eine "
                   "Seite, die Sie noch einmal danach fragt:",
        .button = "Meine Adresse bestätigen",
        .unexpected = "Waren Sie das nicht? Dann brauchen Sie nichts zu tun. Ohne Bestätigung geschieht nichts.",
    },
    .email_changed{
        .subject = "Ihre E-Mail-Adresse wurde geändert",
        .news = "Ihr Konto bei onboard hat jetzt eine andere E-Mail-Adresse. Sie tritt an die Stelle dieser Adresse.",
        .was_not_you = "Waren Sie das nicht? Dann wenden Sie sich bitte sofort an den Anbieter der App oder Website, "
                       "für die Sie Ihr Konto nutzen.",
        .was_you = "Waren Sie das selbst? Dann ist alles in Ordnung, und Sie brauchen nichts zu tun.",
    },
    .otp{
        .subject = "Ihr Code für die Registrierung",
        .request = "Jemand, hoffentlich Sie selbst, möchte sich mit dieser E-Mail-Adresse bei onboard registrieren. "
                   "Wenn Sie das sind, geben Sie diesen Code dort ein, wo danach gefragt wird:",
        .life = "Der Code gilt bis zum {moment} und nur ein einziges Mal.",
        .keep_secret = "Bitte geben Sie ihn an niemanden weiter. Niemand von uns wird Sie je danach fragen.",
        .unexpected = "Waren Sie das nicht? Dann brauchen Sie nichts zu tun. Ohne den Code geschieht nichts.",
    },
};

}
