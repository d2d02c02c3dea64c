{
  id: .id,
  accountName: ([.["bankAccountDetails.bankName"], .id] | joined(" ")),
  institution: (.["bankAccountDetails.bankName"] | blank),
  # A charge card that is paid like cash is no credit.
  accountType: (if $lookup.kind == "card" and .["accountDetails.accountType"] != "debit" then "Credit" else "Debit" end),
  currency: (.currency | blank),
  status: status
}
