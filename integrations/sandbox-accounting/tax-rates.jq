{
  id: .id,
  code: .code,
  name: .title,
  effectiveTaxRate: (.rate_bp | percent),
  totalTaxRate: (.rate_bp | percent),
  components: (.parts | map({name: .title, rate: (.rate_bp | percent), isCompound: false})),
  status: (.state | active),
  sourceModifiedDate: .updated_at
}
