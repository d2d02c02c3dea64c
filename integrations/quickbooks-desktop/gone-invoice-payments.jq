gone("invoicePayment-\(.TxnID)")
