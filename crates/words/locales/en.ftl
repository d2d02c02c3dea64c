### English: the house's own words. Every other file has these sentences, with these values.
### Markup stands where a sentence is taken by `mark`; values are escaped there.

## Every page

badge = Secured by Moorline
reference = Reference
comma = ,{ " " }
sentence-end = .
error-in-title = Error: { $title }
problems = Please complete the following
not-now = Not now
back = Back
beta = Beta
practice = For practice
try-again = Try again
close-simply = Or simply close this window.

## The start page

start-connect = Connect { $platform } to { $client }
start-connected = { $platform } is connected
start-reconnect = Reconnect { $platform }
start-asks = <strong>{ $client }</strong> asks to read data of <strong>{ $company }</strong> from <strong>{ $platform }</strong>.
start-asks-writes = <strong>{ $client }</strong> asks to read data of <strong>{ $company }</strong> from <strong>{ $platform }</strong>, and to change it there.
start-under-way = You set out for { $platform } before. You can go on there, or leave it.
start-works = This connection works as it is. Continue only if you want to sign in again.
start-disconnected = You disconnected this before; no new data is read until you reconnect.
start-same-business = Choose { $business } again when { $platform } asks.
start-changed = What { $client } asks for has changed since you opened this page. Please read it again before you go on.
start-proceed = Continue to { $platform }
start-leave-as-is = Leave it as it is
start-read-again = Read again what { $client } asks for
start-purpose = What it is for
start-reads = What { $client } will be able to read
start-custom = Also, by { $client }’s own names
start-from-source = (from { $source })
start-business = And { $business }.
start-writes = What { $client } will be able to change
start-adds = add new ones
start-changes = change those there are
start-adds-and-changes = add new ones and change those there are
start-person = What { $client } will be told about you
start-how-far = How far back, and when
start-further = Of { $name } also:
start-lasts = How long access lasts, and what ends it
start-stays = What stays afterwards
start-who = Who asks
start-privacy-notice = Privacy notice
start-terms = Terms
start-help = Help
start-email = Email:
start-phone = Telephone:
start-no-privacy-notice = { $client } has given no link to a privacy notice here.
start-scopes = What { $platform } is asked for, in its own words
start-step = Step { $step } of { $steps }
start-sign-in = Sign in to { $platform }
start-sign-in-there = There you choose the business and agree to share its data.
start-password = You sign in at { $platform } itself. Your password is never seen by { $client }.
start-only-read = Data is read, never changed.
start-only-named = Nothing is changed but what is named above.
start-any-time = You can disconnect at any time.
step-tick = Read “{ $title }” and tick “{ $confirm }”.
step-name = Confirm your company’s name
step-name-label = Company name
step-name-hint = As it is registered. Correct it if it isn’t right.
step-name-missing = Enter your company’s name.
step-name-long = Enter a company name of at most { $most } characters; this one has { $count }.
way-others = Other ways to connect
way-sign-in = Sign in at { $platform }
typed-proceed = Connect { $platform }
typed-works = This connection works as it is. Continue only if you want to enter it again.
typed-same-business = Use the access of { $business } again.
typed-example = For example: { $example }
typed-missing = Enter “{ $label }”.
typed-form = “{ $label }” doesn’t look right.
typed-unusable = “{ $label }” is too long, or has characters that can’t be sent.
typed-refused = { $platform } did not accept what you entered. Nothing was changed. Check it, and enter secrets again.
typed-not-reached = { $platform } could not be asked about what you entered. Nothing was changed. Check it, or try again in a moment.
typed-sealed = What you enter is kept encrypted, used only for what is named above, and never shown again.
certificate-make = Make the certificate
certificate-why = A certificate is made for this connection. Its private key stays here, encrypted.
certificate-download = Download the certificate
certificate-ends = It is valid until { $date }.

## The times of reading

