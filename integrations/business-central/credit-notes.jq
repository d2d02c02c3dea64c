(if (.status | word) == "Open" then left("Credit Memo"; -1) else null end) as $left
| (used_status($left) // "Submitted") as $open
| (.status | word | settled_status($open)) as $status
| {
    id: .id,
    creditNoteNumber: (.number | blank),
    customerRef: customer,
    issueDate: (.creditMemoDate | day),
    currency: (.currencyCode | blank),
    status: $status
  } + {
    lineItems: sales_lines(.salesCreditMemoLines),
    totalDiscount: whole_discount(.salesCreditMemoLines),
    subTotal: .totalAmountExcludingTax,
    totalTaxAmount: .totalTaxAmount,
    totalAmount: .totalAmountIncludingTax,
    remainingCredit: (if $status == "Paid" or $status == "Void" then 0 else $left end)
  } + {
    note: ([.externalDocumentNumber, .invoiceNumber] | joined("; ")),
    sourceModifiedDate: modified
  }
