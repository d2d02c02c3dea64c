if .status == "Deleted" then gone(.Id)
else {
  id: .Id,
  purchaseOrderNumber: (.DocNumber | blank),
  supplierRef: supplier,
  issueDate: (.TxnDate | day),
  expectedDeliveryDate: (.DueDate | day),
  currency: .CurrencyRef.value,
  currencyRate: .ExchangeRate,
  status: (if voided then "Void" else .POStatus // "Open" | one_of({Open: "Open", Closed: "Closed"}) end)
} + {
  lineItems: (purchase_lines | map(del(.tracking))),
  shipTo: ((.ShipAddr | address("Delivery")) as $to | if $to == null then null else {address: $to, contact: {name: .ShipTo.name}} end),
  subTotal: net,
  totalTaxAmount: tax,
  totalAmount: .TotalAmt,
  note: ([.Memo, .PrivateNote] | joined("\n")),
  sourceModifiedDate: modified
} end
