def invoiced:
  [(.salesOrderLines // [])[] | select((.quantity // 0) != 0)] as $lines
  | if ($lines | length) == 0 or ($lines | any(.invoicedQuantity == null)) then "Unknown"
    elif $lines | all(.invoicedQuantity == 0) then "NotInvoiced"
    elif $lines | all(dsub(.quantity; .invoicedQuantity) == 0) then "Invoiced"
    else "PartiallyInvoiced" end;

. as $document
| {
  id: .id,
  salesOrderNumber: (.number | blank),
  customerPurchaseOrderNumber: ([.customerPurchaseOrderReference, .externalDocumentNumber] | map(blank | select(. != null)) | .[0]),
  customerRef: customer,
  issueDate: (.orderDate | day),
  expectedDeliveryDate: (.requestedDeliveryDate | day),
  currency: (.currencyCode | blank),
  status: order_status
} + {
  invoicingStatus: invoiced,
  lineItems: [(.salesOrderLines // [])[] | line(.unitPrice; $document)
    + (tracked as $refs | if ($refs | length) == 0 then {} else {tracking: {recordRefs: ($refs | map({id, dataType: "trackingCategories"}))}} end)],
  shipTo: ship_to,
  totalDiscount: whole_discount(.salesOrderLines),
  subTotal: .totalAmountExcludingTax,
  totalTaxAmount: .totalTaxAmount,
  totalAmount: .totalAmountIncludingTax,
  sourceModifiedDate: modified
}
