select(.Type == "ACCREC")
| {
  id: .InvoiceID,
  invoiceNumber: (.InvoiceNumber | blank),
  customerRef: customer,
  issueDate: (.Date | day),
  dueDate: (.DueDate | day),
  paidOnDate: (.FullyPaidOnDate | day),
  currency: .CurrencyCode,
  currencyRate: (.CurrencyRate | rate)
} + {
  status: (dsub(.Total; .AmountDue) as $used | document_status("Submitted"; $used | nonzero)),
  lineItems: lines,
  paymentAllocations: settlements,
  withholdingTax: withheld,
  totalDiscount: .TotalDiscount,
  subTotal: .SubTotal,
  totalTaxAmount: .TotalTax
} + {
  totalAmount: .Total,
  amountDue: .AmountDue,
  note: (.Reference | blank),
  metadata: gone_if(.Status == "DELETED"),
  sourceModifiedDate: (.UpdatedDateUTC | instant)
}
