{
  id: .TxnID,
  salesOrderNumber: number,
  customerPurchaseOrderNumber: (.PONumber | blank),
  customerRef: customer,
  issueDate: (.TxnDate | day),
  expectedDeliveryDate: (.ShipDate | day),
  currency: currency,
  currencyRate: rate,
  status: (if voided then "Void" elif .IsManuallyClosed == "true" or .IsFullyInvoiced == "true" then "Closed" else "Open" end)
} + {
  invoicingStatus: (if .IsFullyInvoiced == "true" then "Invoiced" else "Unknown" end),
  lineItems: [sales_details("SalesOrderLineRet"; "SalesOrderLineGroupRet")[] | line + record_refs],
  subTotal: (.Subtotal | num),
  totalTaxAmount: (.SalesTaxTotal | num // 0),
  totalAmount: ((.TotalAmount | num) // dadd(.Subtotal | num // 0; .SalesTaxTotal | num // 0)),
  note: (.Memo | blank),
  sourceModifiedDate: modified
}
