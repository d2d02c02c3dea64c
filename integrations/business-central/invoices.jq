(.remainingAmount // null) as $left
| {
    id: .id,
    invoiceNumber: (.number | blank),
    customerRef: customer,
    salesOrderRefs: (if (.orderId | guid) == null then null else [{id: .orderId, dataType: "salesOrders"}] end),
    issueDate: (.invoiceDate | day),
    dueDate: (.dueDate | day),
    currency: (.currencyCode | blank)
  } + {
    status: (
      (if $left == null or .totalAmountIncludingTax == null then "Submitted"
       elif dsub(.totalAmountIncludingTax; $left) == 0 then "Submitted"
       else "PartiallyPaid" end) as $open
      | .status | word | settled_status($open)
    ),
    lineItems: sales_lines(.salesInvoiceLines),
    totalDiscount: whole_discount(.salesInvoiceLines),
    subTotal: .totalAmountExcludingTax,
    totalTaxAmount: .totalTaxAmount,
    totalAmount: .totalAmountIncludingTax,
    amountDue: $left
  } + {
    note: ([.externalDocumentNumber, .customerPurchaseOrderReference] | joined("; ")),
    sourceModifiedDate: modified
  }
