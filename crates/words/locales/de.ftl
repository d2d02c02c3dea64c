### German, formal.

## Every page

badge = Gesichert durch Moorline
reference = Referenz
comma = ,{ " " }
sentence-end = .
error-in-title = Fehler: { $title }
problems = Bitte ergänzen Sie Folgendes
not-now = Nicht jetzt
back = Zurück
beta = Beta
practice = Zum Üben
try-again = Erneut versuchen
close-simply = Oder schließen Sie einfach dieses Fenster.

## The start page

start-connect = { $platform } mit { $client } verbinden
start-connected = { $platform } ist verbunden
start-reconnect = { $platform } erneut verbinden
start-asks = <strong>{ $client }</strong> bittet darum, Daten von <strong>{ $company }</strong> bei <strong>{ $platform }</strong> lesen zu dürfen.
start-asks-writes = <strong>{ $client }</strong> bittet darum, Daten von <strong>{ $company }</strong> bei <strong>{ $platform }</strong> lesen und dort ändern zu dürfen.
start-under-way = Sie waren schon auf dem Weg zu { $platform }. Sie können dort weitermachen oder es lassen.
start-works = Diese Verbindung funktioniert. Fahren Sie nur fort, wenn Sie sich erneut anmelden möchten.
start-disconnected = Sie haben diese Verbindung getrennt; neue Daten werden erst wieder gelesen, wenn Sie sie erneut verbinden.
start-same-business = Wählen Sie wieder { $business }, wenn { $platform } danach fragt.
start-changed = Worum { $client } bittet, hat sich geändert, seit Sie diese Seite geöffnet haben. Bitte lesen Sie es noch einmal, bevor Sie fortfahren.
start-proceed = Weiter zu { $platform }
start-leave-as-is = So lassen, wie es ist
start-read-again = Noch einmal lesen, worum { $client } bittet
start-purpose = Wofür
start-reads = Was { $client } lesen kann
start-custom = Außerdem, mit den Namen von { $client }
start-from-source = (aus { $source })
start-business = Und { $business }.
start-writes = Was { $client } ändern kann
start-adds = neue anlegen
start-changes = vorhandene ändern
start-adds-and-changes = neue anlegen und vorhandene ändern
start-person = Was { $client } über Sie erfährt
start-how-far = Wie weit zurück und wann
start-further = Zu { $name } außerdem:
start-lasts = Wie lange der Zugriff gilt und was ihn beendet
start-stays = Was danach bleibt
start-who = Wer darum bittet
start-privacy-notice = Datenschutzhinweise
start-terms = Bedingungen
start-help = Hilfe
start-email = E-Mail:
start-phone = Telefon:
start-no-privacy-notice = { $client } hat hier keine Datenschutzhinweise hinterlegt.
start-scopes = Worum { $platform } gebeten wird, in den Worten der Plattform
start-step = Schritt { $step } von { $steps }
start-sign-in = Bei { $platform } anmelden
start-sign-in-there = Dort wählen Sie das Unternehmen aus und stimmen zu, seine Daten zu teilen.
start-password = Sie melden sich bei { $platform } selbst an. { $client } sieht Ihr Passwort nie.
start-only-read = Daten werden gelesen, nie geändert.
start-only-named = Geändert wird nur, was oben genannt ist.
start-any-time = Sie können die Verbindung jederzeit trennen.
step-tick = Lesen Sie „{ $title }“ und bestätigen Sie „{ $confirm }“.
step-name = Bestätigen Sie den Namen Ihres Unternehmens
step-name-label = Name des Unternehmens
step-name-hint = So, wie es eingetragen ist. Berichtigen Sie ihn, wenn er nicht stimmt.
step-name-missing = Geben Sie den Namen Ihres Unternehmens ein.
step-name-long = Geben Sie einen Namen mit höchstens { $most } Zeichen ein; dieser hat { $count }.
way-others = Andere Wege der Verbindung
way-sign-in = Bei { $platform } anmelden
typed-proceed = { $platform } verbinden
typed-works = Diese Verbindung funktioniert. Fahren Sie nur fort, wenn Sie die Angaben neu eingeben möchten.
typed-same-business = Verwenden Sie wieder den Zugang von { $business }.
typed-example = Zum Beispiel: { $example }
typed-missing = Geben Sie „{ $label }“ ein.
typed-form = „{ $label }“ sieht nicht richtig aus.
typed-unusable = „{ $label }“ ist zu lang oder enthält Zeichen, die nicht gesendet werden können.
typed-refused = { $platform } hat Ihre Angaben nicht angenommen. Es wurde nichts geändert. Prüfen Sie sie, und geben Sie Geheimes erneut ein.
typed-not-reached = { $platform } konnte zu Ihren Angaben nicht befragt werden. Es wurde nichts geändert. Prüfen Sie sie, oder versuchen Sie es gleich noch einmal.
typed-sealed = Ihre Angaben werden verschlüsselt aufbewahrt, nur für das oben Genannte verwendet und nie wieder angezeigt.
certificate-make = Zertifikat erstellen
certificate-why = Für diese Verbindung wird ein Zertifikat erstellt. Sein privater Schlüssel bleibt verschlüsselt hier.
certificate-download = Zertifikat herunterladen
certificate-ends = Es gilt bis { $date }.

