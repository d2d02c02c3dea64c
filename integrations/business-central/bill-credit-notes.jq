(.status | word | settled_status("Submitted")) as $status
| {
    id: .id,
    billCreditNoteNumber: (.number | blank),
    supplierRef: supplier,
    issueDate: (.creditMemoDate | day),
    currency: (.currencyCode | blank),
    status: $status
  } + {
    lineItems: (.purchaseCreditMemoLines | purchase_lines),
    totalDiscount: .discountAmount,
    subTotal: .totalAmountExcludingTax,
    totalTaxAmount: .totalTaxAmount,
    totalAmount: .totalAmountIncludingTax,
    remainingCredit: (if $status == "Paid" or $status == "Void" then 0 else null end)
  } + {
    note: ([.vendorCreditMemoNumber, .invoiceNumber] | joined("; ")),
    sourceModifiedDate: modified
  }
