{
  id: .TxnID,
  supplierRef: payee,
  accountRef: ((.BankAccountRef // .CreditCardAccountRef) | to_ref),
  totalAmount: (.Amount | num),
  currency: currency,
  currencyRate: rate,
  date: (.TxnDate | day)
} + {
  lines: payment_lines("Bill"; {Bill: "Bill", JournalEntry: "ManualJournal", VendorCredit: "CreditNote"}; null),
  reference: number,
  note: (.Memo | blank),
  sourceModifiedDate: modified
}
