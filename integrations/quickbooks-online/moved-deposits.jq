# Money paid in: payments that waited as undeposited funds, and money at once. Cash that was kept back is off the total,
# and may have gone to a till.
if .status == "Deleted" then all_gone("deposit")
else
  [.Line | flat | select(.Amount != null) | {
    description: (.Description | blank),
    amount: .Amount,
    recordRef: ((.LinkedTxn // [])[0] // {} | {Payment: "payments", JournalEntry: "journalEntries"}[.TxnType // ""] as $type | if $type == null then null else {id: .TxnId, dataType: $type} end),
    ref: .DepositLineDetail.AccountRef
  }] as $in
  | (if (.CashBack.Amount // 0) == 0 then []
     else [{description: (["Cash back", (.CashBack.Memo | blank)] | joined(": ")), amount: (.CashBack.Amount | dneg), ref: .CashBack.AccountRef}] end) as $back
  | ($in + $back) as $all
  | dsub(.TotalAmt; $all | map(.amount) | dsum) as $odd
  | ([$all[] | del(.ref)] + (if $odd == null or $odd == 0 then [] else [{description: "Tax, discounts and the like", amount: $odd}] end)) as $lines
  | [$all[] | select(.ref.value != null) | {ref: .ref, amount: (.amount | dneg), line: {description: .description}}] as $others
  | movement("deposit"; .DepositToAccountRef; .TotalAmt; $lines), other_movements("deposit"; $others)
end
