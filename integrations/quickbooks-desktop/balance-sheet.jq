# The result of the year is a row of no account, among the equity.
report_rows as $rows
| ($rows | section("Assets"; ["Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset"])) as $assets
| ($rows | section("Liabilities"; ["AccountsPayable", "CreditCard", "OtherCurrentLiability", "LongTermLiability"])) as $liabilities
| ($rows | map(if .kind == null then .kind = "Equity" else . end) | section("Equity"; ["Equity"])) as $equity
| dadd($liabilities.value; $equity.value) as $claims
| if dsub($assets.value; $claims) == 0 then .
  else error("\(report_month) doesn't balance: assets are \($assets.value), liabilities \($liabilities.value) and equity \($equity.value), which is \($claims)") end
| {
    month: report_month,
    currency: home,
    assets: $assets,
    liabilities: $liabilities,
    netAssets: dsub($assets.value; $liabilities.value),
    equity: $equity
  }