## The times of reading

rhythm-once-clock = { $hours ->
    [one] Gelesen wird, sobald Sie zugestimmt haben, dann nach Zeitplan (höchstens jede Stunde) und wann immer { $client } es anfordert, bis der Zugriff endet.
   *[other] Gelesen wird, sobald Sie zugestimmt haben, dann nach Zeitplan (höchstens alle { $hours } Stunden) und wann immer { $client } es anfordert, bis der Zugriff endet.
}
rhythm-once = Gelesen wird, sobald Sie zugestimmt haben, und danach, wann immer { $client } es anfordert, bis der Zugriff endet.
rhythm-clock = { $hours ->
    [one] Gelesen wird nach Zeitplan (höchstens jede Stunde) und wann immer { $client } es anfordert, bis der Zugriff endet.
   *[other] Gelesen wird nach Zeitplan (höchstens alle { $hours } Stunden) und wann immer { $client } es anfordert, bis der Zugriff endet.
}
rhythm-asked = Gelesen wird, wann immer { $client } es anfordert, bis der Zugriff endet.

## The disclosure

business-read = den Namen des Unternehmens bei { $platform } und seine Nummer dort
purpose-unstated = { $client } hat hier nicht angegeben, wofür die Daten verwendet werden. Fragen Sie { $client }, bevor Sie zustimmen, wenn Sie es nicht wissen.
history-months = { $count ->
    [one] der letzte Monat
   *[other] die letzten { $count } Monate
}
history-since = seit { $date }
history-all = alles, was vorhanden ist
access-until-ended = Der Zugriff gilt, bis er beendet wird.
access-days = Der Zugriff gilt höchstens { $time }; danach muss { $client } Sie erneut fragen.
access-unused = Wird er { $time } lang nicht genutzt, beendet { $platform } ihn.
access-ends-there-too = Sie können die Verbindung jederzeit trennen: dort, wo { $client } Ihnen Ihre Verbindungen zeigt, oder indem Sie { $client } darum bitten. Der Zugriff wird dann auch bei { $platform } widerrufen.
access-ends-with-last = Sie können die Verbindung jederzeit trennen: dort, wo { $client } Ihnen Ihre Verbindungen zeigt, oder indem Sie { $client } darum bitten. Bei { $platform } wird der Zugriff widerrufen, sobald das letzte der damit verbundenen Unternehmen getrennt ist.
access-stays-listed = Sie können die Verbindung jederzeit trennen: dort, wo { $client } Ihnen Ihre Verbindungen zeigt, oder indem Sie { $client } darum bitten. { $platform } kann davon nicht erfahren und führt { $client } vielleicht weiter auf, bis Sie den Eintrag dort entfernen.
access-erased = Sie können die Verbindung jederzeit trennen: dort, wo { $client } Ihnen Ihre Verbindungen zeigt, oder indem Sie { $client } darum bitten. Was dafür eingegeben oder erstellt wurde, wird dann hier gelöscht. { $platform } kann davon nicht erfahren: Um den Zugang auch dort zu beenden, tun Sie Folgendes.
access-taken-back = Sie können den Zugriff auch bei { $platform } selbst zurücknehmen.
stays-not = { $client } löscht die Daten, sobald der Zugriff beendet ist.
stays-days = { $client } bewahrt die Daten nach dem Ende des Zugriffs noch { $time } lang auf.
stays-unstated = Nach dem Ende des Zugriffs werden keine neuen Daten gelesen. Was bis dahin gelesen wurde, bleibt bei { $client }. Wie lange, ist hier nicht angegeben: Bitten Sie { $client } um Löschung.
span-none = sofort
span-days = { $count ->
    [one] 1 Tag
   *[other] { $count } Tage
}
span-years = { $count ->
    [one] 1 Jahr
   *[other] { $count } Jahre
}
missing-reads = { $names } lesen
missing-history = { $names } von weiter zurück lesen
missing-writes = { $names } anlegen oder ändern

