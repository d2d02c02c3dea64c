{
  id: .categoryId,
  name: .label,
  parentId: .parentCategoryId,
  hasChildren: (.leaf | not),
  status: (.state | one_of({LIVE: "Active", RETIRED: "Archived"}))
}
