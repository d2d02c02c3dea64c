# The amount is in the currency of the account that it left. Transfers are never changed: their creation is their update.
def end($currency; $amount): {
  accountRef: {id: .AccountID, name: .Name, dataType: "bankAccounts"},
  amount: $amount,
  currency: (.CurrencyCode // $currency)
};

(((.FromTracking // []) + (.ToTracking // [])) | map(ref(.TrackingOptionID; .Option)) | map(select(. != null)) | unique) as $tracked
| .Amount as $amount
| {
    id: .BankTransferID,
    description: (.Reference | blank),
    date: (.Date | day),
    from: (.FromBankAccount | end(null; $amount)),
    to: (.ToBankAccount | end(null; $amount)),
    status: (
      if .Status == "DELETED" then "Void"
      elif .FromIsReconciled == true and .ToIsReconciled == true then "Reconciled"
      else "Unreconciled" end
    )
  } + {
    trackingCategoryRefs: (if ($tracked | length) == 0 then null else $tracked end),
    metadata: gone_if(.Status == "DELETED"),
    sourceModifiedDate: (.CreatedDateUTC | instant)
  }
