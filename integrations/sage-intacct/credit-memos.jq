# Adjustments of what is owed to a vendor: those above zero are owed like bills.
.[0] as $first
| ($first["apAdjustment.state"]) as $state
| (($first["apAdjustment.txnTotalEntered"] | num) // ([.[] | .txnAmount | num] | dsum)) as $whole
| select($whole >= 0 and (is_reversal($state) | not))
| ($first["apAdjustment.txnTotalDue"] | num) as $due
| document($whole; .txnAmount; false; false) as $document
| $first
| {
    id: "adjustment-\(.["apAdjustment.key"])",
    reference: (.["apAdjustment.adjustmentNumber"] | blank),
    supplierRef: supplier("apAdjustment.vendor"),
    issueDate: (.["apAdjustment.createdDate"] | day),
    currency: (.["apAdjustment.currency.txnCurrency"] | blank),
    currencyRate: (.["apAdjustment.currency.exchangeRate.rate"] | num),
    status: settled($state; "Open"; $whole; $due)
  } + {
    lineItems: [$document.lines[] | line + tracking],
    subTotal: $document.net,
    taxAmount: $document.tax,
    totalAmount: $whole,
    amountDue: $due
  } + {
    note: ([.["apAdjustment.description"], .["apAdjustment.referenceNumber"]] | joined("; ")),
    sourceModifiedDate: (.["apAdjustment.audit.modifiedDateTime"] | blank)
  }