## Kinds of data, and data types

group-business = Angaben zum Unternehmen
group-books = Konten und Buchhaltung
group-sales = Verkauf
group-purchases = Einkauf
group-bank = Bankkonten
group-reports = Berichte
group-shop = Shop
group-orders = Bestellungen und Zahlungen
type-company = Kontaktdaten
type-tax-rates = Steuersätze
type-payment-methods = Zahlungsarten
type-chart-of-accounts = Kontenplan
type-journal-entries = Buchungssätze
type-journals = Journale
type-account-transactions = Kontobewegungen
type-tracking-categories = Kostenstellen und Kategorien
type-transfers = Umbuchungen
type-customers = Kunden
type-invoices = Rechnungen
type-credit-notes = Gutschriften
type-payments = erhaltene Zahlungen
type-direct-incomes = direkte Einnahmen
type-sales-orders = Aufträge
type-items = Artikel
type-suppliers = Lieferanten
type-bills = Eingangsrechnungen
type-bill-credit-notes = Gutschriften von Lieferanten
type-bill-payments = geleistete Zahlungen
type-direct-costs = direkte Ausgaben
type-item-receipts = Wareneingänge
type-purchase-orders = Bestellungen bei Lieferanten
type-bank-accounts = Bankkonten
type-bank-transactions = Bankumsätze
type-account-balances = Kontostände
type-transaction-categories = Umsatzkategorien
type-balance-sheet = Bilanz
type-profit-and-loss = Gewinn- und Verlustrechnung
type-cash-flow-statement = Kapitalflussrechnung
type-locations = Standorte
type-products = Produkte
type-product-categories = Produktkategorien
type-commerce-customers = Kunden
type-orders = Bestellungen
type-commerce-payments = Zahlungen
type-transactions = Auszahlungen
type-disputes = strittige Zahlungen
detail-identifier = die Nummer Ihres Kontos dort
detail-profile = Ihr Name und Profil
detail-email = Ihre E-Mail-Adresse
detail-phone = Ihre Telefonnummer
detail-address = Ihre Postanschrift

## The overview

overview-title = Verbindungen von { $company }
overview-heading = Verbinden Sie Ihre Plattformen
overview-asks = <strong>{ $client }</strong> bittet um Daten von <strong>{ $company }</strong>. Wählen Sie, wo diese liegen. Bevor etwas geteilt wird, sehen Sie, was dort gelesen wird und ob etwas geändert wird.
overview-yours = Ihre Verbindungen
overview-reconnect = Erneut verbinden
overview-choose = Wählen Sie eine Plattform
overview-another = Weitere verbinden
overview-none = { $client } bietet derzeit keine Plattform zur Auswahl. Bitte wenden Sie sich an { $client } oder kommen Sie später wieder.
overview-not-listed = Meine Plattform ist nicht dabei
overview-which = Welche Plattform nutzen Sie?
overview-tell = { $client } mitteilen
overview-back = Zurück zu { $client }
overview-closed = { $platform } ist verbunden. Ein Unternehmen kann immer nur eine Buchhaltung verbunden haben: Um zu wechseln, trennen Sie zuerst { $platform }.
overview-connected = Verbunden
overview-connected-since = Verbunden seit { $date }
overview-disconnected = Getrennt
overview-nothing-new = Es werden keine neuen Daten gelesen.
kind-accounting = Buchhaltung
kind-accounting-has = Rechnungen, Belege, Kunden, Lieferanten und Berichte
kind-banking = Bank
kind-banking-has = Konten, Salden und Umsätze
kind-commerce = Handel
kind-commerce-has = Bestellungen, Produkte, Zahlungen und Auszahlungen
attention = Handlungsbedarf
attention-expired = Ihre Freigabe bei { $platform } ist abgelaufen.
attention-lost = Der Zugriff auf { $platform } ist auf unserer Seite verloren gegangen.
attention-ended = { $platform } erlaubt den Zugriff nicht mehr.

## The choice of a business

