# A card's balance, paid from a bank account.
def place($ref; $other; $document):
  ($document | side($ref; $other)) as $side
  | {accountRef: {id: $ref.value, name: $ref.name, dataType: "chartOfAccounts"}} + ($side // {});

if .status == "Deleted" then gone("creditCardPayment-\(.Id)")
else
  . as $document
  | {
      id: "creditCardPayment-\(.Id)",
      description: ((.PrivateNote // .Memo) | blank),
      date: (.TxnDate | day),
      from: place(.BankAccountRef; .CreditCardAccountRef; $document),
      to: place(.CreditCardAccountRef; .BankAccountRef; $document),
      status: (if voided then "Void" else "Unknown" end),
      sourceModifiedDate: modified
    }
end
