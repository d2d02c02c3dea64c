### French, formal.

## Every page

badge = Sécurisé par Moorline
reference = Référence
comma = ,{ " " }
sentence-end = .
error-in-title = Erreur : { $title }
problems = Veuillez compléter ce qui suit
not-now = Pas maintenant
back = Retour
beta = Bêta
practice = Pour s’exercer
try-again = Réessayer
close-simply = Ou fermez simplement cette fenêtre.

## The start page

start-connect = Connecter { $platform } à { $client }
start-connected = { $platform } est connecté
start-reconnect = Reconnecter { $platform }
start-asks = <strong>{ $client }</strong> demande à lire les données de <strong>{ $company }</strong> sur <strong>{ $platform }</strong>.
start-asks-writes = <strong>{ $client }</strong> demande à lire les données de <strong>{ $company }</strong> sur <strong>{ $platform }</strong> et à les y modifier.
start-under-way = Vous étiez déjà parti vers { $platform }. Vous pouvez y continuer, ou en rester là.
start-works = Cette connexion fonctionne. Ne continuez que si vous souhaitez vous identifier de nouveau.
start-disconnected = Vous avez déconnecté cette plateforme ; aucune nouvelle donnée n’est lue tant que vous ne la reconnectez pas.
start-same-business = Choisissez de nouveau { $business } lorsque { $platform } vous le demande.
start-changed = Ce que { $client } demande a changé depuis que vous avez ouvert cette page. Veuillez le relire avant de continuer.
start-proceed = Continuer vers { $platform }
start-leave-as-is = Laisser tel quel
start-read-again = Relire ce que { $client } demande
start-purpose = À quoi cela sert
start-reads = Ce que { $client } pourra lire
start-custom = Également, sous les noms de { $client }
start-from-source = (de { $source })
start-business = Et { $business }.
start-writes = Ce que { $client } pourra modifier
start-adds = en ajouter
start-changes = modifier l’existant
start-adds-and-changes = en ajouter et modifier l’existant
start-person = Ce que { $client } saura de vous
start-how-far = Sur quelle période, et quand
start-further = Pour { $name } également :
start-lasts = Combien de temps dure l’accès, et ce qui y met fin
start-stays = Ce qui reste ensuite
start-who = Qui fait la demande
start-privacy-notice = Politique de confidentialité
start-terms = Conditions
start-help = Aide
start-email = E-mail :
start-phone = Téléphone :
start-no-privacy-notice = { $client } n’a indiqué ici aucune politique de confidentialité.
start-scopes = Ce qui est demandé à { $platform }, dans ses propres termes
start-step = Étape { $step } sur { $steps }
start-sign-in = S’identifier sur { $platform }
start-sign-in-there = Vous y choisirez l’entreprise et accepterez de partager ses données.
start-password = Vous vous identifiez sur { $platform } même. { $client } ne voit jamais votre mot de passe.
start-only-read = Les données sont lues, jamais modifiées.
start-only-named = Rien n’est modifié hormis ce qui est indiqué ci-dessus.
start-any-time = Vous pouvez mettre fin à la connexion à tout moment.
step-tick = Lisez « { $title } » et cochez « { $confirm } ».
step-name = Confirmez le nom de votre entreprise
step-name-label = Nom de l’entreprise
step-name-hint = Tel qu’il est enregistré. Corrigez-le s’il n’est pas juste.
step-name-missing = Indiquez le nom de votre entreprise.
step-name-long = Indiquez un nom de { $most } caractères au plus ; celui-ci en a { $count }.
way-others = Autres façons de se connecter
way-sign-in = S’identifier sur { $platform }
typed-proceed = Connecter { $platform }
typed-works = Cette connexion fonctionne. Continuez seulement si vous voulez ressaisir vos accès.
typed-same-business = Utilisez de nouveau l’accès de { $business }.
typed-example = Par exemple : { $example }
typed-missing = Saisissez « { $label } ».
typed-form = « { $label } » ne semble pas correct.
typed-unusable = « { $label } » est trop long ou contient des caractères qui ne peuvent pas être envoyés.
typed-refused = { $platform } n’a pas accepté ce que vous avez saisi. Rien n’a été modifié. Vérifiez-le et saisissez de nouveau ce qui est secret.
typed-not-reached = { $platform } n’a pas pu être interrogé avec ce que vous avez saisi. Rien n’a été modifié. Vérifiez-le ou réessayez dans un instant.
typed-sealed = Ce que vous saisissez est conservé chiffré, utilisé uniquement pour ce qui est nommé ci-dessus, et n’est plus jamais affiché.
certificate-make = Créer le certificat
certificate-why = Un certificat est créé pour cette connexion. Sa clé privée reste ici, chiffrée.
certificate-download = Télécharger le certificat
certificate-ends = Il est valable jusqu’au { $date }.