rhythm-once-clock = { $hours ->
    [one] It is read as soon as you have agreed, then by the clock (every hour where it is most frequent), and whenever { $client } asks for it, until access ends.
   *[other] It is read as soon as you have agreed, then by the clock (every { $hours } hours where it is most frequent), and whenever { $client } asks for it, until access ends.
}
rhythm-once = It is read as soon as you have agreed, and after that whenever { $client } asks for it, until access ends.
rhythm-clock = { $hours ->
    [one] It is read by the clock (every hour where it is most frequent), and whenever { $client } asks for it, until access ends.
   *[other] It is read by the clock (every { $hours } hours where it is most frequent), and whenever { $client } asks for it, until access ends.
}
rhythm-asked = It is read whenever { $client } asks for it, until access ends.

## The disclosure

business-read = the business’s name at { $platform }, and its number there
purpose-unstated = { $client } hasn’t said here what it uses the data for. Ask { $client } before you agree, if you don’t know.
history-months = { $count ->
    [one] the last month
   *[other] the last { $count } months
}
history-since = since { $date }
history-all = everything there is
access-until-ended = Access lasts until it is ended.
access-days = Access lasts for { $time } at most; then { $client } has to ask you again.
access-unused = If it isn’t used for { $time }, { $platform } ends it.
access-ends-there-too = You can disconnect at any time, where { $client } shows you your connections or by asking { $client }. The access is then given back at { $platform } too.
access-ends-with-last = You can disconnect at any time, where { $client } shows you your connections or by asking { $client }. The access is given back at { $platform } when the last of the businesses that you connect with it is disconnected.
access-stays-listed = You can disconnect at any time, where { $client } shows you your connections or by asking { $client }. { $platform } has no way to be told: it may go on listing { $client } until you remove it there.
access-erased = You can disconnect at any time, where { $client } shows you your connections or by asking { $client }. What was entered or made for it is then erased here. { $platform } can’t be told: to end it there too, do this.
access-taken-back = You can also take the access back at { $platform } itself.
stays-not = { $client } deletes the data as soon as access has ended.
stays-days = { $client } keeps the data for { $time } after access has ended.
stays-unstated = No new data is read once access has ended. What was read by then stays with { $client }, which hasn’t said here for how long: ask { $client } to delete it.
span-none = at once
span-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
span-years = { $count ->
    [one] 1 year
   *[other] { $count } years
}
missing-reads = reading { $names }
missing-history = reading { $names } from further back
missing-writes = adding or changing { $names }

## Kinds of data, and data types

group-business = Business details
group-books = Accounts and bookkeeping
group-sales = Sales
group-purchases = Purchases
group-bank = Bank accounts
group-reports = Reports
group-shop = Shop
group-orders = Orders and payments
type-company = contact details
type-tax-rates = tax rates
type-payment-methods = payment methods
type-chart-of-accounts = chart of accounts
type-journal-entries = journal entries
type-journals = journals
type-account-transactions = account transactions
type-tracking-categories = categories for reports
type-transfers = transfers between accounts
type-customers = customers
type-invoices = invoices
type-credit-notes = credit notes
type-payments = payments received
type-direct-incomes = direct income
type-sales-orders = sales orders
type-items = products
type-suppliers = suppliers
type-bills = bills
type-bill-credit-notes = credit notes from suppliers
type-bill-payments = payments made
type-direct-costs = direct costs
type-item-receipts = goods received
type-purchase-orders = purchase orders
type-bank-accounts = bank accounts
type-bank-transactions = bank transactions
type-account-balances = balances
type-transaction-categories = categories of transactions
type-balance-sheet = balance sheet
type-profit-and-loss = profit & loss
type-cash-flow-statement = cash flow
type-locations = locations
type-products = products
type-product-categories = product categories
type-commerce-customers = customers
type-orders = orders
type-commerce-payments = payments
type-transactions = payouts
type-disputes = disputes
detail-identifier = the number of your account there
detail-profile = your name and profile
detail-email = your email address
detail-phone = your phone number
detail-address = your postal address

## The overview

