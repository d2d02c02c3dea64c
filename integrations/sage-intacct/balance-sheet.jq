statement_rows
| (map(.amount) | dsum) as $odd
| if $odd != 0 then error("the balances of the ledger add up to \($odd), and not to nought") else . end
| statement_currency as $currency
| section("Assets"; .class == "Asset"; 1) as $assets
| section("Liabilities"; .class == "Liability"; -1) as $liabilities
| section("Equity"; .class == "Equity"; -1) as $equity
# No closing entries are posted: what was earned, in earlier years and in this one, is still in the accounts of income and costs.
| (section(""; .class == "Income" or .class == "Expense"; -1) | .value) as $earned
| {
    month: $lookup.month[0:7],
    currency: $currency,
    assets: $assets,
    liabilities: $liabilities,
    netAssets: dsub($assets.value; $liabilities.value),
    equity: (if $earned == 0 then $equity
      else $equity | .items += [{name: "Retained earnings and net income", value: $earned}] | .value = dadd(.value; $earned) end)
  }
