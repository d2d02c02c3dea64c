# A line of the account's statement, whole, whether it is explained or not.
(.amount | amount) as $amount
| {
    id: (.url | id),
    accountId: (.bank_account | id),
    clearedOnDate: (.dated_on | day),
    description: (.description | blank_to_null),
    amount: $amount,
    reconciled: (.unexplained_amount | amount | nought),
    transactionType: (if $amount < 0 then "Debit" else "Credit" end),
    sourceModifiedDate: .updated_at
  }
