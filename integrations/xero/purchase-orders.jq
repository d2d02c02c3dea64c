.LineAmountTypes as $types
| .CurrencyCode as $currency
| {
    id: .PurchaseOrderID,
    purchaseOrderNumber: (.PurchaseOrderNumber | blank),
    supplierRef: supplier,
    issueDate: (.Date | day),
    expectedDeliveryDate: ((.ExpectedArrivalDate | day) // (.DeliveryDate | day)),
    currency: .CurrencyCode,
    currencyRate: (.CurrencyRate | rate),
    status: (.Status | one_of({DRAFT: "Draft", SUBMITTED: "Draft", AUTHORISED: "Open", BILLED: "Closed", DELETED: "Void"}))
  } + {
    lineItems: (.LineItems // [] | map(order_line($types; $currency))),
    shipTo: (
      if ([.DeliveryAddress, .AttentionTo, .Telephone] | joined("")) == null then null
      else {
        address: (if (.DeliveryAddress // "") == "" then null else {type: "Delivery", line1: .DeliveryAddress} end),
        contact: {name: (.AttentionTo | blank), phone: (.Telephone | blank)}
      } end
    ),
    totalDiscount: discounts,
    subTotal: .SubTotal,
    totalTaxAmount: .TotalTax,
    totalAmount: .Total
  } + {
    note: ([.Reference, .DeliveryInstructions] | joined("; ")),
    metadata: gone_if(.Status == "DELETED"),
    sourceModifiedDate: (.UpdatedDateUTC | instant)
  }
