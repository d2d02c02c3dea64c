{
  id: .id,
  name: .tax_data.name,
  rate: (.tax_data.percentage | fraction),
  # A tax of the total phase is on top of the others.
  isCompound: (.tax_data.calculation_phase == "TAX_TOTAL_PHASE"),
  sourceModifiedDate: .updated_at
}
