#include "server/post/letter_words.hpp"

namespace onboard::server::post {

LetterWords const dutch_letters{
    .greeting = "Dag {name},",
    .greeting_without_name = "Goedendag,",
    .automatic = "Deze e-mail is automatisch verstuurd.",
    .moment{
        .format = "{day} {month} {year}, {hour}.{minute} uur UTC",
        .first_day = "1",
        .months{
            "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
            "november", "december"},
    },
    .link{
        .life = "De link is geldig tot {moment} en werkt maar één keer.",
        .keep_secret = "Geef hem aan niemand door.",
        .copy = "Werkt de knop niet? Kopieer dan dit adres naar uw browser:",
    },
    .partner_confirmation{
        .subject = "Uw code voor {partner}",
        .request =
            "{partner} vraagt om een koppeling met uw account. Komt u zelf net van {partner} en gaat u akkoord? Vul "
            "dan deze code in op de pagina die openstaat:",
        .life = "De code is enkele minuten geldig en werkt maar één keer.",
        .keep_secret = "Geef de code aan niemand door. Wie het goed met u voorheeft, zal er nooit naar vragen.",
        .unexpected =
            "Had u deze e-mail niet verwacht? Dan hoeft u niets te doen. Zonder de code gebeurt er niets en "
            "blijft uw account zoals het is.",
    },
    .welcome{
        .subject = "Welkom bij onboard: kies een wachtwoord",
        .news = "{partner} heeft u bij onboard ingeschreven. Welkom!",
        .request = "Er rest maar één stap: kies een wachtwoord en u bent aangemeld.",
        .button = "Een wachtwoord kiezen",
        .unexpected = "Had u deze e-mail niet verwacht? Dan hoeft u niets te doen. Zonder de link kan niemand een "
                      "wachtwoord kiezen.",
    },
    .already_here{
        .subject = "U hebt al een account bij onboard",
        .news = "{partner} wilde u bij onboard inschrijven. U hebt al een account, en dat blijft zoals het is.",
        .news_without_partner = "Iemand heeft uw e-mailadres opgegeven voor een account bij onboard. U hebt al een "
                                "account, en dat blijft zoals het is.",
        .sign_in = "Hier kunt u zich aanmelden:",
        .button = "Aanmelden",
        .no_password = "Wachtwoord vergeten, of nog geen? We sturen u graag een link om er een te kiezen:",
        .mail_a_link = "Een link aanvragen",
        .unexpected = "Had u deze e-mail niet verwacht? Dan hoeft u niets te doen.",
    },
    .failed{
        .subject = "Uw inschrijving via {partner} is niet gelukt",
        .news = "{partner} wilde u bij onboard inschrijven. Dat is helaas niet gelukt. Er is niets aangemaakt of "
                "gewijzigd.",
        .advice = "{partner} kent de reden en kan u verder helpen.",
        .unexpected = "Had u deze e-mail niet verwacht? Dan hoeft u niets te doen.",
    },
    .reset{
        .subject = "Uw link om een nieuw wachtwoord te kiezen",
        .request =
            "We kregen de vraag om een link waarmee u een nieuw wachtwoord kiest voor uw account. Hier is hij:",
        .button = "Een nieuw wachtwoord kiezen",
        .unexpected =
            "Had u hier niet om gevraagd? Dan hoeft u niets te doen. Zonder de link blijft uw account zoals het is.",
    },
    .changed{
        .subject = "Uw wachtwoord is gewijzigd",
        .news =
            "Het wachtwoord van uw account is gewijzigd. Voor de zekerheid hebben we alle eerdere sessies beëindigd.",
        .was_not_you = "Was u dat niet? Kies dan meteen een nieuw wachtwoord. We sturen u daarvoor een link:",
        .button = "Een link aanvragen",
        .was_you = "Was u dat zelf? Dan is alles in orde en hoeft u niets te doen.",
    },
    .opt_in{
        .subject = "Bevestig uw e-mailadres",
        .news = "Iemand, hopelijk uzelf, heeft dit e-mailadres opgegeven voor een account bij onboard.",
        .request =
            "Was u dat? Bevestig dan dat het adres van u is. De link opent een pagina die het u nog één keer vraagt:",
        .button = "Mijn adres bevestigen",
        .unexpected = "Was u dat niet? Dan hoeft u niets te doen. Zonder bevestiging gebeurt er niets.",
    },
    .email_changed{
        .subject = "Uw e-mailadres is gewijzigd",
        .news = "Uw account bij onboard heeft nu een ander e-mailadres, in de plaats van dit adres.",
        .was_not_you = "Was u dat niet? Neem dan meteen contact op met de aanbieder van de app of site waar u uw "
                       "account gebruikt.",
        .was_you = "Was u dat zelf? Dan is alles in orde en hoeft u niets te doen.",
    },
    .otp{
        .subject = "Uw code om u in te schrijven",
        .request = "Iemand, hopelijk uzelf, wil zich met dit e-mailadres bij onboard inschrijven. Bent u dat? Vul "
                   "dan deze code in waar ernaar wordt gevraagd:",
        .life = "De code is geldig tot {moment} en werkt maar één keer.",
        .keep_secret = "Geef de code aan niemand door. Niemand van ons zal er ooit naar vragen.",
        .unexpected = "Was u dat niet? Dan hoeft u niets te doen. Zonder de code gebeurt er niets.",
    },
};

}
