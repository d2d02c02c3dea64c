# What a user paid for the company: below zero is money that the company owes, above zero what the user gives back. No account of the
# company's moves until the user is paid.
(.gross_value | amount) as $gross
| (.native_gross_value | amount) as $native
| ($gross | dneg) as $total
| (taxes($total) // 0) as $tax
| dsub($total; $tax) as $net
| {
    id: "expense-\(.url | id)",
    reference: (.receipt_reference | blank_to_null),
    note: (.description | blank_to_null),
    issueDate: (.dated_on | day),
    currency: .currency,
    currencyRate: (
      if ($native | nought) or ($gross | nought) then null
      elif $native == $gross then 1
      else ddiv($native; $gross; 9) end
    ),
    paymentAllocations: []
  } + {
    lineItems: [{
      description: (.description | blank_to_null),
      unitAmount: $net,
      quantity: 1,
      subTotal: $net,
      taxAmount: $tax,
      totalAmount: $total
    } + {
      accountRef: account,
      taxRateRef: tax_rate,
      itemRef: stock,
      trackingCategoryRefs: projects
    }],
    subTotal: $net,
    taxAmount: $tax,
    totalAmount: $total,
    sourceModifiedDate: .updated_at
  }
