# Payments that were held back, and brought to the bank together.
currency as $currency
| . as $deposit
| (.DepositLineRet // [])[]
| select(.TxnID != null)
| (.Amount | num) as $amount
| {
    id: "\($deposit.TxnID)-\(.TxnLineID // .TxnID)",
    description: ((.Memo // $deposit.Memo) | blank),
    date: ($deposit.TxnDate | day),
    from: {accountRef: {id: .AccountRef.ListID, name: .AccountRef.FullName, dataType: "chartOfAccounts"}, amount: $amount, currency: $currency},
    to: {accountRef: {id: $deposit.DepositToAccountRef.ListID, name: $deposit.DepositToAccountRef.FullName, dataType: "chartOfAccounts"}, amount: $amount, currency: $currency},
    depositedRecordRefs: [{id: .TxnID, dataType: "payments"}],
    sourceModifiedDate: ($deposit | modified)
  }
