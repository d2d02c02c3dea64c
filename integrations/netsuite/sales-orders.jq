# How much of an order was invoiced stands on no line.
document as $document
| $document.main
| {
    id: .id,
    salesOrderNumber: (.tranid | blank),
    customerPurchaseOrderNumber: (.otherrefnum | blank),
    customerRef: customer,
    issueDate: (.trandate | day),
    currency: currency,
    currencyRate: rate,
    status: (if .voided | yes then "Void" elif ($document.lines | length) > 0 and all($document.lines[]; .isclosed | yes) then "Closed" else "Open" end),
    invoicingStatus: "Unknown"
  } + {
    lineItems: [$document.lines[] | line + record_refs],
    subTotal: $document.net,
    totalTaxAmount: $document.tax,
    totalAmount: $document.total
  } + {
    note: (.memo | blank),
    sourceModifiedDate: (.modified | instant)
  }
