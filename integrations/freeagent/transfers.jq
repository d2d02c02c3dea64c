# A transfer is explained on both accounts, and each side names the other: the side that the money left is the transfer. Its amount is in
# its account's currency; what arrived in an account of another currency is in `transfer_value`, which the documentation doesn't name.
select(explained_as == "transfers" and transfer_id == (.url | id))
| (.gross_value | amount) as $amount
| ($amount | size) as $size
| bank_account($lookup.accounts) as $own
| other_account as $url
| ([$lookup.accounts // [] | .[] | select(.url == $url)] | first) as $other
| (.transfer_value | amount | size) as $value
| (
    if $other.currency == $own.currency then $size
    elif ($value | nought) or $value == $size then null
    else $value end
  ) as $elsewhere
| {accountRef: {id: ($own.url | id), name: $own.name, dataType: "bankAccounts"}, amount: $size, currency: $own.currency} as $here
| {accountRef: {id: ($url | id), name: $other.name, dataType: "bankAccounts"}, amount: $elsewhere, currency: $other.currency} as $there
| {
    id: (.url | id),
    description: (.description | blank_to_null),
    date: (.dated_on | day),
    from: (if $amount < 0 then $here else $there end),
    to: (if $amount < 0 then $there else $here end),
    status: (if .marked_for_review == true then "Unreconciled" else "Reconciled" end),
    sourceModifiedDate: .updated_at
  }
