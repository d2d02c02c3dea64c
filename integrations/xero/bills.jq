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
  status: (dsub(.Total; .AmountDue) as $used | document_status("Open"; $used | nonzero)),
  lineItems: lines,
  paymentAllocations: settlements,
  withholdingTax: withheld,
  subTotal: .SubTotal,
  taxAmount: .TotalTax,
  totalAmount: .Total
} + {
  amountDue: .AmountDue,
  note: (.Reference | blank),
  metadata: gone_if(.Status == "DELETED"),
  sourceModifiedDate: (.UpdatedDateUTC | instant)
}
