# Balances are in the bank summary report only.
select(.Type == "BANK")
| {
  id: .AccountID,
  accountName: .Name,
  accountType: ({BANK: "Debit", PAYPAL: "Debit", CREDITCARD: "Credit"}[.BankAccountType // ""] // "Unknown"),
  nominalCode: (.Code | blank),
  accountNumber: (.BankAccountNumber | blank),
  currency: .CurrencyCode
} + {
  status: (.Status // "ACTIVE" | one_of({ACTIVE: "Active", ARCHIVED: "Archived", DELETED: "Archived"})),
  metadata: gone_if(.Status == "DELETED"),
  sourceModifiedDate: (.UpdatedDateUTC | instant)
}
