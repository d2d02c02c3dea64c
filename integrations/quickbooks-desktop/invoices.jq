# Money that was received with the invoice is a payment of its own.
def received_with_it($received):
  ($received | map(.amount) | dsum) as $sum
  | if $sum == 0 then []
    else [{
      payment: {id: "invoicePayment-\(.TxnID)", note: "Payment on the invoice", currency: currency, paidOnDate: (.TxnDate | day)},
      allocation: {currency: currency, allocatedOnDate: (.TxnDate | day), totalAmount: $sum}
    }] end;

# An invoice has no total: it is what stands before tax, and the tax.
received("InvoiceLineRet"; "InvoiceLineGroupRet") as $received
| sales_details("InvoiceLineRet"; "InvoiceLineGroupRet") as $lines
| net($lines; $received) as $net
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
    lineItems: [$lines[] | line + sales_tracking],
    paymentAllocations: (settlements({ReceivePayment: "Payment", CreditMemo: "Credit memo", JournalEntry: "Journal entry", Deposit: "Deposit"}) + received_with_it($received)),
    subTotal: $net,
    totalTaxAmount: $tax,
    totalAmount: $total,
    amountDue: ($left // dsub($total; $received | map(.amount) | dsum))
  } + {
    note: (.Memo | blank),
    sourceModifiedDate: modified
  }
