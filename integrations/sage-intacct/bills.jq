.[0] as $first
| ($first["bill.state"]) as $state
| ($first["bill.totalTxnAmount"] | num // 0) as $whole
# A bill below zero is a credit.
| select($whole >= 0 and (is_reversal($state) | not))
| ($first["bill.totalTxnAmountDue"] | num) as $due
| document($whole; .txnAmount; .isSubTotal == "tax"; false) as $document
| $first
| {
    id: .["bill.key"],
    reference: (.["bill.billNumber"] | blank),
    supplierRef: supplier("bill.vendor"),
    issueDate: (.["bill.createdDate"] | day),
    dueDate: (.["bill.dueDate"] | day),
    currency: (.["currency.txnCurrency"] | blank),
    currencyRate: (.["currency.exchangeRate.rate"] | num),
    status: settled($state; "Open"; $whole; $due)
  } + {
    lineItems: [$document.lines[] | line + tracking],
    subTotal: $document.net,
    taxAmount: $document.tax,
    totalAmount: $whole,
    amountDue: $due
  } + {
    note: ([.["bill.description"], .["bill.referenceNumber"]] | joined("; ")),
    sourceModifiedDate: (.["bill.audit.modifiedDateTime"] | blank)
  }
