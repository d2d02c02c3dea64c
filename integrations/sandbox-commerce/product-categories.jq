{
  id: .categoryId,
  name: .title,
  ancestorRefs: (.path // [] | map({id: .categoryId, name: .title, type: "ProductCategory"})),
  hasChildren: .branches,
  sourceModifiedDate: (.updatedAt | time)
}
