if .status == "Deleted" then gone(.Id)
else {
  id: .Id,
  reference: (.DocNumber | blank),
  supplierRef: supplier,
  purchaseOrderRefs: ([((.LinkedTxn // [])[], (.Line | flat | (.LinkedTxn // [])[])) | select(.TxnType == "PurchaseOrder") | {id: .TxnId}] | unique | if length == 0 then null else . end),
  issueDate: (.TxnDate | day),
  dueDate: (.DueDate | day),
  currency: .CurrencyRef.value,
  currencyRate: .ExchangeRate
} + {
  status: document_status("Open"),
  lineItems: purchase_lines,
  paymentAllocations: settlements({BillPaymentCheck: "Bill payment", BillPaymentCreditCard: "Bill payment", BillPayment: "Bill payment", VendorCredit: "Vendor credit", JournalEntry: "Journal entry"}),
  subTotal: net,
  taxAmount: tax,
  totalAmount: .TotalAmt,
  amountDue: .Balance
} + {
  note: (.PrivateNote | blank),
  sourceModifiedDate: modified
} end