## The times of reading

rhythm-once-clock = { $hours ->
    [one] La lecture a lieu dès que vous avez donné votre accord, puis selon un calendrier (au plus souvent toutes les heures), et chaque fois que { $client } le demande, jusqu’à la fin de l’accès.
   *[other] La lecture a lieu dès que vous avez donné votre accord, puis selon un calendrier (au plus souvent toutes les { $hours } heures), et chaque fois que { $client } le demande, jusqu’à la fin de l’accès.
}
rhythm-once = La lecture a lieu dès que vous avez donné votre accord, puis chaque fois que { $client } le demande, jusqu’à la fin de l’accès.
rhythm-clock = { $hours ->
    [one] La lecture a lieu selon un calendrier (au plus souvent toutes les heures), et chaque fois que { $client } le demande, jusqu’à la fin de l’accès.
   *[other] La lecture a lieu selon un calendrier (au plus souvent toutes les { $hours } heures), et chaque fois que { $client } le demande, jusqu’à la fin de l’accès.
}
rhythm-asked = La lecture a lieu chaque fois que { $client } le demande, jusqu’à la fin de l’accès.

## The disclosure

business-read = le nom de l’entreprise sur { $platform } et son numéro
purpose-unstated = { $client } n’a pas indiqué ici à quoi servent les données. Si vous ne le savez pas, demandez-le à { $client } avant de donner votre accord.
history-months = { $count ->
    [one] le dernier mois
   *[other] les { $count } derniers mois
}
history-since = depuis le { $date }
history-all = tout ce qui existe
access-until-ended = L’accès dure jusqu’à ce qu’il y soit mis fin.
access-days = L’accès dure au plus { $time } ; { $client } doit ensuite vous redemander votre accord.
access-unused = S’il n’est pas utilisé pendant { $time }, { $platform } y met fin.
access-ends-there-too = Vous pouvez mettre fin à la connexion à tout moment, là où { $client } affiche vos connexions ou en le demandant à { $client }. L’accès est alors aussi révoqué auprès de { $platform }.
access-ends-with-last = Vous pouvez mettre fin à la connexion à tout moment, là où { $client } affiche vos connexions ou en le demandant à { $client }. L’accès est révoqué auprès de { $platform } lorsque la dernière des entreprises ainsi connectées est déconnectée.
access-stays-listed = Vous pouvez mettre fin à la connexion à tout moment, là où { $client } affiche vos connexions ou en le demandant à { $client }. { $platform } ne peut pas en être informé : { $client } peut y rester affiché jusqu’à ce que vous l’y retiriez.
access-erased = Vous pouvez mettre fin à la connexion à tout moment, là où { $client } affiche vos connexions ou en le demandant à { $client }. Ce qui a été saisi ou créé pour elle est alors effacé ici. { $platform } ne peut pas en être informé : pour y mettre fin aussi là-bas, procédez ainsi.
access-taken-back = Vous pouvez aussi retirer l’accès sur { $platform } même.
stays-not = { $client } supprime les données dès que l’accès a pris fin.
stays-days = { $client } conserve les données pendant { $time } après la fin de l’accès.
stays-unstated = Aucune nouvelle donnée n’est lue après la fin de l’accès. Ce qui a été lu jusque-là reste chez { $client }, sans que la durée soit indiquée ici : demandez-en la suppression à { $client }.
span-none = immédiatement
span-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
span-years = { $count ->
    [one] { $count } an
   *[other] { $count } ans
}
missing-reads = lire : { $names }
missing-history = lire de plus loin : { $names }
missing-writes = ajouter ou modifier : { $names }

