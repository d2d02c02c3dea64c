.[0] as $first
| ($first["invoice.state"]) as $state
| ($first["invoice.totalTxnAmount"] | num // 0) as $whole
# An invoice below zero is a credit note.
| select($whole >= 0 and (is_reversal($state) | not))
| ($first["invoice.totalTxnAmountDue"] | num) as $due
| document($whole; .txnAmount; .isSubtotal == "tax"; false) as $document
| $first
| {
    id: .["invoice.key"],
    invoiceNumber: (.["invoice.invoiceNumber"] | blank),
    customerRef: customer("invoice.customer"),
    issueDate: (.["invoice.invoiceDate"] | day),
    dueDate: (.["invoice.dueDate"] | day),
    currency: (.["currency.txnCurrency"] | blank),
    currencyRate: (.["currency.exchangeRate.rate"] | num),
    status: settled($state; "Submitted"; $whole; $due)
  } + {
    lineItems: [$document.lines[] | line + tracking],
    subTotal: $document.net,
    totalTaxAmount: $document.tax,
    totalAmount: $whole,
    amountDue: $due
  } + {
    note: ([.["invoice.description"], .["invoice.referenceNumber"]] | joined("; ")),
    sourceModifiedDate: (.["invoice.audit.modifiedDateTime"] | blank)
  }
