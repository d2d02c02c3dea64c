if .status == "Deleted" then gone(.Id)
else {
  id: .Id,
  creditNoteNumber: (.DocNumber | blank),
  customerRef: customer,
  issueDate: (.TxnDate | day),
  currency: .CurrencyRef.value,
  currencyRate: .ExchangeRate,
  status: ((.Balance // .RemainingCredit) as $left | .Balance = $left | document_status("Submitted"))
} + {
  lineItems: sales_lines,
  paymentAllocations: settlements({Payment: "Payment", Invoice: "Invoice", RefundReceipt: "Refund"}),
  totalDiscount: discount,
  subTotal: net,
  totalTaxAmount: tax,
  totalAmount: .TotalAmt,
  remainingCredit: (.RemainingCredit // .Balance)
} + {
  note: ([.CustomerMemo.value, .PrivateNote] | joined("\n")),
  sourceModifiedDate: modified
} end
