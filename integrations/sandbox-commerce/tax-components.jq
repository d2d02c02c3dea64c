{
  id: .taxId,
  name: .title,
  rate: .rate,
  isCompound: .onTopOfOthers,
  sourceModifiedDate: (.updatedAt | time)
}