overview-title = Connections of { $company }
overview-heading = Connect your platforms
overview-asks = <strong>{ $client }</strong> asks for data of <strong>{ $company }</strong>. Choose where you keep it. Before anything is shared you see what will be read there, and whether anything will be changed.
overview-yours = Your connections
overview-reconnect = Reconnect
overview-choose = Choose a platform
overview-another = Connect another
overview-none = { $client } has no platform to choose from at the moment. Please tell { $client }, or come back later.
overview-not-listed = My platform isn’t in the list
overview-which = Which platform do you use?
overview-tell = Tell { $client }
overview-back = Back to { $client }
overview-closed = { $platform } is connected. A business has one accounting platform connected at a time: to change to another, disconnect { $platform } first.
overview-connected = Connected
overview-connected-since = Connected since { $date }
overview-disconnected = Disconnected
overview-nothing-new = No new data is read.
kind-accounting = Accounting
kind-accounting-has = Invoices, bills, customers, suppliers and reports
kind-banking = Banking
kind-banking-has = Accounts, balances and transactions
kind-commerce = Commerce
kind-commerce-has = Orders, products, payments and payouts
attention = Needs your attention
attention-expired = Your permission at { $platform } has run out.
attention-lost = The access to { $platform } was lost on our side.
attention-ended = { $platform } no longer allows the access.

## The choice of a business

choose-title = Choose a business
choose-heading = Which business do you want to connect?
choose-given = { $count ->
    [one] You gave access to { $count } business at <strong>{ $platform }</strong>. <strong>{ $client }</strong> reads its data as <strong>{ $company }</strong>’s.
   *[other] You gave access to { $count } businesses at <strong>{ $platform }</strong>. <strong>{ $client }</strong> reads the data of one of them as <strong>{ $company }</strong>’s.
}
choose-legend = Business
choose-before = Connected before
choose-number = Number ending in { $end }
choose-proceed = Connect this business
choose-missing = Choose one of the businesses.
choose-lacks = This user may not see everything
choose-lacks-why = { $client } asks for more than the user who signed in at { $platform } may see. The user lacks:
choose-lacks-then = Ask an administrator of { $platform } for these permissions, and check again. Or connect without them: what the user may not see is left out.
choose-lacks-again = Check again
several-title = Choose businesses
several-heading = Which businesses do you want to connect?
several-given = { $count ->
    [one] You gave access to { $count } business at <strong>{ $platform }</strong>. Each one that stays ticked is shared with <strong>{ $client }</strong>, on its own: you can disconnect one and keep the others. The access at <strong>{ $platform }</strong> itself is given back when the last one is disconnected.
   *[other] You gave access to { $count } businesses at <strong>{ $platform }</strong>. Each one that stays ticked is shared with <strong>{ $client }</strong>, on its own: you can disconnect one and keep the others. The access at <strong>{ $platform }</strong> itself is given back when the last one is disconnected.
}
several-legend = Businesses
several-connected = Connected already
several-proceed = Connect what is ticked
several-missing = Tick one business at least.
several-again = Some of these businesses were connected before. Connect each of them again from its own connection at { $client }, so that it stays the same connection.
several-most = Tick { $most } businesses at most: no more can be connected at once.
twice-heading = { $business } is connected already
twice-shares = <strong>{ $business }</strong> shares its { $platform } data with <strong>{ $client }</strong>. Nothing was changed yet.
twice-shares-since = <strong>{ $business }</strong> shares its { $platform } data with <strong>{ $client }</strong> since { $date }. Nothing was changed yet.
twice-leave = Leave it as it is
twice-other = Choose another business at { $platform }
twice-again = Connect it a second time
twice-then = Connected a second time, { $client } receives the same data twice.
different-title = A different business was chosen
different-heading = That’s a different business
different-chosen = This connection belongs to <strong>{ $before }</strong>. At { $platform } you chose <strong>{ $now }</strong>. Nothing was changed yet.
different-another = another business
different-occupied = { $platform } is connected, and a business can have one accounting platform connected at a time. To connect { $now }, disconnect { $platform } first.
different-back = Go back and choose { $before }
different-new = Add { $now } as a new connection
different-leave = Leave everything as it was
different-then = As a new connection, { $now } shares its data with { $client } too. The connection of { $before } stays as it is.

## Endings

