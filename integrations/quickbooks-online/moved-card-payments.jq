# A card's balance, paid from a bank account: a form of its own beside the transfers, in the company's currency only.
if .status == "Deleted" then gone("creditCardPaymentFrom-\(.Id)"), gone("creditCardPaymentTo-\(.Id)")
else {id: "creditCardPayment-\(.Id)", dataType: "transfers"} as $record
| side_movement("creditCardPaymentFrom"; .BankAccountRef; .CreditCardAccountRef; true; $record),
  side_movement("creditCardPaymentTo"; .CreditCardAccountRef; .BankAccountRef; false; $record) end
