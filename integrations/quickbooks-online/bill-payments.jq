if .status == "Deleted" then gone(.Id)
else {
  id: .Id,
  supplierRef: supplier,
  accountRef: ((.CheckPayment.BankAccountRef // .CreditCardPayment.CCAccountRef) | to_ref),
  totalAmount: .TotalAmt,
  currency: .CurrencyRef.value,
  currencyRate: .ExchangeRate,
  date: (.TxnDate | day)
} + {
  lines: payment_lines({Bill: "Bill", VendorCredit: "CreditNote", JournalEntry: "ManualJournal", Expense: "Other", Check: "Other",
    Deposit: "Refund", CreditCardCredit: "Other", BillPayment: "BillPayment"}; "VendorCredit"; null),
  reference: (.DocNumber | blank),
  note: (.PrivateNote | blank),
  sourceModifiedDate: modified
} end
