#include "server/pages/words.hpp"

namespace onboard::server::pages {

Words const dutch_words{
    .home{
        .title = "Welkom",
        .greeting = "Welkom, {name}",
        .state = "U bent aangemeld.",
        .advice = "Gebruiken ook anderen dit toestel? Meld u dan af als u klaar bent.",
        .sign_out = "Afmelden",
    },
    .enter_code{
        .sent = "We hebben een code gestuurd naar {email}.",
        .asks = "{partner} vraagt om een koppeling met uw account.",
        .meaning = "Met de code gaat u ermee akkoord dat deze partner u mag aanmelden en uw profiel mag bijwerken.",
        .start_again = "Om uw account te beschermen, aanvaarden we voorlopig geen codes meer. Over ongeveer een uur "
                       "kunt u teruggaan naar {partner} en opnieuw beginnen.",
        .form{
            .title = "Kijk in uw mailbox",
            .label = "Code uit de e-mail",
            .format = "De cijfers uit de e-mail, zonder spaties",
            .submit = "Akkoord en aanmelden",
            .hint =
                "De code is enkele minuten geldig. Vindt u de e-mail niet? Kijk dan ook bij uw ongewenste e-mail.",
            .unwanted = "Hebt u hier niet om gevraagd? Sluit dan gewoon deze pagina. Aan uw account verandert niets.",
            .wrong = "Deze code klopt niet of is niet meer geldig. Neem de code uit de laatste e-mail.",
            .no_more_tries = "Te veel verkeerde codes",
        },
    },
    .enter_texted_code{
        .sent = "We hebben een code per sms gestuurd naar {phone}.",
        .sender = "{portal} stuurt u hierheen.",
        .sender_as = "{portal} stuurt u hierheen als {name}.",
        .meaning = "Met de code wordt deze persoon aangemeld. Bent u dat niet? Voer de code dan niet in.",
        .start_again = "Voor de zekerheid aanvaarden we voorlopig geen codes meer. Over ongeveer een uur kunt u "
                       "teruggaan naar uw portaal en opnieuw beginnen.",
        .form{
            .title = "Kijk op uw telefoon",
            .label = "Code uit de sms",
            .format = "De cijfers uit de sms, zonder spaties",
            .submit = "Aanmelden",
            .hint = "De code is enkele minuten geldig. Komt er geen sms aan? Ga dan terug naar uw portaal en begin "
                    "opnieuw.",
            .unwanted = "Hebt u hier niet om gevraagd? Sluit dan gewoon deze pagina. Er verandert niets.",
            .wrong = "Deze code klopt niet of is niet meer geldig. Neem de code uit de laatste sms.",
            .no_more_tries = "Te veel verkeerde codes",
        },
    },
    .fields{
        .email = "E-mailadres",
        .password = "Wachtwoord",
        .new_password = "Nieuw wachtwoord",
    },
    .steps{
        .sign_in = "Aanmelden",
        .sign_in_with_password = "Aanmelden met uw wachtwoord",
        .ask_for_link = "Een nieuwe link aanvragen",
    },
    .set_password{
        .title = "Kies uw wachtwoord",
        .text = "Voortaan meldt u zich aan met uw e-mailadres en dit wachtwoord.",
        .rule = "Minstens {least} tekens.",
        .advice = "Een zin van enkele woorden is makkelijk te onthouden en moeilijk te raden.",
        .submit = "Opslaan en aanmelden",
        .malformed = "In dit wachtwoord staat een teken dat we niet kunnen aannemen. Kies een ander wachtwoord.",
        .too_short = "Dit wachtwoord is te kort. Gebruik minstens {least} tekens, bijvoorbeeld enkele woorden meer.",
        .too_long = "Dit wachtwoord is te lang. Kies een korter wachtwoord.",
        .too_common = "Dit wachtwoord is een van de eerste die iemand zou proberen. Kies een ander, bijvoorbeeld een "
                      "zin van uzelf.",
    },
    .password_link_used{
        .title = "Deze link heeft zijn werk gedaan",
        .text = "Een link om een wachtwoord te kiezen werkt maar één keer, en een nieuwere link komt in de plaats.",
        .advice = "Hebt u al een wachtwoord? Dan kunt u zich daarmee aanmelden. Zo niet, vraag dan een nieuwe link "
                  "aan.",
    },
    .password_link_expired{
        .message{
            .title = "Deze link is verlopen",
            .text = "Zodat uw account veilig blijft, is een link om een wachtwoord te kiezen maar beperkte tijd "
                    "geldig.",
            .advice = "We sturen u graag een nieuwe, naar hetzelfde adres.",
        },
        .submit = "Stuur me een nieuwe link",
    },
    .password_link_unknown{
        .title = "Deze link werkt niet",
        .text = "Misschien is hij onvolledig: sommige mailprogramma’s breken lange links in tweeën.",
        .advice = "Open hem opnieuw vanuit de e-mail, of vraag een nieuwe link aan.",
    },
    .password_link_sent{
        .title = "Kijk in uw mailbox",
        .text = "Er is een nieuwe link naar u onderweg. Dat kan enkele minuten duren.",
        .advice = "Vindt u de e-mail niet? Kijk dan ook bij uw ongewenste e-mail. U kunt deze pagina sluiten.",
    },
    .sign_in{
        .title = "Aanmelden",
        .submit = "Aanmelden",
        .no_password = "Wachtwoord vergeten, of nog geen?",
        .wrong = "Het e-mailadres of het wachtwoord klopt niet. Kijk ze allebei na.",
        .too_many_tries = "Er waren te veel pogingen. Wacht een tijdje, of {link}: daarmee kunt u meteen verder.",
        .mail_a_link = "laat u een link sturen",
    },
    .forgot_password{
        .title = "Een nieuw wachtwoord",
        .text = "Geef ons uw e-mailadres, dan sturen we u een link om een nieuw wachtwoord te kiezen.",
        .submit = "Stuur me een link",
        .malformed = "Dit lijkt geen e-mailadres te zijn. Kijk het even na.",
        .too_many_tries = "We kregen te veel aanvragen in korte tijd. Wacht even en probeer het dan opnieuw.",
    },
    .forgot_password_sent{
        .title = "Kijk in uw mailbox",
        .text = "Is er een account voor {email}, dan is er een e-mail met een link onderweg. Dat kan enkele minuten "
                "duren.",
        .advice = "Vindt u de e-mail niet? Kijk dan ook bij uw ongewenste e-mail.",
        .again = "Een ander adres proberen",
    },
    .confirm_email{
        .title = "Is dit uw adres?",
        .text = "Dit e-mailadres is opgegeven voor een account bij onboard:",
        .submit = "Ja, dit is mijn adres",
        .unwanted = "Is dit uw adres niet, of hebt u hier niet om gevraagd? Sluit dan gewoon deze pagina. Er "
                    "verandert niets.",
    },
    .email_confirmed{
        .title = "Uw adres is bevestigd",
        .text = "{email} hoort nu bij uw account.",
        .advice = "U kunt deze pagina sluiten en verdergaan in de app of op de site waar u het adres hebt opgegeven.",
    },
    .email_link_unknown{
        .title = "Deze link werkt niet",
        .text = "Een link om een e-mailadres te bevestigen is maar beperkte tijd geldig en werkt maar één keer. Deze "
                "link is al gebruikt, verlopen, vervangen door een nieuwere of onvolledig.",
        .advice = "Hebt u het adres al bevestigd? Dan is alles in orde. Zo niet, begin dan opnieuw waar u het adres "
                  "hebt opgegeven.",
    },
    .email_taken{
        .title = "Dit adres is al in gebruik",
        .text = "Dit e-mailadres is intussen bevestigd voor een ander account. Aan het uwe is niets gewijzigd.",
        .advice = "Wilt u een ander adres gebruiken? Begin dan opnieuw waar u dit adres hebt opgegeven.",
    },
    .signed_out{
        .title = "U bent afgemeld",
        .text = "Tot ziens!",
        .advice = "U kunt deze pagina nu sluiten.",
    },
    .not_signed_in{
        .title = "U bent niet aangemeld",
        .text = "Misschien was u een tijdje weg: dan beëindigen we de sessie, zodat uw account veilig blijft.",
        .advice =
            "Ga terug naar de site waar u vandaan kwam en meld u daar opnieuw aan, of gebruik hier uw wachtwoord.",
    },
    .link_unusable{
        .title = "Deze link werkt niet meer",
        .text = "Een aanmeldlink is enkele minuten geldig en werkt maar één keer. Deze link is al gebruikt, verlopen "
                "of onvolledig.",
        .advice = "Ga terug naar de site waar u vandaan kwam en vraag daar een nieuwe aan.",
    },
    .portal{
        .credentials{
            .title = "Deze link is niet geldig",
            .text = "Een link van uw portaal is maar korte tijd geldig en werkt maar één keer. Deze link is al "
                    "gebruikt, verlopen of niet in orde.",
            .advice = "Ga terug naar uw portaal en volg de link opnieuw.",
        },
        .organisation{
            .title = "We kennen uw organisatie niet",
            .text = "Uw portaal noemde een school of organisatie die hier niet bekend is.",
            .advice = "Meld het aan de helpdesk van uw portaal. Die kan het in orde brengen.",
        },
        .blocked{
            .title = "Uw account is geblokkeerd",
            .text = "Daarom kunnen we u niet aanmelden.",
            .advice = "Denkt u dat het een vergissing is? Vraag het na bij de helpdesk van uw portaal.",
        },
        .contact{
            .title = "We kunnen u niet bereiken",
            .text = "Uw portaal gaf ons geen telefoonnummer van u door waar we een code naartoe kunnen sturen.",
            .advice = "Vul uw nummer in op het portaal, of vraag de helpdesk om hulp. Volg daarna de link opnieuw.",
        },
        .other{
            .title = "Dat is niet gelukt",
            .text = "Uw portaal stuurde u hierheen, maar onderweg ging er iets mis.",
            .advice = "Probeer het later opnieuw.",
        },
    },
    .forged{
        .title = "Probeer het opnieuw",
        .text = "Het formulier stond te lang open of kwam niet van deze site. Voor de zekerheid hebben we niets "
                "gewijzigd.",
        .advice = "Ga terug, laad de pagina opnieuw en probeer het nog een keer.",
    },
    .trouble{
        .bad_request{
            .title = "Dat hebben we niet begrepen",
            .text = "Iets in uw aanvraag was anders dan verwacht.",
            .advice = "Ga terug en probeer het opnieuw.",
        },
        .sign_in_needed{
            .title = "Meld u eerst aan",
            .text = "Deze pagina kunnen we alleen tonen aan wie is aangemeld.",
            .advice = "Meld u aan en probeer het dan opnieuw.",
        },
        .not_allowed{
            .title = "Hier hebt u geen toegang toe",
            .text = "Dit mag u niet, of niet meer.",
            .advice = "Denkt u dat het wel zou moeten? Vraag het na bij de site waar u vandaan kwam.",
        },
        .not_found{
            .title = "Hier is niets te vinden",
            .text = "Deze pagina bestaat niet, of niet meer.",
            .advice = "Controleer het adres, of ga terug naar de site waar u vandaan kwam.",
        },
        .method_not_allowed{
            .title = "Dat kan hier niet",
            .text = "Deze pagina kan niet op die manier worden geopend.",
            .advice = "Ga terug en gebruik de knoppen op de pagina.",
        },
        .gone{
            .title = "Dit is hier niet meer",
            .text = "Wat hier was, is al gebruikt, verlopen of weggehaald.",
            .advice = "Ga terug naar de site waar u vandaan kwam.",
        },
        .too_large{
            .title = "Dat was te veel tegelijk",
            .text = "Wat u stuurde, is groter dan we kunnen aannemen.",
            .advice = "Ga terug en probeer het met minder.",
        },
        .unsupported_format{
            .title = "Dit formaat kunnen we niet lezen",
            .text = "Wat u stuurde, had een vorm die we niet kennen.",
            .advice = "Ga terug en gebruik het formulier op de pagina.",
        },
        .not_accepted{
            .title = "Dat konden we niet aannemen",
            .text = "In wat u invulde, ontbreekt iets of past iets niet.",
            .advice = "Ga terug, kijk na wat u hebt ingevuld en probeer het opnieuw.",
        },
        .too_many_requests{
            .title = "Dat ging iets te snel",
            .text = "We kregen te veel aanvragen in korte tijd.",
            .advice = "Wacht even en probeer het dan opnieuw.",
        },
        .internal_error{
            .title = "Er ging iets mis",
            .text = "Dat ligt aan ons, niet aan u.",
            .advice = "Probeer het over enkele minuten opnieuw.",
        },
        .unavailable{
            .title = "We zijn zo terug",
            .text = "We kunnen u nu even niet helpen, maar het duurt niet lang.",
            .advice = "Probeer het over enkele minuten opnieuw.",
        },
        .other{
            .title = "Dat is niet gelukt",
            .text = "Er stond iets in de weg.",
            .advice = "Ga terug en probeer het opnieuw.",
        },
    },
};

}
