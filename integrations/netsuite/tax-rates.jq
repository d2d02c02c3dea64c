# A rate is written as `8.25%`.
(.rate | blank | if . == null then null else rtrimstr("%") | num end) as $rate
| {
    id: .id,
    code: (.itemid | blank),
    name: ((.description | blank) // (.itemid | blank)),
    effectiveTaxRate: $rate,
    totalTaxRate: $rate,
    status: status
  }
