(if (.status | word) == "Open" then left("Invoice"; -1) else null end) as $left
| (used_status($left) // "Open") as $open
| (.status | word | settled_status($open)) as $status
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
    lineItems: purchase_lines(.purchaseInvoiceLines),
    subTotal: .totalAmountExcludingTax,
    taxAmount: .totalTaxAmount,
    totalAmount: .totalAmountIncludingTax,
    amountDue: (if $status == "Paid" or $status == "Void" then 0 else $left end),
    note: (if (.vendorInvoiceNumber | blank) == null then null else .number | blank end)
  } + {
    sourceModifiedDate: modified
  }
