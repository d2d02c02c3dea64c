# Among the changes, a deleted record is an id and a status.
if .status == "Deleted" then gone(.Id)
else {
  id: .Id,
  invoiceNumber: (.DocNumber | blank),
  customerRef: customer,
  issueDate: (.TxnDate | day),
  dueDate: (.DueDate | day),
  currency: .CurrencyRef.value,
  currencyRate: .ExchangeRate,
  status: document_status("Submitted")
} + {
  lineItems: sales_lines,
  paymentAllocations: settlements({Payment: "Payment", CreditMemo: "Credit memo", JournalEntry: "Journal entry"}),
  totalDiscount: discount,
  subTotal: net,
  totalTaxAmount: tax,
  totalAmount: .TotalAmt,
  amountDue: .Balance
} + {
  note: ([.CustomerMemo.value, .PrivateNote] | joined("\n")),
  sourceModifiedDate: modified
} end
