# Posted when goods have arrived. The API has prices, and no amounts.
def found($list; $number): first(($list // [])[] | select(.number == $number)) // null;

found($lookup.suppliers; .vendorNumber) as $supplier
| found($lookup.orders; .orderNumber) as $order
| {
    id: .id,
    reference: (.number | blank),
    supplierRef: (if $supplier == null then null else {id: $supplier.id, supplierName: (.vendorName | blank)} end),
    purchaseOrderRefs: (if $order == null then null else [{id: $order.id, purchaseOrderNumber: $order.number}] end),
    receivedDate: (.postingDate | day),
    currency: (.currencyCode | blank),
    status: "Received"
  } + {
    lineItems: [(.purchaseReceiptLines // [])[]
      | (if (.lineType | word) == "Item" then found($lookup.items; .lineObjectNumber) else null end) as $item
      | tracked as $refs
      | {
          description: ([.description, .description2] | joined(" ")),
          quantity: .quantity,
          unitOfMeasurement: (.unitOfMeasureCode | blank),
          unitAmount: .unitCost,
          itemRef: ref($item.id; $item.displayName)
        } + (if ($refs | length) == 0 then {} else {tracking: {recordRefs: ($refs | map({id, dataType: "trackingCategories"}))}} end)],
    sourceModifiedDate: modified
  }