## Kinds of data, and data types

group-business = Informations sur l’entreprise
group-books = Comptes et comptabilité
group-sales = Ventes
group-purchases = Achats
group-bank = Comptes bancaires
group-reports = Rapports
group-shop = Boutique
group-orders = Commandes et paiements
type-company = coordonnées
type-tax-rates = taux de taxe
type-payment-methods = moyens de paiement
type-chart-of-accounts = plan comptable
type-journal-entries = écritures comptables
type-journals = journaux
type-account-transactions = mouvements de compte
type-tracking-categories = catégories de suivi
type-transfers = virements internes
type-customers = clients
type-invoices = factures
type-credit-notes = avoirs
type-payments = paiements reçus
type-direct-incomes = recettes directes
type-sales-orders = commandes clients
type-items = articles
type-suppliers = fournisseurs
type-bills = factures fournisseurs
type-bill-credit-notes = avoirs fournisseurs
type-bill-payments = paiements effectués
type-direct-costs = dépenses directes
type-item-receipts = marchandises reçues
type-purchase-orders = commandes fournisseurs
type-bank-accounts = comptes bancaires
type-bank-transactions = opérations bancaires
type-account-balances = soldes
type-transaction-categories = catégories d’opérations
type-balance-sheet = bilan
type-profit-and-loss = compte de résultat
type-cash-flow-statement = flux de trésorerie
type-locations = points de vente
type-products = produits
type-product-categories = catégories de produits
type-commerce-customers = clients
type-orders = commandes
type-commerce-payments = paiements
type-transactions = versements
type-disputes = paiements contestés
detail-identifier = le numéro de votre compte sur la plateforme
detail-profile = votre nom et votre profil
detail-email = votre adresse e-mail
detail-phone = votre numéro de téléphone
detail-address = votre adresse postale

## The overview

overview-title = Connexions de { $company }
overview-heading = Connectez vos plateformes
overview-asks = <strong>{ $client }</strong> demande des données de <strong>{ $company }</strong>. Choisissez où elles se trouvent. Avant tout partage, vous voyez ce qui y sera lu et si quelque chose y sera modifié.
overview-yours = Vos connexions
overview-reconnect = Reconnecter
overview-choose = Choisissez une plateforme
overview-another = En connecter d’autres
overview-none = { $client } ne propose aucune plateforme pour le moment. Contactez { $client }, ou revenez plus tard.
overview-not-listed = Ma plateforme n’est pas dans la liste
overview-which = Quelle plateforme utilisez-vous ?
overview-tell = Le dire à { $client }
overview-back = Retour à { $client }
overview-closed = { $platform } est connecté. Une seule comptabilité peut être connectée à la fois : pour en changer, déconnectez d’abord { $platform }.
overview-connected = Connecté
overview-connected-since = Connecté depuis le { $date }
overview-disconnected = Déconnecté
overview-nothing-new = Aucune nouvelle donnée n’est lue.
kind-accounting = Comptabilité
kind-accounting-has = Factures, achats, clients, fournisseurs et rapports
kind-banking = Banque
kind-banking-has = Comptes, soldes et opérations
kind-commerce = Commerce
kind-commerce-has = Commandes, produits, paiements et versements
attention = À vérifier
attention-expired = L’autorisation que vous aviez donnée sur { $platform } a expiré.
attention-lost = L’accès à { $platform } a été perdu de notre côté.
attention-ended = { $platform } n’autorise plus l’accès.

## The choice of a business

