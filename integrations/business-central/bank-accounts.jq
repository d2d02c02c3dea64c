# Without a balance: the API has none.
{
  id: .id,
  accountName: .displayName,
  accountType: "Unknown",
  nominalCode: (.number | blank),
  accountNumber: (.bankAccountNumber | blank),
  iBan: (.iban | blank),
  currency: ((.currencyCode | blank) // $lookup.home),
  status: (if .blocked == true then "Archived" else "Active" end)
} + {
  sourceModifiedDate: modified
}
