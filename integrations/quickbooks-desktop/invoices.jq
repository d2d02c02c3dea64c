# An invoice has no total: it is what stands before tax, and the tax.
(.Subtotal | num // 0) as $net
| (.SalesTaxTotal | num // 0) as $tax
| dadd($net; $tax) as $total
| (.BalanceRemaining | num) as $left
| {
    id: .TxnID,
    invoiceNumber: number,
    customerRef: customer,
    issueDate: (.TxnDate | day),
    dueDate: (.DueDate | day),
    currency: currency,
    currencyRate: rate,
    status: settled("Submitted"; $total; $left)
  } + {
    lineItems: sales_lines("InvoiceLineRet"; "InvoiceLineGroupRet"),
    paymentAllocations: settlements({ReceivePayment: "Payment", CreditMemo: "Credit memo", JournalEntry: "Journal entry", Deposit: "Deposit"}),
    subTotal: $net,
    totalTaxAmount: $tax,
    totalAmount: $total,
    amountDue: ($left // $total)
  } + {
    note: (.Memo | blank),
    sourceModifiedDate: modified
  }