choose-title = Choisir une entreprise
choose-heading = Quelle entreprise souhaitez-vous connecter ?
choose-given = { $count ->
    [one] Vous avez donné accès à { $count } entreprise sur <strong>{ $platform }</strong>. <strong>{ $client }</strong> en lit les données comme étant celles de <strong>{ $company }</strong>.
   *[other] Vous avez donné accès à { $count } entreprises sur <strong>{ $platform }</strong>. <strong>{ $client }</strong> lit les données de l’une d’elles comme étant celles de <strong>{ $company }</strong>.
}
choose-legend = Entreprise
choose-before = Connectée auparavant
choose-number = Numéro se terminant par { $end }
choose-proceed = Connecter cette entreprise
choose-missing = Choisissez l’une des entreprises.
choose-lacks = Cet utilisateur ne peut pas tout voir
choose-lacks-why = { $client } demande plus que ce que peut voir l’utilisateur connecté à { $platform }. Il lui manque :
choose-lacks-then = Demandez ces autorisations à un administrateur de { $platform }, puis vérifiez à nouveau. Ou connectez sans elles : ce que l’utilisateur ne peut pas voir est laissé de côté.
choose-lacks-again = Vérifier à nouveau
several-title = Choisir des entreprises
several-heading = Quelles entreprises souhaitez-vous connecter ?
several-given = { $count ->
    [one] Vous avez donné accès à { $count } entreprise sur <strong>{ $platform }</strong>. Chaque entreprise cochée est partagée avec <strong>{ $client }</strong>, séparément : vous pouvez en déconnecter une et garder les autres. L’accès lui-même est rendu à <strong>{ $platform }</strong> lorsque la dernière est déconnectée.
   *[other] Vous avez donné accès à { $count } entreprises sur <strong>{ $platform }</strong>. Chaque entreprise cochée est partagée avec <strong>{ $client }</strong>, séparément : vous pouvez en déconnecter une et garder les autres. L’accès lui-même est rendu à <strong>{ $platform }</strong> lorsque la dernière est déconnectée.
}
several-legend = Entreprises
several-connected = Déjà connectée
several-proceed = Connecter les entreprises cochées
several-missing = Cochez au moins une entreprise.
several-again = Certaines de ces entreprises ont déjà été connectées. Reconnectez chacune d’elles depuis sa propre connexion chez { $client }, afin qu’elle garde la même connexion.
several-most = Cochez au plus { $most } entreprises : il n’est pas possible d’en connecter davantage à la fois.
twice-heading = { $business } est déjà connecté
twice-shares = <strong>{ $business }</strong> partage ses données de { $platform } avec <strong>{ $client }</strong>. Rien n’a encore été modifié.
twice-shares-since = <strong>{ $business }</strong> partage ses données de { $platform } avec <strong>{ $client }</strong> depuis le { $date }. Rien n’a encore été modifié.
twice-leave = Laisser tel quel
twice-other = Choisir une autre entreprise sur { $platform }
twice-again = La connecter une seconde fois
twice-then = Avec une seconde connexion, { $client } reçoit deux fois les mêmes données.
different-title = Une autre entreprise a été choisie
different-heading = Il s’agit d’une autre entreprise
different-chosen = Cette connexion concerne <strong>{ $before }</strong>. Sur { $platform }, vous avez choisi <strong>{ $now }</strong>. Rien n’a encore été modifié.
different-another = une autre entreprise
different-occupied = { $platform } est connecté, et une seule comptabilité peut être connectée à la fois. Pour connecter { $now }, déconnectez d’abord { $platform }.
different-back = Revenir et choisir { $before }
different-new = Ajouter { $now } comme nouvelle connexion
different-leave = Laisser tout tel quel
different-then = Comme nouvelle connexion, { $now } partage aussi ses données avec { $client }. Pour { $before }, rien ne change.

## Endings

