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
    depositedRecordRefs: ({ReceivePayment: "payments", SalesReceipt: "directIncomes", JournalEntry: "journalEntries"}[.TxnType // ""] as $kind | if $kind == null then null else [{id: .TxnID, dataType: $kind}] end),
    sourceModifiedDate: ($deposit | modified)
  }
