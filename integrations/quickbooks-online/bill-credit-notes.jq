# The rest of a credit comes since minor version 40.
if .status == "Deleted" then gone(.Id)
else {
  id: .Id,
  billCreditNoteNumber: (.DocNumber | blank),
  supplierRef: supplier,
  issueDate: (.TxnDate | day),
  currency: .CurrencyRef.value,
  currencyRate: .ExchangeRate,
  status: (if .Balance == null and (voided | not) then "Submitted" else document_status("Submitted") end)
} + {
  lineItems: purchase_lines,
  paymentAllocations: settlements({BillPaymentCheck: "Bill payment", BillPaymentCreditCard: "Bill payment", BillPayment: "Bill payment", Bill: "Bill"}),
  subTotal: net,
  totalTaxAmount: tax,
  totalAmount: .TotalAmt,
  remainingCredit: .Balance
} + {
  note: (.PrivateNote | blank),
  sourceModifiedDate: modified
} end
