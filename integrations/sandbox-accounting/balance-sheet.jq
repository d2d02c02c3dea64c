.exponent as $e
| .currency as $currency
| .months[]
| .month as $month
| .balance_sheet
| (reduce .sections[] as $section ({}; . + {($section.section): ($section | statement_line($e))})) as $lines
| {
    month: $month,
    currency: $currency,
    assets: $lines.ASSETS,
    liabilities: $lines.LIABILITIES,
    netAssets: (.net_assets | minor($e)),
    equity: $lines.EQUITY
  }
