document as $document
| $document.main
| {
    id: .id,
    invoiceNumber: (.tranid | blank),
    customerRef: customer,
    issueDate: (.trandate | day),
    dueDate: (.duedate | day),
    currency: currency,
    currencyRate: rate,
    status: settled("Submitted"; $document.total; $document.due)
  } + {
    lineItems: [$document.lines[] | line + tracking],
    subTotal: $document.net,
    totalTaxAmount: $document.tax,
    totalAmount: $document.total,
    amountDue: $document.due
  } + {
    note: note,
    sourceModifiedDate: (.modified | instant)
  }
