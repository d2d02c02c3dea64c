.[0] as $first
| ($first["bill.state"]) as $state
| ($first["bill.totalTxnAmount"] | num // 0) as $whole
| select($whole < 0 and (is_reversal($state) | not))
| ($first["bill.totalTxnAmountDue"] | num) as $due
| document($whole; .txnAmount; .isSubTotal == "tax"; true) as $document
| $first
| {
    id: "bill-\(.["bill.key"])",
    billCreditNoteNumber: (.["bill.billNumber"] | blank),
    supplierRef: supplier("bill.vendor"),
    issueDate: (.["bill.createdDate"] | day),
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
    note: ([.["bill.description"], .["bill.referenceNumber"]] | joined("; ")),
    sourceModifiedDate: (.["bill.audit.modifiedDateTime"] | blank)
  }