choose-title = Unternehmen auswählen
choose-heading = Welches Unternehmen möchten Sie verbinden?
choose-given = { $count ->
    [one] Sie haben bei <strong>{ $platform }</strong> Zugriff auf { $count } Unternehmen gegeben. <strong>{ $client }</strong> liest dessen Daten als die von <strong>{ $company }</strong>.
   *[other] Sie haben bei <strong>{ $platform }</strong> Zugriff auf { $count } Unternehmen gegeben. <strong>{ $client }</strong> liest die Daten von einem davon als die von <strong>{ $company }</strong>.
}
choose-legend = Unternehmen
choose-before = Bisher verbunden
choose-number = Nummer endet auf { $end }
choose-proceed = Dieses Unternehmen verbinden
choose-missing = Wählen Sie eines der Unternehmen.
choose-lacks = Dieser Benutzer darf nicht alles sehen
choose-lacks-why = { $client } bittet um mehr, als der bei { $platform } angemeldete Benutzer sehen darf. Ihm fehlen:
choose-lacks-then = Bitten Sie einen Administrator von { $platform } um diese Berechtigungen und prüfen Sie erneut. Oder verbinden Sie ohne sie: Was der Benutzer nicht sehen darf, bleibt weg.
choose-lacks-again = Erneut prüfen
several-title = Unternehmen auswählen
several-heading = Welche Unternehmen möchten Sie verbinden?
several-given = { $count ->
    [one] Sie haben bei <strong>{ $platform }</strong> Zugang zu { $count } Unternehmen gegeben. Was angekreuzt bleibt, wird mit <strong>{ $client }</strong> geteilt, jedes für sich: Sie können eines trennen und die anderen behalten. Der Zugang bei <strong>{ $platform }</strong> selbst wird zurückgegeben, wenn das letzte getrennt wird.
   *[other] Sie haben bei <strong>{ $platform }</strong> Zugang zu { $count } Unternehmen gegeben. Was angekreuzt bleibt, wird mit <strong>{ $client }</strong> geteilt, jedes für sich: Sie können eines trennen und die anderen behalten. Der Zugang bei <strong>{ $platform }</strong> selbst wird zurückgegeben, wenn das letzte getrennt wird.
}
several-legend = Unternehmen
several-connected = Bereits verbunden
several-proceed = Angekreuzte verbinden
several-missing = Kreuzen Sie mindestens ein Unternehmen an.
several-again = Einige dieser Unternehmen waren schon einmal verbunden. Verbinden Sie jedes davon über seine eigene Verbindung bei { $client } erneut, damit es dieselbe Verbindung bleibt.
several-most = Kreuzen Sie höchstens { $most } Unternehmen an: Mehr lassen sich nicht auf einmal verbinden.
twice-heading = { $business } ist bereits verbunden
twice-shares = <strong>{ $business }</strong> teilt Daten von { $platform } mit <strong>{ $client }</strong>. Bisher wurde nichts geändert.
twice-shares-since = <strong>{ $business }</strong> teilt seit { $date } Daten von { $platform } mit <strong>{ $client }</strong>. Bisher wurde nichts geändert.
twice-leave = So lassen, wie es ist
twice-other = Anderes Unternehmen bei { $platform } wählen
twice-again = Ein zweites Mal verbinden
twice-then = Ein zweites Mal verbunden, erhält { $client } dieselben Daten doppelt.
different-title = Es wurde ein anderes Unternehmen gewählt
different-heading = Das ist ein anderes Unternehmen
different-chosen = Diese Verbindung gehört zu <strong>{ $before }</strong>. Bei { $platform } haben Sie <strong>{ $now }</strong> gewählt. Bisher wurde nichts geändert.
different-another = einem anderen Unternehmen
different-occupied = { $platform } ist verbunden, und ein Unternehmen kann immer nur eine Buchhaltung verbunden haben. Um { $now } zu verbinden, trennen Sie zuerst { $platform }.
different-back = Zurück zur Auswahl von { $before }
different-new = { $now } als neue Verbindung hinzufügen
different-leave = Alles so lassen, wie es war
different-then = Als neue Verbindung teilt auch { $now } Daten mit { $client }. Die Verbindung von { $before } bleibt, wie sie ist.

## Endings

