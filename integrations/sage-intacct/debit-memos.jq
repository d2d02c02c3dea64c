# Adjustments of what a customer owes: those above zero are owed like invoices.
.[0] as $first
| ($first["arAdjustment.state"]) as $state
| (($first["arAdjustment.txnCurrency.totalEntered"] | num) // ([.[] | .["txnCurrency.amount"] | num] | dsum)) as $whole
| select($whole >= 0 and (is_reversal($state) | not))
| ($first["arAdjustment.txnCurrency.totalDue"] | num) as $due
| document($whole; .["txnCurrency.amount"]; .isTax == true; false) as $document
| $first
| {
    id: "adjustment-\(.["arAdjustment.key"])",
    invoiceNumber: (.["arAdjustment.adjustmentNumber"] | blank),
    customerRef: customer("arAdjustment.customer"),
    issueDate: (.["arAdjustment.createdDate"] | day),
    currency: (.["txnCurrency.currency"] | blank),
    currencyRate: (.["exchangeRate.rate"] | num),
    status: settled($state; "Submitted"; $whole; $due)
  } + {
    lineItems: [$document.lines[] | line + tracking],
    subTotal: $document.net,
    totalTaxAmount: $document.tax,
    totalAmount: $whole,
    amountDue: $due
  } + {
    note: ([.["arAdjustment.description"], .["arAdjustment.documentNumber"]] | joined("; ")),
    sourceModifiedDate: (.["arAdjustment.audit.modifiedDateTime"] | blank)
  }
