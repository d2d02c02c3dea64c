# Rates and codes number themselves each from 1.
{
  id: "rate-\(.Id)",
  code: .Name,
  name: ((.Description | blank) // .Name),
  effectiveTaxRate: .RateValue,
  totalTaxRate: .RateValue,
  components: [{name: .Name, rate: .RateValue, isCompound: false}],
  status: active,
  sourceModifiedDate: modified
}
