### Dutch, formal.

## Every page

badge = Beveiligd door Moorline
reference = Referentie
comma = ,{ " " }
sentence-end = .
error-in-title = Fout: { $title }
problems = Vul het volgende aan
not-now = Niet nu
back = Terug
beta = Bèta
practice = Om te oefenen
try-again = Opnieuw proberen
close-simply = Of sluit gewoon dit venster.

## The start page

start-connect = { $platform } koppelen met { $client }
start-connected = { $platform } is gekoppeld
start-reconnect = { $platform } opnieuw koppelen
start-asks = <strong>{ $client }</strong> vraagt om gegevens van <strong>{ $company }</strong> bij <strong>{ $platform }</strong> te mogen lezen.
start-asks-writes = <strong>{ $client }</strong> vraagt om gegevens van <strong>{ $company }</strong> bij <strong>{ $platform }</strong> te mogen lezen en daar te mogen wijzigen.
start-under-way = U was al op weg naar { $platform }. U kunt daar verdergaan, of het laten.
start-works = Deze koppeling werkt. Ga alleen verder als u opnieuw wilt inloggen.
start-disconnected = U hebt dit platform ontkoppeld; er worden geen nieuwe gegevens gelezen totdat u opnieuw koppelt.
start-same-business = Kies opnieuw { $business } wanneer { $platform } erom vraagt.
start-changed = Wat { $client } vraagt, is veranderd sinds u deze pagina opende. Lees het opnieuw voordat u verdergaat.
start-proceed = Doorgaan naar { $platform }
start-leave-as-is = Laten zoals het is
start-read-again = Nog eens lezen wat { $client } vraagt
start-purpose = Waarvoor het is
start-reads = Wat { $client } kan lezen
start-custom = Ook, onder de namen van { $client }
start-from-source = (uit { $source })
start-business = En { $business }.
start-writes = Wat { $client } kan wijzigen
start-adds = nieuwe toevoegen
start-changes = bestaande wijzigen
start-adds-and-changes = nieuwe toevoegen en bestaande wijzigen
start-person = Wat { $client } over u te weten komt
start-how-far = Hoe ver terug, en wanneer
start-further = Van { $name } ook:
start-lasts = Hoe lang de toegang duurt, en wat die beëindigt
start-stays = Wat daarna blijft
start-who = Wie erom vraagt
start-privacy-notice = Privacyverklaring
start-terms = Voorwaarden
start-help = Hulp
start-email = E-mail:
start-phone = Telefoon:
start-no-privacy-notice = { $client } heeft hier geen privacyverklaring opgegeven.
start-scopes = Wat { $platform } wordt gevraagd, in de eigen woorden van het platform
start-step = Stap { $step } van { $steps }
start-sign-in = Inloggen bij { $platform }
start-sign-in-there = Daar kiest u het bedrijf en gaat u akkoord met het delen van de gegevens.
start-password = U logt in bij { $platform } zelf. { $client } ziet uw wachtwoord nooit.
start-only-read = Gegevens worden gelezen, nooit gewijzigd.
start-only-named = Er wordt niets gewijzigd dan wat hierboven staat.
start-any-time = U kunt altijd ontkoppelen.
step-tick = Lees ‘{ $title }’ en vink ‘{ $confirm }’ aan.
step-name = Bevestig de naam van uw bedrijf
step-name-label = Bedrijfsnaam
step-name-hint = Zoals het bedrijf is ingeschreven. Verbeter de naam als die niet klopt.
step-name-missing = Vul de naam van uw bedrijf in.
step-name-long = Vul een naam van hoogstens { $most } tekens in; deze heeft er { $count }.
way-others = Andere manieren om te koppelen
way-sign-in = Inloggen bij { $platform }
typed-proceed = { $platform } koppelen
typed-works = Deze koppeling werkt. Ga alleen verder als u de gegevens opnieuw wilt invoeren.
typed-same-business = Gebruik opnieuw de toegang van { $business }.
typed-example = Bijvoorbeeld: { $example }
typed-missing = Vul ‘{ $label }’ in.
typed-form = ‘{ $label }’ ziet er niet goed uit.
typed-unusable = ‘{ $label }’ is te lang of bevat tekens die niet verzonden kunnen worden.
typed-refused = { $platform } heeft uw gegevens niet geaccepteerd. Er is niets gewijzigd. Controleer ze en vul wat geheim is opnieuw in.
typed-not-reached = { $platform } kon niet met uw gegevens worden bevraagd. Er is niets gewijzigd. Controleer ze of probeer het zo opnieuw.
typed-sealed = Wat u invult wordt versleuteld bewaard, alleen gebruikt voor wat hierboven staat en nooit meer getoond.
certificate-make = Certificaat maken
certificate-why = Voor deze koppeling wordt een certificaat gemaakt. De privésleutel blijft hier, versleuteld.
certificate-download = Certificaat downloaden
certificate-ends = Het is geldig tot { $date }.

