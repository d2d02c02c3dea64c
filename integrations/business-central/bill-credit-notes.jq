(if (.status | word) == "Open" then left("Credit Memo"; 1) else null end) as $left
| (used_status($left) // "Submitted") as $open
| (.status | word | settled_status($open)) as $status
| {
    id: .id,
    billCreditNoteNumber: (.number | blank),
    supplierRef: supplier,
    issueDate: (.creditMemoDate | day),
    currency: (.currencyCode | blank),
    status: $status
  } + {
    lineItems: purchase_lines(.purchaseCreditMemoLines),
    totalDiscount: whole_discount(.purchaseCreditMemoLines),
    subTotal: .totalAmountExcludingTax,
    totalTaxAmount: .totalTaxAmount,
    totalAmount: .totalAmountIncludingTax,
    remainingCredit: (if $status == "Paid" or $status == "Void" then 0 else $left end)
  } + {
    note: ([.vendorCreditMemoNumber, .invoiceNumber] | joined("; ")),
    sourceModifiedDate: modified
  }
