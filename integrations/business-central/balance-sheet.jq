.value | balances
| whole(.balance; "balances")
| section("Assets"; "Assets"; .balance) as $assets
| section("Liabilities"; "Liabilities"; .balance | dneg) as $liabilities
| section("Equity"; "Equity"; .balance | dneg) as $equity
# What was earned and not yet closed stands in the accounts of income and costs.
| ([.[] | select(.category == "Income" or .category == "Cost of Goods Sold" or .category == "Expense") | .balance] | dsum | dneg) as $earned
| {
    month: $lookup.month[0:7],
    currency: $lookup.home,
    assets: $assets,
    liabilities: $liabilities,
    netAssets: dsub($assets.value; $liabilities.value),
    equity: (if $earned == 0 then $equity
      else $equity | .items += [{name: "Earnings of years that are not closed", value: $earned}] | .value = dadd(.value; $earned) end)
  }
