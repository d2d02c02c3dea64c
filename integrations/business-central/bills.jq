# The API tells that an open bill isn't paid wholly, and not how much of it is.
(.status | word | settled_status("Open")) as $status
| {
    id: .id,
    reference: ((.vendorInvoiceNumber | blank) // (.number | blank)),
    supplierRef: supplier,
    purchaseOrderRefs: (if (.orderId | guid) == null then null else [{id: .orderId, purchaseOrderNumber: (.orderNumber | blank)}] end),
    issueDate: (.invoiceDate | day),
    dueDate: (.dueDate | day),
    currency: (.currencyCode | blank),
    status: $status
  } + {
    lineItems: (.purchaseInvoiceLines | purchase_lines),
    subTotal: .totalAmountExcludingTax,
    taxAmount: .totalTaxAmount,
    totalAmount: .totalAmountIncludingTax,
    amountDue: (if $status == "Paid" or $status == "Void" then 0 else null end),
    note: (if (.vendorInvoiceNumber | blank) == null then null else .number | blank end)
  } + {
    sourceModifiedDate: modified
  }