## The times of reading

rhythm-once-clock = { $hours ->
    [one] Er wordt gelezen zodra u akkoord bent gegaan, daarna volgens een schema (hoogstens elk uur), en wanneer { $client } erom vraagt, totdat de toegang eindigt.
   *[other] Er wordt gelezen zodra u akkoord bent gegaan, daarna volgens een schema (hoogstens elke { $hours } uur), en wanneer { $client } erom vraagt, totdat de toegang eindigt.
}
rhythm-once = Er wordt gelezen zodra u akkoord bent gegaan, en daarna wanneer { $client } erom vraagt, totdat de toegang eindigt.
rhythm-clock = { $hours ->
    [one] Er wordt volgens een schema gelezen (hoogstens elk uur), en wanneer { $client } erom vraagt, totdat de toegang eindigt.
   *[other] Er wordt volgens een schema gelezen (hoogstens elke { $hours } uur), en wanneer { $client } erom vraagt, totdat de toegang eindigt.
}
rhythm-asked = Er wordt gelezen wanneer { $client } erom vraagt, totdat de toegang eindigt.

## The disclosure

business-read = de naam van het bedrijf bij { $platform } en het nummer daar
purpose-unstated = { $client } heeft hier niet aangegeven waarvoor de gegevens worden gebruikt. Weet u het niet, vraag het dan aan { $client } voordat u akkoord gaat.
history-months = { $count ->
    [one] de laatste maand
   *[other] de laatste { $count } maanden
}
history-since = sinds { $date }
history-all = alles wat er is
access-until-ended = De toegang duurt totdat die wordt beëindigd.
access-days = De toegang duurt hoogstens { $time }; daarna moet { $client } het u opnieuw vragen.
access-unused = Wordt de toegang { $time } niet gebruikt, dan beëindigt { $platform } die.
access-ends-there-too = U kunt altijd ontkoppelen: waar { $client } uw koppelingen toont, of door het { $client } te vragen. De toegang wordt dan ook bij { $platform } ingetrokken.
access-ends-with-last = U kunt altijd ontkoppelen: waar { $client } uw koppelingen toont, of door het { $client } te vragen. De toegang wordt bij { $platform } ingetrokken zodra het laatste van de bedrijven die u ermee koppelt, is ontkoppeld.
access-stays-listed = U kunt altijd ontkoppelen: waar { $client } uw koppelingen toont, of door het { $client } te vragen. { $platform } kan dit niet vernemen: { $client } blijft daar misschien vermeld totdat u de vermelding verwijdert.
access-erased = U kunt altijd ontkoppelen: waar { $client } uw koppelingen toont, of door het { $client } te vragen. Wat ervoor is ingevuld of gemaakt, wordt dan hier gewist. { $platform } kan dit niet vernemen: doe het volgende om de toegang ook daar te beëindigen.
access-taken-back = U kunt de toegang ook bij { $platform } zelf intrekken.
stays-not = { $client } verwijdert de gegevens zodra de toegang is beëindigd.
stays-days = { $client } bewaart de gegevens nog { $time } nadat de toegang is beëindigd.
stays-unstated = Na het einde van de toegang worden geen nieuwe gegevens gelezen. Wat tot dan toe is gelezen, blijft bij { $client }; hoe lang, staat hier niet: vraag { $client } om het te verwijderen.
span-none = meteen
span-days = { $count ->
    [one] 1 dag
   *[other] { $count } dagen
}
span-years = { $count ->
    [one] 1 jaar
   *[other] { $count } jaar
}
missing-reads = { $names } lezen
missing-history = { $names } van verder terug lezen
missing-writes = { $names } toevoegen of wijzigen

