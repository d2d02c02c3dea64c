(.taxPercent | num) as $rate
| {
    id: .key,
    code: (.id | blank),
    name: ((.description | blank) // (.id | blank)),
    effectiveTaxRate: $rate,
    totalTaxRate: $rate,
    status: status,
    sourceModifiedDate: modified
  }
