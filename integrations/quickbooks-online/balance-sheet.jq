# Each column ends with a month; the whole is one table of assets, and one of liabilities and equity. Other layouts (the
# British one, of net assets, has none of these groups) are refused, since their rows would be nowhere.
.Header.Currency as $currency
| if no_data then empty else . end
| months as $month
| $month.column as $column
| only(["TotalAssets", "TotalLiabilitiesAndEquity", "Liabilities", "Equity"]; $column)
| if grouped("TotalAssets") == null and grouped("TotalLiabilitiesAndEquity") == null
  then error("the report has neither TotalAssets nor TotalLiabilitiesAndEquity") else . end
| group_line("TotalAssets"; "Assets"; $column) as $assets
| group_line("Liabilities"; "Liabilities"; $column) as $liabilities
| group_line("Equity"; "Equity"; $column) as $equity
| dadd($liabilities.value; $equity.value) as $claims
| agree("TotalLiabilitiesAndEquity"; $column; $claims)
| if dsub($assets.value; $claims) == 0 then .
  else error("\($month.month) doesn't balance: assets are \($assets.value), liabilities \($liabilities.value) and equity \($equity.value), which is \($claims)") end
| {
    month: $month.month,
    currency: $currency,
    assets: $assets,
    liabilities: $liabilities,
    netAssets: dsub($assets.value; $liabilities.value),
    equity: $equity
  }
