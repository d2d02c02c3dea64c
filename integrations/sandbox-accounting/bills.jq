.exponent as $e
| .currency as $currency
| {
    id: .id,
    reference: .supplier_reference,
    supplierRef: supplier,
    issueDate: (.issued_on | day),
    dueDate: (.due_on | day),
    purchaseOrderRefs: (
      if .purchase_order == null then null
      else [.purchase_order | {id: .id, purchaseOrderNumber: .number}] end
    ),
    currency: $currency,
    status: (.state | one_of({
      DRAFT: "Draft", OPEN: "Open", PART: "PartiallyPaid", SETTLED: "Paid", VOIDED: "Void"
    }))
  } + {
    lineItems: (.lines | map(tracked_line($e) + {lineNumber: (.no | tostring)})),
    paymentAllocations: (.settlements | map(.remittance_total as $paid | allocation($e; $currency; $paid))),
    subTotal: (.net_total | minor($e)),
    taxAmount: (.tax_total | minor($e)),
    totalAmount: (.gross_total | minor($e)),
    amountDue: (.outstanding | minor($e)),
    note: .note,
    sourceModifiedDate: .updated_at
  }
