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
  # A payment of more than its bills is a credit, of which the platform has no member.
  lines: payment_lines({Bill: "Bill", VendorCredit: "CreditNote", JournalEntry: "ManualJournal", Expense: "Other", Check: "Other",
    Deposit: "Refund", CreditCardCredit: "Other", BillPayment: "BillPayment", BillPaymentCheck: "BillPayment", BillPaymentCreditCard: "BillPayment"};
    ["VendorCredit", "Check", "Expense", "BillPayment", "BillPaymentCheck", "BillPaymentCreditCard"]; ["Bill", "VendorCredit"]; null),
  reference: (.DocNumber | blank),
  note: (.PrivateNote | blank),
  sourceModifiedDate: modified
} end
