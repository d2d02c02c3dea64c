.exponent as $e
| .currency as $currency
| {
    id: .id,
    billCreditNoteNumber: .supplier_reference,
    supplierRef: supplier,
    issueDate: (.issued_on | day),
    allocatedOnDate: (if .state == "SETTLED" then .settled_on | day else null end),
    currency: $currency,
    status: (.state | one_of({
      DRAFT: "Draft", OPEN: "Submitted", PART: "PartiallyPaid", SETTLED: "Paid", VOIDED: "Void"
    }))
  } + {
    lineItems: (.lines | map(tracked_line($e))),
    paymentAllocations: (.settlements | map(.remittance_total as $paid | allocation($e; $currency; $paid))),
    createdFromRefs: (.settlements | map(select(.by == "BILL") | {id: .id, dataType: "bills"})),
    totalDiscount: (.discount_total | minor($e)),
    discountPercentage: discount_percentage($e),
    subTotal: (.net_total | minor($e)),
    totalTaxAmount: (.tax_total | minor($e)),
    totalAmount: (.gross_total | minor($e)),
    remainingCredit: (.outstanding | minor($e)),
    note: .note,
    sourceModifiedDate: .updated_at
  }