end-why = Warum
end-why-refused = { $platform } hat die Anmeldung nicht angenommen. Bitte beginnen Sie noch einmal.
end-why-changed = Inzwischen wurde etwas anderes verbunden oder geändert. Sehen Sie Ihre Verbindungen an und versuchen Sie es dann erneut.
end-why-late = Die Anmeldung hat länger als eine Stunde gedauert, oder es wurde eine Stunde lang kein Unternehmen gewählt. Bitte verbinden Sie erneut.
end-why-unreachable = { $platform } war nicht erreichbar oder hat unlesbar geantwortet. Bitte warten Sie ein wenig und versuchen Sie es dann erneut.
end-why-unconfirmed = { $client } hat nicht rechtzeitig bestätigt, dass Sie es waren; es wurde nichts geteilt. Bitte beginnen Sie bei { $client } von vorn.
end-why-other = Unterwegs ist etwas schiefgegangen. Wenn es wieder passiert, geben Sie die Referenz unten weiter.
end-overview = Alle Ihre Verbindungen ansehen
end-linked = { $platform } ist verbunden
end-shares = { $business } teilt nun Daten von { $platform } mit { $client }.
end-shares-several = { $businesses } teilen nun Daten von { $platform } mit { $client }.
end-sharing = Ansehen oder beenden, was Sie teilen
end-receipt = Ihren Beleg ansehen
end-done = Sie sind fertig und können dieses Fenster schließen.
end-left-out = { $platform } hat nicht alles erlaubt, worum { $client } gebeten hat. Vorerst ausgelassen: { $parts }.
end-unchanged = Es wurde nichts geändert
end-stays = { $platform } bleibt verbunden wie bisher.
end-not-connected = { $platform } wurde nicht verbunden, und mit { $client } wurde nichts geteilt.
end-after-all = { $platform } doch verbinden
end-nothing-new = Mit { $client } wurde nichts Neues geteilt.
end-held = Noch ein Schritt
end-held-until = { $client } muss bestätigen, dass Sie es waren. Gehen Sie zu { $client } zurück und schließen Sie dort ab. Bis dahin und ohne das wird nichts geteilt.
end-cancelled = Sie haben abgebrochen
end-not-allowed = Sie haben bei { $platform } keinen Zugriff erlaubt; mit { $client } wurde daher nichts geteilt.
end-failed = { $platform } konnte nicht verbunden werden
end-failed-again = Mit { $client } wurde nichts geteilt. Sie können es jetzt oder später erneut versuchen.
end-not-yours = Mit { $client } wurde nichts geteilt, und bei Ihnen ist alles in Ordnung.
end-tell-client = { $client } ist bei { $platform } nicht richtig eingerichtet. Bitte sagen Sie { $client } Bescheid: Nur dort lässt es sich beheben, und bis dahin hilft auch kein neuer Versuch.
end-not-supported = Ihre Plattform wird noch nicht unterstützt
end-tell-platform = Es wurde nichts geteilt. Bitte teilen Sie { $client } mit, welche Plattform Sie nutzen: Vielleicht gibt es einen anderen Weg, das Nötige zu teilen.
end-told-platform = Es wurde nichts geteilt. { $client } hat erfahren, dass Sie { $platform } nutzen: Vielleicht gibt es einen anderen Weg, das Nötige zu teilen.
end-to-list = Zurück zur Liste der Plattformen
end-go-on = Schließen Sie dieses Fenster, um bei { $client } weiterzumachen.

## Setting up a program that calls

approval-needed = Muss das erst ein Administrator genehmigen?
approval-words = Wenn { $platform } die Genehmigung eines Administrators verlangt, kopieren Sie diesen Link und senden Sie ihn Ihrem Administrator. Daten werden damit nicht geteilt. Sobald er genehmigt hat, verbinden Sie hier.
approval-link = Link für Ihren Administrator
approval-given = Genehmigt
approval-given-then = Die Person, die Ihnen den Link geschickt hat, kann { $platform } jetzt verbinden. Geteilt wurde dadurch nichts.
approval-refused = Nicht genehmigt
approval-refused-then = { $platform } meldet keine Genehmigung. Es wurde nichts geändert; Sie können den Link erneut öffnen.
end-why-approval = { $platform } verlangt, dass ein Administrator das erst genehmigt.
machine-next = Auf der nächsten Seite erhalten Sie eine Datei und ein Passwort und die Schritte, mit denen Sie { $program } auf dem Computer einrichten, auf dem { $platform } läuft.
machine-proceed = Weiter zur Einrichtung
machine-password = Sie geben { $program } ein Passwort, das nur dafür gemacht ist. { $client } sieht Ihre eigenen Passwörter für { $platform } nie.
machine-under-way = Sie haben diese Einrichtung schon begonnen. Wenn Sie fortfahren, erhalten Sie ein neues Passwort, und das alte gilt nicht mehr.
machine-works = Diese Verbindung funktioniert. Fahren Sie nur fort, wenn Sie { $program } neu einrichten möchten.
machine-same-business = Verwenden Sie wieder die Unternehmensdatei von { $business }.
setup-heading = { $program } einrichten
setup-lead = <strong>{ $client }</strong> liest die Bücher von <strong>{ $company }</strong> über { $program }, ein Programm auf dem Computer, auf dem { $platform } läuft. Lassen Sie diese Seite offen und erledigen Sie die Schritte auf jenem Computer.
setup-get = { $program } holen
setup-get-words = Installieren Sie es auf dem Computer mit { $platform }, falls es dort noch fehlt:
setup-file = Einrichtungsdatei hinzufügen
setup-file-words = Öffnen Sie die Unternehmensdatei in { $platform } als Administrator und danach diese Datei in { $program }. { $platform } fragt, ob die Bücher gelesen werden dürfen: Erlauben Sie es immer, auch wenn { $platform } geschlossen ist.
setup-file-get = Einrichtungsdatei herunterladen
setup-password = Passwort eingeben
setup-password-words = { $program } fragt einmal danach und kann es sich merken:
setup-password-once = Es wird nur jetzt angezeigt. Kopieren Sie es, bevor Sie weitergehen.
setup-update = Zum ersten Mal aktualisieren
setup-update-words = Haken Sie in { $program } die neue Zeile an, aktualisieren Sie sie einmal und schalten Sie die automatische Ausführung ein, damit die Bücher regelmäßig gelesen werden.
setup-done = Ich habe alles erledigt
setup-waiting = Warten auf den ersten Anruf
setup-waiting-words = { $program } hat seinen ersten Anruf noch nicht beendet. Diese Seite sieht von selbst wieder nach und geht weiter, sobald es so weit ist. Sie können sie schließen: Die Verbindung entsteht trotzdem.
setup-trouble = Etwas steht im Weg
setup-again = Wenn Sie das Passwort nicht mehr haben, öffnen Sie den Link von { $client } noch einmal in diesem Browser: Sie bekommen ein neues, und das alte gilt nicht mehr.
setup-user = Benutzername:

