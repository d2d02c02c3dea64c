.exponent as $e
| {
    id: .id,
    purchaseOrderNumber: .number,
    supplierRef: supplier,
    issueDate: (.ordered_on | day),
    expectedDeliveryDate: (.expected_on | day),
    deliveryDate: (.delivered_on | day),
    currency: .currency,
    status: (.state | order_status)
  } + {
    lineItems: (.lines | map(headed_line($e))),
    totalDiscount: (.discount_total | minor($e)),
    subTotal: (.net_total | minor($e)),
    totalTaxAmount: (.tax_total | minor($e)),
    totalAmount: (.gross_total | minor($e)),
    sourceModifiedDate: .updated_at
  }
