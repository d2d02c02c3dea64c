# AmountDue is the whole; of what is open the documents set against it tell more reliably than OpenAmount.
(.AmountDue | num // 0) as $total
| (linked | map(.Amount | num // 0)) as $set
| (if .IsPaid == "true" then 0 elif has("LinkedTxn") then dadd($total; $set | dsum) else (.OpenAmount | num) // $total end) as $left
| {
    id: .TxnID,
    reference: number,
    supplierRef: supplier,
    purchaseOrderRefs: ([(.LinkedTxn // [])[] | select(.TxnType == "PurchaseOrder") | {id: .TxnID}] | unique | if length == 0 then null else . end),
    issueDate: (.TxnDate | day),
    dueDate: (.DueDate | day),
    currency: currency,
    currencyRate: rate
  } + {
    status: settled("Open"; $total; $left),
    lineItems: purchase_lines,
    paymentAllocations: settlements({BillPaymentCheck: "Bill payment", BillPaymentCreditCard: "Bill payment", VendorCredit: "Vendor credit", JournalEntry: "Journal entry"}),
    subTotal: $total,
    taxAmount: 0,
    totalAmount: $total,
    amountDue: $left
  } + {
    note: (.Memo | blank),
    sourceModifiedDate: modified
  }