## Trouble

trouble-broken = Bei uns ist etwas schiefgegangen
trouble-wait = Bitte warten Sie einen Moment und versuchen Sie es erneut. Wenn es wieder passiert, geben Sie die Referenz unten weiter.
trouble-gone = Dieser Link funktioniert nicht mehr
trouble-gone-once = Ein solcher Link funktioniert einmal und einen Tag lang.
trouble-gone-then = Gehen Sie zurück zu der App oder der Nachricht, aus der er stammt, und bitten Sie um einen neuen.
trouble-spent = Dieser Link wurde bereits verwendet
trouble-spent-once = Jeder Link funktioniert einmal. Wenn Sie mit dem Verbinden fertig sind, können Sie dieses Fenster schließen.
trouble-spent-then = Gehen Sie sonst zurück zu { $client } und beginnen Sie noch einmal: Dort erhalten Sie einen neuen Link.
trouble-see = Ihre Verbindungen ansehen
trouble-no-result = Diese Seite kann nicht mehr angezeigt werden
trouble-no-result-why = Sie zeigte eine Stunde lang und in einem Browser, wie Ihre Verbindung ausgegangen ist.
trouble-close = Sie können dieses Fenster schließen.
trouble-working = Wir arbeiten noch daran
trouble-working-why = Die Plattform braucht länger als sonst für ihre Antwort. Ihre Verbindung wird fertiggestellt, auch wenn Sie die Seite verlassen.
trouble-working-then = Diese Seite lädt von selbst neu und zeigt dann, wie es ausgegangen ist. Sie können sie auch selbst neu laden.
trouble-long = Das hat zu lange gedauert
trouble-long-then = Bitte warten Sie einen Moment, gehen Sie dann zurück und versuchen Sie es erneut.
trouble-foreign = Das kam von einer anderen Seite
trouble-foreign-safe = Zu Ihrer Sicherheit wurde nichts geändert.
trouble-foreign-then = Öffnen Sie den Link, den Sie erhalten haben, und machen Sie dort weiter.
trouble-much = Das war zu viel Text
trouble-much-then = Gehen Sie zurück, geben Sie weniger ein und versuchen Sie es erneut.
trouble-second = Sie sind bereits verbunden
trouble-second-why = { $platform } ist verbunden, und ein Unternehmen kann immer nur eine Buchhaltung verbunden haben. Es wurde nichts geändert.
trouble-second-then = Um eine andere zu verwenden, trennen Sie zuerst { $platform } und bitten Sie dann { $client } um einen neuen Link.
trouble-not-ready = { $platform } ist noch nicht bereit
trouble-not-ready-why = { $client } hat die Verbindung zu { $platform } noch nicht fertig eingerichtet.
trouble-not-ready-then = Bitte sagen Sie { $client } Bescheid und versuchen Sie es später erneut: Ihr Link gilt einen Tag lang.
trouble-no-choice = Das lässt sich gerade nicht auswählen
trouble-no-choice-then = Was Sie gewählt haben, steht nicht mehr zur Auswahl. Gehen Sie zurück, laden Sie die Seite neu und wählen Sie etwas anderes.
trouble-raced = Inzwischen hat sich etwas geändert
trouble-raced-then = Es wurde nichts geteilt. Bitte öffnen Sie Ihren Link noch einmal.
trouble-unknown = Wir können das nicht zuordnen
trouble-unknown-why = Sie kommen von einer Plattform zurück, aber es wartet keine Verbindung auf Sie. Wenn Sie eine Seite neu geladen haben, auf der stand, dass Sie verbunden sind, dann sind Sie es.
trouble-unknown-then = Gehen Sie sonst zurück zu der App, aus der Sie kamen, und beginnen Sie noch einmal.
trouble-browser = Bitte machen Sie dort weiter, wo Sie begonnen haben
trouble-nothing = Es wurde nichts geändert und nichts geteilt.
trouble-browser-then = Zu Ihrem Schutz muss eine Verbindung in dem Browser abgeschlossen werden, in dem sie begonnen wurde, und Cookies müssen erlaubt sein. Gehen Sie zurück zu der App, aus der Sie kamen, und beginnen Sie in diesem Browser noch einmal.
trouble-over = Diese Anmeldung ist vorbei
trouble-over-why = Sie wurde schon abgeschlossen oder hat länger als eine Stunde gedauert. Weiter wurde nichts geändert.
trouble-over-then = Wenn Ihre Plattform nicht verbunden ist, gehen Sie zurück zu der App, aus der Sie kamen, und beginnen Sie noch einmal.

