.exponent as $e
| {
    id: .id,
    salesOrderNumber: .number,
    customerPurchaseOrderNumber: .their_reference,
    customerRef: customer,
    issueDate: (.ordered_on | day),
    expectedDeliveryDate: (.expected_on | day),
    currency: .currency,
    status: (.state | order_status),
    invoicingStatus: (.invoiced | one_of({NONE: "NotInvoiced", PART: "PartiallyInvoiced", ALL: "Invoiced"}))
  } + {
    lineItems: (.lines | map(headings as $headings | line($e) + {
      tracking: (
        if ($headings | length) == 0 then null
        else {recordRefs: ($headings | map({id: .id, dataType: "trackingCategories"}))} end
      )
    })),
    shipTo: (if .deliver_to == null then null else .deliver_to | {
      address: ((.address | address) + {type: "Delivery"}),
      contact: {name: .person, email: .email, phone: .phone}
    } end),
    totalDiscount: (.discount_total | minor($e)),
    subTotal: (.net_total | minor($e)),
    totalTaxAmount: (.tax_total | minor($e)),
    totalAmount: (.gross_total | minor($e)),
    sourceModifiedDate: .updated_at
  }
