(.CreditAmount | num // 0) as $total
| (.OpenAmount | num) as $left
| {
    id: .TxnID,
    billCreditNoteNumber: number,
    supplierRef: supplier,
    issueDate: (.TxnDate | day),
    currency: currency,
    currencyRate: rate,
    status: settled("Submitted"; $total; $left)
  } + {
    lineItems: purchase_lines,
    paymentAllocations: settlements({BillPaymentCheck: "Bill payment", BillPaymentCreditCard: "Bill payment", Bill: "Bill", JournalEntry: "Journal entry"}),
    subTotal: $total,
    totalTaxAmount: 0,
    totalAmount: $total,
    remainingCredit: $left
  } + {
    note: (.Memo | blank),
    sourceModifiedDate: modified
  }
