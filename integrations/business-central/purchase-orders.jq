. as $document
| {
  id: .id,
  purchaseOrderNumber: (.number | blank),
  supplierRef: supplier,
  issueDate: (.orderDate | day),
  expectedDeliveryDate: (.requestedReceiptDate | day),
  currency: (.currencyCode | blank),
  status: order_status
} + {
  lineItems: [(.purchaseOrderLines // [])[] | line(.directUnitCost; $document) + (tracked as $refs | if ($refs | length) == 0 then {} else {trackingCategoryRefs: $refs} end)],
  shipTo: ship_to,
  totalDiscount: whole_discount(.purchaseOrderLines),
  subTotal: .totalAmountExcludingTax,
  totalTaxAmount: .totalTaxAmount,
  totalAmount: .totalAmountIncludingTax,
  sourceModifiedDate: modified
}