end-why = Why
end-why-refused = { $platform } didn’t accept the sign-in. Please begin again.
end-why-changed = Something else was connected or changed in the meantime. See your connections, then try again.
end-why-late = The sign-in took longer than an hour, or no business was chosen within an hour. Please connect again.
end-why-unreachable = { $platform } couldn’t be reached, or its answer couldn’t be read. Please wait a little, then try again.
end-why-unconfirmed = { $client } didn’t confirm in time that it was you, so nothing was shared. Please begin again from { $client }.
end-why-other = Something went wrong on the way. If it keeps happening, pass on the reference below.
end-overview = See all your connections
end-linked = { $platform } is connected
end-shares = { $business } now shares its { $platform } data with { $client }.
end-shares-several = { $businesses } now share their { $platform } data with { $client }.
end-sharing = See or stop what you share
end-receipt = See your receipt
end-done = You’re done, and can close this window.
end-left-out = { $platform } didn’t allow everything that { $client } asked for. Left out for now: { $parts }.
end-unchanged = Nothing was changed
end-stays = { $platform } stays connected as it was.
end-not-connected = { $platform } wasn’t connected, and nothing was shared with { $client }.
end-after-all = Connect { $platform } after all
end-nothing-new = Nothing new was shared with { $client }.
end-held = One more step
end-held-until = { $client } has to confirm that it was you. Go back to { $client } and finish there. Until then, and without that, nothing is shared.
end-cancelled = You cancelled
end-not-allowed = You didn’t allow access at { $platform }, so nothing was shared with { $client }.
end-failed = { $platform } couldn’t be connected
end-failed-again = Nothing was shared with { $client }. You can try again now, or later.
end-not-yours = Nothing was shared with { $client }, and nothing is wrong on your side.
end-tell-client = { $client } isn’t set up correctly at { $platform }. Please tell { $client }: only they can put it right, and trying again won’t help until then.
end-not-supported = Your platform isn’t supported yet
end-tell-platform = Nothing was shared. Please tell { $client } which platform you use: there may be another way to share what they need.
end-told-platform = Nothing was shared. { $client } has been told that you use { $platform }: there may be another way to share what they need.
end-to-list = Back to the list of platforms
end-go-on = Close this window to go on at { $client }.

## Setting up a program that calls

approval-needed = Does an administrator have to approve this first?
approval-words = If { $platform } asks for an administrator’s approval, copy this link and send it to your administrator. It shares no data. Once it is approved, connect here.
approval-link = Link for your administrator
approval-given = Approved
approval-given-then = The person who sent you the link can connect { $platform } now. Nothing was shared by this.
approval-refused = Not approved
approval-refused-then = { $platform } reports no approval. Nothing was changed; you can open the link again.
end-why-approval = { $platform } wants an administrator to approve this first.
machine-next = On the next page you get a file and a password, with the steps for setting up { $program } on the computer where { $platform } runs.
machine-proceed = Continue to the set-up
machine-password = You give { $program } a password made for it alone. Your own passwords for { $platform } are never seen by { $client }.
machine-under-way = You began this set-up before. If you continue, you get a new password, and the old one ends.
machine-works = This connection works as it is. Continue only if you want to set up { $program } again.
machine-same-business = Use the company file of { $business } again.
setup-heading = Set up { $program }
setup-lead = <strong>{ $client }</strong> reads the books of <strong>{ $company }</strong> through { $program }, a program on the computer where { $platform } runs. Keep this page open, and do this on that computer.
setup-get = Get { $program }
setup-get-words = Install it on the computer with { $platform }, if it isn’t there already:
setup-file = Add the set-up file
setup-file-words = Open the company file in { $platform } as its administrator, then open this file in { $program }. { $platform } asks whether the books may be read: allow it always, also while { $platform } is closed.
setup-file-get = Download the set-up file
setup-password = Enter the password
setup-password-words = { $program } asks for it once, and can remember it:
setup-password-once = It is shown here only now. Copy it before you go on.
setup-update = Update for the first time
setup-update-words = In { $program }, tick the new line, update it once, and switch on automatic running, so that the books are read regularly.
setup-done = I’ve done all this
setup-waiting = Waiting for the first call
setup-waiting-words = { $program } hasn’t finished its first call yet. This page looks again by itself, and goes on as soon as it has. You can close it: the connection is made all the same.
setup-trouble = Something is in the way
setup-again = If you have lost the password, open the link from { $client } again in this browser: you get a new one, and the old one ends.
setup-user = User name:

