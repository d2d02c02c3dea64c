# A group's rate is the sum of its members'.
[(.ItemSalesTaxRef // [])[] | .ListID as $id | first(($lookup.rates // [])[] | select(.ListID == $id))] as $rates
| ($rates | map(.TaxRate | num // 0) | dsum) as $rate
| {
    id: .ListID,
    code: .Name,
    name: ((.ItemDesc | blank) // .Name),
    effectiveTaxRate: $rate,
    totalTaxRate: $rate,
    components: ($rates | map({name: .Name, rate: (.TaxRate | num), isCompound: false})),
    status: active,
    sourceModifiedDate: modified
  }