## The owner's own door

door-title = Was { $company } teilt
door-heading = Was { $company } mit { $client } teilt
door-lead = Sehen Sie jede Verbindung: seit wann sie besteht und wann sie zuletzt genutzt wurde. Sie können hier trennen und { $client } um Ihre Daten oder um deren Löschung bitten.
door-open = Anzeigen
door-one-browser = Danach kann nur dieser Browser den Link verwenden, einen Tag lang.
sharing-lead = Das ist alles, was <strong>{ $company }</strong> hier mit <strong>{ $client }</strong> teilt.
sharing-connections = Verbindungen
sharing-nothing = Mit { $client } wird und wurde nichts geteilt.
sharing-shared = Wird geteilt
sharing-disconnected = Getrennt: Es werden keine neuen Daten gelesen
sharing-since = Erstmals verbunden am { $date }
sharing-last-read = Zuletzt gelesen am { $date }
sharing-never-read = Noch nicht gelesen
sharing-reads = Was gelesen wird, und wofür
sharing-reads-and-writes = Was gelesen und geändert wird, und wofür
sharing-can-change = Kann geändert werden
sharing-further = Zusätzlich zugestimmt am { $date }:
sharing-disconnect = Trennen
sharing-yours = Ihre Daten bei { $client }
sharing-a-month = { $client } antwortet innerhalb eines Monats.
sharing-ask-copy = Um eine Kopie Ihrer Daten bitten
sharing-ask-deletion = Um Löschung Ihrer Daten bitten
request-copy = Eine Kopie Ihrer Daten
request-deletion = Die Löschung Ihrer Daten
request-open = Angefragt am { $date }, zu beantworten bis { $due }
request-done = Erledigt am { $date }
request-refused = Abgelehnt am { $date }
confirm-disconnect = { $platform } trennen?
confirm-given-back = { $client } liest keine neuen Daten mehr von { $platform }, und der Zugriff wird dort widerrufen.
confirm-shared = { $client } liest keine neuen Daten dieses Unternehmens mehr von { $platform }. Andere Unternehmen teilen den Zugriff dort: Er wird widerrufen, sobald das letzte von ihnen getrennt ist.
confirm-stays-listed = { $client } liest keine neuen Daten mehr von { $platform }. { $platform } führt den Zugriff weiter auf, bis Sie ihn dort entfernen.
confirm-stays = Was { $client } bis jetzt gelesen hat, bleibt dort, es sei denn, Sie bitten um Löschung.
confirm-files = Alle hier hochgeladenen Dateien werden sofort gelöscht, und { $client } kann sie nicht mehr lesen.
confirm-disconnect-go = { $platform } trennen
confirm-deletion = Um Löschung Ihrer Daten bitten?
confirm-deletion-asks = { $client } wird gebeten, alles zu löschen, was von { $company } gelesen wurde, und Ihnen innerhalb eines Monats zu antworten.
confirm-deletion-stays = Verbindungen bleiben bestehen, bis Sie sie trennen oder bis sie mit den Daten gelöscht werden.
confirm-deletion-go = Um Löschung bitten

## The receipt

