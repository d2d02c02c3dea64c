# Above zero is money in. A transfer's two sides are found under the transfer, the rest under itself.
signed_by_type as $total
| (.Type | startswith("SPEND")) as $out
| .BankTransactionID as $id
| .LineAmountTypes as $types
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
      if ($lines | length) == 0 then [{amount: $total, recordRef: {id: $id, dataType: "bankTransactions"}}]
      else $lines | map(line($types) | {
        description: .description,
        recordRef: {id: $id, dataType: "bankTransactions"},
        amount: (if $out then .totalAmount | dneg else .totalAmount end)
      }) end
    ),
    totalAmount: $total,
    metadata: gone_if(.Status == "DELETED"),
    sourceModifiedDate: (.UpdatedDateUTC | instant)
  }
