# The API doesn't tell how much of a credit is left while it is open.
(.status | word | settled_status("Submitted")) as $status
| {
    id: .id,
    creditNoteNumber: (.number | blank),
    customerRef: customer,
    issueDate: (.creditMemoDate | day),
    currency: (.currencyCode | blank),
    status: $status
  } + {
    lineItems: (.salesCreditMemoLines | sales_lines),
    totalDiscount: .discountAmount,
    subTotal: .totalAmountExcludingTax,
    totalTaxAmount: .totalTaxAmount,
    totalAmount: .totalAmountIncludingTax,
    remainingCredit: (if $status == "Paid" or $status == "Void" then 0 else null end)
  } + {
    note: ([.externalDocumentNumber, .invoiceNumber] | joined("; ")),
    sourceModifiedDate: modified
  }
