gone(.TxnID)
