# Each column ends with a month; the whole is one table of assets, and one of liabilities and equity.
.Header.Currency as $currency
| month_columns as $columns
| range(1; $columns | length) as $column
| $columns[$column] as $month
| select($month.EndDate != null)
| group_line("TotalAssets"; "Assets"; $column) as $assets
| group_line("Liabilities"; "Liabilities"; $column) as $liabilities
| group_line("Equity"; "Equity"; $column) as $equity
| {
    month: $month.EndDate[0:7],
    currency: $currency,
    assets: $assets,
    liabilities: $liabilities,
    netAssets: dsub($assets.value; $liabilities.value),
    equity: $equity
  }
