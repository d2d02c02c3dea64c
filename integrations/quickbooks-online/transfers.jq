# Transfers go between any two accounts of the balance sheet, and say nothing of the bank's view of them. Between accounts
# of two currencies each side has its own amount.
def place($ref; $other; $document):
  ($document | side($ref; $other)) as $side
  | {accountRef: {id: $ref.value, name: $ref.name, dataType: "chartOfAccounts"}} + ($side // {});

if .status == "Deleted" then gone(.Id)
else
  . as $document
  | {
      id: .Id,
      description: (.PrivateNote | blank),
      date: (.TxnDate | day),
      from: place(.FromAccountRef; .ToAccountRef; $document),
      to: place(.ToAccountRef; .FromAccountRef; $document),
      status: (if voided then "Void" else "Unknown" end),
      sourceModifiedDate: modified
    }
end
