if .status == "Deleted" then gone(.Id)
else {
  id: .Id,
  customerRef: customer,
  accountRef: (.DepositToAccountRef | to_ref),
  paymentMethodRef: (.PaymentMethodRef | to_ref),
  totalAmount: .TotalAmt,
  currency: .CurrencyRef.value,
  currencyRate: .ExchangeRate,
  date: (.TxnDate | day)
} + {
  lines: payment_lines({Invoice: "Invoice", CreditMemo: "CreditNote", JournalEntry: "ManualJournal", Deposit: "Other",
    Expense: "Refund", Check: "Refund", CreditCardCredit: "Other", Payment: "Payment", RefundReceipt: "Refund"};
    ["CreditMemo", "Deposit", "CreditCardCredit", "Payment"]; ["Invoice", "CreditMemo"]; .UnappliedAmt),
  reference: (.PaymentRefNum | blank),
  note: (.PrivateNote | blank),
  sourceModifiedDate: modified
} end
