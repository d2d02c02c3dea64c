# The amount is in the currency of the account that it left. `CurrencyRate` doesn't say which of the two currencies is the
# organisation's: what arrives in an account of another currency is not told. Transfers are never changed: their creation is
# their update.
def side($amount): {
  accountRef: {id: .AccountID, name: .Name, dataType: "bankAccounts"},
  amount: $amount,
  currency: .CurrencyCode
};

(((.FromTracking // []) + (.ToTracking // [])) | map(ref(.TrackingOptionID; .Option)) | map(select(. != null)) | unique) as $tracked
| .Amount as $amount
| .FromBankAccount.CurrencyCode as $from
| .ToBankAccount.CurrencyCode as $to
| (if $from != null and $to != null then $from == $to else (.CurrencyRate // 1) == 1 end) as $same
| {
    id: .BankTransferID,
    description: (.Reference | blank),
    date: (.Date | day),
    from: (.FromBankAccount | side($amount)),
    to: (.ToBankAccount | side(if $same then $amount else null end)),
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