## Kinds of data, and data types

group-business = Bedrijfsgegevens
group-books = Rekeningen en boekhouding
group-sales = Verkoop
group-purchases = Inkoop
group-bank = Bankrekeningen
group-reports = Rapporten
group-shop = Winkel
group-orders = Bestellingen en betalingen
type-company = contactgegevens
type-tax-rates = belastingtarieven
type-payment-methods = betaalwijzen
type-chart-of-accounts = rekeningschema
type-journal-entries = journaalposten
type-journals = dagboeken
type-account-transactions = boekingen per rekening
type-tracking-categories = kostenplaatsen en categorieën
type-transfers = overboekingen
type-customers = klanten
type-invoices = verkoopfacturen
type-credit-notes = creditnota’s
type-payments = ontvangen betalingen
type-direct-incomes = directe inkomsten
type-sales-orders = verkooporders
type-items = artikelen
type-suppliers = leveranciers
type-bills = inkoopfacturen
type-bill-credit-notes = creditnota’s van leveranciers
type-bill-payments = betalingen aan leveranciers
type-direct-costs = directe uitgaven
type-item-receipts = ontvangen goederen
type-purchase-orders = inkooporders
type-bank-accounts = bankrekeningen
type-bank-transactions = banktransacties
type-account-balances = saldi
type-transaction-categories = transactiecategorieën
type-balance-sheet = balans
type-profit-and-loss = winst en verlies
type-cash-flow-statement = kasstroom
type-locations = locaties
type-products = producten
type-product-categories = productcategorieën
type-commerce-customers = klanten
type-orders = bestellingen
type-commerce-payments = betalingen
type-transactions = uitbetalingen
type-disputes = betwiste betalingen
detail-identifier = het nummer van uw account daar
detail-profile = uw naam en profiel
detail-email = uw e-mailadres
detail-phone = uw telefoonnummer
detail-address = uw postadres

## The overview

overview-title = Koppelingen van { $company }
overview-heading = Koppel uw platforms
overview-asks = <strong>{ $client }</strong> vraagt om gegevens van <strong>{ $company }</strong>. Kies waar u die bewaart. Voordat er iets wordt gedeeld, ziet u wat daar wordt gelezen en of er iets wordt gewijzigd.
overview-yours = Uw koppelingen
overview-reconnect = Opnieuw koppelen
overview-choose = Kies een platform
overview-another = Nog een koppelen
overview-none = { $client } biedt op dit moment geen platform aan. Laat het { $client } weten, of kom later terug.
overview-not-listed = Mijn platform staat er niet bij
overview-which = Welk platform gebruikt u?
overview-tell = Laten weten aan { $client }
overview-back = Terug naar { $client }
overview-closed = { $platform } is gekoppeld. Een bedrijf kan maar één boekhouding tegelijk koppelen: ontkoppel eerst { $platform } om te wisselen.
overview-connected = Gekoppeld
overview-connected-since = Gekoppeld sinds { $date }
overview-disconnected = Ontkoppeld
overview-nothing-new = Er worden geen nieuwe gegevens gelezen.
kind-accounting = Boekhouding
kind-accounting-has = Facturen, rekeningen, klanten, leveranciers en rapporten
kind-banking = Bank
kind-banking-has = Rekeningen, saldi en transacties
kind-commerce = Handel
kind-commerce-has = Bestellingen, producten, betalingen en uitbetalingen
attention = Vraagt aandacht
attention-expired = Uw toestemming bij { $platform } is verlopen.
attention-lost = De toegang tot { $platform } is aan onze kant verloren gegaan.
attention-ended = { $platform } staat de toegang niet meer toe.

## The choice of a business

