# Two accounts, of which money leaves one.
map(select((.account | blank) != null) | .amount = (.foreignamount | num // 0) | select(.amount != 0)) as $lines
| (.[0]) as $first
| select(($lines | length) == 2)
| $lines
| (first(.[] | select(.amount < 0))) as $from
| (first(.[] | select(.amount > 0))) as $to
| def place: {
    accountRef: {id: .account, name: (.accountname | blank), dataType: "chartOfAccounts"},
    # The amount of each side in its account's own currency isn't told.
    amount: (if ($from.amount | size) == $to.amount then .amount | size else null end)
  };
  {
    id: $first.id,
    description: ($first.memo | blank),
    date: ($first.trandate | day),
    from: ($from | place),
    to: ($to | place),
    status: (if $first.voided | yes then "Void" else "Unknown" end),
    sourceModifiedDate: ($first.modified | instant)
  }
