document as $document
| $document.main
| {
    id: .id,
    reference: (.tranid | blank),
    supplierRef: supplier,
    purchaseOrderRefs: ([$document.lines[] | .createdfrom | blank | select(. != null)] | unique | map({id: .}) | if length == 0 then null else . end),
    issueDate: (.trandate | day),
    dueDate: (.duedate | day),
    currency: currency,
    currencyRate: rate,
    status: settled("Open"; $document.total; $document.due)
  } + {
    lineItems: [$document.lines[] | line + tracking],
    subTotal: $document.net,
    taxAmount: $document.tax,
    totalAmount: $document.total,
    amountDue: $document.due
  } + {
    note: note,
    sourceModifiedDate: (.modified | instant)
  }