choose-title = Kies een bedrijf
choose-heading = Welk bedrijf wilt u koppelen?
choose-given = { $count ->
    [one] U hebt bij <strong>{ $platform }</strong> toegang gegeven tot { $count } bedrijf. <strong>{ $client }</strong> leest de gegevens ervan als die van <strong>{ $company }</strong>.
   *[other] U hebt bij <strong>{ $platform }</strong> toegang gegeven tot { $count } bedrijven. <strong>{ $client }</strong> leest de gegevens van een daarvan als die van <strong>{ $company }</strong>.
}
choose-legend = Bedrijf
choose-before = Eerder gekoppeld
choose-number = Nummer eindigt op { $end }
choose-proceed = Dit bedrijf koppelen
choose-missing = Kies een van de bedrijven.
choose-lacks = Deze gebruiker mag niet alles zien
choose-lacks-why = { $client } vraagt om meer dan de gebruiker die bij { $platform } is aangemeld mag zien. Deze rechten ontbreken:
choose-lacks-then = Vraag een beheerder van { $platform } om deze rechten en controleer opnieuw. Of koppel zonder: wat de gebruiker niet mag zien, blijft weg.
choose-lacks-again = Opnieuw controleren
several-title = Kies bedrijven
several-heading = Welke bedrijven wilt u koppelen?
several-given = { $count ->
    [one] U gaf bij <strong>{ $platform }</strong> toegang tot { $count } bedrijf. Elk bedrijf dat aangevinkt blijft, wordt apart met <strong>{ $client }</strong> gedeeld: u kunt er een loskoppelen en de andere behouden. De toegang bij <strong>{ $platform }</strong> zelf wordt teruggegeven als het laatste wordt losgekoppeld.
   *[other] U gaf bij <strong>{ $platform }</strong> toegang tot { $count } bedrijven. Elk bedrijf dat aangevinkt blijft, wordt apart met <strong>{ $client }</strong> gedeeld: u kunt er een loskoppelen en de andere behouden. De toegang bij <strong>{ $platform }</strong> zelf wordt teruggegeven als het laatste wordt losgekoppeld.
}
several-legend = Bedrijven
several-connected = Al gekoppeld
several-proceed = Aangevinkte koppelen
several-missing = Vink ten minste één bedrijf aan.
several-again = Sommige van deze bedrijven waren al eens gekoppeld. Koppel elk daarvan opnieuw vanuit de eigen koppeling bij { $client }, zodat het dezelfde koppeling blijft.
several-most = Vink hoogstens { $most } bedrijven aan: meer kunnen er niet tegelijk worden gekoppeld.
twice-heading = { $business } is al gekoppeld
twice-shares = <strong>{ $business }</strong> deelt gegevens van { $platform } met <strong>{ $client }</strong>. Er is nog niets gewijzigd.
twice-shares-since = <strong>{ $business }</strong> deelt sinds { $date } gegevens van { $platform } met <strong>{ $client }</strong>. Er is nog niets gewijzigd.
twice-leave = Laten zoals het is
twice-other = Een ander bedrijf bij { $platform } kiezen
twice-again = Een tweede keer koppelen
twice-then = Een tweede keer gekoppeld, ontvangt { $client } dezelfde gegevens dubbel.
different-title = Er is een ander bedrijf gekozen
different-heading = Dat is een ander bedrijf
different-chosen = Deze koppeling is van <strong>{ $before }</strong>. Bij { $platform } koos u <strong>{ $now }</strong>. Er is nog niets gewijzigd.
different-another = een ander bedrijf
different-occupied = { $platform } is gekoppeld, en een bedrijf kan maar één boekhouding tegelijk koppelen. Ontkoppel eerst { $platform } om { $now } te koppelen.
different-back = Teruggaan en { $before } kiezen
different-new = { $now } als nieuwe koppeling toevoegen
different-leave = Alles laten zoals het was
different-then = Als nieuwe koppeling deelt ook { $now } gegevens met { $client }. De koppeling van { $before } blijft zoals die is.

## Endings