end-why = Pourquoi
end-why-refused = { $platform } n’a pas accepté l’identification. Veuillez recommencer.
end-why-changed = Entre-temps, autre chose a été connecté ou modifié. Consultez vos connexions, puis réessayez.
end-why-late = L’identification a pris plus d’une heure, ou aucune entreprise n’a été choisie pendant une heure. Veuillez vous reconnecter.
end-why-unreachable = { $platform } n’a pas pu être joint, ou sa réponse n’a pas pu être lue. Veuillez patienter un peu, puis réessayer.
end-why-unconfirmed = { $client } n’a pas confirmé à temps qu’il s’agissait de vous ; rien n’a donc été partagé. Veuillez recommencer depuis { $client }.
end-why-other = Un problème est survenu en cours de route. Si cela se répète, transmettez la référence ci-dessous.
end-overview = Voir toutes vos connexions
end-linked = { $platform } est connecté
end-shares = { $business } partage maintenant ses données de { $platform } avec { $client }.
end-shares-several = { $businesses } partagent maintenant leurs données de { $platform } avec { $client }.
end-sharing = Voir ou arrêter ce que vous partagez
end-receipt = Voir votre reçu
end-done = C’est terminé, vous pouvez fermer cette fenêtre.
end-left-out = { $platform } n’a pas autorisé tout ce que { $client } demandait. Laissé de côté pour l’instant : { $parts }.
end-unchanged = Rien n’a été modifié
end-stays = { $platform } reste connecté comme avant.
end-not-connected = { $platform } n’a pas été connecté, et rien n’a été partagé avec { $client }.
end-after-all = Connecter { $platform } malgré tout
end-nothing-new = Rien de nouveau n’a été partagé avec { $client }.
end-held = Encore une étape
end-held-until = { $client } doit confirmer qu’il s’agissait bien de vous. Retournez sur { $client } et terminez-y. D’ici là, et sans cela, rien n’est partagé.
end-cancelled = Vous avez annulé
end-not-allowed = Vous n’avez pas autorisé l’accès sur { $platform } ; rien n’a donc été partagé avec { $client }.
end-failed = { $platform } n’a pas pu être connecté
end-failed-again = Rien n’a été partagé avec { $client }. Vous pouvez réessayer maintenant, ou plus tard.
end-not-yours = Rien n’a été partagé avec { $client }, et le problème ne vient pas de vous.
end-tell-client = { $client } n’est pas configuré correctement sur { $platform }. Veuillez le signaler à { $client } : c’est le seul à pouvoir y remédier, et réessayer n’y changera rien d’ici là.
end-not-supported = Votre plateforme n’est pas encore prise en charge
end-tell-platform = Rien n’a été partagé. Veuillez dire à { $client } quelle plateforme vous utilisez : il existe peut-être un autre moyen de partager ce qu’il lui faut.
end-told-platform = Rien n’a été partagé. { $client } sait maintenant que vous utilisez { $platform } : il existe peut-être un autre moyen de partager ce qu’il lui faut.
end-to-list = Retour à la liste des plateformes
end-go-on = Fermez cette fenêtre pour continuer chez { $client }.

## Setting up a program that calls

approval-needed = Un administrateur doit-il d’abord donner son accord ?
approval-words = Si { $platform } demande l’accord d’un administrateur, copiez ce lien et envoyez-le à votre administrateur. Il ne partage aucune donnée. Une fois l’accord donné, connectez-vous ici.
approval-link = Lien pour votre administrateur
approval-given = Accord donné
approval-given-then = La personne qui vous a envoyé le lien peut maintenant connecter { $platform }. Rien n’a été partagé par là.
approval-refused = Accord non donné
approval-refused-then = { $platform } ne signale aucun accord. Rien n’a été changé ; vous pouvez ouvrir le lien de nouveau.
end-why-approval = { $platform } exige d’abord l’accord d’un administrateur.
machine-next = La page suivante vous donne un fichier et un mot de passe, avec les étapes pour configurer { $program } sur l’ordinateur où fonctionne { $platform }.
machine-proceed = Continuer vers la configuration
machine-password = Vous donnez à { $program } un mot de passe créé pour lui seul. { $client } ne voit jamais vos propres mots de passe de { $platform }.
machine-under-way = Vous aviez déjà commencé cette configuration. Si vous continuez, vous recevrez un nouveau mot de passe, et l’ancien ne vaudra plus.
machine-works = Cette connexion fonctionne. Ne continuez que si vous voulez configurer de nouveau { $program }.
machine-same-business = Utilisez de nouveau le fichier de l’entreprise { $business }.
setup-heading = Configurer { $program }
setup-lead = <strong>{ $client }</strong> lit les comptes de <strong>{ $company }</strong> au moyen de { $program }, un programme installé sur l’ordinateur où fonctionne { $platform }. Gardez cette page ouverte et suivez les étapes sur cet ordinateur.
setup-get = Obtenir { $program }
setup-get-words = Installez-le sur l’ordinateur où se trouve { $platform }, s’il n’y est pas déjà :
setup-file = Ajouter le fichier de configuration
setup-file-words = Ouvrez le fichier de l’entreprise dans { $platform } en tant qu’administrateur, puis ouvrez ce fichier dans { $program }. { $platform } demande si les comptes peuvent être lus : autorisez-le toujours, même quand { $platform } est fermé.
setup-file-get = Télécharger le fichier de configuration
setup-password = Saisir le mot de passe
setup-password-words = { $program } le demande une fois et peut le retenir :
setup-password-once = Il n’est affiché que maintenant. Copiez-le avant de continuer.
setup-update = Mettre à jour pour la première fois
setup-update-words = Dans { $program }, cochez la nouvelle ligne, mettez-la à jour une fois, puis activez l’exécution automatique pour que les comptes soient lus régulièrement.
setup-done = J’ai tout fait
setup-waiting = En attente du premier appel
setup-waiting-words = { $program } n’a pas encore terminé son premier appel. Cette page regarde à nouveau d’elle-même et continue dès que c’est fait. Vous pouvez la fermer : la connexion se fera quand même.
setup-trouble = Quelque chose fait obstacle
setup-again = Si vous n’avez plus le mot de passe, ouvrez de nouveau le lien de { $client } dans ce navigateur : vous en recevrez un nouveau, et l’ancien ne vaudra plus.
setup-user = Nom d’utilisateur :

