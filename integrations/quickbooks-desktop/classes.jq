{
  id: .ListID,
  name: .Name,
  parentId: (.ParentRef.ListID | blank),
  # The list doesn't say which of them have children.
  hasChildren: false,
  status: active,
  sourceModifiedDate: modified
}
