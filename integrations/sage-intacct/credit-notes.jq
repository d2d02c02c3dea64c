# Adjustments of what a customer owes: those below zero are credits.
.[0] as $first
| ($first["arAdjustment.state"]) as $state
| (($first["arAdjustment.txnCurrency.totalEntered"] | num) // ([.[] | .["txnCurrency.amount"] | num] | dsum)) as $whole
| select($whole < 0 and (is_reversal($state) | not))
| ($first["arAdjustment.txnCurrency.totalDue"] | num) as $due
| document($whole; .["txnCurrency.amount"]; .isTax == true; true) as $document
| $first
| {
    id: .["arAdjustment.key"],
    creditNoteNumber: (.["arAdjustment.adjustmentNumber"] | blank),
    customerRef: customer("arAdjustment.customer"),
    issueDate: (.["arAdjustment.createdDate"] | day),
    currency: (.["txnCurrency.currency"] | blank),
    currencyRate: (.["exchangeRate.rate"] | num),
    status: settled($state; "Submitted"; $whole; $due)
  } + {
    lineItems: [$document.lines[] | line + tracking],
    subTotal: $document.net,
    totalTaxAmount: $document.tax,
    totalAmount: $document.total,
    remainingCredit: ($due | size)
  } + {
    note: ([.["arAdjustment.description"], .["arAdjustment.documentNumber"]] | joined("; ")),
    sourceModifiedDate: (.["arAdjustment.audit.modifiedDateTime"] | blank)
  }
