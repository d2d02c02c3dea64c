[(.PurchaseOrderLineRet // [])[], ((.PurchaseOrderLineGroupRet // [])[] | (.PurchaseOrderLineRet // [])[])] as $lines
| {
    id: .TxnID,
    purchaseOrderNumber: number,
    supplierRef: supplier,
    issueDate: (.TxnDate | day),
    expectedDeliveryDate: (.ExpectedDate | day),
    currency: currency,
    currencyRate: rate,
    status: (if voided then "Void" elif .IsManuallyClosed == "true" or .IsFullyReceived == "true" then "Closed" else "Open" end)
  } + {
    lineItems: [$lines[] | line + tracked],
    subTotal: (.TotalAmount | num),
    totalTaxAmount: 0,
    totalAmount: (.TotalAmount | num),
    note: (.Memo | blank),
    sourceModifiedDate: modified
  }