end-why = Waarom
end-why-refused = { $platform } heeft de aanmelding niet geaccepteerd. Begin opnieuw.
end-why-changed = Er is intussen iets anders gekoppeld of veranderd. Bekijk uw koppelingen en probeer het dan opnieuw.
end-why-late = De aanmelding duurde langer dan een uur, of er is een uur lang geen bedrijf gekozen. Koppel opnieuw.
end-why-unreachable = { $platform } was niet bereikbaar, of gaf een onleesbaar antwoord. Wacht even en probeer het dan opnieuw.
end-why-unconfirmed = { $client } heeft niet op tijd bevestigd dat u het was, dus er is niets gedeeld. Begin opnieuw vanuit { $client }.
end-why-other = Er ging onderweg iets mis. Blijft het gebeuren, geef dan de referentie hieronder door.
end-overview = Al uw koppelingen bekijken
end-linked = { $platform } is gekoppeld
end-shares = { $business } deelt nu gegevens van { $platform } met { $client }.
end-shares-several = { $businesses } delen hun gegevens van { $platform } nu met { $client }.
end-sharing = Bekijken wat u deelt, of ermee stoppen
end-receipt = Uw bewijs bekijken
end-done = U bent klaar en kunt dit venster sluiten.
end-left-out = { $platform } stond niet alles toe waar { $client } om vroeg. Voorlopig weggelaten: { $parts }.
end-unchanged = Er is niets gewijzigd
end-stays = { $platform } blijft gekoppeld zoals het was.
end-not-connected = { $platform } is niet gekoppeld, en er is niets gedeeld met { $client }.
end-after-all = { $platform } toch koppelen
end-nothing-new = Er is niets nieuws gedeeld met { $client }.
end-held = Nog één stap
end-held-until = { $client } moet bevestigen dat u het was. Ga terug naar { $client } en rond het daar af. Tot dan, en zonder dat, wordt er niets gedeeld.
end-cancelled = U hebt geannuleerd
end-not-allowed = U hebt bij { $platform } geen toegang gegeven, dus er is niets gedeeld met { $client }.
end-failed = { $platform } kon niet worden gekoppeld
end-failed-again = Er is niets gedeeld met { $client }. U kunt het nu opnieuw proberen, of later.
end-not-yours = Er is niets gedeeld met { $client }, en bij u is alles in orde.
end-tell-client = { $client } is bij { $platform } niet goed ingesteld. Laat het { $client } weten: alleen zij kunnen het verhelpen, en tot dan helpt opnieuw proberen niet.
end-not-supported = Uw platform wordt nog niet ondersteund
end-tell-platform = Er is niets gedeeld. Laat { $client } weten welk platform u gebruikt: misschien kunt u op een andere manier delen wat er nodig is.
end-told-platform = Er is niets gedeeld. { $client } weet nu dat u { $platform } gebruikt: misschien kunt u op een andere manier delen wat er nodig is.
end-to-list = Terug naar de lijst van platforms
end-go-on = Sluit dit venster om verder te gaan bij { $client }.

## Setting up a program that calls

approval-needed = Moet een beheerder dit eerst goedkeuren?
approval-words = Als { $platform } om goedkeuring van een beheerder vraagt, kopieer dan deze link en stuur die naar uw beheerder. Er worden geen gegevens mee gedeeld. Zodra het is goedgekeurd, koppelt u hier.
approval-link = Link voor uw beheerder
approval-given = Goedgekeurd
approval-given-then = De persoon die u de link stuurde, kan { $platform } nu koppelen. Hiermee is niets gedeeld.
approval-refused = Niet goedgekeurd
approval-refused-then = { $platform } meldt geen goedkeuring. Er is niets veranderd; u kunt de link opnieuw openen.
end-why-approval = { $platform } wil dat een beheerder dit eerst goedkeurt.
machine-next = Op de volgende pagina krijgt u een bestand en een wachtwoord, met de stappen om { $program } in te stellen op de computer waarop { $platform } draait.
machine-proceed = Doorgaan naar het instellen
machine-password = U geeft { $program } een wachtwoord dat alleen daarvoor is gemaakt. { $client } ziet uw eigen wachtwoorden voor { $platform } nooit.
machine-under-way = U was al met dit instellen begonnen. Als u doorgaat, krijgt u een nieuw wachtwoord en vervalt het oude.
machine-works = Deze koppeling werkt. Ga alleen verder als u { $program } opnieuw wilt instellen.
machine-same-business = Gebruik opnieuw het bedrijfsbestand van { $business }.
setup-heading = { $program } instellen
setup-lead = <strong>{ $client }</strong> leest de boeken van <strong>{ $company }</strong> via { $program }, een programma op de computer waarop { $platform } draait. Laat deze pagina open en doe dit op die computer.
setup-get = { $program } ophalen
setup-get-words = Installeer het op de computer met { $platform }, als het daar nog niet is:
setup-file = Het instelbestand toevoegen
setup-file-words = Open het bedrijfsbestand in { $platform } als beheerder en open daarna dit bestand in { $program }. { $platform } vraagt of de boeken gelezen mogen worden: sta het altijd toe, ook als { $platform } gesloten is.
setup-file-get = Instelbestand downloaden
setup-password = Het wachtwoord invoeren
setup-password-words = { $program } vraagt er één keer om en kan het onthouden:
setup-password-once = Het wordt alleen nu getoond. Kopieer het voordat u verdergaat.
setup-update = Voor het eerst bijwerken
setup-update-words = Vink in { $program } de nieuwe regel aan, werk die één keer bij en zet automatisch uitvoeren aan, zodat de boeken regelmatig gelezen worden.
setup-done = Ik heb dit allemaal gedaan
setup-waiting = Wachten op de eerste oproep
setup-waiting-words = { $program } heeft de eerste oproep nog niet afgerond. Deze pagina kijkt vanzelf opnieuw en gaat verder zodra dat zo is. U kunt haar sluiten: de verbinding komt er toch.
setup-trouble = Er staat iets in de weg
setup-again = Hebt u het wachtwoord niet meer, open dan de link van { $client } opnieuw in deze browser: u krijgt een nieuw, en het oude geldt niet meer.
setup-user = Gebruikersnaam:

## Trouble

trouble-broken = Er ging iets mis aan onze kant
trouble-wait = Wacht even en probeer het opnieuw. Blijft het gebeuren, geef dan de referentie hieronder door.
trouble-gone = Deze link werkt niet meer
trouble-gone-once = Een link als deze werkt één keer, en één dag.
trouble-gone-then = Ga terug naar de app of het bericht waar de link vandaan komt, en vraag om een nieuwe.
trouble-spent = Deze link is al gebruikt
trouble-spent-once = Elke link werkt één keer. Bent u klaar met koppelen, dan kunt u dit venster sluiten.
trouble-spent-then = Ga anders terug naar { $client } en begin opnieuw: daar krijgt u een nieuwe link.
trouble-see = Uw koppelingen bekijken
trouble-no-result = Deze pagina kan niet meer worden getoond
trouble-no-result-why = Een uur lang en in één browser stond hier hoe uw koppeling was afgelopen.
trouble-close = U kunt dit venster sluiten.
trouble-working = We zijn er nog mee bezig
trouble-working-why = Het platform doet er langer over dan anders om te antwoorden. Uw koppeling wordt afgerond, ook als u weggaat.
trouble-working-then = Deze pagina laadt vanzelf opnieuw en toont dan hoe het is afgelopen. U kunt haar ook zelf opnieuw laden.
trouble-long = Dat duurde te lang
trouble-long-then = Wacht even, ga dan terug en probeer het opnieuw.
trouble-foreign = Dit kwam van een andere pagina
trouble-foreign-safe = Voor uw veiligheid is er niets gewijzigd.
trouble-foreign-then = Open de link die u hebt gekregen, en ga vandaar verder.
trouble-much = Dat was te veel tekst
trouble-much-then = Ga terug, vul minder in en probeer het opnieuw.
trouble-second = U bent al gekoppeld
trouble-second-why = { $platform } is gekoppeld, en een bedrijf kan maar één boekhouding tegelijk koppelen. Er is niets gewijzigd.
trouble-second-then = Wilt u een andere gebruiken, ontkoppel dan eerst { $platform } en vraag { $client } om een nieuwe link.
trouble-not-ready = { $platform } is nog niet klaar
trouble-not-ready-why = { $client } heeft de koppeling met { $platform } nog niet helemaal ingesteld.
trouble-not-ready-then = Laat het { $client } weten en probeer het later opnieuw: uw link blijft een dag geldig.
trouble-no-choice = Dat kan nu niet worden gekozen
trouble-no-choice-then = Wat u hebt gekozen, wordt niet meer aangeboden. Ga terug, laad de pagina opnieuw en kies iets anders.
trouble-raced = Er is intussen iets veranderd
trouble-raced-then = Er is niets gedeeld. Open uw link opnieuw.
trouble-unknown = We weten niet waar dit bij hoort
trouble-unknown-why = U komt terug van een platform, maar er wacht geen koppeling op u. Hebt u een pagina opnieuw geladen waarop stond dat u gekoppeld bent, dan bent u dat.
trouble-unknown-then = Ga anders terug naar de app waar u vandaan komt, en begin opnieuw.
trouble-browser = Ga verder waar u begonnen bent
trouble-nothing = Er is niets gewijzigd en niets gedeeld.
trouble-browser-then = Om u te beschermen moet een koppeling worden afgerond in de browser waarin zij is begonnen, met cookies toegestaan. Ga terug naar de app waar u vandaan komt, en begin opnieuw in deze browser.
trouble-over = Deze aanmelding is voorbij
trouble-over-why = Zij was al afgerond, of duurde langer dan een uur. Er is verder niets gewijzigd.
trouble-over-then = Is uw platform niet gekoppeld, ga dan terug naar de app waar u vandaan komt, en begin opnieuw.

