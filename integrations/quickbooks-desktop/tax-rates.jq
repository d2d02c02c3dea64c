{
  id: .ListID,
  code: .Name,
  name: ((.ItemDesc | blank) // .Name),
  effectiveTaxRate: (.TaxRate | num),
  totalTaxRate: (.TaxRate | num),
  components: [{name: .Name, rate: (.TaxRate | num), isCompound: false}],
  status: active,
  sourceModifiedDate: modified
}
