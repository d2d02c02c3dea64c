# Documents name a rate by its tax type.
{
  id: .TaxType,
  code: .TaxType,
  name: .Name,
  effectiveTaxRate: .EffectiveRate,
  totalTaxRate: .DisplayTaxRate,
  components: (.TaxComponents // [] | map({name: .Name, rate: .Rate, isCompound: (.IsCompound == true)})),
  status: (.Status // "ACTIVE" | one_of({ACTIVE: "Active", ARCHIVED: "Archived", DELETED: "Archived", PENDING: "Unknown"})),
  metadata: gone_if(.Status == "DELETED")
}