## The owner's own door

door-title = Wat { $company } deelt
door-heading = Wat { $company } deelt met { $client }
door-lead = Bekijk elke koppeling, sinds wanneer die er is en wanneer die het laatst is gebruikt. U kunt hier ontkoppelen, en { $client } om uw gegevens of om verwijdering ervan vragen.
door-open = Tonen
door-one-browser = Alleen deze browser kan de link dan gebruiken, één dag lang.
sharing-lead = Dit is alles wat <strong>{ $company }</strong> hier deelt met <strong>{ $client }</strong>.
sharing-connections = Koppelingen
sharing-nothing = Er wordt en werd niets gedeeld met { $client }.
sharing-shared = Wordt gedeeld
sharing-disconnected = Ontkoppeld: er worden geen nieuwe gegevens gelezen
sharing-since = Voor het eerst gekoppeld op { $date }
sharing-last-read = Laatst gelezen op { $date }
sharing-never-read = Nog niet gelezen
sharing-reads = Wat wordt gelezen, en waarvoor
sharing-reads-and-writes = Wat wordt gelezen en gewijzigd, en waarvoor
sharing-can-change = Kan worden gewijzigd
sharing-further = Daarnaast toestemming gegeven op { $date }:
sharing-disconnect = Ontkoppelen
sharing-yours = Uw gegevens bij { $client }
sharing-a-month = { $client } antwoordt binnen een maand.
sharing-ask-copy = Om een kopie van uw gegevens vragen
sharing-ask-deletion = Om verwijdering van uw gegevens vragen
request-copy = Een kopie van uw gegevens
request-deletion = De verwijdering van uw gegevens
request-open = Gevraagd op { $date }, te beantwoorden uiterlijk op { $due }
request-done = Gedaan op { $date }
request-refused = Geweigerd op { $date }
confirm-disconnect = { $platform } ontkoppelen?
confirm-given-back = { $client } leest geen nieuwe gegevens meer van { $platform }, en de toegang wordt daar ingetrokken.
confirm-shared = { $client } leest geen nieuwe gegevens van dit bedrijf meer van { $platform }. Andere bedrijven delen de toegang daar: die wordt ingetrokken zodra het laatste ervan is ontkoppeld.
confirm-stays-listed = { $client } leest geen nieuwe gegevens meer van { $platform }. { $platform } blijft de toegang vermelden totdat u die daar verwijdert.
confirm-stays = Wat { $client } tot nu toe heeft gelezen, blijft daar, tenzij u om verwijdering vraagt.
confirm-files = Alle bestanden die hier zijn geüpload, worden direct verwijderd, en { $client } kan ze niet meer lezen.
confirm-disconnect-go = { $platform } ontkoppelen
confirm-deletion = Om verwijdering van uw gegevens vragen?
confirm-deletion-asks = { $client } wordt gevraagd te verwijderen wat van { $company } is gelezen, en u binnen een maand te antwoorden.
confirm-deletion-stays = Koppelingen blijven totdat u ze ontkoppelt, of totdat ze met de gegevens worden verwijderd.
confirm-deletion-go = Om verwijdering vragen

## The receipt