## Trouble

trouble-broken = Something went wrong on our side
trouble-wait = Please wait a moment and try again. If it keeps happening, pass on the reference below.
trouble-gone = This link doesn’t work any more
trouble-gone-once = A link like this works once, and for one day.
trouble-gone-then = Go back to the app or the message that it came from, and ask for a new one.
trouble-spent = This link has been used
trouble-spent-once = Each link works once. If you have finished connecting, you can close this window.
trouble-spent-then = Otherwise go back to { $client } and start again: you’ll get a fresh link there.
trouble-see = See your connections
trouble-no-result = This page can’t be shown any more
trouble-no-result-why = It said how your connection ended, for an hour and in one browser.
trouble-close = You can close this window.
trouble-working = We’re still working on it
trouble-working-why = The platform takes longer than usual to answer. Your connection is being finished, even if you leave.
trouble-working-then = This page loads again by itself, and then shows how it ended. You can load it again yourself, too.
trouble-long = That took too long
trouble-long-then = Please wait a moment, then go back and try again.
trouble-foreign = This came from another page
trouble-foreign-safe = To keep you safe, nothing was changed.
trouble-foreign-then = Open the link that you were given, and continue from there.
trouble-much = That was too much text
trouble-much-then = Go back, enter less, and try again.
trouble-second = You’re already connected
trouble-second-why = { $platform } is connected, and a business can have one accounting platform connected at a time. Nothing was changed.
trouble-second-then = To use another one, disconnect { $platform } first, then ask { $client } for a new link.
trouble-not-ready = { $platform } isn’t ready yet
trouble-not-ready-why = { $client } hasn’t finished setting up its connection to { $platform }.
trouble-not-ready-then = Please tell { $client }, and try again later: your link stays good for a day.
trouble-no-choice = That can’t be chosen now
trouble-no-choice-then = What you chose isn’t on offer any more. Go back, load the page again and choose another.
trouble-raced = Something changed in the meantime
trouble-raced-then = Nothing was shared. Please open your link again.
trouble-unknown = We can’t tell what this belongs to
trouble-unknown-why = You came back from a platform, but there’s no connection waiting for you. If you loaded a page again that said you’re connected, you are.
trouble-unknown-then = Otherwise go back to the app that sent you there, and start again.
trouble-browser = Please continue where you began
trouble-nothing = Nothing was changed and nothing was shared.
trouble-browser-then = To protect you, a connection has to be finished in the browser that began it, with cookies allowed. Go back to the app that sent you, and start again in this browser.
trouble-over = This sign-in is over
trouble-over-why = It was finished before, or took more than an hour. Nothing more was changed.
trouble-over-then = If your platform isn’t connected, go back to the app that sent you there, and start again.

## The owner's own door

door-title = What { $company } shares
door-heading = What { $company } shares with { $client }
door-lead = See every connection, since when and how recently it was used. You can disconnect here, and ask { $client } for your data or for its deletion.
door-open = Show it
door-one-browser = Only this browser can use the link then, for one day.
sharing-lead = This is everything that <strong>{ $company }</strong> shares with <strong>{ $client }</strong> here.
sharing-connections = Connections
sharing-nothing = Nothing is shared with { $client }, and nothing was.
sharing-shared = Shared
sharing-disconnected = Disconnected: no new data is read
sharing-since = First connected on { $date }
sharing-last-read = Last read on { $date }
sharing-never-read = Not read yet
sharing-reads = What is read, and what for
sharing-reads-and-writes = What is read and changed, and what for
sharing-can-change = Can be changed
sharing-further = Agreed to on { $date }, beside that:
sharing-disconnect = Disconnect
sharing-yours = Your data at { $client }
sharing-a-month = { $client } answers within a month.
sharing-ask-copy = Ask for a copy of your data
sharing-ask-deletion = Ask for your data’s deletion
request-copy = A copy of your data
request-deletion = Your data’s deletion
request-open = Asked on { $date }, to be answered by { $due }
request-done = Done on { $date }
request-refused = Refused on { $date }
confirm-disconnect = Disconnect { $platform }?
confirm-given-back = { $client } reads no new data from { $platform }, and access is given back there.
confirm-shared = { $client } reads no new data of this business from { $platform }. Other businesses share the access there: it is given back when the last of them is disconnected.
confirm-stays-listed = { $client } reads no new data from { $platform }. { $platform } goes on listing the access until you remove it there.
confirm-stays = What { $client } has read until now stays with it, unless you ask for its deletion.
confirm-files = All files that were uploaded here are deleted at once, and { $client } can’t read them any more.
confirm-disconnect-go = Disconnect { $platform }
confirm-deletion = Ask for your data’s deletion?
confirm-deletion-asks = { $client } is asked to delete what it has read of { $company }, and to answer you within a month.
confirm-deletion-stays = Connections stay until you disconnect them, or until they are deleted with the data.
confirm-deletion-go = Ask for deletion

