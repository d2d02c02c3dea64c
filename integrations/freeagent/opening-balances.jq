# The balances with which the company began. Bank accounts and stock items stand beside the entries, under their sub-accounts; what is
# missing from a balance is in the suspense account, as in the balance sheet of the opening balances.
def place($member; $category): {id: (.url | sub_account($member) | if . == null then $category else .url | id end)};
((.journal_entries // [] | map({account: account, line: .}))
  + (.bank_accounts // [] | map({account: place("bank_account"; "750"), line: .}))
  + (.stock_items // [] | map({account: place("stock_item"; "609"), line: .}))
| map({
    description: (.line.description | blank_to_null),
    netAmount: (.line.debit_value | amount),
    accountRef: .account
  } | select(.netAmount | nought | not))) as $lines
| select(($lines | length) > 0)
| ($lines | map(.netAmount) | dsum) as $sum
| {
    id: "opening-\(.url | id)",
    description: (.description | blank_to_null),
    postedOn: ($lookup.begin | day),
    updatedOn: .updated_at,
    recordRef: {id: "opening-\(.url | id)", dataType: "journalEntries"},
    journalLines: ($lines + (
      if $sum == 0 then [] else [{description: "Suspense account", netAmount: ($sum | dneg), accountRef: {id: "999"}}] end
    )),
    sourceModifiedDate: .updated_at
  }
