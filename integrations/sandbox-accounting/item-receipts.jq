# The platform writes one only for goods that have arrived, and the supplier's bill comes with it.
.exponent as $e
| {
    id: .id,
    itemReceiptNumber: .number,
    supplierRef: supplier,
    receivedDate: (.received_on | day),
    currency: .currency,
    status: (if .bill_id == null then "Received" else "Billed" end),
    lineItems: (.lines | map(headings as $headings | {
      description: .text,
      quantity: (.qty_milli | quantity),
      unitAmount: (.unit_price | minor($e)),
      subTotal: (.net | minor($e)),
      accountRef: ref(.ledger_account_id; .ledger_account_title),
      itemRef: ref(.item_id; .item_title)
    } + (if ($headings | length) == 0 then {} else {trackingCategoryRefs: $headings} end)))
  } + {
    subTotal: (.net_total | minor($e)),
    recordRefs: (
      [{id: .purchase_order_id, dataType: "purchaseOrders"}, {id: .bill_id, dataType: "bills"}]
      | map(select(.id != null))
    ),
    sourceModifiedDate: .updated_at
  }
