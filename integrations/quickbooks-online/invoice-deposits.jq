# Money that came with an invoice: it is on the invoice alone, and in no payment.
if .status == "Deleted" then gone("invoiceDeposit-\(.Id)")
elif (.Deposit // 0) == 0 then no_movement("invoiceDeposit-\(.Id)")
else {
  id: "invoiceDeposit-\(.Id)",
  customerRef: customer,
  accountRef: (.DepositToAccountRef | to_ref),
  totalAmount: .Deposit,
  currency: .CurrencyRef.value,
  currencyRate: .ExchangeRate,
  date: (.TxnDate | day)
} + {
  lines: [{
    amount: .Deposit,
    links: [{type: "Invoice", id: .Id, amount: (.Deposit | dneg)}],
    allocatedOnDate: (.TxnDate | day)
  }],
  note: "Deposit on the invoice",
  sourceModifiedDate: modified
} end
