# One line that a customer owes; its tax, if any, is a charge of its own.
(.Amount | num // 0) as $total
| (.BalanceRemaining | num) as $left
| {
    id: .TxnID,
    invoiceNumber: number,
    customerRef: customer,
    issueDate: (.TxnDate | day),
    dueDate: (.DueDate | day),
    currency: home,
    status: settled("Submitted"; $total; $left)
  } + {
    lineItems: [. as $charge | {Amount: .Amount, Quantity: .Quantity, Rate: .Rate, Desc: .Desc, ItemRef: .ItemRef, ClassRef: .ClassRef} | line + sales_tracking],
    subTotal: $total,
    totalTaxAmount: 0,
    totalAmount: $total,
    amountDue: ($left // (if .IsPaid == "true" then 0 else $total end))
  } + {
    sourceModifiedDate: modified
  }
