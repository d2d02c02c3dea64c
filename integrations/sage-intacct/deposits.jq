# Receipts that were kept in the accounts of undeposited money, and brought to the bank together: a transfer from each of these accounts.
.[0] as $first
| ($first["deposit.state"]) as $state
| ($first["deposit.txnCurrency"] | blank) as $currency
| group_by(.["glAccount.key"])[]
| (map(.txnAmount | num // 0) | dsum) as $amount
| .[0] as $row
| "deposit-\($row["deposit.key"])-\($row["glAccount.key"])" as $id
| if ["void", "voided", "reversed", "reversal"] | any(. == $state) then gone($id)
  else {
    id: $id,
    description: ([$row["deposit.depositId"], $row["deposit.description"]] | joined(": ")),
    date: ($row["deposit.txnDate"] | day),
    from: {accountRef: {id: $row["glAccount.key"], name: ($row["glAccount.name"] | blank), dataType: "chartOfAccounts"}, amount: $amount, currency: $currency},
    to: {accountRef: (($row | bank("deposit.bankAccount")) + {dataType: "bankAccounts"}), amount: $amount, currency: $currency},
    sourceModifiedDate: ($row["deposit.audit.modifiedDateTime"] | blank)
  } end