receipt-title = Uw bewijs
receipt-lead = De toegang tot { $platform } die aan <strong>{ $client }</strong> is gegeven, zoals die is vastgelegd.
receipt-print = Druk deze pagina af of bewaar haar. Het ondertekende bewijs toont aan dat de vastlegging echt is, zonder het iemand te vragen.
receipt-save = Het ondertekende bewijs bewaren
receipt-name = Bewijs
receipt-time = { $date }, { $time } UTC
receipt-state = Stand
receipt-in-force = Gegeven en van kracht
receipt-withdrawn = Ingetrokken door u of uw bedrijf
receipt-revoked = Beëindigd
receipt-expired = Beëindigd: de tijd was om
receipt-given = Gegeven
receipt-given-again = Opnieuw gegeven
receipt-ended = Beëindigd
receipt-ended-customer = { $time }, door u of uw bedrijf
receipt-ended-client = { $time }, door het bedrijf waaraan u die gaf
receipt-ended-platform = { $time }, bij het platform
receipt-ended-service = { $time }, door de dienst die dit vastlegt
receipt-given-to = Gegeven aan
receipt-company = Uw bedrijf
receipt-business = Bedrijf bij het platform
receipt-given-by = Gegeven door
receipt-platform = Platform
receipt-purpose = Doel
receipt-further = Later mee ingestemd
receipt-read = Wordt gelezen
receipt-written = Wordt gewijzigd
receipt-how-long = Hoe lang
receipt-ends-on = Eindigt op
receipt-what-ends = Wat die beëindigt
receipt-what-stays = Wat blijft
receipt-how = Hoe die is gegeven
receipt-hosted-page = op een pagina van deze dienst
receipt-privacy-notice = Privacyverklaring

## The front page

front-lead = Via dit adres koppelen bedrijven hun boekhouding, bank en winkel met de ondernemingen waarmee zij gegevens willen delen.
front-asked = Is u gevraagd om de uwe te koppelen? Open de link in het bericht dat u kreeg: daarin staat wie erom vraagt, en wat er wordt gevraagd.
front-software = Schrijft u software voor deze API? <a href="/reference">De referentie</a> bevat elke bewerking; <a href="/openapi.json">het document</a> is voor hulpmiddelen.
front-version = Versie { $version }

## Uploading files

upload-accounting = Boekhoudstukken uploaden
upload-banking = Bankafschriften uploaden
upload-documents = Bedrijfsdocumenten uploaden
kind-documents = Bedrijfsdocumenten
kind-documents-has = Documenten die in geen enkel platform staan, zoals contracten of een ondernemingsplan
upload-asks = <strong>{ $client }</strong> vraagt om documenten van <strong>{ $company }</strong>.
upload-label = Bestanden
upload-rules = Maximaal { $count } tegelijk, van hoogstens 10 MB elk: { $types }.
upload-send = Uploaden
upload-there = Eerder geüpload
upload-kept = Uw bestanden worden versleuteld bewaard, zodat { $client } ze kan lezen. Bij het verbreken van de verbinding worden ze verwijderd.
upload-problem = Er is niets geüpload
upload-no-file = Kies een bestand.
upload-too-many = Kies hoogstens { $count } bestanden.
upload-name = De naam van een bestand ontbreekt of is te lang. Wijzig de naam en kies het bestand opnieuw.
upload-type = { $name } is van een type dat niet wordt aangenomen.
upload-empty = { $name } is leeg.
upload-large = { $name } is groter dan 10 MB.
upload-content = { $name } is niet van het type dat de naam aangeeft. Sla het bestand op als dat type en kies het opnieuw.
upload-infected = In { $name } is een virus gevonden. Verwijder het bestand van uw apparaat voordat u verdergaat.
upload-unscanned = Bestanden kunnen op dit moment niet op virussen worden gecontroleerd. Probeer het over enkele minuten opnieuw.
upload-no-room = Er is geen ruimte voor meer bestanden. Laat dit { $client } weten.
upload-busy = Op dit moment worden andere bestanden van uw bedrijf geüpload. Probeer het opnieuw zodra die er zijn.
upload-cut = Het uploaden is onderbroken. Kies uw bestanden opnieuw.
upload-done = Uw bestanden zijn geüpload
upload-done-then = { $client } kan ze nu lezen. Bij het verbreken van de verbinding worden ze verwijderd.
upload-more = Meer uploaden