receipt-title = Ihr Beleg
receipt-lead = Der Zugriff auf { $platform }, der <strong>{ $client }</strong> gegeben wurde, so wie er festgehalten ist.
receipt-print = Drucken oder speichern Sie diese Seite. Der signierte Beleg beweist ohne Rückfrage, dass der Eintrag echt ist.
receipt-save = Signierten Beleg speichern
receipt-name = Beleg
receipt-time = { $date }, { $time } UTC
receipt-state = Stand
receipt-in-force = Gegeben und in Kraft
receipt-withdrawn = Von Ihnen oder Ihrem Unternehmen zurückgenommen
receipt-revoked = Beendet
receipt-expired = Beendet: Die Zeit war abgelaufen
receipt-given = Gegeben
receipt-given-again = Erneut gegeben
receipt-ended = Beendet
receipt-ended-customer = { $time }, durch Sie oder Ihr Unternehmen
receipt-ended-client = { $time }, durch das Unternehmen, dem Sie ihn gegeben haben
receipt-ended-platform = { $time }, bei der Plattform
receipt-ended-service = { $time }, durch den Dienst, der diesen Eintrag führt
receipt-given-to = Gegeben an
receipt-company = Ihr Unternehmen
receipt-business = Unternehmen bei der Plattform
receipt-given-by = Gegeben von
receipt-platform = Plattform
receipt-purpose = Zweck
receipt-further = Später zugestimmt
receipt-read = Gelesen wird
receipt-written = Geändert wird
receipt-how-long = Wie lange
receipt-ends-on = Endet am
receipt-what-ends = Was ihn beendet
receipt-what-stays = Was bleibt
receipt-how = Wie er gegeben wurde
receipt-hosted-page = auf einer Seite dieses Dienstes
receipt-privacy-notice = Datenschutzhinweise

## The front page

front-lead = Über diese Adresse verbinden Unternehmen ihre Buchhaltung, ihre Bank und ihren Handel mit den Firmen, mit denen sie Daten teilen möchten.
front-asked = Wurden Sie gebeten, Ihre Plattform zu verbinden? Öffnen Sie den Link in der Nachricht, die Sie erhalten haben: Dort steht, wer bittet und worum.
front-software = Schreiben Sie Software für diese API? <a href="/reference">Die Referenz</a> enthält jede Operation; <a href="/openapi.json">das Dokument</a> ist für Werkzeuge.
front-version = Version { $version }

## Uploading files

upload-accounting = Buchhaltungsunterlagen hochladen
upload-banking = Kontoauszüge hochladen
upload-documents = Geschäftsunterlagen hochladen
kind-documents = Geschäftsunterlagen
kind-documents-has = Unterlagen, die in keiner Plattform sind, etwa Verträge oder ein Geschäftsplan
upload-asks = <strong>{ $client }</strong> bittet um Unterlagen von <strong>{ $company }</strong>.
upload-label = Dateien
upload-rules = Bis zu { $count } auf einmal, je bis zu 10 MB: { $types }.
upload-send = Hochladen
upload-there = Bereits hochgeladen
upload-kept = Ihre Dateien werden verschlüsselt aufbewahrt, damit { $client } sie lesen kann. Beim Trennen werden sie gelöscht.
upload-problem = Es wurde nichts hochgeladen
upload-no-file = Wählen Sie eine Datei aus.
upload-too-many = Wählen Sie höchstens { $count } Dateien aus.
upload-name = Der Name einer Datei fehlt oder ist zu lang. Benennen Sie sie um und wählen Sie sie erneut aus.
upload-type = { $name } hat einen Typ, der nicht angenommen wird.
upload-empty = { $name } ist leer.
upload-large = { $name } ist größer als 10 MB.
upload-content = { $name } hat nicht den Dateityp, den der Name angibt. Speichern Sie die Datei in diesem Typ und wählen Sie sie erneut aus.
upload-infected = In { $name } wurde ein Virus gefunden. Entfernen Sie die Datei von Ihrem Gerät, bevor Sie weitermachen.
upload-unscanned = Dateien können im Moment nicht auf Viren geprüft werden. Bitte versuchen Sie es in einigen Minuten erneut.
upload-no-room = Für weitere Dateien ist kein Platz. Bitte teilen Sie das { $client } mit.
upload-busy = Im Moment werden schon andere Dateien Ihres Unternehmens hochgeladen. Bitte versuchen Sie es erneut, sobald sie da sind.
upload-cut = Das Hochladen wurde unterbrochen. Bitte wählen Sie Ihre Dateien erneut aus.
upload-done = Ihre Dateien wurden hochgeladen
upload-done-then = { $client } kann sie jetzt lesen. Beim Trennen werden sie gelöscht.
upload-more = Weitere hochladen
