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
  status: document_status("Submitted"; settled_in_part),
  lineItems: lines,
  paymentAllocations: settlements,
  withholdingTax: withheld,
  totalDiscount: discounts,
  subTotal: .SubTotal,
  totalTaxAmount: .TotalTax
} + {
  totalAmount: total,
  amountDue: .AmountDue,
  note: (.Reference | blank),
  metadata: gone_if(.Status == "DELETED"),
  sourceModifiedDate: (.UpdatedDateUTC | instant)
}
