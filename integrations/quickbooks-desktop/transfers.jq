# A transfer has one amount and no currency: between accounts in two currencies it isn't known which of them it is in.
(.TransferFromAccountRef | known_account // {}) as $from
| (.TransferToAccountRef | known_account // {}) as $to
| (if ($from | money) == ($to | money) then .Amount | num else null end) as $amount
| def place($account): {accountRef: {id: .ListID, name: .FullName, dataType: "chartOfAccounts"}, amount: $amount, currency: ($account | currency)};
  {
    id: .TxnID,
    description: (.Memo | blank),
    date: (.TxnDate | day),
    from: (.TransferFromAccountRef | place($from)),
    to: (.TransferToAccountRef | place($to)),
    status: (if voided then "Void" else "Unknown" end),
    sourceModifiedDate: modified
  }
