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
        .title = "Kijk in uw mailbox",
        .sent = "We hebben een code gestuurd naar {email}.",
        .asks = "{partner} vraagt om een koppeling met uw account.",
        .meaning = "Met de code gaat u ermee akkoord dat deze partner u mag aanmelden en uw profiel mag bijwerken.",
        .label = "Code uit de e-mail",
        .format = "De cijfers uit de e-mail, zonder spaties",
        .submit = "Akkoord en aanmelden",
        .no_mail = "De code is enkele minuten geldig. Vindt u de e-mail niet? Kijk dan ook bij uw ongewenste e-mail.",
        .unwanted = "Hebt u hier niet om gevraagd? Sluit dan gewoon deze pagina. Aan uw account verandert niets.",
        .wrong = "Deze code klopt niet of is niet meer geldig. Neem de code uit de laatste e-mail.",
        .no_more_tries = "Te veel verkeerde codes",
        .start_again = "Om uw account te beschermen, aanvaarden we voorlopig geen codes meer. Over ongeveer een uur "
                       "kunt u teruggaan naar {partner} en opnieuw beginnen.",
    },
    .signed_out{
        .title = "U bent afgemeld",
        .text = "Tot ziens!",
        .advice = "U kunt deze pagina nu sluiten.",
    },
    .not_signed_in{
        .title = "U bent niet aangemeld",
        .text = "Misschien was u een tijdje weg: dan beëindigen we de sessie, zodat uw account veilig blijft.",
        .advice = "Ga terug naar de site waar u vandaan kwam en meld u daar opnieuw aan.",
    },
    .link_unusable{
        .title = "Deze link werkt niet meer",
        .text = "Een aanmeldlink is enkele minuten geldig en werkt maar één keer. Deze link is al gebruikt, verlopen "
                "of onvolledig.",
        .advice = "Ga terug naar de site waar u vandaan kwam en vraag daar een nieuwe aan.",
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