## Trouble

trouble-broken = Un problème est survenu de notre côté
trouble-wait = Veuillez patienter un instant, puis réessayer. Si cela se répète, transmettez la référence ci-dessous.
trouble-gone = Ce lien ne fonctionne plus
trouble-gone-once = Un tel lien fonctionne une seule fois, et pendant un jour.
trouble-gone-then = Revenez à l’application ou au message d’où il vient, et demandez-en un nouveau.
trouble-spent = Ce lien a déjà été utilisé
trouble-spent-once = Chaque lien fonctionne une seule fois. Si la connexion est terminée, vous pouvez fermer cette fenêtre.
trouble-spent-then = Sinon, revenez chez { $client } et recommencez : vous y recevrez un nouveau lien.
trouble-see = Voir vos connexions
trouble-no-result = Cette page ne peut plus être affichée
trouble-no-result-why = Elle indiquait, pendant une heure et dans un seul navigateur, le résultat de votre connexion.
trouble-close = Vous pouvez fermer cette fenêtre.
trouble-working = Nous y travaillons encore
trouble-working-why = La plateforme met plus de temps que d’habitude à répondre. Votre connexion se termine, même si vous partez.
trouble-working-then = Cette page se recharge d’elle-même, puis affiche le résultat. Vous pouvez aussi la recharger.
trouble-long = Cela a pris trop de temps
trouble-long-then = Veuillez patienter un instant, puis revenir en arrière et réessayer.
trouble-foreign = Ceci venait d’une autre page
trouble-foreign-safe = Pour votre sécurité, rien n’a été modifié.
trouble-foreign-then = Ouvrez le lien que vous avez reçu, et continuez à partir de là.
trouble-much = Le texte était trop long
trouble-much-then = Revenez en arrière, saisissez-en moins, et réessayez.
trouble-second = Vous êtes déjà connecté
trouble-second-why = { $platform } est connecté, et une seule comptabilité peut être connectée à la fois. Rien n’a été modifié.
trouble-second-then = Pour en utiliser une autre, déconnectez d’abord { $platform }, puis demandez un nouveau lien à { $client }.
trouble-not-ready = { $platform } n’est pas encore prêt
trouble-not-ready-why = { $client } n’a pas fini de configurer sa connexion à { $platform }.
trouble-not-ready-then = Veuillez le signaler à { $client }, et réessayez plus tard : votre lien reste valable un jour.
trouble-no-choice = Ce choix n’est pas possible pour le moment
trouble-no-choice-then = Ce que vous avez choisi n’est plus proposé. Revenez en arrière, rechargez la page et choisissez autre chose.
trouble-raced = Quelque chose a changé entre-temps
trouble-raced-then = Rien n’a été partagé. Veuillez rouvrir votre lien.
trouble-unknown = Nous ne savons pas à quoi cela se rattache
trouble-unknown-why = Vous revenez d’une plateforme, mais aucune connexion ne vous attend. Si vous avez rechargé une page qui disait que vous êtes connecté, vous l’êtes.
trouble-unknown-then = Sinon, revenez à l’application d’où vous venez, et recommencez.
trouble-browser = Veuillez continuer là où vous avez commencé
trouble-nothing = Rien n’a été modifié et rien n’a été partagé.
trouble-browser-then = Pour vous protéger, une connexion doit être terminée dans le navigateur où elle a commencé, avec les cookies autorisés. Revenez à l’application d’où vous venez, et recommencez dans ce navigateur.
trouble-over = Cette identification est terminée
trouble-over-why = Elle a déjà été achevée, ou a pris plus d’une heure. Rien d’autre n’a été modifié.
trouble-over-then = Si votre plateforme n’est pas connectée, revenez à l’application d’où vous venez, et recommencez.

