select(.Type == "ACCPAY")
| {
  id: .InvoiceID,
  reference: (.InvoiceNumber // .Reference | blank),
  supplierRef: supplier,
  issueDate: (.Date | day),
  dueDate: (.DueDate | day),
  currency: .CurrencyCode,
  currencyRate: (.CurrencyRate | rate)
} + {
  status: document_status("Open"; settled_in_part),
  lineItems: lines,
  paymentAllocations: settlements,
  withholdingTax: withheld,
  subTotal: .SubTotal,
  taxAmount: .TotalTax,
  totalAmount: total
} + {
  amountDue: .AmountDue,
  note: (.Reference | blank),
  metadata: gone_if(.Status == "DELETED"),
  sourceModifiedDate: (.UpdatedDateUTC | instant)
}
