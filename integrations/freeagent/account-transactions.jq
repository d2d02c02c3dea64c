# An explanation is a movement of its account, and has its record in another data type. Both sides of a transfer are movements, each of
# its own account.
bank_account($lookup.accounts) as $account
| explained_as as $data_type
| (.gross_value | amount) as $amount
| (if $data_type == "transfers" then transfer_id else .url | id end) as $record
| {
    id: "explanation-\(.url | id)",
    transactionId: (.bank_transaction | id),
    note: (.description | blank_to_null),
    bankAccountRef: {id: ($account.url | id), name: $account.name},
    date: (.dated_on | day),
    currency: $account.currency,
    status: (if .marked_for_review == true then "Unreconciled" else "Reconciled" end),
    totalAmount: $amount
  } + {
    lines: [{
      description: (.description | blank_to_null),
      amount: $amount,
      recordRef: (if $data_type == null then null else {id: $record, dataType: $data_type} end)
    }],
    sourceModifiedDate: .updated_at
  }
