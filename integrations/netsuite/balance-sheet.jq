def known: ["Bank", "AcctRec", "UnbilledRec", "OthCurrAsset", "FixedAsset", "OthAsset", "DeferExpense",
  "AcctPay", "CredCard", "OthCurrLiab", "LongTermLiab", "DeferRevenue", "Equity", "Income", "OthIncome", "COGS", "Expense", "OthExpense"];

whole_months
| rows
| [.[] | .accttype as $type | select(.amount != 0 and (known | any(. == $type) | not)) | .fullname] as $lost
| if ($lost | length) > 0 then error("accounts of an unknown type have balances: \($lost[:5] | join(", "))") else . end
| (map(.amount) | dsum) as $odd
| if $odd != 0 then error("the balances of the ledger add up to \($odd), and not to nought") else . end
| section("Assets"; ["Bank", "AcctRec", "UnbilledRec", "OthCurrAsset", "FixedAsset", "OthAsset", "DeferExpense"]; 1) as $assets
| section("Liabilities"; ["AcctPay", "CredCard", "OthCurrLiab", "LongTermLiab", "DeferRevenue"]; -1) as $liabilities
| section("Equity"; ["Equity"]; -1) as $equity
# The platform posts no closing entries: what was earned, in earlier years and in this one, is still in the accounts of income and costs.
| (section(""; ["Income", "OthIncome", "COGS", "Expense", "OthExpense"]; -1) | .value) as $earned
| {
    month: $lookup.month[0:7],
    currency: home,
    assets: $assets,
    liabilities: $liabilities,
    netAssets: dsub($assets.value; $liabilities.value),
    equity: (if $earned == 0 then $equity
      else $equity | .items += [{name: "Retained earnings and net income", value: $earned}] | .value = dadd(.value; $earned) end)
  }
