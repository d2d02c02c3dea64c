.[0] as $first
| ($first["invoice.state"]) as $state
| ($first["invoice.totalTxnAmount"] | num // 0) as $whole
| select($whole < 0 and (is_reversal($state) | not))
| ($first["invoice.totalTxnAmountDue"] | num) as $due
| document($whole; .txnAmount; .isSubtotal == "tax"; true) as $document
| $first
| {
    id: "invoice-\(.["invoice.key"])",
    creditNoteNumber: (.["invoice.invoiceNumber"] | blank),
    customerRef: customer("invoice.customer"),
    issueDate: (.["invoice.invoiceDate"] | day),
    currency: (.["currency.txnCurrency"] | blank),
    currencyRate: (.["currency.exchangeRate.rate"] | num),
    status: settled($state; "Submitted"; $whole; $due)
  } + {
    lineItems: [$document.lines[] | line + tracking],
    subTotal: $document.net,
    totalTaxAmount: $document.tax,
    totalAmount: $document.total,
    remainingCredit: ($due | size)
  } + {
    note: ([.["invoice.description"], .["invoice.referenceNumber"]] | joined("; ")),
    sourceModifiedDate: (.["invoice.audit.modifiedDateTime"] | blank)
  }
