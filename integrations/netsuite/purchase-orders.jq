document as $document
| $document.main
| {
    id: .id,
    purchaseOrderNumber: (.tranid | blank),
    supplierRef: supplier,
    issueDate: (.trandate | day),
    currency: currency,
    currencyRate: rate,
    status: (if .voided | yes then "Void" elif ($document.lines | length) > 0 and all($document.lines[]; .isclosed | yes) then "Closed" else "Open" end)
  } + {
    lineItems: [$document.lines[] | line + refs],
    subTotal: $document.net,
    totalTaxAmount: $document.tax,
    totalAmount: $document.total
  } + {
    note: (.memo | blank),
    sourceModifiedDate: (.modified | instant)
  }
