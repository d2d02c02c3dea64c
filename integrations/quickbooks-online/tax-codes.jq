# A code, which lines refer to, is a list of rates; their percentages are with the rates (`rate-…`).
{
  id: .Id,
  code: .Name,
  name: ((.Description | blank) // .Name),
  components: ((.SalesTaxRateList.TaxRateDetail // []) + (.PurchaseTaxRateList.TaxRateDetail // [])
    | map({name: .TaxRateRef.name, isCompound: ((.TaxOnTaxOrder // 0) != 0)}) | unique),
  status: active,
  sourceModifiedDate: modified
}
