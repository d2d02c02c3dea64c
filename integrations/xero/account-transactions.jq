# Above zero is money in. Money on account is found under its payment, the rest under itself.
signed_by_type as $total
| (.Type | startswith("SPEND")) as $out
| .BankTransactionID as $id
| (
    if on_account_of("RECEIVE") then {id: on_account_id, dataType: "payments"}
    elif on_account_of("SPEND") then {id: on_account_id, dataType: "billPayments"}
    else {id: $id, dataType: "bankTransactions"} end
  ) as $record
| .LineAmountTypes as $types
| .CurrencyCode as $currency
| (.LineItems // []) as $lines
| {
    id: $id,
    note: (.Reference | blank),
    bankAccountRef: ref(.BankAccount.AccountID; .BankAccount.Name),
    date: (.Date | day),
    status: (
      if .Status == "DELETED" or .Status == "VOIDED" then "Void"
      elif .Status == "AUTHORISED" or .Status == null then (if .IsReconciled == true then "Reconciled" else "Unreconciled" end)
      else "Unknown: \(.Status)" end
    ),
    currency: .CurrencyCode,
    currencyRate: (.CurrencyRate | rate)
  } + {
    lines: (
      if ($lines | length) == 0 then [{amount: $total, recordRef: $record}]
      else $lines | map(line($types; $currency) | {
        description: .description,
        recordRef: $record,
        amount: (if $out then .totalAmount | dneg else .totalAmount end)
      }) end
    ),
    totalAmount: $total,
    metadata: gone_if(.Status == "DELETED"),
    sourceModifiedDate: (.UpdatedDateUTC | instant)
  }