## The owner's own door

door-title = Ce que { $company } partage
door-heading = Ce que { $company } partage avec { $client }
door-lead = Voyez chaque connexion, depuis quand elle existe et quand elle a servi pour la dernière fois. Vous pouvez ici mettre fin à une connexion, et demander à { $client } vos données ou leur suppression.
door-open = Afficher
door-one-browser = Seul ce navigateur pourra alors utiliser le lien, pendant un jour.
sharing-lead = Voici tout ce que <strong>{ $company }</strong> partage ici avec <strong>{ $client }</strong>.
sharing-connections = Connexions
sharing-nothing = Rien n’est partagé avec { $client }, et rien ne l’a été.
sharing-shared = Partagé
sharing-disconnected = Déconnecté : aucune nouvelle donnée n’est lue
sharing-since = Connecté pour la première fois le { $date }
sharing-last-read = Dernière lecture le { $date }
sharing-never-read = Pas encore lu
sharing-reads = Ce qui est lu, et dans quel but
sharing-reads-and-writes = Ce qui est lu et modifié, et dans quel but
sharing-can-change = Peut être modifié
sharing-further = Également accepté le { $date } :
sharing-disconnect = Déconnecter
sharing-yours = Vos données chez { $client }
sharing-a-month = { $client } répond dans un délai d’un mois.
sharing-ask-copy = Demander une copie de vos données
sharing-ask-deletion = Demander la suppression de vos données
request-copy = Une copie de vos données
request-deletion = La suppression de vos données
request-open = Demandé le { $date }, réponse attendue au plus tard le { $due }
request-done = Fait le { $date }
request-refused = Refusé le { $date }
confirm-disconnect = Déconnecter { $platform } ?
confirm-given-back = { $client } ne lit plus de nouvelles données de { $platform }, et l’accès y est révoqué.
confirm-shared = { $client } ne lit plus de nouvelles données de cette entreprise auprès de { $platform }. D’autres entreprises y partagent l’accès : il est révoqué lorsque la dernière d’entre elles est déconnectée.
confirm-stays-listed = { $client } ne lit plus de nouvelles données de { $platform }. { $platform } continue d’afficher l’accès jusqu’à ce que vous l’y retiriez.
confirm-stays = Ce que { $client } a lu jusqu’à présent reste chez lui, sauf si vous en demandez la suppression.
confirm-files = Tous les fichiers envoyés ici sont supprimés aussitôt, et { $client } ne peut plus les lire.
confirm-disconnect-go = Déconnecter { $platform }
confirm-deletion = Demander la suppression de vos données ?
confirm-deletion-asks = Il est demandé à { $client } de supprimer ce qui a été lu de { $company }, et de vous répondre dans un délai d’un mois.
confirm-deletion-stays = Les connexions restent jusqu’à ce que vous les déconnectiez, ou jusqu’à ce qu’elles soient supprimées avec les données.
confirm-deletion-go = Demander la suppression

## The receipt

