{
  id: .TxnID,
  customerRef: customer,
  accountRef: (.DepositToAccountRef | to_ref),
  paymentMethodRef: (.PaymentMethodRef | to_ref),
  totalAmount: (.TotalAmount | num),
  currency: currency,
  currencyRate: rate,
  date: (.TxnDate | day)
} + {
  lines: payment_lines("Invoice"; {Invoice: "Invoice", Charge: "Invoice", JournalEntry: "ManualJournal", Check: "Refund", ARRefundCreditCard: "Refund", Deposit: "Other", CreditMemo: "CreditNote"}; .UnusedPayment | num),
  reference: number,
  note: (.Memo | blank),
  sourceModifiedDate: modified
}
