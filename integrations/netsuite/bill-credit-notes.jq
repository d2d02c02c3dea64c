document as $document
| $document.main
| left($document.total) as $left
| {
    id: .id,
    billCreditNoteNumber: (.tranid | blank),
    supplierRef: supplier,
    issueDate: (.trandate | day),
    currency: currency,
    currencyRate: rate,
    status: credit_status($document.total; $left)
  } + {
    lineItems: [$document.lines[] | line + tracking],
    subTotal: $document.net,
    totalTaxAmount: $document.tax,
    totalAmount: $document.total,
    remainingCredit: $left
  } + {
    note: note,
    sourceModifiedDate: (.modified | instant)
  }