## The receipt

receipt-title = Your receipt
receipt-lead = Access to { $platform } that was given to <strong>{ $client }</strong>, as it is on record.
receipt-print = Print this page or save it. The signed receipt proves that the record is genuine, without asking anyone.
receipt-save = Save the signed receipt
receipt-name = Receipt
receipt-time = { $date }, { $time } UTC
receipt-state = State
receipt-in-force = Given, and in force
receipt-withdrawn = Taken back by you or your company
receipt-revoked = Ended
receipt-expired = Ended: its time was over
receipt-given = Given
receipt-given-again = Given again
receipt-ended = Ended
receipt-ended-customer = { $time }, by you or your company
receipt-ended-client = { $time }, by the company that you gave it to
receipt-ended-platform = { $time }, at the platform
receipt-ended-service = { $time }, by the service that keeps this record
receipt-given-to = Given to
receipt-company = Your company
receipt-business = Business
receipt-given-by = Given by
receipt-platform = Platform
receipt-purpose = Purpose
receipt-further = Agreed to later
receipt-read = Read
receipt-written = Written
receipt-how-long = How long
receipt-ends-on = Ends on
receipt-what-ends = What ends it
receipt-what-stays = What stays
receipt-how = How it was given
receipt-hosted-page = hosted page
receipt-privacy-notice = Privacy notice

## The front page

front-lead = Through this address, businesses connect their accounting, banking and commerce platforms to the companies that they have agreed to share data with.
front-asked = Were you asked to connect yours? Open the link in the message that you were sent: it says who asks, and for what.
front-software = Do you write software for this API? <a href="/reference">The reference</a> has every operation; <a href="/openapi.json">the document</a> is for tools.
front-version = Version { $version }

## Uploading files

upload-accounting = Upload accounting documents
upload-banking = Upload bank statements
upload-documents = Upload business documents
kind-documents = Business documents
kind-documents-has = Documents that no platform has, such as contracts or a business plan
upload-asks = <strong>{ $client }</strong> asks for documents of <strong>{ $company }</strong>.
upload-label = Files
upload-rules = Up to { $count } at a time, of up to 10 MB each: { $types }.
upload-send = Upload
upload-there = Uploaded before
upload-kept = Your files are kept encrypted, for { $client } to read. Disconnecting deletes them.
upload-problem = Nothing was uploaded
upload-no-file = Choose a file.
upload-too-many = Choose { $count } files at the most.
upload-name = A file’s name is missing or too long. Rename it, and choose it again.
upload-type = { $name } is of a type that isn’t taken.
upload-empty = { $name } is empty.
upload-large = { $name } is larger than 10 MB.
upload-content = { $name } isn’t the type of file that its name says. Save it as that type, and choose it again.
upload-infected = A virus was found in { $name }. Remove it from your device before you go on.
upload-unscanned = Files can’t be checked for viruses at the moment. Please try again in a few minutes.
upload-no-room = There is no room for more files. Please tell { $client }.
upload-busy = Other files of your company are being uploaded at the moment. Please try again once they are there.
upload-cut = The upload was cut off. Please choose your files again.
upload-done = Your files were uploaded
upload-done-then = { $client } can read them now. Disconnecting deletes them.
upload-more = Upload more
