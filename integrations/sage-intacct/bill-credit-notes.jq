# Adjustments of what is owed to a vendor: those below zero are credits.
.[0] as $first
| ($first["apAdjustment.state"]) as $state
| (($first["apAdjustment.txnTotalEntered"] | num) // ([.[] | .txnAmount | num] | dsum)) as $whole
| select($whole < 0 and (is_reversal($state) | not))
| ($first["apAdjustment.txnTotalDue"] | num) as $due
| document($whole; .txnAmount; false; true) as $document
| $first
| {
    id: .["apAdjustment.key"],
    billCreditNoteNumber: (.["apAdjustment.adjustmentNumber"] | blank),
    supplierRef: supplier("apAdjustment.vendor"),
    issueDate: (.["apAdjustment.createdDate"] | day),
    currency: (.["apAdjustment.currency.txnCurrency"] | blank),
    currencyRate: (.["apAdjustment.currency.exchangeRate.rate"] | num),
    status: settled($state; "Submitted"; $whole; $due)
  } + {
    lineItems: [$document.lines[] | line + tracking],
    subTotal: $document.net,
    totalTaxAmount: $document.tax,
    totalAmount: $document.total,
    remainingCredit: ($due | size)
  } + {
    note: ([.["apAdjustment.description"], .["apAdjustment.referenceNumber"]] | joined("; ")),
    sourceModifiedDate: (.["apAdjustment.audit.modifiedDateTime"] | blank)
  }
