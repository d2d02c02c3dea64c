# Goods that have arrived before their bill, which takes the receipt's place.
purchase_details as $lines
| {
    id: .TxnID,
    reference: number,
    supplierRef: supplier,
    purchaseOrderRefs: ([(.LinkedTxn // [])[] | select(.TxnType == "PurchaseOrder") | {id: .TxnID, purchaseOrderNumber: number}] | if length == 0 then null else . end),
    receivedDate: (.TxnDate | day),
    currency: currency,
    currencyRate: rate,
    status: (if voided then "Void" else "Received" end)
  } + {
    lineItems: [$lines[] | line + record_refs + {unitOfMeasurement: (.UnitOfMeasure | blank)}],
    subTotal: ($lines | map(.Amount | num // 0) | dsum),
    totalAmount: (.TotalAmount | num),
    note: (.Memo | blank),
    sourceModifiedDate: modified
  }