receipt-title = Votre reçu
receipt-lead = L’accès à { $platform } donné à <strong>{ $client }</strong>, tel qu’il est enregistré.
receipt-print = Imprimez ou enregistrez cette page. Le reçu signé prouve l’authenticité de l’enregistrement, sans rien demander à personne.
receipt-save = Enregistrer le reçu signé
receipt-name = Reçu
receipt-time = { $date }, { $time } UTC
receipt-state = État
receipt-in-force = Donné, et en vigueur
receipt-withdrawn = Retiré par vous ou votre entreprise
receipt-revoked = Terminé
receipt-expired = Terminé : sa durée était écoulée
receipt-given = Donné
receipt-given-again = Donné de nouveau
receipt-ended = Terminé
receipt-ended-customer = { $time }, par vous ou votre entreprise
receipt-ended-client = { $time }, par l’entreprise à laquelle vous l’aviez donné
receipt-ended-platform = { $time }, sur la plateforme
receipt-ended-service = { $time }, par le service qui tient ce registre
receipt-given-to = Donné à
receipt-company = Votre entreprise
receipt-business = Entreprise sur la plateforme
receipt-given-by = Donné par
receipt-platform = Plateforme
receipt-purpose = Finalité
receipt-further = Accepté plus tard
receipt-read = Lu
receipt-written = Modifié
receipt-how-long = Durée
receipt-ends-on = Prend fin le
receipt-what-ends = Ce qui y met fin
receipt-what-stays = Ce qui reste
receipt-how = Comment il a été donné
receipt-hosted-page = sur une page de ce service
receipt-privacy-notice = Politique de confidentialité

## The front page

front-lead = À cette adresse, les entreprises connectent leur comptabilité, leur banque et leur boutique aux sociétés avec lesquelles elles ont accepté de partager des données.
front-asked = Vous a-t-on demandé de connecter la vôtre ? Ouvrez le lien du message que vous avez reçu : il indique qui fait la demande, et laquelle.
front-software = Vous écrivez un logiciel pour cette API ? <a href="/reference">La référence</a> présente chaque opération ; <a href="/openapi.json">le document</a> est destiné aux outils.
front-version = Version { $version }

## Uploading files

upload-accounting = Téléverser des documents comptables
upload-banking = Téléverser des relevés bancaires
upload-documents = Téléverser des documents de l’entreprise
kind-documents = Documents de l’entreprise
kind-documents-has = Des documents qu’aucune plateforme ne contient, comme des contrats ou un plan d’affaires
upload-asks = <strong>{ $client }</strong> demande des documents de <strong>{ $company }</strong>.
upload-label = Fichiers
upload-rules = Jusqu’à { $count } à la fois, de 10 Mo chacun au plus : { $types }.
upload-send = Téléverser
upload-there = Déjà téléversés
upload-kept = Vos fichiers sont conservés chiffrés, pour que { $client } puisse les lire. La déconnexion les supprime.
upload-problem = Rien n’a été téléversé
upload-no-file = Choisissez un fichier.
upload-too-many = Choisissez { $count } fichiers au plus.
upload-name = Le nom d’un fichier manque ou est trop long. Renommez-le, puis choisissez-le à nouveau.
upload-type = { $name } est d’un type qui n’est pas accepté.
upload-empty = { $name } est vide.
upload-large = { $name } dépasse 10 Mo.
upload-content = { $name } n’est pas du type que son nom indique. Enregistrez-le sous ce type, puis choisissez-le à nouveau.
upload-infected = Un virus a été trouvé dans { $name }. Supprimez ce fichier de votre appareil avant de continuer.
upload-unscanned = Les fichiers ne peuvent pas être analysés contre les virus pour le moment. Réessayez dans quelques minutes.
upload-no-room = Il n’y a plus de place pour d’autres fichiers. Veuillez en informer { $client }.
upload-busy = D’autres fichiers de votre entreprise sont en cours d’envoi. Veuillez réessayer une fois qu’ils sont arrivés.
upload-cut = Le téléversement a été interrompu. Veuillez choisir vos fichiers à nouveau.
upload-done = Vos fichiers ont été téléversés
upload-done-then = { $client } peut maintenant les lire. La déconnexion les supprime.
upload-more = En téléverser d’autres
