# The part of a bank transaction that isn't explained moved its account as well. It goes by the transaction until nothing is left of it.
(.unexplained_amount | amount) as $amount
| select($amount | nought | not)
| bank_account($lookup.accounts) as $account
| {
    id: "unexplained-\(.url | id)",
    transactionId: (.url | id),
    note: (.description | blank_to_null),
    bankAccountRef: {id: ($account.url | id), name: $account.name},
    date: (.dated_on | day),
    currency: $account.currency,
    status: "Unreconciled",
    totalAmount: $amount,
    lines: [{description: (.description | blank_to_null), amount: $amount, recordRef: {id: (.url | id), dataType: "bankTransactions"}}]
  } + {
    sourceModifiedDate: .updated_at
  }
