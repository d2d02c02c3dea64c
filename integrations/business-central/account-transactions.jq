# The rows of one bank account in one document. Each row of the bank's own account is a movement, in the company's currency: the ledger has no other. A
# movement that was reversed, and the one that it was reversed with, undo each other: neither counts.
of_bank[]
| select(.amount != 0)
| bank_of as $bank
| {
    id: (.number | tostring),
    transactionId: (.documentNumber | blank),
    note: ([.description, .externalDocumentNumber] | joined("; ")),
    bankAccountRef: ref($bank.id; $bank.displayName | blank),
    date: (.postingDate | day),
    status: (if .reveresd == true then "Void" else "Unknown" end),
    currency: $lookup.home
  } + {
    lines: [{description: (.description | blank), amount: .amount}],
    totalAmount: .amount,
    sourceModifiedDate: modified
  }
