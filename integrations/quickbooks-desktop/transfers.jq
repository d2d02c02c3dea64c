{
  id: .TxnID,
  description: (.Memo | blank),
  date: (.TxnDate | day),
  from: {accountRef: {id: .TransferFromAccountRef.ListID, name: .TransferFromAccountRef.FullName, dataType: "chartOfAccounts"}, amount: (.Amount | num), currency: currency},
  to: {accountRef: {id: .TransferToAccountRef.ListID, name: .TransferToAccountRef.FullName, dataType: "chartOfAccounts"}, amount: (.Amount | num), currency: currency},
  status: (if voided then "Void" else "Unknown" end),
  sourceModifiedDate: modified
}
