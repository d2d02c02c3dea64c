(.Subtotal | num // 0) as $net
| (.SalesTaxTotal | num // 0) as $tax
| ((.TotalAmount | num) // dadd($net; $tax)) as $total
| (.CreditRemaining | num) as $left
| {
    id: .TxnID,
    creditNoteNumber: number,
    customerRef: customer,
    issueDate: (.TxnDate | day),
    currency: currency,
    currencyRate: rate,
    status: settled("Submitted"; $total; $left)
  } + {
    lineItems: sales_lines("CreditMemoLineRet"; "CreditMemoLineGroupRet"),
    paymentAllocations: settlements({ReceivePayment: "Payment", Invoice: "Invoice", Check: "Refund", ARRefundCreditCard: "Refund", JournalEntry: "Journal entry"}),
    subTotal: $net,
    totalTaxAmount: $tax,
    totalAmount: $total,
    remainingCredit: $left
  } + {
    note: (.Memo | blank),
    sourceModifiedDate: modified
  }
