# Money that came with the invoice is on it alone; `payments` has it under the same id.
def deposit:
  if (.Deposit // 0) == 0 then []
  else [{
    payment: {id: "invoiceDeposit-\(.Id)", note: "Deposit", accountRef: (.DepositToAccountRef | to_ref), currency: .CurrencyRef.value, paidOnDate: (.TxnDate | day), totalAmount: .Deposit},
    allocation: {currency: .CurrencyRef.value, allocatedOnDate: (.TxnDate | day), totalAmount: .Deposit}
  }] end;

# Among the changes, a deleted record is an id and a status.
if .status == "Deleted" then gone(.Id)
else {
  id: .Id,
  invoiceNumber: (.DocNumber | blank),
  customerRef: customer,
  issueDate: (.TxnDate | day),
  dueDate: (.DueDate | day),
  currency: .CurrencyRef.value,
  currencyRate: .ExchangeRate,
  status: document_status("Submitted")
} + {
  lineItems: sales_lines,
  paymentAllocations: (settlements({Payment: "Payment", CreditMemo: "Credit memo", JournalEntry: "Journal entry"}) + deposit),
  totalDiscount: discount,
  subTotal: net,
  totalTaxAmount: tax,
  totalAmount: .TotalAmt,
  amountDue: .Balance
} + {
  note: ([.CustomerMemo.value, .PrivateNote] | joined("\n")),
  sourceModifiedDate: modified
} end
