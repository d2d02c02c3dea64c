# The platform writes one only for goods that have arrived.
.exponent as $e
| {
    id: .id,
    reference: .number,
    supplierRef: supplier,
    purchaseOrderRefs: (if .purchase_order_id == null then [] else [{id: .purchase_order_id}] end),
    receivedDate: (.received_on | day),
    currency: .currency,
    status: "Received",
    lineItems: (.lines | map(headings as $headings | {
      lineNumber: (.no | if . == null then null else tostring end),
      description: .text,
      quantity: (.qty_milli | quantity),
      unitAmount: (.unit_price | minor($e)),
      subTotal: (.net | minor($e)),
      totalAmount: (.gross | minor($e)),
      accountRef: ref(.ledger_account_id; .ledger_account_title),
      itemRef: ref(.item_id; .item_title)
    } + {tracking: {recordRefs: ($headings | map({id: .id, dataType: "trackingCategories"}))}}))
  } + {
    subTotal: (.net_total | minor($e)),
    totalAmount: (.lines | map(.gross | minor($e)) | dsum),
    sourceModifiedDate: .updated_at
  }
