.exponent as $e
| .currency as $currency
| {
    id: .id,
    creditNoteNumber: .number,
    customerRef: customer,
    issueDate: (.issued_on | day),
    allocatedOnDate: (if .state == "SETTLED" then .settled_on | day else null end),
    currency: $currency,
    status: (.state | one_of({
      DRAFT: "Draft", OPEN: "Submitted", PART: "PartiallyPaid", SETTLED: "Paid", VOIDED: "Void"
    }))
  } + {
    lineItems: (.lines | map(tracked_line($e))),
    paymentAllocations: (.settlements | map(.receipt_total as $paid | allocation($e; $currency; $paid))),
    totalDiscount: (.discount_total | minor($e)),
    discountPercentage: discount_percentage($e),
    subTotal: (.net_total | minor($e)),
    totalTaxAmount: (.tax_total | minor($e)),
    totalAmount: (.gross_total | minor($e)),
    remainingCredit: (.outstanding | minor($e)),
    note: .note,
    sourceModifiedDate: .updated_at
  }
